"""Who sends a request: by its header Authorization, or this machine's user where nobody has to say."""

from __future__ import annotations

from starlette.responses import Response
from starlette.types import Scope

from foretell.api.access.errors import UnauthenticatedError
from foretell.api.access.roles import LOCAL, Principal
from foretell.api.server.replies import JSON, refused
from foretell.api.server.settings import Authenticator


class Identity:
    """Finds the principal of requests."""

    def __init__(self, authenticator: Authenticator | None) -> None:
        self._authenticator = authenticator

    async def of(self, authorization: str | None) -> Principal:
        """Who a value of the header belongs to; raises UnauthenticatedError."""
        if self._authenticator is None:
            return LOCAL
        return await self._authenticator.authenticate(authorization)


def authorization_of(scope: Scope) -> str | None:
    """The value of the header Authorization."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            given: bytes = value
            return given.decode("latin-1")
    return None


def unauthenticated(error: UnauthenticatedError, *, media: str = JSON) -> Response:
    """The answer to a request that doesn't say who sends it, or not rightly."""
    return refused(401, str(error), {"www-authenticate": 'Bearer realm="foretell"'}, media=media)
