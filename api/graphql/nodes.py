"""Nodes of a cluster in GraphQL; `ClusterNode`, since Relay has taken the name `Node`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import strawberry

from foretell.api.access.roles import Role
from foretell.api.graphql import selecting
from foretell.api.graphql.access import SOLVE, guard
from foretell.api.graphql.context import Info
from foretell.api.graphql.desired import DesiredPod, LeftOut, desired_page, left_out_page
from foretell.api.graphql.lists import listed, paged
from foretell.api.graphql.objects import (
    Condition,
    KubernetesObject,
    Pair,
    conditions_of,
    pairs,
    shows,
)
from foretell.api.graphql.paging import Connection, Paging
from foretell.api.service.snapshots import Snapshot
from foretell.model.objects import Node
from foretell.model.objects import Pod as ModelPod
from foretell.model.selectors import Taint as ModelTaint

if TYPE_CHECKING:
    from foretell.api.graphql.pods import Pod


@strawberry.type(description="What keeps pods off a node, or drives them away.")
class Taint:
    """A taint."""

    key: str = strawberry.field(description="The key.")
    value: str = strawberry.field(description="The value; may be empty.")
    effect: str = strawberry.field(description="`NoSchedule`, `PreferNoSchedule` or `NoExecute`.")


def taint_of(taint: ModelTaint) -> Taint:
    """A taint in GraphQL."""
    return Taint(key=taint.key, value=taint.value, effect=taint.effect)


@strawberry.type(description="A machine that runs pods.")
class ClusterNode(KubernetesObject):
    """A node."""

    thing: strawberry.Private[Node]
    ready: bool = strawberry.field(description="Whether its Ready condition is True.")
    unschedulable: bool = strawberry.field(description="Whether it is cordoned.")

    @strawberry.field(description="Its taints, in their order.")
    def taints(self) -> list[Taint]:
        """Its taints."""
        return [taint_of(taint) for taint in self.thing.spec.taints]

    @strawberry.field(description="Its conditions, in their order.")
    def conditions(self) -> list[Condition]:
        """Its conditions."""
        return conditions_of(self.thing.status.conditions)

    @strawberry.field(description="What it has, as quantities by resource.")
    def capacity(self) -> list[Pair]:
        """What it has."""
        return pairs(self.thing.status.capacity)

    @strawberry.field(description="What it gives to pods, as quantities by resource.")
    def allocatable(self) -> list[Pair]:
        """What it gives to pods."""
        return pairs(self.thing.status.allocatable)

    @listed(
        Annotated["Pod", strawberry.lazy("foretell.api.graphql.pods")],
        "The pods that are bound to it, or wait for it alone.",
    )
    def pods(
        self, namespace: selecting.Namespace = None, label_selector: selecting.Labels = None
    ) -> Sequence[ModelPod]:
        """Its pods."""
        return selecting.chosen(
            self.snapshot.cluster.pods_on(self.name),
            selecting.in_namespace(namespace),
            selecting.labelled(label_selector),
        )

    @strawberry.field(
        description="The daemon pods that should be on it, each with the rules' reasons.",
        **paged(guard(Role.PLANNER, weight=SOLVE)),
    )
    async def desired_pods(self, info: Info, paging: Paging) -> Connection[DesiredPod]:
        """The daemon pods that should be on it."""
        return await desired_page(info, self.snapshot, paging, node=self.name)

    @strawberry.field(
        description="The DaemonSets that leave it out, each with every reason: why there is no pod.",
        **paged(guard(Role.PLANNER, weight=SOLVE)),
    )
    async def left_out(self, info: Info, paging: Paging) -> Connection[LeftOut]:
        """The DaemonSets that leave it out."""
        return await left_out_page(info, self.snapshot, paging, node=self.name)


@shows(Node)
def node_of(snapshot: Snapshot, node: Node) -> ClusterNode:
    """A node in GraphQL."""
    return ClusterNode(
        snapshot=snapshot,
        thing=node,
        name=node.name,
        namespace=None,
        ready=node.condition("Ready") == "True",
        unschedulable=node.spec.unschedulable,
    )
