"""GraphQL over HTTP, as its specification says (graphql.github.io/graphql-over-http, draft of 2025)."""

from __future__ import annotations

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from foretell.api.access.errors import UnauthenticatedError
from foretell.api.access.roles import Principal
from foretell.api.graphql.refusals import RequestCode
from foretell.api.graphql.requests import READING, STREAMING, WRITING, Answer, Kind, Request
from foretell.api.server.events import Events
from foretell.api.server.identity import authorization_of, unauthenticated
from foretell.api.server.negotiation import Accepted, Media, accepted, is_json
from foretell.api.server.note import note_of
from foretell.api.server.operations import Operations
from foretell.api.server.parameters import MalformedError, from_json, from_query_string
from foretell.api.server.replies import refused

_ALLOW = {"allow": "GET, POST"}
_NOT_ALLOWED = (str(RequestCode.OPERATION_NOT_ALLOWED),)
_NO_REQUEST = str(RequestCode.INVALID_REQUEST)
_TYPES = {media: f"{media}; charset=utf-8".encode() for media in Media}


class Endpoint:
    """The route /graphql over HTTP: single answers, or a stream of events."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations
        self._events = Events(operations)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        wanted = accepted(_header(scope, b"accept"))
        if wanted is None:
            media = ", ".join(Media)
            await refused(406, f"what is accepted can't be given: expected one of {media}")(
                scope, receive, send
            )
            return
        media = Media.JSON if wanted.media is Media.EVENTS else wanted.media
        shown = _TYPES[media].decode()
        unfit = _unfit(scope)
        if unfit is not None:
            await unfit(scope, receive, send)
            return
        try:
            # Who asks is known before any of the body is read.
            principal = await self._operations.identity.of(authorization_of(scope))
            note_of(scope).principal = principal.name
            request = await _read(scope, receive)
        except UnauthenticatedError as error:
            await unauthenticated(error, media=shown)(scope, receive, send)
            return
        except MalformedError as error:
            await refused(400, str(error), media=shown)(scope, receive, send)
            return
        await self._answer(scope, receive, send, request, principal, wanted)

    async def _answer(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        request: Request,
        principal: Principal,
        wanted: Accepted,
    ) -> None:
        reading = scope["method"] != "POST"
        context = self._operations.backend.context(principal)
        if wanted.media is Media.EVENTS:
            streaming = READING | {Kind.SUBSCRIPTION} if reading else STREAMING
            await self._events.stream(scope, receive, send, request, context, streaming)
            return
        with self._operations.tracing.operation() as answered:
            answer = await self._operations.engine.execute(
                request, context, allowed=READING if reading else WRITING
            )
            answered(answer)
        if answer.codes == _NOT_ALLOWED and wanted.events and not reading:
            # A subscription, and the client would take events as well.
            await self._events.stream(scope, receive, send, request, context, STREAMING)
            return
        note_of(scope).answered(answer)
        self._operations.metrics.operated(answer.kind, answer.codes)
        status = _status(answer, wanted.media, reading=reading)
        headers = [
            (b"content-type", _TYPES[wanted.media]),
            (b"content-length", str(len(answer.body)).encode()),
            (b"cache-control", b"no-store"),
            (b"vary", b"accept"),
        ]
        if status == 405:
            headers.append((b"allow", b"POST"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        body = b"" if scope["method"] == "HEAD" else answer.body
        await send({"type": "http.response.body", "body": body})


def _unfit(scope: Scope) -> Response | None:
    """Why a request can't be one, by its method and type."""
    method = scope["method"]
    if method in ("GET", "HEAD"):
        return None
    if method != "POST":
        return refused(405, f"{method} is not possible here: expected GET or POST", _ALLOW)
    if not is_json(_header(scope, b"content-type")):
        return refused(415, "the body's type is not known: expected application/json in UTF-8")
    return None


async def _read(scope: Scope, receive: Receive) -> Request:
    """The request; raises MalformedError."""
    if scope["method"] != "POST":
        return from_query_string(scope["query_string"])
    pieces = []
    while True:
        message = await receive()
        pieces.append(message.get("body", b""))
        if not message.get("more_body", False):
            return from_json(b"".join(pieces))


def _status(answer: Answer, media: Media, *, reading: bool) -> int:
    if answer.executed:
        return 200
    if reading and answer.codes == _NOT_ALLOWED:
        return 405
    # Older clients see a failure of the transport in everything but 200.
    return 200 if media is Media.JSON and _NO_REQUEST not in answer.codes else 400


def _header(scope: Scope, wanted: bytes) -> str | None:
    values = [value.decode("latin-1") for name, value in scope["headers"] if name == wanted]
    return ", ".join(values) if values else None
