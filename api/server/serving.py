"""The outermost layer: every request gets an id, a log line, its metrics, and headers that protect pages."""

from __future__ import annotations

import asyncio
import logging
import re
from secrets import token_hex
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from foretell.api.server.logs import log_request
from foretell.api.server.metrics import Metrics
from foretell.api.server.note import Note, attach
from foretell.api.server.replies import refused

_LOG = logging.getLogger("foretell.server")
_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_ROUTES = frozenset({"/", "/graphql", "/graphiql", "/healthz", "/readyz", "/metrics"})

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'"
)
_HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


class Serving:
    """Wraps the application; what it raises becomes a 500 with a reference, and is logged under it."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        begun = perf_counter()
        note = Note(_id_of(scope), _route_of(scope["path"]))
        attach(scope, note)
        self._metrics.begun()
        stream = scope["type"] == "websocket"
        started = False

        async def noting(message: Message) -> None:
            nonlocal started, stream
            kind = message["type"]
            if kind == "http.response.start":
                started = True
                note.status = message["status"]
                headers = message["headers"] = [
                    *message.get("headers", ()),
                    *_HEADERS,
                    (b"x-request-id", note.id.encode()),
                ]
                stream = (b"content-type", b"text/event-stream; charset=utf-8") in headers
            elif kind == "http.response.body":
                note.sent += len(message.get("body", b""))
            elif kind == "websocket.accept":
                note.status = 101
            elif kind == "websocket.close" and not note.status:
                note.status = 403
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except asyncio.CancelledError:
            note.status = note.status or 503
            raise
        except OSError:
            if not stream:
                raise
            # The client has gone.
        except Exception:
            _LOG.exception("internal error %s", note.id, extra={"fields": {"request": note.id}})
            if stream or started:
                raise
            answer = refused(500, f"Internal error, reference {note.id}")
            await answer(scope, receive, noting)
        finally:
            seconds = perf_counter() - begun
            self._metrics.ended(note, seconds, stream=stream)
            log_request(note, scope.get("method", "WEBSOCKET"), scope["path"], seconds)


def _id_of(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _ID.fullmatch(value):
            given: bytes = value
            return given.decode()
    return token_hex(8)


def _route_of(path: str) -> str:
    """The route of a path: one of few, since each is a time series of its own."""
    if path in _ROUTES:
        return path
    if path.startswith("/clusters/"):
        return "/clusters/{name}.json"
    return "/graphiql" if path.startswith("/graphiql/") else "other"
