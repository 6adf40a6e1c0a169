"""Answers that are refusals: a status, and a sentence in the form of a GraphQL error."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

JSON = "application/json; charset=utf-8"


def refused(
    status: int, sentence: str, headers: Mapping[str, str] | None = None, *, media: str = JSON
) -> Response:
    """An answer that refuses a request."""
    body = msgspec.json.encode({"errors": [{"message": sentence}]})
    return Response(body, status, {"content-type": media, "cache-control": "no-store", **(headers or {})})


async def on_http_exception(request: Request, error: Exception) -> Response:
    """The answer for what routing refuses, such as an unknown path."""
    if not isinstance(error, HTTPException):
        raise error
    sentence = error.detail
    if error.status_code == 404:
        sentence = f"there is nothing at {request.url.path[:80]}: expected /graphql or /graphiql"
    elif error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "")
        sentence = f"{request.method} is not possible here: expected {allowed}"
    return refused(error.status_code, sentence, error.headers)
