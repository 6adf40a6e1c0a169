"""What resolvers get beside their arguments: who asks, the services, and a note of what was read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import strawberry

from foretell.api.access.roles import Principal
from foretell.api.service.services import Services
from foretell.api.service.snapshots import Snapshot, edition_of


class Context:
    """The context of one request.

    `reads` says what the newest snapshot of each cluster was when the answer was made from it, by a number
    (see edition_of; 0 where there was none): as long as that holds, an equal request has an equal answer.
    """

    def __init__(self, services: Services, principal: Principal) -> None:
        self.services, self.principal = services, principal
        self.reads: dict[str, int] = {}
        self.cacheable = True
        self.connection_params: Mapping[str, Any] = {}

    @property
    def principal_key(self) -> str:
        """What requests of people who may see the same have in common."""
        return f"{self.principal.name}:{self.principal.grants!r}"

    def uncacheable(self) -> None:
        """Say that the answer depends on more than the snapshots that were read."""
        self.cacheable = False

    def still_valid(self, reads: Mapping[str, int]) -> bool:
        """Whether the newest snapshots are the same as they were."""
        edition = self.services.clusters.edition
        return all(edition(name) == number for name, number in reads.items())

    def at_hand(self, name: str, number: int | None) -> Snapshot | None:
        """A snapshot, by default the newest, if nothing has to be read for it."""
        snapshot = self.services.clusters.at_hand(name, number)
        if snapshot is not None:
            self.note(name, edition_of(snapshot.info))
        return snapshot

    def note(self, name: str, edition: int) -> None:
        """Note what the newest snapshot of a cluster was; of several the earliest."""
        self.reads[name] = min(edition, self.reads.get(name, edition))

    async def snapshot(self, name: str, number: int | None = None) -> Snapshot:
        """A snapshot, by default the newest; raises UnknownClusterError or UnknownRevisionError."""
        snapshot = await self.services.clusters.snapshot(name, number)
        self.note(name, edition_of(snapshot.info))
        return snapshot


Info: TypeAlias = strawberry.Info[Context, None]
"""What strawberry hands to resolvers."""
