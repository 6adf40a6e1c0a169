"""DaemonSets in GraphQL, and the nodes that they leave out."""

from __future__ import annotations

import strawberry

from foretell.api.access.roles import Role
from foretell.api.graphql.access import SOLVE, guard
from foretell.api.graphql.context import Info
from foretell.api.graphql.desired import LeftOut, left_out_page
from foretell.api.graphql.lists import paged
from foretell.api.graphql.objects import shows
from foretell.api.graphql.paging import Connection, Paging
from foretell.api.graphql.workloads import Workload
from foretell.api.service.snapshots import Snapshot
from foretell.model.objects import DaemonSet


@strawberry.type(name="DaemonSet", description="One pod on every eligible node.")
class DaemonSetObject(Workload):
    """A DaemonSet."""

    thing: strawberry.Private[DaemonSet]

    @strawberry.field(description="On how many nodes it last said a pod should run; the same as `desired`.")
    def desired_number_scheduled(self) -> int:
        """`status.desiredNumberScheduled`."""
        return self.thing.status.desired_number_scheduled

    @strawberry.field(description="How many of those nodes it last said have a pod.")
    def current_number_scheduled(self) -> int:
        """`status.currentNumberScheduled`."""
        return self.thing.status.current_number_scheduled

    @strawberry.field(description="How many nodes it last said have a pod that shouldn't be there.")
    def number_misscheduled(self) -> int:
        """`status.numberMisscheduled`."""
        return self.thing.status.number_misscheduled

    @strawberry.field(description="How many pods may be unavailable in a roll-out: a number or a percentage.")
    def max_unavailable(self) -> str | None:
        """`spec.updateStrategy.rollingUpdate.maxUnavailable`."""
        rolling = self.thing.spec.update_strategy.rolling_update
        return None if rolling is None or rolling.max_unavailable is None else str(rolling.max_unavailable)

    @strawberry.field(description="How many pods more there may be in a roll-out: a number or a percentage.")
    def max_surge(self) -> str | None:
        """`spec.updateStrategy.rollingUpdate.maxSurge`."""
        rolling = self.thing.spec.update_strategy.rolling_update
        return None if rolling is None or rolling.max_surge is None else str(rolling.max_surge)

    @strawberry.field(
        description="The nodes that it leaves out, each with every reason.",
        **paged(guard(Role.PLANNER, weight=SOLVE)),
    )
    async def left_out(self, info: Info, paging: Paging) -> Connection[LeftOut]:
        """The nodes that it leaves out."""
        return await left_out_page(info, self.snapshot, paging, workload=self.thing.key)


@shows(DaemonSet)
def daemonset_of(snapshot: Snapshot, daemonset: DaemonSet) -> DaemonSetObject:
    """A DaemonSet in GraphQL."""
    status = daemonset.status
    return DaemonSetObject(
        snapshot=snapshot,
        thing=daemonset,
        name=daemonset.name,
        namespace=daemonset.namespace,
        desired=status.desired_number_scheduled,
        ready=status.number_ready,
        updated=status.updated_number_scheduled,
        available=status.number_available,
    )
