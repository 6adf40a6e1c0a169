"""HTTP on a socket, with limits on how long headers may take and how large they may be."""

from __future__ import annotations

import asyncio
import http
from typing import Any

import msgspec
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from foretell.api.server.settings import Settings


class Protocol(HttpToolsProtocol):
    """uvicorn's protocol, which by itself waits for headers for ever and takes as many as come."""

    settings: Settings

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._waiting: asyncio.TimerHandle | None = None
        self._begun, self._size, self._requests = False, 0, 0
        self._in_headers = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Something has come."""
        requests = self._requests if self._in_headers else None
        super().data_received(data)
        # What came may have been the end of the headers, and the body.
        if self._requests == requests:
            self._size += len(data)
            if self._size > self.settings.sizes.headers:
                self._refuse(431, f"the headers have more than {self.settings.sizes.headers:,} bytes")

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._in_headers = self._begun = True
        if self._waiting is None:
            self._wait()

    def on_headers_complete(self) -> None:
        """The headers are complete."""
        self._in_headers, self._begun, self._size = False, False, 0
        self._requests += 1
        self._stop_waiting()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """A request is complete; what comes now are headers."""
        self._in_headers = True
        super().on_message_complete()

    def _wait(self) -> None:
        seconds = self.settings.times.headers
        self._waiting = self.loop.call_later(
            seconds, self._refuse, 408, f"no headers came within {seconds:g} s"
        )

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _refuse(self, status: int, sentence: str) -> None:
        self._stop_waiting()
        if self.transport.is_closing():
            return
        # Before the first request there is no cycle.
        answered = getattr(self.cycle, "response_complete", True)
        if self._begun and answered:
            body = msgspec.json.encode({"errors": [{"message": sentence}]})
            head = (
                f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}\r\ncontent-type: application/json\r\n"
                f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(head.encode() + body)
        self.transport.close()


def protocol_of(settings: Settings) -> type[Protocol]:
    """The protocol with a server's limits; uvicorn makes one for each connection."""
    return type("LimitedProtocol", (Protocol,), {"settings": settings})
