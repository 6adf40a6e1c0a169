"""Workloads in GraphQL: the interface of all that makes pods, by itself or through others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import strawberry

from foretell.api.access.roles import Role
from foretell.api.graphql import selecting
from foretell.api.graphql.access import SOLVE, guard
from foretell.api.graphql.context import Info
from foretell.api.graphql.desired import DesiredPod, desired_page
from foretell.api.graphql.diffs import Divergences, diff_page
from foretell.api.graphql.lists import listed, paged
from foretell.api.graphql.objects import (
    Condition,
    KubernetesObject,
    Pair,
    conditions_of,
    pairs,
    wrapped,
)
from foretell.api.graphql.paging import Connection, Paging
from foretell.api.graphql.pod_parts import PodPhase
from foretell.api.graphql.pods import Pod
from foretell.api.graphql.revisions import Revision
from foretell.api.service.snapshots import Snapshot
from foretell.model.belonging import pods_of
from foretell.model.diff import Difference
from foretell.model.meta import Object
from foretell.model.objects import ControllerRevision, CronJob, Deployment
from foretell.model.objects import Pod as ModelPod
from foretell.model.objects import Workload as ModelWorkload
from foretell.model.pods import PodTemplate
from foretell.model.selectors import LabelSelector

ROLLING = "RollingUpdate"


def template_of(workload: ModelWorkload) -> PodTemplate:
    """What a workload's pods are stamped from."""
    return (
        workload.spec.job_template.spec.template if isinstance(workload, CronJob) else workload.spec.template
    )


def _selector(workload: ModelWorkload) -> LabelSelector | None:
    return None if isinstance(workload, CronJob) else workload.spec.selector


@strawberry.interface(
    description="What makes pods, by itself or through others; numbers that its kind doesn't have are null."
)
class Workload(KubernetesObject):
    """A workload."""

    thing: strawberry.Private[ModelWorkload]
    desired: int | None = strawberry.field(
        description="How many pods its controller last said that it wants; null of Jobs and CronJobs, whose "
        "pods come and end."
    )
    ready: int | None = strawberry.field(
        description="How many of them it last said are ready; null of CronJobs."
    )
    updated: int | None = strawberry.field(
        description="How many of them it last said are of the newest template; null where there is just one."
    )
    available: int | None = strawberry.field(
        description="How many of them it last said are available; null of Jobs and CronJobs."
    )

    @strawberry.field(description="The generation that its controller last looked at; null of Jobs.")
    def observed_generation(self) -> int | None:
        """The generation that was observed."""
        return getattr(self.thing.status, "observed_generation", None)

    @strawberry.field(
        description="The labels by which it finds its pods; expressions are in the manifest alone."
    )
    def match_labels(self) -> list[Pair]:
        """Its selector's labels."""
        selector = _selector(self.thing)
        return [] if selector is None else pairs(selector.match_labels)

    @strawberry.field(description="The images of its template's containers, in their order.")
    def images(self) -> list[str]:
        """The images of its template."""
        return [container.image for container in template_of(self.thing).spec.containers]

    @strawberry.field(
        description="How pods of old templates are replaced: `RollingUpdate`, `OnDelete` or `Recreate`; null "
        "where they aren't."
    )
    def update_strategy(self) -> str | None:
        """How it rolls out."""
        if isinstance(self.thing, Deployment):
            return self.thing.spec.strategy.type or ROLLING
        strategy = getattr(self.thing.spec, "update_strategy", None)
        return None if strategy is None else strategy.type or ROLLING

    @strawberry.field(
        description="For how many seconds a pod has to be ready to count as available; null of Jobs."
    )
    def min_ready_seconds(self) -> int | None:
        """`spec.minReadySeconds`."""
        return getattr(self.thing.spec, "min_ready_seconds", None)

    @strawberry.field(description="What its controller says of it, in its order.")
    def conditions(self) -> list[Condition]:
        """Its conditions."""
        return conditions_of(getattr(self.thing.status, "conditions", ()))

    @listed(Pod, "The pods that it controls, itself or through its ReplicaSets or Jobs.")
    def pods(
        self,
        label_selector: selecting.Labels = None,
        field_selector: selecting.Fields = None,
        phase: Annotated[PodPhase | None, strawberry.argument(description="Only pods in this phase.")] = None,
    ) -> Sequence[ModelPod]:
        """Its pods."""
        return selecting.chosen(
            pods_of(self.snapshot.cluster, self.thing),
            selecting.labelled(label_selector),
            selecting.with_fields(field_selector, "Pod"),
            selecting.in_phase(phase and phase.value),
        )

    @listed(
        Revision,
        "The templates that it remembers, in the order of names; none but of DaemonSets and StatefulSets.",
    )
    def revisions(self) -> Sequence[ControllerRevision]:
        """Its revisions."""
        owned = self.snapshot.cluster.owned_by(self.thing.metadata.uid)
        return [thing for thing in owned if isinstance(thing, ControllerRevision)]

    @strawberry.field(
        description="The pods that it should have, each with the rules' reasons; none where they are all "
        "alike.",
        **paged(guard(Role.PLANNER, weight=SOLVE)),
    )
    async def desired_pods(self, info: Info, paging: Paging) -> Connection[DesiredPod]:
        """The pods that it should have."""
        return await desired_page(info, self.snapshot, paging, workload=self.thing.key)

    @strawberry.field(
        description="How its pods differ from what it should have.",
        **paged(guard(Role.PLANNER, weight=SOLVE)),
    )
    async def diff(
        self,
        info: Info,
        paging: Paging,
        only: Annotated[
            list[Difference] | None, strawberry.argument(description="Only differences of these sorts.")
        ] = None,
    ) -> Divergences:
        """How its pods differ from what it should have."""
        return await diff_page(info, self.snapshot, paging, only=only, workload=self.thing.key)


def workload_of(snapshot: Snapshot, thing: Object | None) -> Workload | None:
    """A workload in GraphQL; None for what isn't one."""
    found = None if thing is None else wrapped(snapshot, thing)
    return found if isinstance(found, Workload) else None
