"""Why a request is not run: a closed set of codes, each with a sentence for who sent it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from foretell.model.errors import ForetellError


class RequestCode(StrEnum):
    """Why a request was not run; a closed set, told as `extensions.code` (docs/graphql.md).

    What happens while a request runs is told by the codes of `foretell.api.service.errors.Code`.
    """

    SYNTAX = "SYNTAX"
    INVALID_DOCUMENT = "INVALID_DOCUMENT"
    INVALID_REQUEST = "INVALID_REQUEST"
    INVALID_VARIABLES = "INVALID_VARIABLES"
    UNKNOWN_OPERATION = "UNKNOWN_OPERATION"
    OPERATION_NOT_ALLOWED = "OPERATION_NOT_ALLOWED"
    INTROSPECTION_DISABLED = "INTROSPECTION_DISABLED"
    TOO_MANY_TOKENS = "TOO_MANY_TOKENS"
    TOO_DEEP = "TOO_DEEP"
    TOO_MANY_ALIASES = "TOO_MANY_ALIASES"
    TOO_MANY_ROOT_FIELDS = "TOO_MANY_ROOT_FIELDS"
    TOO_MANY_FIELDS = "TOO_MANY_FIELDS"
    TOO_MANY_DIRECTIVES = "TOO_MANY_DIRECTIVES"
    TOO_MANY_SPREADS = "TOO_MANY_SPREADS"
    CYCLIC_FRAGMENTS = "CYCLIC_FRAGMENTS"
    TOO_COSTLY = "TOO_COSTLY"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    PERSISTED_QUERY_MISMATCH = "PERSISTED_QUERY_MISMATCH"
    PERSISTED_QUERIES_ONLY = "PERSISTED_QUERIES_ONLY"


class Fault(NamedTuple):
    """One thing that is wrong with a request; `places` are lines and columns of its document, from 1."""

    code: RequestCode
    sentence: str
    places: tuple[tuple[int, int], ...] = ()


class RefusedError(ForetellError):
    """A request is not run; `faults` say why, the first of them in `__str__`."""

    def __init__(self, faults: Sequence[Fault], *, cost: int | None = None) -> None:
        super().__init__(faults[0].sentence)
        self.faults, self.cost = tuple(faults), cost

    @classmethod
    def of(cls, code: RequestCode, sentence: str, *, cost: int | None = None) -> RefusedError:
        """A refusal for one reason."""
        return cls((Fault(code, sentence),), cost=cost)
