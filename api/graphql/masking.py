"""What users are told of errors: the sentence of those meant for them, a reference for the others."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from secrets import token_hex
from typing import Any

from graphql import GraphQLError

from foretell.api.graphql.refusals import Fault, RefusedError, RequestCode
from foretell.api.service.errors import Code, problem_of
from foretell.model.errors import ForetellError

_LOG = logging.getLogger("foretell.graphql")


def told(error: GraphQLError) -> dict[str, Any]:
    """An error of a field as users see it; one that isn't meant for them is logged under a reference."""
    cause = _cause(error)
    extensions: dict[str, Any] = {}
    message = error.message
    problem = problem_of(cause) if isinstance(cause, ForetellError) else None
    if problem is not None:
        message, extensions["code"] = problem.message, problem.code
        if problem.path:
            extensions["argument"] = problem.path
    elif isinstance(cause, RefusedError):
        extensions["code"] = cause.faults[0].code
    elif cause is None:
        # The language's library found fault with the request itself, such as with a variable's null.
        extensions["code"] = RequestCode.INVALID_VARIABLES
    else:
        message, extensions["code"] = masked(cause), Code.INTERNAL
    entry: dict[str, Any] = {"message": message}
    if error.locations:
        entry["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    if error.path is not None:
        entry["path"] = list(error.path)
    entry["extensions"] = extensions
    return entry


def masked(cause: BaseException) -> str:
    """Log an error that nobody foresaw; gives the sentence that refers to it."""
    reference = token_hex(6)
    _LOG.error("internal error %s", reference, exc_info=cause, extra={"fields": {"reference": reference}})
    return f"Internal error, reference {reference}"


def refused(faults: Sequence[Fault]) -> list[dict[str, Any]]:
    """The faults of a request as users see them."""
    entries = []
    for fault in faults:
        entry: dict[str, Any] = {"message": fault.sentence}
        if fault.places:
            entry["locations"] = [{"line": line, "column": column} for line, column in fault.places]
        entry["extensions"] = {"code": fault.code}
        entries.append(entry)
    return entries


def _cause(error: GraphQLError) -> BaseException | None:
    """The error that a resolver raised; None if the language's library itself found fault."""
    cause: BaseException | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause
