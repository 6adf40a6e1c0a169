"""Which pages may ask: the server's own, and those of origins that it was told (CORS); programs are no pages.

Browsers say from where a request comes by Origin, the newer ones by Sec-Fetch-Site too. What can change
something, and WebSockets, to which no same-origin policy applies, is refused to the pages of others; what
only reads can't be read by them, since they get no CORS headers.
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from foretell.api.server.hosts import turn_away
from foretell.api.server.replies import refused

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN = (b"same-origin", b"none")
_PREFLIGHT = {
    "access-control-allow-methods": "GET, POST, PUT",
    "access-control-allow-headers": (
        "authorization, content-type, accept, if-match, if-none-match, x-request-id"
    ),
    "access-control-max-age": "600",
}


class Origins:
    """Lets requests through that don't come from the pages of others."""

    def __init__(self, app: ASGIApp, allowed: Iterable[str]) -> None:
        self._app = app
        self._allowed = frozenset(origin.rstrip("/").lower().encode() for origin in allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at a request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        origin = host = site = asked = None
        for name, value in scope["headers"]:
            if name == b"origin":
                origin = value.lower()
            elif name == b"host":
                host = value.lower()
            elif name == b"sec-fetch-site":
                site = value
            elif name == b"access-control-request-method":
                asked = value
        told = origin is not None and origin in self._allowed
        own = told or (
            origin.partition(b"://")[2] == host if origin is not None else site is None or site in _OWN
        )
        method = scope.get("method")
        if method == "OPTIONS" and told and asked is not None:
            await Response(None, 204, _PREFLIGHT)(scope, receive, _allowing(send, origin))
        elif not own and method not in _SAFE:
            answer = refused(403, "pages of this origin may not ask this server")
            await turn_away(scope, receive, send, answer)
        else:
            await self._app(scope, receive, _allowing(send, origin) if told else send)


def _allowing(send: Send, origin: bytes | None) -> Send:
    """Let the page of an origin read what is sent."""

    async def allowing(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [pair for pair in message.get("headers", ()) if pair[0] != b"cross-origin-resource-policy"]
            message["headers"] = [
                *kept,
                (b"access-control-allow-origin", origin),
                (b"access-control-expose-headers", b"etag, x-request-id"),
                (b"vary", b"origin"),
            ]
        await send(message)

    return allowing
