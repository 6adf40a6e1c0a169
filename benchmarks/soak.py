"""Many clients at once, and whether anything is lost: pages, diffs, what-ifs, mutations and subscriptions.

python benchmarks/soak.py [--clients 200] [--seconds 60] [--postgres [URL]] [--kill]

On SQLite one server, on PostgreSQL two that share a database: the empty one of the URL, or one of a server
that is made for it. With --kill a server is killed (SIGKILL) in the middle, and started again on the same
store; its clients come back. Ends with 1 where an acknowledged mutation is not in the history as it was
told, a subscriber has missed a revision, an error is no honest conflict, or memory grows on.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import sys
from collections.abc import Coroutine
from contextlib import ExitStack, closing, nullcontext
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

from database import new_database
from figures import told
from ledger import Ledger, Memory, Watched
from serving import Server, serving, write_populated
from soak_clients import (
    CLUSTERS,
    NODES,
    event_watcher,
    foreteller,
    lasting,
    reader,
    socket_watcher,
    writer,
)
from soak_verdict import amiss


class Soak:
    """Servers on one store, and clients that are let loose on them."""

    def __init__(self, stack: ExitStack, store: str, servers: int, folder: Path) -> None:
        self.ledger = Ledger()
        self._stack, self._store, self._log = stack, store, folder / "log"
        dump = write_populated(folder / "dump.json", NODES, 5)
        loads = [word for number in range(CLUSTERS) for word in ("--load", f"c{number}={dump}")]
        self.servers = [self._started(*loads) for _ in range(servers)]

    def _started(self, *options: str) -> Server:
        return self._stack.enter_context(serving(self._store, *options, log=self._log))

    async def run(self, clients: int, seconds: float, *, kill: bool) -> None:
        """Let the clients loose for so long, and wait until they have been answered."""
        working: list[asyncio.Task[None]] = []
        watching: list[asyncio.Task[None]] = []
        for number in range(clients):
            is_watcher = number % 20 in (0, 5, 10)
            task = asyncio.create_task(self._client(number, is_watcher=is_watcher))
            (watching if is_watcher else working).append(task)
        begun = monotonic()
        while (passed := monotonic() - begun) < seconds:
            await asyncio.sleep(min(1.0, seconds - passed))
            self.ledger.memory.append(self._memory(monotonic() - begun))
            if kill and passed > seconds / 2:
                kill = False
                await self._kill(self.servers[0])
        self.ledger.stopping = True
        await asyncio.wait(working, timeout=60)
        late = [task for task in working if not task.done()]
        if late:
            self.ledger.faults["a client had no answer after a minute"] += len(late)
        await self._watched()
        for task in (*late, *watching):
            task.cancel()
        for problem in await asyncio.gather(*working, *watching, return_exceptions=True):
            if isinstance(problem, Exception):
                self.ledger.faults[repr(problem)] += 1

    def _client(self, number: int, *, is_watcher: bool) -> Coroutine[Any, Any, None]:
        ledger, chance = self.ledger, Random(number)
        port = self.servers[number % len(self.servers)].port
        if is_watcher:
            overs = ("SSE", event_watcher) if number % 20 == 5 else ("WebSocket", socket_watcher)
            watched = Watched(f"c{number // 5 % CLUSTERS}", overs[0])
            ledger.watched.append(watched)
            return lasting(ledger, port, lambda: overs[1](port, watched))
        if number % 20 == 19:
            return lasting(ledger, port, lambda: foreteller(ledger, port, chance))
        if number % 3 == 1:
            return lasting(ledger, port, lambda: writer(ledger, port, chance, f"w{number}"))
        return lasting(ledger, port, lambda: reader(ledger, port, chance))

    async def _kill(self, server: Server) -> None:
        """Kill a server, and start one on the same store and port."""
        self.ledger.down.add(server.port)
        server.kill()
        begun = monotonic()
        self.servers[0] = await asyncio.to_thread(self._started, "--port", str(server.port))
        print(f"  killed, and serving again after {monotonic() - begun:.1f} s")

    async def _watched(self) -> None:
        """Wait until watchers have seen what was acknowledged; not for ever."""
        heads = {f"c{number}": self.ledger.newest(f"c{number}") for number in range(CLUSTERS)}
        end = monotonic() + 20
        while monotonic() < end and any(w.newest < heads[w.cluster] for w in self.ledger.watched):
            await asyncio.sleep(0.1)

    def _memory(self, second: float) -> Memory:
        each = [server.resident() for server in self.servers]
        return Memory(second, sum(mine for mine, _ in each), sum(sum(workers) for _, workers in each))


def show(ledger: Ledger) -> None:
    """Print the figures."""
    for kind, seconds in sorted(ledger.seconds.items()):
        print(f"  {kind:<9} {told(seconds)}")
    print(f"  {sum(map(len, ledger.seconds.values())):,} requests answered")
    print(f"  {len(ledger.acknowledged):,} mutations acknowledged, {ledger.conflicts:,} conflicts")
    print(f"  {len(ledger.watched)} watchers saw {sum(len(w.numbers) for w in ledger.watched):,} revisions")
    if ledger.broken:
        print(f"  connections lost: {ledger.broken:,}")
    quarters = ledger.memory[:: max(1, len(ledger.memory) // 6)]
    for name, used in (
        ("servers", [m.servers for m in quarters]),
        ("workers", [m.workers for m in quarters]),
    ):
        print(f"  {name} in memory, MiB: " + ", ".join(f"{each:.0f}" for each in used))


def main() -> int:
    """Soak, and print what is amiss."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--postgres", metavar="URL", nargs="?", const="")
    parser.add_argument("--kill", action="store_true")
    options = parser.parse_args()
    count = 1 if options.postgres is None else 2
    where = "SQLite, one server" if count == 1 else "PostgreSQL, two servers"
    print(f"{options.clients} clients, {options.seconds:g} s, {where}")
    with TemporaryDirectory() as name, ExitStack() as stack:
        database = f"{name}/soak.db"
        own = new_database() if options.postgres == "" else nullcontext(options.postgres)
        store = stack.enter_context(own) or f"sqlite:///{database}"
        soak = Soak(stack, store, count, Path(name))
        asyncio.run(soak.run(options.clients, options.seconds, kill=options.kill))
        show(soak.ledger)
        wrong = asyncio.run(amiss(soak.ledger, soak.servers[0], options.seconds))
        if count == 1:
            with closing(sqlite3.connect(database)) as connection:
                [verdict] = connection.execute("PRAGMA integrity_check").fetchone()
            print(f"  integrity: {verdict}")
            wrong += [] if verdict == "ok" else [f"SQLite says: {verdict}"]
    print(*(wrong or ["  all is well"]), sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
