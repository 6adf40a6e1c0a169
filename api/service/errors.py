"""What can't be done for a user: a closed set of codes, and the sentence that goes with each failure."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from foretell.api.access.errors import ForbiddenError, UnauthenticatedError
from foretell.api.solver.errors import BusyError, MemoryLimitError, TimeLimitError, WorkerLostError
from foretell.api.store.errors import (
    ConflictError,
    InvalidNameError,
    NameTakenError,
    UnavailableError,
    UnknownClusterError,
    UnknownRevisionError,
)
from foretell.logic.gates import UnknownGateError
from foretell.model.errors import (
    ForetellError,
    ManifestError,
    NotFoundError,
    QuantityError,
    RejectedError,
    RulesError,
)


class Code(StrEnum):
    """Why a mutation was not accepted, or a query not answered; a closed set (docs/graphql.md)."""

    MALFORMED = "MALFORMED"
    REJECTED = "REJECTED"
    NOT_FOUND = "NOT_FOUND"
    NAME_TAKEN = "NAME_TAKEN"
    INVALID = "INVALID"
    CONFLICT = "CONFLICT"
    STALE_CURSOR = "STALE_CURSOR"
    TIME_LIMIT = "TIME_LIMIT"
    MEMORY_LIMIT = "MEMORY_LIMIT"
    BUSY = "BUSY"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    INTERNAL = "INTERNAL"


class InvalidInputError(ForetellError):
    """An argument can't be taken; `path` leads to it, from the arguments of the field on."""

    def __init__(self, problem: str, *path: str) -> None:
        super().__init__(problem)
        self.problem, self.path = problem, path


class StaleCursorError(ForetellError):
    """A cursor is of another revision than the one that is asked about."""


class Problem(NamedTuple):
    """A failure as users are told it: where in the input, which, and in a sentence."""

    path: tuple[str, ...]
    code: Code
    message: str


# The first that fits counts.
_CODES: tuple[tuple[type[ForetellError], Code], ...] = (
    (UnauthenticatedError, Code.UNAUTHENTICATED),
    (ForbiddenError, Code.FORBIDDEN),
    (ConflictError, Code.CONFLICT),
    (NameTakenError, Code.NAME_TAKEN),
    (UnknownClusterError, Code.NOT_FOUND),
    (UnknownRevisionError, Code.NOT_FOUND),
    (InvalidNameError, Code.INVALID),
    (InvalidInputError, Code.INVALID),
    (StaleCursorError, Code.STALE_CURSOR),
    (UnknownGateError, Code.INVALID),
    (TimeLimitError, Code.TIME_LIMIT),
    (MemoryLimitError, Code.MEMORY_LIMIT),
    (BusyError, Code.BUSY),
    (WorkerLostError, Code.BUSY),
    (UnavailableError, Code.BUSY),
    (NotFoundError, Code.NOT_FOUND),
    (RejectedError, Code.REJECTED),
    (ManifestError, Code.MALFORMED),
    (QuantityError, Code.MALFORMED),
)


def problem_of(error: ForetellError) -> Problem | None:
    """The failure as users are told it; None where the fault is Foretell's own."""
    if isinstance(error, RulesError):
        return None
    path: tuple[str, ...] = ()
    if isinstance(error, InvalidInputError):
        path = error.path
    elif isinstance(error, InvalidNameError | NameTakenError):
        path = ("cluster",)
    elif isinstance(error, ConflictError):
        path = ("expectedRevision",)
    for form, code in _CODES:
        if isinstance(error, form):
            return Problem(path, code, str(error))
    return None
