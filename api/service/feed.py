"""The feed: who waits for the next revision of a cluster is woken, whichever process made it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from foretell.api.store.store import Store
from foretell.api.store.values import ClusterInfo, Revision
from foretell.api.store.watch import Watch

_PAGE = 50


class Feed:
    """Wakes subscribers; what they missed meanwhile they read from the history, so that nothing piles up."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._watch: Watch | None = None

    def start(self) -> None:
        """Begin to listen, within a running event loop."""
        loop = asyncio.get_running_loop()
        self._watch = self._store.watch(lambda name, _: _soon(loop, self._wake, name))

    def stop(self) -> None:
        """Listen no more; blocks for a moment."""
        if self._watch is not None:
            self._watch.close()

    async def revisions(self, cluster: ClusterInfo, since: int) -> AsyncGenerator[Revision, None]:
        """Every revision after one, in order, as they are made; ends when the cluster is deleted."""
        event = asyncio.Event()
        self._waiting.setdefault(cluster.name, set()).add(event)
        try:
            while True:
                event.clear()
                page = await asyncio.to_thread(
                    self._store.revisions, cluster.id, after=since, limit=_PAGE, newest_first=False
                )
                for revision in page:
                    yield revision
                    since = revision.number
                if len(page) == _PAGE:
                    continue
                today = await asyncio.to_thread(self._store.cluster, cluster.name)
                if today is None or today.id != cluster.id:
                    return
                if today.head <= since:
                    await event.wait()
        finally:
            self._waiting[cluster.name].discard(event)
            if not self._waiting[cluster.name]:
                del self._waiting[cluster.name]

    def _wake(self, name: str) -> None:
        for event in self._waiting.get(name, ()):
            event.set()


def _soon(loop: asyncio.AbstractEventLoop, wake: object, name: str) -> None:
    """Call within the loop; one that has been closed has no subscribers any more."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(wake, name)  # type: ignore[arg-type]
