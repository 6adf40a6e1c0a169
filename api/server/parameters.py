"""Requests as clients send them: in JSON bodies, query strings, or payloads of WebSocket messages."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import msgspec

from foretell.api.graphql.requests import Request
from foretell.model.errors import ForetellError

_MOST_PARAMETERS = 20


class MalformedError(ForetellError):
    """A request can't be read; the sentence says where and what was expected."""


class _Parameters(msgspec.Struct):
    query: str | None = None
    variables: dict[str, Any] | None = None
    operation_name: str | None = msgspec.field(default=None, name="operationName")
    extensions: dict[str, Any] | None = None
    document_id: str | None = msgspec.field(default=None, name="documentId")

    def request(self) -> Request:
        return Request(
            self.query, self.variables, self.operation_name or None, self.extensions, self.document_id
        )


_DECODER = msgspec.json.Decoder(_Parameters)


def from_json(body: bytes) -> Request:
    """The request in a JSON body; raises MalformedError."""
    try:
        return _DECODER.decode(body).request()
    except msgspec.ValidationError as error:
        if body.lstrip()[:1] == b"[":
            raise MalformedError(
                "one request at a time is answered: expected an object, not a list"
            ) from None
        raise MalformedError(f"the body is no GraphQL request: {error}") from None
    except UnicodeDecodeError:
        raise MalformedError("the body is not in UTF-8") from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise MalformedError(f"the body can't be read as JSON: {error}") from None


def from_payload(payload: object) -> Request:
    """The request in a decoded JSON value; raises MalformedError."""
    try:
        return msgspec.convert(payload, _Parameters).request()
    except msgspec.ValidationError as error:
        raise MalformedError(f"the payload is no GraphQL request: {error}") from None


def from_query_string(text: bytes) -> Request:
    """The request in the query string of a URL; raises MalformedError."""
    try:
        pairs = parse_qsl(
            text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS
        )
    except ValueError:
        raise MalformedError("the query string is not in UTF-8, or has too many parameters") from None
    given: dict[str, Any] = {}
    for name, value in pairs:
        if name in given:
            raise MalformedError(f"the query string has several parameters named {name[:40]!r}")
        given[name] = value
    for name in ("variables", "extensions"):
        value = given.pop(name, "")
        if value:
            try:
                given[name] = msgspec.json.decode(value)
            except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
                raise MalformedError(f"the parameter {name} can't be read as JSON: {error}") from None
    return from_payload(given)
