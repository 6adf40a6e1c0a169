"""Which names a server answers to, so that no other site's name can be led to it (DNS rebinding)."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address

from starlette.types import ASGIApp, Receive, Scope, Send

from foretell.api.server.replies import refused


class Hosts:
    """Lets requests through whose header Host is an address, localhost, or one of `names` (`*`: any)."""

    def __init__(self, app: ASGIApp, names: frozenset[str]) -> None:
        self._app = app
        self._any = "*" in names
        self._names = frozenset(name.lower() for name in names) | {"localhost"}
        self._knows = lru_cache(maxsize=256)(self._looked_up)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at a request."""
        if scope["type"] in ("http", "websocket"):
            given = [value for name, value in scope["headers"] if name == b"host"]
            if len(given) != 1:
                answer = refused(400, "the request has to have one header Host")
            elif not self._any and not self._knows(given[0]):
                answer = refused(421, "this server doesn't go by the name in the header Host")
            else:
                await self._app(scope, receive, send)
                return
            await turn_away(scope, receive, send, answer)
            return
        await self._app(scope, receive, send)

    def _looked_up(self, given: bytes) -> bool:
        name = host_of(given.decode("latin-1"))
        if name in self._names:
            return True
        try:
            ip_address(name)
        except ValueError:
            return False
        return True


def host_of(authority: str) -> str:
    """The host of `host:port`, in small letters and without the brackets of an IPv6 address."""
    if authority.startswith("["):
        return authority[1:].partition("]")[0].lower()
    return authority.partition(":")[0].lower().rstrip(".")


async def turn_away(scope: Scope, receive: Receive, send: Send, answer: ASGIApp) -> None:
    """Refuse a request, or the opening of a WebSocket, which becomes a 403."""
    if scope["type"] == "http":
        await answer(scope, receive, send)
        return
    await receive()
    await send({"type": "websocket.close", "code": 1008})
