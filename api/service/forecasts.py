"""Forecasts that were asked for before, or are being asked for at this moment, are computed once."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator

import msgspec

from foretell.api.solver.pool import Pool
from foretell.api.solver.questions import ForecastAnswer, ForecastQuestion, WaveItem

MOST_BYTES = 64 * 1024 * 1024


class Forecasts:
    """The way to forecasts; answers are remembered by all that was asked, up to a number of bytes.

    A question names a revision, and revisions are immutable: an answer never gets old.
    """

    def __init__(self, pool: Pool, most_bytes: int = MOST_BYTES) -> None:
        self._pool, self._most = pool, most_bytes
        self._known: OrderedDict[bytes, bytes] = OrderedDict()
        self._bytes = 0
        self._running: dict[bytes, asyncio.Task[ForecastAnswer]] = {}
        self._waiting: dict[bytes, int] = {}
        self.hits = self.misses = 0

    async def ask(self, question: ForecastQuestion) -> ForecastAnswer:
        """The answer; raises what the rules, the server or the solver's limits refuse."""
        key = _key(question)
        known = self._get(key)
        if known is not None:
            return known
        task = self._running.get(key)
        if task is None:
            self.misses += 1
            task = asyncio.create_task(self._solve(key, question))
            self._running[key] = task
            task.add_done_callback(lambda ended: self._forget(key, ended))
        else:
            self.hits += 1
        self._waiting[key] = self._waiting.get(key, 0) + 1
        try:
            # One who gives up doesn't spoil it for the others; when all have, the work is ended.
            return await asyncio.shield(task)
        finally:
            self._waiting[key] -= 1
            if not self._waiting[key]:
                del self._waiting[key]
                # It takes a moment to end, in which nobody should begin to wait for it.
                self._forget(key, task)
                task.cancel()

    async def stream(self, question: ForecastQuestion) -> AsyncGenerator[WaveItem, None]:
        """Each wave as it is derived, then the end without its waves."""
        key = _key(question)
        known = self._get(key)
        if known is not None:
            for wave in known.waves:
                yield WaveItem(wave=wave)
            yield WaveItem(end=msgspec.structs.replace(known, waves=()))
            return
        self.misses += 1
        waves = []
        stream = self._pool.stream("waves", question, item=WaveItem, prefer=question.base.place, heavy=True)
        try:
            async for item in stream:
                if item.wave is not None:
                    waves.append(item.wave)
                if item.end is not None:
                    self._put(key, msgspec.structs.replace(item.end, waves=tuple(waves)))
                yield item
        finally:
            await stream.aclose()

    def _forget(self, key: bytes, task: asyncio.Task[ForecastAnswer]) -> None:
        if self._running.get(key) is task:
            del self._running[key]

    async def _solve(self, key: bytes, question: ForecastQuestion) -> ForecastAnswer:
        answer = await self._pool.run(
            "forecast", question, result=ForecastAnswer, prefer=question.base.place, heavy=True
        )
        self._put(key, answer)
        return answer

    def _get(self, key: bytes) -> ForecastAnswer | None:
        text = self._known.get(key)
        if text is None:
            return None
        self.hits += 1
        self._known.move_to_end(key)
        return msgspec.msgpack.decode(text, type=ForecastAnswer)

    def _put(self, key: bytes, answer: ForecastAnswer) -> None:
        if key in self._known:
            return
        text = msgspec.msgpack.encode(answer)
        self._known[key] = text
        self._bytes += len(text)
        while self._bytes > self._most:
            _, dropped = self._known.popitem(last=False)
            self._bytes -= len(dropped)


def _key(question: ForecastQuestion) -> bytes:
    return msgspec.json.encode(question, order="sorted")
