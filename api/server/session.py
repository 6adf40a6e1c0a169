"""One connection of graphql-transport-ws: its messages, and the operations that run on it.

See github.com/enisdenjo/graphql-ws, PROTOCOL.md. Queries and mutations may be sent on it as well.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from enum import IntEnum
from typing import Any, NamedTuple

import msgspec
from starlette.types import Send

from foretell.api.access.errors import UnauthenticatedError
from foretell.api.access.roles import Principal
from foretell.api.graphql.requests import Answer, Request
from foretell.api.server.events import ended
from foretell.api.server.logs import log_operation
from foretell.api.server.note import Note
from foretell.api.server.operations import Operations
from foretell.api.server.parameters import MalformedError, from_payload


class CloseCode(IntEnum):
    """Why a connection is closed; a closed set, of WebSocket itself and of the protocol."""

    GOING_AWAY = 1001
    INTERNAL = 1011
    BAD_REQUEST = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    PROTOCOL = 4406
    TIMEOUT = 4408
    EXISTS = 4409
    TOO_MANY_OPENINGS = 4429


class Close(NamedTuple):
    """A reason to close a connection."""

    code: CloseCode
    reason: str


class _Message(msgspec.Struct):
    type: str
    id: str | None = None
    payload: Any = None


class _Errors(msgspec.Struct):
    errors: msgspec.Raw


_LOG = logging.getLogger("foretell.server")
_DECODER = msgspec.json.Decoder(_Message)
_ERRORS = msgspec.json.Decoder(_Errors)


class Session:
    """Takes the messages of a client, and runs what it asks for.

    `given` is the header Authorization of the opening; the first message may have an `authorization`
    instead, since browsers can't set headers here. Who asks is looked up for each operation, so that a
    revoked token ends. `failed` ends when an operation gives a reason to close.
    """

    def __init__(self, operations: Operations, send: Send, note: Note, given: str | None) -> None:
        self._operations, self._send, self._note, self._given = operations, send, note, given
        self._running: dict[str, asyncio.Task[None]] = {}
        self.opened = self._acknowledged = False
        self._broken: asyncio.Future[Close] = asyncio.get_running_loop().create_future()
        self.failed: asyncio.Task[Close] = asyncio.create_task(self._fail())

    async def _fail(self) -> Close:
        return await self._broken

    async def take(self, text: str | None) -> Close | None:
        """Take a message; gives a reason to close the connection, if there is one."""
        try:
            message = _DECODER.decode(text or "")
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return Close(CloseCode.BAD_REQUEST, "expected messages in JSON, each with a type")
        match message.type:
            case "connection_init":
                return await self._open(message.payload)
            case "ping":
                await self._tell({"type": "pong"})
            case "pong":
                pass
            case "subscribe":
                return await self._subscribe(message)
            case "complete":
                await ended([task for task in [self._running.pop(message.id or "", None)] if task])
            case _:
                return Close(CloseCode.BAD_REQUEST, "the type of a message is not one of the protocol")
        return None

    async def end(self) -> None:
        """End what runs."""
        await ended(list(self._running.values()))

    async def _open(self, payload: object) -> Close | None:
        if self.opened:
            return Close(CloseCode.TOO_MANY_OPENINGS, "Too many initialisation requests")
        self.opened = True
        if payload is not None and not isinstance(payload, dict):
            return Close(CloseCode.BAD_REQUEST, "expected an object as payload of connection_init")
        for name, value in (payload or {}).items():
            if name.lower() == "authorization" and isinstance(value, str):
                self._given = value
        try:
            self._note.principal = (await self._identify()).name
        except UnauthenticatedError:
            return Close(CloseCode.FORBIDDEN, "Forbidden")
        self._acknowledged = True
        await self._tell({"type": "connection_ack"})
        return None

    async def _identify(self) -> Principal:
        return await self._operations.identity.of(self._given)

    async def _subscribe(self, message: _Message) -> Close | None:
        if not self._acknowledged:
            return Close(CloseCode.UNAUTHORIZED, "Unauthorized")
        if not message.id:
            return Close(CloseCode.BAD_REQUEST, "expected an id in subscribe")
        if message.id in self._running:
            return Close(CloseCode.EXISTS, f"Subscriber for {message.id[:40]} already exists")
        try:
            request = from_payload(message.payload)
        except MalformedError as error:
            return Close(CloseCode.BAD_REQUEST, str(error)[:120])
        most = self._operations.settings.subscriptions
        if len(self._running) >= most:
            sentence = f"{most} operations run on this connection: no more are taken at a time"
            await self._tell({"type": "error", "id": message.id, "payload": [{"message": sentence}]})
            return None
        try:
            principal = await self._identify()
        except UnauthenticatedError:
            return Close(CloseCode.FORBIDDEN, "Forbidden")
        self._running[message.id] = asyncio.create_task(self._run(message.id, request, principal))
        return None

    async def _run(self, name: str, request: Request, principal: Principal) -> None:
        operations, answer = self._operations, None
        context = operations.backend.context(principal)
        try:
            async with aclosing(operations.engine.subscribe(request, context)) as answers:
                async for answer in answers:
                    if not answer.executed:
                        self._running.pop(name, None)
                        errors = _ERRORS.decode(answer.body).errors
                        await self._tell({"type": "error", "id": name, "payload": errors})
                        return
                    await self._tell({"type": "next", "id": name, "payload": msgspec.Raw(answer.body)})
            # The id is free again before the client can know it.
            self._running.pop(name, None)
            await self._tell({"type": "complete", "id": name})
        except OSError:
            pass  # the client has gone
        except Exception:
            _LOG.exception("internal error %s", self._note.id)
            if not self._broken.done():
                self._broken.set_result(Close(CloseCode.INTERNAL, "Internal error"))
        finally:
            self._record(answer, principal)

    def _record(self, answer: Answer | None, principal: Principal) -> None:
        kind, codes = (answer.kind, answer.codes) if answer is not None else (None, ())
        self._operations.metrics.operated(kind, codes)
        log_operation(self._note.id, principal.name, answer)

    async def _tell(self, message: dict[str, Any]) -> None:
        await self._send({"type": "websocket.send", "text": msgspec.json.encode(message).decode()})
