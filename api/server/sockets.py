"""GraphQL over WebSocket: the opening of a connection (protocol graphql-transport-ws)."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.types import Receive, Scope, Send

from foretell.api.access.errors import UnauthenticatedError
from foretell.api.server.events import ended
from foretell.api.server.identity import authorization_of
from foretell.api.server.note import note_of
from foretell.api.server.operations import Operations
from foretell.api.server.session import Close, CloseCode, Session

PROTOCOL = "graphql-transport-ws"


class Sockets:
    """The route /graphql over WebSocket."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection until it is closed."""
        await receive()  # websocket.connect
        if PROTOCOL not in scope["subprotocols"]:
            await send({"type": "websocket.accept"})
            await _close(send, Close(CloseCode.PROTOCOL, f"expected the subprotocol {PROTOCOL}"))
            return
        given = authorization_of(scope)
        if given is not None:
            try:
                await self._operations.identity.of(given)
            except UnauthenticatedError:
                await send({"type": "websocket.close", "code": CloseCode.FORBIDDEN})
                return
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL})
        await self._serve(receive, send, Session(self._operations, send, note_of(scope), given))

    async def _serve(self, receive: Receive, send: Send, session: Session) -> None:
        operations = self._operations
        operations.closing.take_part()
        closing = asyncio.create_task(operations.closing.wait())
        opening = asyncio.create_task(asyncio.sleep(operations.settings.times.opening))
        reading = asyncio.create_task(_read(receive, session))
        try:
            with operations.metrics.streams("websocket").track_inprogress():
                waited: set[asyncio.Task[Any]] = {closing, opening, reading, session.failed}
                while True:
                    done, _ = await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
                    if reading in done:
                        close = reading.result()
                    elif session.failed in done:
                        close = session.failed.result()
                    elif closing in done:
                        close = Close(CloseCode.GOING_AWAY, "the server is shutting down")
                    elif session.opened:
                        waited.discard(opening)
                        continue
                    else:
                        close = Close(CloseCode.TIMEOUT, "Connection initialisation timeout")
                    break
                await session.end()
                if close is not None:
                    await _close(send, close)
        finally:
            await ended({closing, opening, reading, session.failed})
            await session.end()


async def _read(receive: Receive, session: Session) -> Close | None:
    """Take messages until there is a reason to close; None where the client has gone."""
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            return None
        close = await session.take(message.get("text"))
        if close is not None:
            return close


async def _close(send: Send, close: Close) -> None:
    await send({"type": "websocket.close", "code": int(close.code), "reason": close.reason})
