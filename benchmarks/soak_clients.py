"""The clients of a soak: readers, writers, and watchers over WebSockets and server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from time import monotonic
from typing import Any

import httpx
import msgspec
import websockets
from client import EVENTS, RESPONSE, AnsweredError, Client, data_of
from ledger import Ledger, Watched

CLUSTERS, NODES = 6, 10
LOST = (OSError, EOFError, httpx.HTTPError, websockets.WebSocketException)
"""What is raised where a connection breaks."""

READS = {
    "page": """query($c: String!) { cluster(name: $c) {
        revision pods(first: 50) { nodes { name phase ready nodeName } } } }""",
    "tree": """query($c: String!) { cluster(name: $c) {
        tree(root: "ds/daemon-000") { depth object { name } } } }""",
    "diff": "query($c: String!) { cluster(name: $c) { diff { counts { missing misplaced } totalCount } } }",
    "what-if": """query($c: String!, $n: String!) { cluster(name: $c) {
        whatIf(changes: [{drain: {node: $n}}]) { verdict { outcome } outcome { gone } } } }""",
}
_SHARES = {"page": 80, "tree": 10, "diff": 8, "what-if": 2}
HEAD = "query($c: String!) { cluster(name: $c) { head } }"
_MUTATION = """mutation($c: String!, $n: String!, $v: String!, $e: Int, $d: Boolean!) {
    done: %s(cluster: $c, input: {%s}, expectedRevision: $e, dryRun: $d, why: $v) {
        revision { number } diff(first: 5) { counts { misplaced } } userErrors { code message } } }"""
_PAIRS = 'kind: "node", name: $n, pairs: [{key: "soak", value: $v}]'
WRITES = {
    "annotate": _MUTATION % ("annotate", _PAIRS),
    "label": _MUTATION % ("label", _PAIRS),
    "cordon": _MUTATION % ("cordon", "node: $n"),
    "uncordon": _MUTATION % ("uncordon", "node: $n"),
}
_WATCH = """subscription($c: String!, $s: Int!) {
    clusterChanged(cluster: $c, since: $s) { revision { number } } }"""
_WAVES = """subscription($c: String!, $n: String!) {
    forecastWaves(cluster: $c, changes: [{drain: {node: $n}}]) { wave { number } end { waveCount } } }"""


def a_cluster(chance: Random) -> str:
    """One of the clusters."""
    return f"c{chance.randrange(CLUSTERS)}"


def a_node(chance: Random) -> str:
    """One of the nodes that each of the clusters has."""
    return f"node-{chance.randrange(NODES):05}"


async def lasting(ledger: Ledger, port: int, work: Callable[[], Awaitable[None]]) -> None:
    """Begin again whenever the connection breaks, which is a fault unless the server was killed."""
    while not ledger.stopping:
        try:
            await work()
            return
        except LOST as error:
            if port not in ledger.down:
                ledger.faults[f"a connection was lost: {error!r}"] += 1
            ledger.broken += 1
            await asyncio.sleep(0.2)
        except AnsweredError as error:
            ledger.faults[f"{error.code}: {error}"] += 1


async def reader(ledger: Ledger, port: int, chance: Random) -> None:
    """Ask, think, and ask again."""
    async with Client(port) as client:
        while not ledger.stopping:
            [kind] = chance.choices(list(_SHARES), list(_SHARES.values()))
            variables = {"c": a_cluster(chance)} | ({"n": a_node(chance)} if kind == "what-if" else {})
            begun = monotonic()
            await client.ask(READS[kind], variables)
            ledger.took(kind, monotonic() - begun)
            await asyncio.sleep(chance.uniform(0, 0.2))


async def writer(ledger: Ledger, port: int, chance: Random, name: str) -> None:
    """Change clusters, every other time only if one is as it was seen, and every tenth time for show."""
    async with Client(port) as client:
        number = 0
        while not ledger.stopping:
            number += 1
            cluster, why, expected = a_cluster(chance), f"{name}-{number}-{monotonic()}", None
            if number % 2:
                expected = (await client.ask(HEAD, {"c": cluster}))["cluster"]["head"]
            dry = number % 10 == 0
            if dry:
                ledger.unstored.add(why)
            variables = {"c": cluster, "n": a_node(chance), "v": why, "e": expected, "d": dry}
            begun = monotonic()
            payload = (await client.ask(WRITES[chance.choice(list(WRITES))], variables))["done"]
            ledger.took("mutation", monotonic() - begun)
            if payload["revision"] is not None:
                ledger.acknowledge(cluster, payload["revision"]["number"], why)
            elif [error["code"] for error in payload["userErrors"]] == ["CONFLICT"] and expected is not None:
                ledger.conflicts += 1
                ledger.unstored.add(why)
            elif payload["userErrors"] or not dry:
                ledger.faults[str(payload["userErrors"])] += 1
            await asyncio.sleep(chance.uniform(0, 0.5))


async def socket_watcher(port: int, watched: Watched) -> None:
    """Watch a cluster over a WebSocket, from where it was left."""
    protocol = websockets.Subprotocol("graphql-transport-ws")
    async with websockets.connect(f"ws://127.0.0.1:{port}/graphql", subprotocols=[protocol]) as socket:
        await socket.send('{"type": "connection_init"}')
        await socket.recv()
        payload = {"query": _WATCH, "variables": {"c": watched.cluster, "s": watched.newest}}
        await socket.send(msgspec.json.encode({"id": "1", "type": "subscribe", "payload": payload}).decode())
        async for text in socket:
            message = msgspec.json.decode(text)
            if message["type"] == "next":
                _note(watched, message["payload"])
    raise EOFError


async def event_watcher(port: int, watched: Watched) -> None:
    """Watch a cluster over server-sent events, from where it was left."""
    body = {"query": _WATCH, "variables": {"c": watched.cluster, "s": watched.newest}}
    async with (
        httpx.AsyncClient(timeout=None) as client,
        client.stream(
            "POST", f"http://127.0.0.1:{port}/graphql", json=body, headers={"accept": EVENTS}
        ) as stream,
    ):
        async for line in stream.aiter_lines():
            if line.startswith("data: {"):
                _note(watched, msgspec.json.decode(line.removeprefix("data: ")))
    raise EOFError


async def foreteller(ledger: Ledger, port: int, chance: Random) -> None:
    """Have forecasts told wave by wave, and every other time leave in the middle."""
    async with httpx.AsyncClient(timeout=None) as client:
        number = 0
        while not ledger.stopping:
            number += 1
            body = {"query": _WAVES, "variables": {"c": a_cluster(chance), "n": a_node(chance)}}
            begun, ended = monotonic(), False
            async with client.stream(
                "POST", f"http://127.0.0.1:{port}/graphql", json=body,
                headers={"accept": f"{EVENTS}, {RESPONSE};q=0.1"},
            ) as stream:  # fmt: skip
                async for line in stream.aiter_lines():
                    if line.startswith("data: {"):
                        part = data_of(msgspec.json.decode(line.removeprefix("data: ")))["forecastWaves"]
                        ended = part["end"] is not None
                        if number % 2:
                            break
            ledger.took("waves", monotonic() - begun)
            if not ended and not number % 2:
                ledger.faults["a stream of waves had no end"] += 1
            await asyncio.sleep(chance.uniform(0, 2))


def _note(watched: Watched, answer: dict[str, Any]) -> None:
    watched.numbers.append(data_of(answer)["clusterChanged"]["revision"]["number"])
