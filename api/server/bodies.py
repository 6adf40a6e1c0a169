"""How much of a body is read, and for how long is waited for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from foretell.api.server.replies import refused

_LINGER, _LINGER_BYTES = 2.0, 2**26
_CLOSE = {"connection": "close"}


class Bound(NamedTuple):
    """The most bytes of a body, and the most seconds that it may take to come."""

    size: int
    seconds: float


class Bodies:
    """Refuses bodies that are slow or too large, by their Content-Length before anything is read."""

    def __init__(self, app: ASGIApp, bound: Callable[[str], Bound]) -> None:
        self._app, self._bound = app, bound

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request whose body is within bounds."""
        if scope["type"] != "http" or not _has_body(scope):
            await self._app(scope, receive, send)
            return
        bound = self._bound(scope["path"])
        deadline = asyncio.get_running_loop().time() + bound.seconds
        taken, complete, started = 0, False, False

        async def bounded() -> Message:
            nonlocal taken, complete
            if complete:
                return await receive()
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise _Refused(408, f"the body didn't come within {bound.seconds:g} s") from None
            taken += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if taken > bound.size:
                raise _Refused(413, f"the body has more than {bound.size:,} bytes, which are taken at most")
            return message

        async def noting(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            declared = _declared(scope)
            if declared > bound.size:
                raise _Refused(413, f"the body has {declared:,} bytes: at most {bound.size:,} are taken")
            await self._app(scope, bounded, noting)
        except _Refused as refusal:
            if started:
                raise
            answer = refused(refusal.status, refusal.sentence, _CLOSE)
            if complete or refusal.status == 408:
                await answer(scope, receive, send)
            else:
                await _linger(answer, scope, receive, send)


class _Refused(Exception):
    """A body is refused."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


def _has_body(scope: Scope) -> bool:
    return any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])


def _declared(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value)  # the parser of the protocol has seen that these are digits
    return 0


async def _linger(answer: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer, and read on for a while before the connection is closed.

    Closing it while more comes would reset it, and the client would never see the answer.
    """

    async def holding(message: Message) -> None:
        await send({**message, "more_body": True} if message["type"] == "http.response.body" else message)

    await answer(scope, receive, holding)
    thrown = 0
    try:
        async with asyncio.timeout(_LINGER):
            while thrown < _LINGER_BYTES:
                message = await receive()
                thrown += len(message.get("body", b""))
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    break
    except TimeoutError:
        pass
    await send({"type": "http.response.body", "body": b"", "more_body": False})
