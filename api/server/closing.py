"""The end of a server, as its streams see it."""

from __future__ import annotations

import asyncio


class Closing:
    """Tells streams that they have to end, and waits until they have."""

    def __init__(self) -> None:
        self._begun = asyncio.Event()
        self._streams: set[asyncio.Task[object]] = set()

    @property
    def begun(self) -> bool:
        """Whether the server is ending."""
        return self._begun.is_set()

    async def wait(self) -> None:
        """Return when the server is ending."""
        await self._begun.wait()

    def take_part(self) -> None:
        """Count the running task among the streams that are waited for."""
        task = asyncio.current_task()
        if task is not None:
            self._streams.add(task)
            task.add_done_callback(self._streams.discard)

    async def finish(self, seconds: float) -> None:
        """Tell the streams, and wait until they have ended or so many seconds have passed."""
        self._begun.set()
        if self._streams:
            await asyncio.wait(set(self._streams), timeout=seconds)
