"""Connections that end when the time for a document is over, however little at a time comes."""

from __future__ import annotations

import socket
import threading
import urllib.request
from contextlib import suppress
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from typing import Any


class Deadline:
    """A time after which all connections that were made under it are cut; to be used as a context.

    The time-out of a socket is for each read alone: an answer of a byte now and then would never meet it.
    """

    def __init__(self, seconds: float) -> None:
        self.over = False
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Deadline:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()
        for watched in self._sockets:
            watched.close()

    def handlers(self) -> tuple[urllib.request.BaseHandler, ...]:
        """What makes urllib connect under the deadline."""
        return _Plain(self), _Secure(self)

    def watch(self, connected: socket.socket) -> None:
        """Cut a connection at the end."""
        # TLS takes the socket over, the connection stays the same: it is held by a second handle.
        watched = connected.dup()
        with self._lock:
            self._sockets.append(watched)
            if self.over:
                _cut(watched)

    def _end(self) -> None:
        with self._lock:
            self.over = True
            for watched in self._sockets:
                _cut(watched)


def _cut(connected: socket.socket) -> None:
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


class _Watched(HTTPConnection):
    """A connection under a deadline, from before the handshake of TLS on."""

    deadline: Deadline

    def connect(self) -> None:
        """Connect, and be watched."""
        super().connect()
        self.deadline.watch(self.sock)


class _WatchedSecure(HTTPSConnection, _Watched):
    """The same with TLS; the order of the bases is the order in which they connect, from the last on."""


class _Plain(urllib.request.HTTPHandler):
    def __init__(self, deadline: Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def http_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(self._connection, req)

    def _connection(self, host: str, /, **options: Any) -> HTTPConnection:
        made = _Watched(host, **options)
        made.deadline = self._deadline
        return made


class _Secure(urllib.request.HTTPSHandler):
    def __init__(self, deadline: Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def https_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(self._connection, req)

    def _connection(self, host: str, /, **options: Any) -> HTTPConnection:
        made = _WatchedSecure(host, **options)
        made.deadline = self._deadline
        return made
