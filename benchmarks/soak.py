"""Many clients at once, and whether anything is lost: pages, diffs, what-ifs, mutations and subscriptions.

python benchmarks/soak.py [--clients 200] [--seconds 60] [--postgres URL] [--kill]

On SQLite one server, on PostgreSQL two that share the (empty) database of the URL. With --kill the first
server is killed (SIGKILL) in the middle, and started again on the same store. Ends with 1 where an
acknowledged mutation is not in the history, a subscriber has missed a revision, or an error is no honest
conflict.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sqlite3
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import msgspec
import websockets
from client import Client
from figures import told
from serving import Server, children, resident, serving, write_populated

CLUSTERS = 6
LOST = (OSError, EOFError, httpx.HTTPError, websockets.WebSocketException)
QUERIES = {
    "page": """query($c: String!) { cluster(name: $c) {
        revision pods(first: 50) { nodes { name phase ready } } } }""",
    "tree": """query($c: String!) { cluster(name: $c) {
        tree(root: "ds/daemon-000") { depth object { name } } } }""",
    "diff": "query($c: String!) { cluster(name: $c) { diff { counts { missing misplaced } totalCount } } }",
    "what-if": """query($c: String!, $n: String!) { cluster(name: $c) {
        whatIf(changes: [{drain: {node: $n}}]) { verdict { outcome } outcome { gone } } } }""",
}
SHARES = {"page": 80, "tree": 10, "diff": 8, "what-if": 2}
HEAD = "query($c: String!) { cluster(name: $c) { head } }"
CHANGE = """mutation($c: String!, $n: String!, $v: String!, $e: Int) {
    annotate(cluster: $c, input: {kind: "node", name: $n, pairs: [{key: "soak", value: $v}]},
             expectedRevision: $e, why: $v) { revision { number } userErrors { code message } } }"""
WATCH = "subscription($c: String!) { clusterChanged(cluster: $c, since: 1) { revision { number } } }"
HISTORY = """query($c: String!, $a: String) { cluster(name: $c) { head
    history(first: 100, after: $a) { nodes { number why } pageInfo { endCursor hasNextPage } } } }"""


@dataclass
class Ledger:
    """What clients have seen: times by kind, what was acknowledged, conflicts, faults, what was watched."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    acknowledged: dict[tuple[str, int], str] = field(default_factory=dict)
    conflicts: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    watched: list[tuple[str, list[int]]] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)
    stopping: bool = False
    killed: bool = False


async def reader(ledger: Ledger, port: int, chance: random.Random) -> None:
    """Ask, think, and ask again."""
    async with Client(port) as client:
        while not ledger.stopping:
            kind = chance.choices(list(SHARES), list(SHARES.values()))[0]
            variables = {"c": f"c{chance.randrange(CLUSTERS)}"}
            if kind == "what-if":
                variables["n"] = f"node-{chance.randrange(10):05}"
            begun = monotonic()
            await client.ask(QUERIES[kind], variables)
            ledger.seconds.setdefault(kind, []).append(monotonic() - begun)
            await asyncio.sleep(chance.uniform(0, 0.2))


async def writer(ledger: Ledger, port: int, chance: random.Random, name: str) -> None:
    """Change a cluster, every other time only if it is as it was seen."""
    cluster = f"c{chance.randrange(CLUSTERS)}"
    async with Client(port) as client:
        number = 0
        while not ledger.stopping:
            number += 1
            why, expected = f"{name}-{number}", None
            if number % 2:
                seen = await client.ask(HEAD, {"c": cluster})
                expected = seen["cluster"]["head"]
            node = f"node-{chance.randrange(10):05}"
            begun = monotonic()
            answer = await client.ask(CHANGE, {"c": cluster, "n": node, "v": why, "e": expected})
            ledger.seconds.setdefault("mutation", []).append(monotonic() - begun)
            payload = answer["annotate"]
            if payload["revision"] is not None:
                ledger.acknowledged[cluster, payload["revision"]["number"]] = why
            elif [error["code"] for error in payload["userErrors"]] == ["CONFLICT"] and expected is not None:
                ledger.conflicts += 1
            else:
                ledger.faults[str(payload["userErrors"])] += 1
            await asyncio.sleep(chance.uniform(0, 0.5))


async def socket_watcher(ledger: Ledger, port: int, cluster: str) -> None:
    """Watch a cluster over a WebSocket."""
    seen: list[int] = []
    ledger.watched.append((cluster, seen))
    protocol = websockets.Subprotocol("graphql-transport-ws")
    async with websockets.connect(f"ws://127.0.0.1:{port}/graphql", subprotocols=[protocol]) as socket:
        await socket.send('{"type": "connection_init"}')
        await socket.recv()
        payload = {"query": WATCH, "variables": {"c": cluster}}
        await socket.send(msgspec.json.encode({"id": "1", "type": "subscribe", "payload": payload}).decode())
        async for text in socket:
            message = msgspec.json.decode(text)
            if message["type"] == "next":
                seen.append(message["payload"]["data"]["clusterChanged"]["revision"]["number"])


async def event_watcher(ledger: Ledger, port: int, cluster: str) -> None:
    """Watch a cluster over server-sent events."""
    seen: list[int] = []
    ledger.watched.append((cluster, seen))
    body = {"query": WATCH, "variables": {"c": cluster}}
    headers = {"accept": "text/event-stream"}
    async with (
        httpx.AsyncClient(timeout=None) as client,
        client.stream("POST", f"http://127.0.0.1:{port}/graphql", json=body, headers=headers) as stream,
    ):
        async for line in stream.aiter_lines():
            if line.startswith("data: {"):
                answer = msgspec.json.decode(line[6:])
                seen.append(answer["data"]["clusterChanged"]["revision"]["number"])


