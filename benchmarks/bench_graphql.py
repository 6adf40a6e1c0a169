"""A page of 100 pods with 5 fields: by the engine alone, and over HTTP with 4 clients.

python benchmarks/bench_graphql.py [--nodes 1000] [--seconds 5]
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from client import Client, request
from figures import told
from serving import serving, write_populated

from foretell.api.access.roles import LOCAL
from foretell.api.graphql.context import Context
from foretell.api.graphql.engine import Engine
from foretell.api.graphql.requests import Request
from foretell.api.graphql.schema import schema
from foretell.api.service.services import Services

NAME, CLIENTS, RUNS, ROUNDS = "big", 4, 500, 3
PAGE = """query Page($after: String) {
  cluster(name: "big") { pods(first: 100, after: $after) { nodes { name namespace phase ready nodeName } } }
}"""
CURSORS = """query Cursors($after: String) {
  cluster(name: "big") { pods(first: 100, after: $after) { edges { cursor } pageInfo { endCursor } } }
}"""


async def in_process(store: str, *, cache: int) -> list[float]:
    """How long the engine takes for the page, in seconds."""
    services = Services.over(store, workers=1)
    await services.start()
    try:
        engine, taken = Engine(schema(), cache=cache), []
        for number in range(RUNS + 20):
            asked = Request(query=PAGE, variables={"after": None})
            begun = perf_counter()
            answer = await engine.execute(asked, Context(services, LOCAL))
            if number >= 20:  # what comes first fills the caches of snapshots and documents
                taken.append(perf_counter() - begun)
            assert answer.executed, answer.body
            assert not answer.codes, answer.body
        return taken
    finally:
        await services.stop()


async def cursors(client: Client, count: int) -> list[str]:
    """So many cursors: each begins a page that nobody has asked for before."""
    found: list[str] = []
    after = None
    while len(found) < count:
        pods = (await client.ask(CURSORS, {"after": after}))["cluster"]["pods"]
        found += (edge["cursor"] for edge in pods["edges"])
        after = pods["pageInfo"]["endCursor"]
    return found


async def over_http(port: int, requests: Iterator[bytes], seconds: float) -> tuple[float, list[float]]:
    """Requests a second that are answered to 4 clients, and how long each takes."""
    taken: list[float] = []
    end = perf_counter() + seconds

    async def ask() -> None:
        async with Client(port) as client:
            while (begun := perf_counter()) < end:
                answer = await client.send(next(requests))
                taken.append(perf_counter() - begun)
                assert b'"errors"' not in answer, answer

    begun = perf_counter()
    await asyncio.gather(*(ask() for _ in range(CLIENTS)))
    return len(taken) / (perf_counter() - begun), taken


async def http_rounds(port: int, seconds: float) -> None:
    """Measure over HTTP, each way a few times, and print the middle one."""
    async with Client(port) as client:
        fresh = await cursors(client, 10_000)
    uncached = (request(PAGE, {"after": after}) for after in fresh)
    for name, requests in (("uncached", uncached), ("cached", cycle([request(PAGE, {"after": None})]))):
        found = sorted([await over_http(port, requests, seconds / ROUNDS) for _ in range(ROUNDS)])
        rate, taken = found[ROUNDS // 2]
        print(f"  over HTTP, {CLIENTS} clients, {name:<9} {rate:7,.0f} requests/s   {told(taken)}")


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--nodes", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=6.0)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        dump = write_populated(Path(folder) / "big.json", options.nodes, 20)
        store = f"sqlite:///{folder}/bench.db"
        print(f"a page of 100 pods with 5 fields, {options.nodes} nodes")
        with serving(store, "--load", f"{NAME}={dump}") as server:
            asyncio.run(http_rounds(server.port, options.seconds))
        for name, cache in (("uncached", 0), ("cached", 64 * 2**20)):
            taken = asyncio.run(in_process(store, cache=cache))
            print(f"  in-process, {name:<9} {told(taken)}")


if __name__ == "__main__":
    main()
