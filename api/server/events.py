"""Answers as server-sent events, in the distinct connections mode of the GraphQL over SSE protocol."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Set
from contextlib import aclosing
from typing import Any

from starlette.types import Receive, Scope, Send

from foretell.api.graphql.requests import Answer, Kind, Noting, Request
from foretell.api.server.note import note_of
from foretell.api.server.operations import Operations

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
_ALIVE = b":\n\n"
_COMPLETE = b"event: complete\ndata:\n\n"


class Events:
    """Streams the answers of an operation.

    The next answer is computed when the one before has been taken by the socket; a client that has gone
    ends the operation, and so does the end of the server, which is a complete stream to the client.
    """

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    async def stream(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        request: Request,
        context: Noting,
        allowed: Set[Kind],
    ) -> None:
        """Stream an operation until it ends."""
        operations, note = self._operations, note_of(scope)
        operations.closing.take_part()
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await _write(send, _ALIVE)  # so that the headers go out before there is an answer
        ends = {asyncio.create_task(_gone(receive)), asyncio.create_task(operations.closing.wait())}
        answers = operations.engine.subscribe(request, context, allowed=allowed)
        try:
            with operations.metrics.streams("events").track_inprogress():
                async with aclosing(answers):
                    while (answer := await self._next(send, answers, ends)) is not None:
                        note.answered(answer)
                        await _write(send, b"event: next\ndata: " + answer.body + b"\n\n")
            await send({"type": "http.response.body", "body": _COMPLETE, "more_body": False})
        finally:
            operations.metrics.operated(note.kind, note.codes)
            await ended(ends)

    async def _next(
        self, send: Send, answers: AsyncIterator[Answer], ends: set[asyncio.Task[None]]
    ) -> Answer | None:
        """The next answer, None at the end of any kind; shows meanwhile that the stream is alive."""
        coming = asyncio.create_task(_of(answers))
        try:
            while True:
                done, _ = await asyncio.wait(
                    {coming, *ends},
                    timeout=self._operations.settings.times.quiet,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if not done.isdisjoint(ends):
                    return None
                if coming in done:
                    return coming.result()
                await _write(send, _ALIVE)
        finally:
            await ended({coming})


async def _of(answers: AsyncIterator[Answer]) -> Answer | None:
    return await anext(answers, None)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _write(send: Send, piece: bytes) -> None:
    await send({"type": "http.response.body", "body": piece, "more_body": True})


async def ended(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks, and wait until they have ended."""
    running = [task for task in tasks if not task.done()]
    for task in running:
        task.cancel()
    if running:
        await asyncio.wait(running)
