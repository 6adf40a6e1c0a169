"""What a server needs of what it serves, beside the schema."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

from foretell.api.access.roles import Principal
from foretell.api.graphql.requests import Noting


class Export(NamedTuple):
    """A cluster on its way out: its revision, and its dump in pieces, read as they are asked for."""

    revision: int
    pieces: AsyncIterator[bytes]


class Replaced(NamedTuple):
    """The revision that a dump has made, and whether there was no such cluster before."""

    revision: int
    created: bool


class Backend(Protocol):
    """The services behind a server; errors for users are those that `foretell.api.service.errors` knows."""

    async def start(self) -> None:
        """Get ready, before the first request."""

    async def stop(self) -> None:
        """Let go of everything, after the last request."""

    def context(self, principal: Principal) -> Noting:
        """The context of one GraphQL request."""

    async def unready(self) -> str | None:
        """Why requests can't be served now, in a sentence; None if they can."""

    def measures(self) -> Iterable[tuple[str, Mapping[str, str], float]]:
        """What is to be shown as metrics: name without prefix, labels, value."""

    async def export(self, name: str, revision: int | None, principal: Principal) -> Export:
        """The dump of a cluster, by default of its newest revision."""

    async def replace(self, name: str, body: Path, principal: Principal, *, expected: int | None) -> Replaced:
        """Make a cluster what a dump says, if it is at the expected revision (0: if there is none)."""
