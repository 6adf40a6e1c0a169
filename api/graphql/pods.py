"""Pods in GraphQL, and the ways from them to their node, owner, revision, claims and services."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from foretell.api.graphql.nodes import ClusterNode, node_of
from foretell.api.graphql.objects import Condition, KubernetesObject, conditions_of, moment, owner_of, shows
from foretell.api.graphql.pod_parts import Container, Toleration, container_of, toleration_of
from foretell.api.service.snapshots import Snapshot
from foretell.logic.finding import ordinal_of
from foretell.logic.requeue import sentence_of
from foretell.logic.templates import HASH_LABEL
from foretell.model.objects import (
    ControllerRevision,
    DaemonSet,
    Node,
    PersistentVolumeClaim,
    Service,
    StatefulSet,
)
from foretell.model.objects import (
    Pod as ModelPod,
)

if TYPE_CHECKING:
    from foretell.api.graphql.budgets import Budget
    from foretell.api.graphql.claims import Claim
    from foretell.api.graphql.revisions import Revision
    from foretell.api.graphql.services import ServiceObject
    from foretell.api.graphql.workloads import Workload

TEMPLATE_LABEL = "pod-template-hash"
"""Where pods of ReplicaSets bear what those of other workloads bear under HASH_LABEL."""


@strawberry.type(description="A pod.")
class Pod(KubernetesObject):
    """A pod."""

    thing: strawberry.Private[ModelPod]
    phase: str = strawberry.field(description="`status.phase`; `Pending` where it says nothing.")
    ready: bool = strawberry.field(description="Whether its Ready condition is True.")
    terminating: bool = strawberry.field(description="Whether its deletion was asked for and hasn't ended.")
    node_name: str | None = strawberry.field(
        description="The node that it is bound to, or else waits for alone; null where there is none."
    )

    @strawberry.field(description="Why it is in its phase, in one word; may be empty.")
    def reason(self) -> str:
        """`status.reason`."""
        return self.thing.status.reason

    @strawberry.field(description="When its node began with it.")
    def started_at(self) -> datetime | None:
        """When its node began with it."""
        return moment(self.thing.status.start_time)

    @strawberry.field(description="Whether it is bound to its node.")
    def bound(self) -> bool:
        """Whether it is bound."""
        return bool(self.thing.spec.node_name)

    @strawberry.field(description="What the scheduler said when it found no node; null where it hasn't.")
    def unschedulable(self) -> str | None:
        """The scheduler's sentence."""
        return sentence_of(self.thing) or None

    @strawberry.field(description="The node on which room is made for it; null where none is.")
    def nominated_node_name(self) -> str | None:
        """`status.nominatedNodeName`."""
        return self.thing.status.nominated_node_name or None

    @strawberry.field(description="The gates that keep the scheduler from looking at it, by name.")
    def scheduling_gates(self) -> list[str]:
        """Its scheduling gates."""
        return [gate.name for gate in self.thing.spec.scheduling_gates]

    @strawberry.field(description="Its ordinal in its StatefulSet; null for other pods.")
    def ordinal(self) -> int | None:
        """Its ordinal."""
        owner = self.thing.metadata.controller
        return (
            ordinal_of(self.thing, owner.name) if owner is not None and owner.kind == "StatefulSet" else None
        )

    @strawberry.field(description="The name in DNS that is its own for good; null where it has none.")
    def dns_name(self) -> str | None:
        """Its stable name in DNS, in the default domain."""
        spec = self.thing.spec
        if not spec.hostname or not spec.subdomain:
            return None
        return f"{spec.hostname}.{spec.subdomain}.{self.thing.namespace}.svc.cluster.local"

    @strawberry.field(description="Its containers, in their order.")
    def containers(self) -> list[Container]:
        """Its containers."""
        return [container_of(container) for container in self.thing.spec.containers]

    @strawberry.field(description="Its tolerations, in their order.")
    def tolerations(self) -> list[Toleration]:
        """Its tolerations."""
        return [toleration_of(toleration) for toleration in self.thing.spec.tolerations]

    @strawberry.field(description="Its conditions, in their order.")
    def conditions(self) -> list[Condition]:
        """Its conditions."""
        return conditions_of(self.thing.status.conditions)

    @strawberry.field(
        description="The node that it is bound to, or else waits for alone, if that node is there."
    )
    def node(self) -> ClusterNode | None:
        """Its node."""
        node = self.snapshot.cluster.find(Node, self.node_name) if self.node_name else None
        return None if node is None else node_of(self.snapshot, node)

    @strawberry.field(
        description="The workload that controls it, if one does: a Deployment's pods are of its ReplicaSets."
    )
    def workload(self) -> Annotated[Workload, strawberry.lazy("foretell.api.graphql.workloads")] | None:
        """Its workload."""
        from foretell.api.graphql.workloads import workload_of

        return workload_of(self.snapshot, owner_of(self.snapshot.cluster, self.thing.metadata.controller))

    @strawberry.field(description="The hash by which it tells its revision; null where it bears none.")
    def revision_hash(self) -> str | None:
        """Its revision label."""
        return self.thing.labels.get(HASH_LABEL) or self.thing.labels.get(TEMPLATE_LABEL)

    @strawberry.field(description="The revision that it was made from, if that is still remembered.")
    def revision(self) -> Annotated[Revision, strawberry.lazy("foretell.api.graphql.revisions")] | None:
        """Its revision."""
        from foretell.api.graphql.revisions import revision_of, revisions_of

        owner = owner_of(self.snapshot.cluster, self.thing.metadata.controller)
        if not isinstance(owner, DaemonSet | StatefulSet):
            return None
        mark = self.thing.labels.get(HASH_LABEL)
        found = (r for label, r in revisions_of(self.snapshot.cluster, owner) if label == mark)
        revision: ControllerRevision | None = next(found, None)
        return None if revision is None else revision_of(self.snapshot, revision)

    @strawberry.field(description="The claims that its volumes refer to, if they are there.")
    def claims(self) -> list[Annotated[Claim, strawberry.lazy("foretell.api.graphql.claims")]]:
        """Its claims."""
        from foretell.api.graphql.claims import claim_of

        cluster = self.snapshot.cluster
        found = (
            cluster.find(PersistentVolumeClaim, name, self.thing.namespace) for name in self.thing.claims
        )
        return [claim_of(self.snapshot, claim) for claim in found if claim is not None]

    @strawberry.field(description="The services that select it, in the order of names.")
    def services(self) -> list[Annotated[ServiceObject, strawberry.lazy("foretell.api.graphql.services")]]:
        """The services that select it."""
        from foretell.api.graphql.services import selects, service_of

        services = self.snapshot.cluster.all(Service)
        return [service_of(self.snapshot, service) for service in services if selects(service, self.thing)]

    @strawberry.field(description="The disruption budgets that cover it, in the order of names.")
    def budgets(self) -> list[Annotated[Budget, strawberry.lazy("foretell.api.graphql.budgets")]]:
        """The budgets that cover it."""
        from foretell.api.graphql.budgets import budget_of, covers

        budgets = self.snapshot.cluster.budgets
        return [budget_of(self.snapshot, budget) for budget in budgets if covers(budget, self.thing)]


@shows(ModelPod)
def pod_of(snapshot: Snapshot, pod: ModelPod) -> Pod:
    """A pod in GraphQL."""
    return Pod(
        snapshot=snapshot,
        thing=pod,
        name=pod.name,
        namespace=pod.namespace,
        phase=pod.phase,
        ready=pod.ready,
        terminating=pod.terminating,
        node_name=pod.spec.node_name or pod.pinned_to or None,
    )
