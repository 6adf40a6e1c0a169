"""What is noted about a request while it is served, for its log line and the metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.types import Scope

if TYPE_CHECKING:
    from foretell.api.graphql.requests import Answer

_KEY = "foretell.note"


@dataclass(slots=True)
class Note:
    """One request; never its variables, its body or its token."""

    id: str
    route: str
    status: int = 0
    sent: int = 0
    principal: str | None = None
    operation: str | None = None
    kind: str | None = None
    cost: int | None = None
    cached: bool = False
    codes: tuple[str, ...] = ()

    def answered(self, answer: Answer) -> None:
        """Note what an answer says about its request."""
        self.operation, self.kind, self.cost = answer.operation, answer.kind, answer.cost
        self.cached, self.codes = answer.cached, answer.codes


def attach(scope: Scope, note: Note) -> None:
    """Let what serves a request find its note."""
    scope[_KEY] = note


def note_of(scope: Scope) -> Note:
    """The note of the request that is being served."""
    found = scope.get(_KEY)
    return found if isinstance(found, Note) else Note("", "")
