"""The verdict on a soak: what clients were told is held against the history that the server tells."""

from __future__ import annotations

from statistics import mean

from client import Client
from ledger import Ledger
from serving import Server
from soak_clients import CLUSTERS, HEAD

HISTORY = """query($c: String!, $a: String) { cluster(name: $c) {
    history(first: 100, after: $a) { nodes { number why } pageInfo { endCursor hasNextPage } } } }"""
LONG, GROWTH, SPARE = 30.0, 1.1, 8.0
"""From which length on memory is judged (seconds), and how much it may grow in the second half (MiB)."""


async def history(server: Server, cluster: str) -> dict[int, str]:
    """All revisions of a cluster, with why each was made."""
    found: dict[int, str] = {}
    after = None
    async with Client(server.port) as client:
        head = (await client.ask(HEAD, {"c": cluster}))["cluster"]["head"]
        while True:
            page = (await client.ask(HISTORY, {"c": cluster, "a": after}))["cluster"]["history"]
            found |= {row["number"]: row["why"] for row in page["nodes"]}
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                assert sorted(found) == list(range(1, head + 1)), f"{cluster} has gaps in its history"
                return found


async def amiss(ledger: Ledger, server: Server, seconds: float) -> list[str]:
    """What is amiss, in sentences; nothing if all is well."""
    wrong = [f"{count} times: {fault}" for fault, count in ledger.faults.most_common(10)]
    histories = {f"c{number}": await history(server, f"c{number}") for number in range(CLUSTERS)}
    for (cluster, number), why in ledger.acknowledged.items():
        if (found := histories[cluster].get(number)) != why:
            wrong.append(f"{cluster}: revision {number} was acknowledged for {why}, and is for {found}")
    made = [why for found in histories.values() for why in found.values() if why]
    if len(made) != len(set(made)):
        wrong.append("a mutation has made two revisions")
    if ledger.unstored.intersection(made):
        wrong.append("a dry run, or what was told a conflict, has made a revision")
    unknown = len(made) - len(ledger.acknowledged)
    if unknown and not ledger.down:
        wrong.append(f"{unknown} revisions were never acknowledged")
    for watched in ledger.watched:
        numbers, newest = watched.numbers, ledger.newest(watched.cluster)
        if numbers != list(range(2, 2 + len(numbers))) or watched.newest < newest:
            wrong.append(f"{watched.transport}: not all revisions of {watched.cluster} were seen, in order")
    before, after = halves(ledger)
    if seconds >= LONG and not ledger.down and after > before * GROWTH + SPARE:
        wrong.append(f"the servers' memory grew from {before:.0f} to {after:.0f} MiB in the second half")
    return wrong


def halves(ledger: Ledger) -> tuple[float, float]:
    """What servers had in memory about the middle, and at the end, in MiB."""
    tenth = max(1, len(ledger.memory) // 10)
    middle = len(ledger.memory) // 2
    parts = ledger.memory[middle : middle + tenth], ledger.memory[-tenth:]
    return mean(m.servers for m in parts[0]), mean(m.servers for m in parts[1])
