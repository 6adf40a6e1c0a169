"""Taints on a large cluster over HTTP, with the diff afterwards in the answer; on SQLite.

python benchmarks/bench_mutation.py [--nodes 5000] [--daemonsets 20] [--mutations 200]
"""

from __future__ import annotations

import argparse
import asyncio
import random
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from client import Client
from figures import told
from serving import Server, serving, write_populated

from foretell.api.store.store import Store

NAME, WARM_UP, EVERY = "big", 20, 100
_ANSWER = """{
  revision { number }
  diff(first: 20) {
    counts { missing surplus outdated unhealthy misplaced }
    nodes { difference detail owner nodeName podName }
  }
  userErrors { code message }
}"""
TAINT = f"""mutation ($node: String!) {{
  taint(cluster: "big", input: {{ node: $node, key: "maintenance", effect: NO_EXECUTE }}) {_ANSWER}
}}"""
UNTAINT = f"""mutation ($node: String!) {{
  untaint(cluster: "big", input: {{ node: $node, key: "maintenance" }}) {_ANSWER}
}}"""


async def mutate(client: Client, query: str, node: str) -> tuple[float, dict[str, Any]]:
    """Seconds that one mutation takes, and its payload."""
    begun = perf_counter()
    [payload] = (await client.ask(query, {"node": node})).values()
    seconds = perf_counter() - begun
    assert not payload["userErrors"], payload["userErrors"]
    return seconds, payload


async def measured(server: Server, nodes: int, mutations: int) -> None:
    """Taint and untaint nodes here and there, and print how long that takes."""
    chance = random.Random(7)
    taken: dict[str, list[float]] = {"taint": [], "untaint": []}
    async with Client(server.port) as client:
        print(f"  the first one {(await mutate(client, TAINT, 'node-00000'))[0]:.2f} s")
        tainted = ["node-00000"]
        for number in range(WARM_UP + mutations):
            if number % EVERY == 0:
                show_memory(server)
            # Nodes of the pool general, whose pods don't tolerate it; some taints stay for a while.
            if len(tainted) < 5 or (len(tainted) < 10 and chance.random() < 0.5):
                name, query, node = "taint", TAINT, f"node-{chance.randrange(0, nodes, 5):05}"
                if node in tainted:
                    continue
                tainted.append(node)
            else:
                name, query, node = "untaint", UNTAINT, tainted.pop(chance.randrange(len(tainted)))
            seconds, payload = await mutate(client, query, node)
            assert payload["diff"]["counts"]["surplus"] > 0
            if number >= WARM_UP:
                taken[name].append(seconds)
    for name, seconds_each in taken.items():
        print(f"  {name:<8} {told(seconds_each)}")
    show_memory(server)


def stored(url: str) -> tuple[int, int]:
    """How many revisions are stored, and the bytes that all of them take, checkpoints included."""
    with closing(Store.open(url, read_only=True)) as store:
        stats = store.stats()
    return stats.revisions, stats.delta_bytes + stats.blob_bytes


def show_memory(server: Server) -> None:
    """Print what the processes have in memory."""
    mine, workers = server.resident()
    print(f"  in memory: server {mine:,.0f} MiB, workers {', '.join(f'{mib:,.0f}' for mib in workers)} MiB")


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--nodes", type=int, default=5000)
    parser.add_argument("--daemonsets", type=int, default=20)
    parser.add_argument("--mutations", type=int, default=400)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        dump = write_populated(Path(folder) / "big.json", options.nodes, options.daemonsets)
        print(f"{options.nodes} nodes, {options.daemonsets} DaemonSets; {dump.stat().st_size / 1e6:.0f} MB")
        url = f"sqlite:///{folder}/bench.db"
        with serving(url, "--load", f"{NAME}={dump}") as server:
            before = stored(url)
            asyncio.run(measured(server, options.nodes, options.mutations))
            revisions, stored_bytes = (b - a for a, b in zip(before, stored(url), strict=True))
        print(f"  {stored_bytes / revisions:,.0f} bytes stored for each; {before[1]:,} for the whole cluster")


if __name__ == "__main__":
    main()
