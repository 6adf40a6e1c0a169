"""Workloads in GraphQL: an interface, and a type for each kind whose controller is forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from foretell.api.access.roles import Role
from foretell.api.graphql import selecting
from foretell.api.graphql.access import SOLVE, guard
from foretell.api.graphql.claims import Claim, claim_of, claims_of
from foretell.api.graphql.context import Info
from foretell.api.graphql.desired import DesiredPod, LeftOut, desired_page, left_out_page
from foretell.api.graphql.diffs import Divergences, diff_page
from foretell.api.graphql.objects import KubernetesObject, Pair, pairs, shows
from foretell.api.graphql.paging import After, Before, Connection, First, Last, Paging, page
from foretell.api.graphql.pods import Pod, PodPhase, pod_of
from foretell.api.graphql.revisions import Revision, revision_of
from foretell.api.service.snapshots import Snapshot
from foretell.model.diff import Difference
from foretell.model.objects import ControllerRevision, DaemonSet, Service, StatefulSet
from foretell.model.objects import Revisioned as ModelWorkload

if TYPE_CHECKING:
    from foretell.api.graphql.services import ServiceObject


@strawberry.interface(description="What has its pods made and replaced by a controller.")
class Workload(KubernetesObject):
    """A workload."""

    thing: strawberry.Private[ModelWorkload]
    desired: int = strawberry.field(description="How many pods its controller last said that it wants.")
    ready: int = strawberry.field(description="How many of them it last said are ready.")
    updated: int = strawberry.field(description="How many of them it last said are of the newest template.")
    available: int = strawberry.field(description="How many of them it last said are available.")

    @strawberry.field(description="The generation that its controller last looked at.")
    def observed_generation(self) -> int:
        """The generation that was observed."""
        return self.thing.status.observed_generation

    @strawberry.field(
        description="The labels by which it finds its pods; expressions are in the manifest alone."
    )
    def match_labels(self) -> list[Pair]:
        """Its selector's labels."""
        selector = self.thing.spec.selector
        return [] if selector is None else pairs(selector.match_labels)

    @strawberry.field(description="The images of its template's containers, in their order.")
    def images(self) -> list[str]:
        """The images of its template."""
        return [container.image for container in self.thing.spec.template.spec.containers]

    @strawberry.field(description="How pods of old templates are replaced: `RollingUpdate` or `OnDelete`.")
    def update_strategy(self) -> str:
        """How it rolls out."""
        return self.thing.spec.update_strategy.type or "RollingUpdate"

    @strawberry.field(description="For how many seconds a pod has to be ready to count as available.")
    def min_ready_seconds(self) -> int:
        """`spec.minReadySeconds`."""
        return self.thing.spec.min_ready_seconds

    @strawberry.field(description="The pods that it controls.")
    def pods(
        self,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        label_selector: selecting.Labels = None,
        field_selector: selecting.Fields = None,
        phase: Annotated[PodPhase | None, strawberry.argument(description="Only pods in this phase.")] = None,
    ) -> Connection[Pod]:
        """Its pods."""
        pods = selecting.chosen(
            [pod for _, pod in self.snapshot.cluster.owned_pods(self.thing.metadata.uid)],
            selecting.labelled(label_selector),
            selecting.with_fields(field_selector, "Pod"),
            selecting.in_phase(phase and phase.value),
        )
        return page(self.snapshot, pods, Paging(first, after, last, before), pod_of)

    @strawberry.field(description="The templates that it remembers, in the order of names.")
    def revisions(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Revision]:
        """Its revisions."""
        owned = self.snapshot.cluster.owned_by(self.thing.metadata.uid)
        revisions = [thing for thing in owned if isinstance(thing, ControllerRevision)]
        return page(self.snapshot, revisions, Paging(first, after, last, before), revision_of)

    @strawberry.field(
        description="The pods that it should have, each with the rules' reasons.",
        **guard(Role.PLANNER, weight=SOLVE),
    )
    async def desired_pods(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[DesiredPod]:
        """The pods that it should have."""
        paging = Paging(first, after, last, before)
        return await desired_page(info, self.snapshot, paging, workload=self.thing.key)

    @strawberry.field(
        description="How its pods differ from what it should have.", **guard(Role.PLANNER, weight=SOLVE)
    )
    async def diff(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        only: Annotated[
            list[Difference] | None, strawberry.argument(description="Only differences of these sorts.")
        ] = None,
    ) -> Divergences:
        """How its pods differ from what it should have."""
        paging = Paging(first, after, last, before)
        return await diff_page(info, self.snapshot, paging, only=only, workload=self.thing.key)


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
        **guard(Role.PLANNER, weight=SOLVE),
    )
    async def left_out(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[LeftOut]:
        """The nodes that it leaves out."""
        paging = Paging(first, after, last, before)
        return await left_out_page(info, self.snapshot, paging, workload=self.thing.key)


@strawberry.type(name="StatefulSet", description="Pods with stable ordinals, names and claims.")
class StatefulSetObject(Workload):
    """A StatefulSet."""

    thing: strawberry.Private[StatefulSet]

    @strawberry.field(description="How many replicas are asked for; the same as `desired`.")
    def replicas(self) -> int:
        """`spec.replicas`."""
        return self.desired

    @strawberry.field(description="How many pods it last said there are.")
    def current_pods(self) -> int:
        """`status.replicas`."""
        return self.thing.status.replicas

    @strawberry.field(description="The revision that its pods had before the roll-out at hand; may be empty.")
    def current_revision(self) -> str:
        """`status.currentRevision`."""
        return self.thing.status.current_revision

    @strawberry.field(description="The revision of its newest template; may be empty.")
    def update_revision(self) -> str:
        """`status.updateRevision`."""
        return self.thing.status.update_revision

    @strawberry.field(description="Whether its pods are made one by one: `OrderedReady` or `Parallel`.")
    def pod_management_policy(self) -> str:
        """`spec.podManagementPolicy`."""
        return self.thing.spec.pod_management_policy or "OrderedReady"

    @strawberry.field(description="The ordinal from which on a roll-out goes.")
    def partition(self) -> int:
        """`spec.updateStrategy.rollingUpdate.partition`."""
        rolling = self.thing.spec.update_strategy.rolling_update
        return 0 if rolling is None else rolling.partition or 0

    @strawberry.field(description="The first ordinal.")
    def start(self) -> int:
        """`spec.ordinals.start`."""
        return self.thing.spec.ordinals.start if self.thing.spec.ordinals else 0

    @strawberry.field(description="The service under which its pods have names, if it is there.")
    def service(self) -> Annotated[ServiceObject, strawberry.lazy("foretell.api.graphql.services")] | None:
        """Its service."""
        from foretell.api.graphql.services import service_of

        found = self.snapshot.cluster.find(Service, self.thing.spec.service_name, self.thing.namespace)
        return None if found is None else service_of(self.snapshot, found)

    @strawberry.field(description="The claims that were made from its claim templates.")
    def claims(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Claim]:
        """Its claims."""
        claims = [claim for claim in self.snapshot.cluster.claims if claims_of(self.thing, claim)]
        return page(self.snapshot, claims, Paging(first, after, last, before), claim_of)


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


@shows(StatefulSet)
def statefulset_of(snapshot: Snapshot, statefulset: StatefulSet) -> StatefulSetObject:
    """A StatefulSet in GraphQL."""
    status = statefulset.status
    replicas = statefulset.spec.replicas
    return StatefulSetObject(
        snapshot=snapshot,
        thing=statefulset,
        name=statefulset.name,
        namespace=statefulset.namespace,
        desired=1 if replicas is None else replicas,
        ready=status.ready_replicas,
        updated=status.updated_replicas,
        available=status.available_replicas,
    )


def workload_of(snapshot: Snapshot, workload: ModelWorkload) -> Workload:
    """A workload in GraphQL."""
    if isinstance(workload, DaemonSet):
        return daemonset_of(snapshot, workload)
    return statefulset_of(snapshot, workload)
