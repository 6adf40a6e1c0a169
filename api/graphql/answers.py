"""Answers to queries, given again as long as nothing that they were made from has changed.

Snapshots are immutable, so an answer stays right while the heads that it read are where they were.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from foretell.api.graphql.lru import Lru
from foretell.api.graphql.requests import Answer, Noting

Key: TypeAlias = tuple[str, str | None, bytes, str]
"""Document's SHA-256, operation's name, variables in canonical form, and who may see the answer."""

_WEIGHT_OF_ENTRY = 500  # bytes, about what key and bookkeeping take


class _Kept(NamedTuple):
    answer: Answer
    reads: Mapping[str, int]


class Answers:
    """Remembers answers up to so many bytes; equal requests that run at the same moment are computed once."""

    def __init__(self, most: int) -> None:
        self.kept: Lru[Key, _Kept] = Lru(most)
        self._running: dict[Key, asyncio.Future[_Kept | None]] = {}
        self.hits = self.misses = self.shared = 0

    async def answer(self, key: Key, context: Noting, run: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer to a request that `run` computes in this context."""
        kept = self.kept.get(key)
        if kept is not None:
            if context.still_valid(kept.reads):
                self.hits += 1
                return kept.answer
            self.kept.drop(key)
        while (running := self._running.get(key)) is not None:
            try:
                kept = await asyncio.shield(running)
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if not running.cancelled() or (task is not None and task.cancelling()):
                    raise
                continue  # who computed it has gone: it is computed anew
            if kept is not None and context.still_valid(kept.reads):
                self.shared += 1
                return kept.answer
            break
        self.misses += 1
        return await self._compute(key, context, run)

    async def _compute(self, key: Key, context: Noting, run: Callable[[], Awaitable[Answer]]) -> Answer:
        leads = key not in self._running
        running = asyncio.get_running_loop().create_future() if leads else None
        if running is not None:
            self._running[key] = running
        kept = None
        try:
            answer = await run()
            if answer.executed and not answer.codes and context.cacheable:
                kept = _Kept(replace(answer, cached=True), dict(context.reads))
                self.kept.put(key, kept, len(answer.body) + len(key[2]) + _WEIGHT_OF_ENTRY)
            return answer
        except asyncio.CancelledError:
            if running is not None:
                running.cancel()
            raise
        finally:
            if running is not None:
                del self._running[key]
                if not running.done():
                    running.set_result(kept)