async def soak(ledger: Ledger, servers: list[Server], clients: int, seconds: float, *, kill: bool) -> None:
    """Let all clients loose for a while."""
    tasks = []
    for number in range(clients):
        port, chance = servers[number % len(servers)].port, random.Random(number)
        cluster = f"c{number % CLUSTERS}"
        work = (
            socket_watcher(ledger, port, cluster) if number % 10 == 0
            else event_watcher(ledger, port, cluster) if number % 20 == 5
            else writer(ledger, port, chance, f"w{number}") if number % 3 == 1
            else reader(ledger, port, chance)
        )  # fmt: skip
        tasks.append(asyncio.create_task(_noted(ledger, work)))
    begun = monotonic()
    while (passed := monotonic() - begun) < seconds:
        await asyncio.sleep(min(1.0, seconds - passed))
        pids = [pid for server in servers for pid in (server.process.pid, *children(server.process.pid))]
        ledger.memory.append((passed, sum(map(resident, pids))))
        if kill and passed > seconds / 2:
            servers[0].kill()
            break
    ledger.stopping = True
    await asyncio.sleep(3.0)  # what is on its way arrives
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _noted(ledger: Ledger, work: Any) -> None:
    """Note what goes wrong, but for a connection that is lost at the end."""
    try:
        await work
    except LOST as error:
        if not ledger.stopping:
            await asyncio.sleep(1.5)
        if not ledger.stopping:
            ledger.faults[repr(error)] += 1
    except AssertionError as error:
        ledger.faults[str(error)] += 1


async def history(server: Server, cluster: str) -> dict[int, str]:
    """All revisions of a cluster, with why each was made."""
    found: dict[int, str] = {}
    after = None
    async with Client(server.port) as client:
        head = (await client.ask(HEAD, {"c": cluster}))["cluster"]["head"]
        while True:
            data = (await client.ask(HISTORY, {"c": cluster, "a": after}))["cluster"]
            page = data["history"]
            found |= {row["number"]: row["why"] for row in page["nodes"]}
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                assert sorted(found) == list(range(1, head + 1)), f"{cluster} has gaps in its history"
                return found


async def verdict(ledger: Ledger, server: Server) -> list[str]:
    """What is amiss, in sentences; nothing if all is well."""
    wrong = [f"{count} times: {fault}" for fault, count in ledger.faults.most_common(10)]
    histories = {f"c{number}": await history(server, f"c{number}") for number in range(CLUSTERS)}
    for (cluster, number), why in ledger.acknowledged.items():
        found = histories[cluster].get(number)
        if found != why:
            wrong.append(f"{cluster}: revision {number} was acknowledged for {why}, and is for {found}")
    for cluster, seen in ledger.watched:
        if seen != list(range(2, 2 + len(seen))):
            wrong.append(f"a watcher of {cluster} has missed revisions")
            continue
        newest = max((number for name, number in ledger.acknowledged if name == cluster), default=1)
        if len(seen) + 1 < newest and not ledger.killed:
            wrong.append(f"a watcher of {cluster} saw {len(seen)} of its revisions")
    return wrong


def show(ledger: Ledger) -> None:
    """Print the figures."""
    for kind, seconds in sorted(ledger.seconds.items()):
        print(f"  {kind:<9} {told(seconds)}")
    print(f"  {len(ledger.acknowledged):,} mutations acknowledged, {ledger.conflicts:,} conflicts")
    print(f"  {len(ledger.watched)} watchers saw {sum(len(seen) for _, seen in ledger.watched):,} revisions")
    quarters = [used for _, used in ledger.memory][:: max(1, len(ledger.memory) // 4)]
    print("  in memory, servers and workers, MiB: " + ", ".join(f"{used:.0f}" for used in quarters))


def run(store: str, servers: int, clients: int, seconds: float, *, kill: bool) -> list[str]:
    """Soak so many servers on a store, print the figures, and give what is amiss."""
    ledger = Ledger()
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        dump = write_populated(Path(folder) / "dump.json", 10, 5)
        loads = [word for number in range(CLUSTERS) for word in ("--load", f"c{number}={dump}")]
        log = Path(folder) / "log"
        running = [stack.enter_context(serving(store, *loads, log=log)) for _ in range(servers)]
        asyncio.run(soak(ledger, running, clients, seconds, kill=kill))
        show(ledger)
        if kill:
            running[0] = stack.enter_context(serving(store, log=log))
            # What was under way is lost, and nobody was told otherwise.
            ledger.killed = True
            ledger.faults.clear()
            if store.startswith("sqlite"):
                with closing(sqlite3.connect(store.removeprefix("sqlite:///"))) as database:
                    print("  integrity:", *database.execute("PRAGMA integrity_check").fetchone())
        return asyncio.run(verdict(ledger, running[0]))


def main() -> int:
    """Soak, and print what is amiss."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--postgres", metavar="URL")
    parser.add_argument("--kill", action="store_true")
    options = parser.parse_args()
    where = "PostgreSQL, two servers" if options.postgres else "SQLite"
    print(f"{options.clients} clients, {options.seconds:g} s, {where}")
    with tempfile.TemporaryDirectory() as folder:
        store = options.postgres or f"sqlite:///{folder}/soak.db"
        wrong = run(store, 2 if options.postgres else 1, options.clients, options.seconds, kill=options.kill)
    print(*(wrong or ["  all is well"]), sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
