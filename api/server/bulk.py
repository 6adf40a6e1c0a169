"""Whole clusters as dumps: GET and PUT /clusters/{name}.json, since pages are no way to move them."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from foretell.api.access.errors import UnauthenticatedError
from foretell.api.server.backend import Backend, Export
from foretell.api.server.identity import Identity, unauthenticated
from foretell.api.server.negotiation import is_json
from foretell.api.server.note import note_of
from foretell.api.server.replies import JSON, refused
from foretell.api.service.errors import Code, problem_of
from foretell.model.errors import ForetellError

_TAG = re.compile(r'(?:W/)?"([1-9][0-9]{0,9})"')
_NUMBER = re.compile(r"[1-9][0-9]{0,9}")
_PIECE = 2**20
_STATUS = {
    Code.MALFORMED: 400,
    Code.REJECTED: 422,
    Code.NOT_FOUND: 404,
    Code.NAME_TAKEN: 409,
    Code.INVALID: 400,
    Code.CONFLICT: 412,
    Code.STALE_CURSOR: 400,
    Code.TIME_LIMIT: 504,
    Code.MEMORY_LIMIT: 507,
    Code.BUSY: 503,
    Code.UNAUTHENTICATED: 401,
    Code.FORBIDDEN: 403,
    Code.INTERNAL: 500,
}


class Bulk:
    """The bulk routes; the entity tag of a cluster is the number of its revision."""

    def __init__(self, backend: Backend, identity: Identity) -> None:
        self._backend, self._identity = backend, identity

    async def serve(self, request: Request) -> Response:
        """Answer a request."""
        try:
            if request.method == "PUT":
                return await self._put(request)
            return await self._get(request)
        except UnauthenticatedError as error:
            return unauthenticated(error)
        except ForetellError as error:
            problem = problem_of(error)
            if problem is None:
                raise
            return refused(_STATUS[problem.code], problem.message)

    async def _get(self, request: Request) -> Response:
        principal = await self._identity.of(request.headers.get("authorization"))
        note_of(request.scope).principal = principal.name
        asked = request.query_params.get("revision")
        if asked is not None and not _NUMBER.fullmatch(asked):
            return refused(400, "the revision is no number: expected one from 1")
        export = await self._backend.export(
            request.path_params["name"], None if asked is None else int(asked), principal
        )
        headers = {"etag": f'"{export.revision}"', "cache-control": "no-cache"}
        if _matches(request.headers.get("if-none-match"), export.revision):
            return Response(None, 304, headers)
        if request.method == "HEAD":
            return Response(None, 200, headers, JSON)
        return StreamingResponse(_pieces(export), 200, headers, JSON)

    async def _put(self, request: Request) -> Response:
        principal = await self._identity.of(request.headers.get("authorization"))
        note_of(request.scope).principal = principal.name
        if not is_json(request.headers.get("content-type")):
            return refused(415, "the body's type is not known: expected application/json in UTF-8")
        expected = None
        if request.headers.get("if-none-match", "").strip() == "*":
            expected = 0
        elif "if-match" in request.headers:
            match = _TAG.fullmatch(request.headers["if-match"].strip())
            if match is None:
                return refused(412, 'If-Match names no revision: expected its number in quotes, such as "7"')
            expected = int(match[1])
        try:
            async with _spooled(request) as body:
                replaced = await self._backend.replace(
                    request.path_params["name"], body, principal, expected=expected
                )
        except ClientDisconnect:
            return refused(400, "the body ended before it was complete")
        answer = msgspec.json.encode({"revision": replaced.revision})
        headers = {"etag": f'"{replaced.revision}"', "cache-control": "no-store"}
        return Response(answer, 201 if replaced.created else 200, headers, JSON)


def _matches(header: str | None, revision: int) -> bool:
    if header is None:
        return False
    tags = [tag.strip() for tag in header.split(",")]
    return "*" in tags or any((match := _TAG.fullmatch(tag)) and int(match[1]) == revision for tag in tags)


async def _pieces(export: Export) -> AsyncIterator[bytes]:
    closing = getattr(export.pieces, "aclose", None)
    try:
        async for piece in export.pieces:
            yield piece
    finally:
        if closing is not None:
            await closing()


@asynccontextmanager
async def _spooled(request: Request) -> AsyncIterator[Path]:
    """The body of a request as a file, which is gone afterwards."""
    handle, name = tempfile.mkstemp(prefix="foretell-", suffix=".json")
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            held: list[bytes] = []
            async with aclosing(request.stream()) as pieces:
                async for piece in pieces:
                    held.append(piece)
                    if sum(map(len, held)) >= _PIECE:
                        await asyncio.to_thread(file.write, b"".join(held))
                        held.clear()
            file.write(b"".join(held))
        yield path
    finally:
        path.unlink(missing_ok=True)
