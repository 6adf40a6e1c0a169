"""The history of a stored cluster in GraphQL: who changed what, when and why."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry.scalars import JSON

from foretell.api.graphql.context import Info
from foretell.api.graphql.ids import Named, global_id
from foretell.api.graphql.objects import Node
from foretell.api.graphql.paging import Connection, Listed, Paging, asked_rows, rows_connection
from foretell.api.service.snapshots import Snapshot
from foretell.api.store.values import Revision

if TYPE_CHECKING:
    from foretell.api.graphql.cluster import Cluster


@strawberry.type(description="One revision of a stored cluster; it never changes.")
class ClusterRevision(Node):
    """A revision."""

    revision: strawberry.Private[Revision]
    number: int = strawberry.field(description="Its number, from 1.")
    at: datetime = strawberry.field(description="When it was made.")
    by: str = strawberry.field(description="Who made it.")
    action: str = strawberry.field(description="The mutation that made it, such as `taint`.")
    why: str = strawberry.field(description="Why, as was said with the mutation; may be empty.")

    @strawberry.field(description="The global id.")
    def id(self) -> strawberry.ID:
        """The global id."""
        return strawberry.ID(global_id(Named(self.revision.cluster, self.number)))

    @strawberry.field(description="The changes in their JSON form, as the command line reads them too.")
    def changes(self) -> JSON:
        """The changes."""
        return JSON(list(self.revision.entry.changes))

    @strawberry.field(description="What was done, in kubectl's words.")
    def results(self) -> list[str]:
        """What was done."""
        return list(self.revision.entry.told)

    @strawberry.field(description="How many objects are other than in the revision before, or new.")
    def put_count(self) -> int:
        """How many objects it puts."""
        return self.revision.puts

    @strawberry.field(description="How many objects of the revision before are gone.")
    def drop_count(self) -> int:
        """How many objects it drops."""
        return self.revision.drops

    @strawberry.field(description="The cluster as it was then.")
    async def cluster(
        self, info: Info
    ) -> Annotated[Cluster, strawberry.lazy("foretell.api.graphql.cluster")]:
        """The cluster as it was then."""
        from foretell.api.graphql.cluster import cluster_of

        return cluster_of(await info.context.snapshot(self.revision.cluster, self.number))


def cluster_revision_of(revision: Revision) -> ClusterRevision:
    """A revision in GraphQL."""
    entry = revision.entry
    return ClusterRevision(
        revision=revision, number=revision.number, at=entry.at, by=entry.by, action=entry.action,
        why=entry.why,
    )  # fmt: skip


class _Page:
    """A part of the history."""

    def __init__(self, rows: tuple[Revision, ...], total: int) -> None:
        self.rows, self.total = rows, total


async def history_page(info: Info, snapshot: Snapshot, paging: Paging) -> Connection[ClusterRevision]:
    """A page of the history up to a snapshot, the newest first."""
    newest, clusters = snapshot.number or 0, info.context.services.clusters

    async def ask(start: int, limit: int) -> _Page:
        rows = await clusters.history(snapshot.info, before=newest + 1 - start, limit=limit) if limit else ()
        return _Page(rows, newest)

    listed = Listed(snapshot, "history")
    rows, total, low = await asked_rows(listed, paging, ask)
    return rows_connection(listed, [cluster_revision_of(row) for row in rows], total, low)
