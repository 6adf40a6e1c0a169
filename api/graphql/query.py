"""Queries: clusters, anything by its id, the rules, and who asks."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from contextlib import suppress
from typing import Annotated, Any

import strawberry

from foretell.api.access.roles import Role, permits
from foretell.api.graphql.access import guard
from foretell.api.graphql.cluster import Cluster, cluster_of
from foretell.api.graphql.context import Info
from foretell.api.graphql.history import cluster_revision_of
from foretell.api.graphql.ids import named_by
from foretell.api.graphql.lists import paged
from foretell.api.graphql.objects import Node, wrapped
from foretell.api.graphql.paging import (
    Connection,
    Paging,
    connection,
    cursor,
    place,
)
from foretell.api.graphql.rules import Rules, rules_of
from foretell.api.store.errors import UnknownClusterError, UnknownRevisionError

CLUSTERS = "clusters"
"""What cursors of the list of clusters are marked with, as it has no revision."""

RevisionNumber = Annotated[
    int | None, strawberry.argument(description="A revision of it; by default the newest.")
]


@strawberry.type(description="A role on the clusters whose names match a pattern.")
class Grant:
    """A grant."""

    pattern: str = strawberry.field(description="The clusters: `*` matches anything.")
    role: Role = strawberry.field(description="The role.")


@strawberry.type(description="Who asks.")
class Viewer:
    """Who asks."""

    name: str = strawberry.field(description="The name, as the history shows it.")
    grants: list[Grant] = strawberry.field(description="What they may do.")


def _of_id(_source: Any, arguments: dict[str, Any]) -> str:
    return named_by(arguments["id"]).cluster


@strawberry.type(description="What can be asked.")
class Query:
    """The queries."""

    @strawberry.field(
        description="The stored clusters that the viewer may see, by name.", **paged(guard(Role.VIEWER))
    )
    async def clusters(self, info: Info, paging: Paging) -> Connection[Cluster]:
        """The stored clusters."""
        context = info.context
        context.uncacheable()
        infos = await context.services.clusters.infos()
        mine = [one for one in infos if permits(context.principal, one.name, Role.VIEWER)]
        names = [one.name for one in mine]
        after, before = paging.after, paging.before
        low = 0 if after is None else bisect_right(names, place(CLUSTERS, after, "after"))
        high = len(names) if before is None else bisect_left(names, place(CLUSTERS, before, "before"))
        low, high = paging.window(low, high)
        shown = []
        for one in mine[low:high]:
            # One that has been deleted in this moment is left out.
            with suppress(UnknownClusterError, UnknownRevisionError):
                shown.append(cluster_of(await context.services.clusters.read(one)))
        return connection(shown, len(mine), (low, high), lambda index: cursor(CLUSTERS, shown[index].name))

    @strawberry.field(
        description="A cluster at a revision; null where there is none of this name.", **guard(Role.VIEWER)
    )
    def cluster(
        self,
        info: Info,
        name: Annotated[str, strawberry.argument(description="The name of the cluster.")],
        revision: RevisionNumber = None,
    ) -> Cluster | None:
        """A cluster at a revision."""
        snapshot = info.context.at_hand(name, revision)
        # What is at hand is given at once; only what has to be read is waited for.
        return cluster_of(snapshot) if snapshot is not None else _read(info, name, revision)  # type: ignore[return-value]

    @strawberry.field(
        description="Anything by its global id; null where it isn't there (any more).",
        **guard(Role.VIEWER, _of_id),
    )
    async def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The global id.")],
        revision: Annotated[
            int | None, strawberry.argument(description="As of which revision; by default the newest.")
        ] = None,
    ) -> Node | None:
        """Anything by its id."""
        named = named_by(id)
        cluster = await _read(info, named.cluster, revision)
        if cluster is None:
            return None
        if named.revision:
            clusters = info.context.services.clusters
            try:
                return cluster_revision_of(await clusters.revision(cluster.snapshot.info, named.revision))
            except UnknownRevisionError:
                return None
        if named.key is None:
            return cluster
        thing = cluster.snapshot.cluster.get(named.key)
        return None if thing is None else wrapped(cluster.snapshot, thing)

    @strawberry.field(description="The rules from which all forecasts follow.", **guard(Role.VIEWER))
    def rules(self) -> Rules:
        """The rules."""
        return rules_of()

    @strawberry.field(description="Who asks, and what they may do.", **guard(Role.VIEWER))
    def viewer(self, info: Info) -> Viewer:
        """Who asks."""
        principal = info.context.principal
        grants = [Grant(pattern=grant.pattern, role=grant.role) for grant in principal.grants]
        return Viewer(name=principal.name, grants=grants)


async def _read(info: Info, name: str, revision: int | None) -> Cluster | None:
    try:
        return cluster_of(await info.context.snapshot(name, revision))
    except UnknownClusterError:
        info.context.note(name, 0)
        return None
