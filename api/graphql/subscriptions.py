"""Subscriptions: revisions as they are made, and waves as they are derived."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated

import strawberry

from foretell.api.access.roles import Role
from foretell.api.graphql.access import FORECAST, ClusterName, guard
from foretell.api.graphql.changes import Changes
from foretell.api.graphql.cluster import Cluster, cluster_of
from foretell.api.graphql.cluster_questions import question_of
from foretell.api.graphql.context import Info
from foretell.api.graphql.forecasts import Assume, Forecast, Horizon, forecast_of
from foretell.api.graphql.history import ClusterRevision, cluster_revision_of
from foretell.api.graphql.waves import Wave, wave_of
from foretell.api.service.errors import InvalidInputError


@strawberry.type(description="A cluster has a new revision.")
class ClusterChanged:
    """A new revision."""

    revision: ClusterRevision = strawberry.field(description="What made it.")
    name: strawberry.Private[str]

    @strawberry.field(description="The cluster as it is at this revision.")
    async def cluster(self, info: Info) -> Cluster:
        """The cluster at this revision."""
        return cluster_of(await info.context.snapshot(self.name, self.revision.number))


@strawberry.type(description="A part of a forecast: a wave, or in the end how it ends.")
class ForecastPart:
    """A part of a forecast."""

    wave: Wave | None = strawberry.field(description="A wave, in all parts but the last.")
    end: Forecast | None = strawberry.field(description="In the last part: how it ends, without the waves.")


@strawberry.type(description="What is told as it happens, over graphql-transport-ws or server-sent events.")
class Subscription:
    """The subscriptions."""

    @strawberry.subscription(
        description="Every revision of a cluster as it is made; ends when the cluster is deleted.",
        **guard(Role.VIEWER),
    )
    async def cluster_changed(
        self,
        info: Info,
        cluster: ClusterName,
        since: Annotated[
            int | None,
            strawberry.argument(description="Begin after this revision; by default after the newest."),
        ] = None,
    ) -> AsyncIterator[ClusterChanged]:
        """Every revision as it is made."""
        services = info.context.services
        found = await services.clusters.info(cluster)
        if since is not None and since > found.head:
            found = await services.clusters.fresh(cluster)
        if since is not None and not 0 <= since <= found.head:
            raise InvalidInputError(f"since is {since}: expected 0 to {found.head}", "since")
        async with aclosing(services.feed.revisions(found, found.head if since is None else since)) as feed:
            async for revision in feed:
                yield ClusterChanged(revision=cluster_revision_of(revision), name=cluster)

    @strawberry.subscription(
        description="The waves of a forecast as they are derived, then how it ends.",
        **guard(Role.PLANNER, weight=FORECAST),
    )
    async def forecast_waves(
        self,
        info: Info,
        cluster: ClusterName,
        revision: Annotated[
            int | None, strawberry.argument(description="The revision; by default the newest.")
        ] = None,
        changes: Changes = None,
        assume: Assume = None,
        horizon: Horizon = None,
    ) -> AsyncIterator[ForecastPart]:
        """The waves of a forecast."""
        snapshot = await info.context.snapshot(cluster, revision)
        question = await question_of(info, snapshot, changes, assume, horizon)
        async with aclosing(info.context.services.forecasts.stream(question)) as parts:
            async for part in parts:
                if part.wave is not None:
                    yield ForecastPart(wave=wave_of(part.wave), end=None)
                if part.end is not None:
                    yield ForecastPart(wave=None, end=forecast_of(part.end))
