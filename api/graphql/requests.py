"""What the engine is asked and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from foretell.model.meta import Json


class Kind(StrEnum):
    """What an operation does; a closed set."""

    QUERY = "query"
    MUTATION = "mutation"
    SUBSCRIPTION = "subscription"


READING = frozenset({Kind.QUERY})
WRITING = frozenset({Kind.QUERY, Kind.MUTATION})
STREAMING = frozenset(Kind)


@dataclass(frozen=True, slots=True)
class Request:
    """A GraphQL request: a document, by its text or by what names it, and what goes with it.

    `document_id` and `extensions["persistedQuery"]` name documents (foretell.api.graphql.persisted).
    """

    query: str | None = None
    variables: Json | None = None
    operation_name: str | None = None
    extensions: Json | None = None
    document_id: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An encoded answer, and what a transport and a log need to know about it.

    `executed` is false where the request was refused before anything ran; `kind` and `operation` are None as
    long as the document isn't known; `codes` are those of the errors, sorted, each once.
    """

    body: bytes
    executed: bool
    kind: Kind | None = None
    operation: str | None = None
    cost: int | None = None
    codes: tuple[str, ...] = ()
    cached: bool = False


class Noting(Protocol):
    """A context in which resolvers note what their answer depends on.

    `reads` says at which revision the head of each cluster was that was looked at; an answer may be given
    again, to whoever has the same `principal_key`, as long as `still_valid(reads)` holds and nothing that ran
    has said `uncacheable()`.
    """

    cacheable: bool
    reads: dict[str, int]

    @property
    def principal_key(self) -> str:
        """What requests of people who may see the same have in common."""

    def uncacheable(self) -> None:
        """Say that the answer depends on more than what `reads` tells."""

    def still_valid(self, reads: Mapping[str, int]) -> bool:
        """Whether every head is still where it was."""
