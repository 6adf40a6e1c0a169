"""The objects of a cluster in GraphQL: lists of each kind, one by its name, and trees."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import strawberry

from foretell.api.graphql import selecting
from foretell.api.graphql.claims import Claim, claim_of
from foretell.api.graphql.enums import closed
from foretell.api.graphql.nodes import ClusterNode, node_of
from foretell.api.graphql.objects import KubernetesObject, wrapped
from foretell.api.graphql.paging import LONGEST_PAGE, After, Before, Connection, First, Last, Paging, page
from foretell.api.graphql.pods import Pod, PodPhase, pod_of
from foretell.api.graphql.revisions import Revision, revision_of
from foretell.api.graphql.services import ServiceObject, service_of
from foretell.api.graphql.workloads import Workload, workload_of
from foretell.api.service.errors import InvalidInputError
from foretell.api.service.snapshots import Snapshot
from foretell.api.telling.kinds import not_found, reference
from foretell.api.telling.ownership import branches, ready_condition
from foretell.model.meta import Key
from foretell.model.objects import CLUSTER_SCOPED, Service

Phase = Annotated[PodPhase | None, strawberry.argument(description="Only pods in this phase.")]
Space = Annotated[str, strawberry.argument(description="The namespace of what is named.")]


@closed(
    "A kind of workloads whose controller is forecast.",
    {"DAEMON_SET": "One pod on every eligible node.", "STATEFUL_SET": "Pods with stable names and claims."},
)
class WorkloadKind(StrEnum):
    """A kind of workloads."""

    DAEMON_SET = "DaemonSet"
    STATEFUL_SET = "StatefulSet"


@strawberry.type(description="A line of a tree of what owns what.")
class Branch:
    """A line of a tree."""

    object: KubernetesObject = strawberry.field(description="The object.")
    depth: int = strawberry.field(description="How deep it is; the root has 0.")
    drawing: str = strawberry.field(description="What is drawn before it, such as `├─`.")
    ready: str | None = strawberry.field(description="The status of its Ready condition, if it has one.")


@strawberry.type(description="The objects of a cluster.")
class ClusterLists:
    """The part of a cluster that lists its objects."""

    snapshot: strawberry.Private[Snapshot]

    @strawberry.field(description="The nodes, by name.")
    def nodes(
        self,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        label_selector: selecting.Labels = None,
        field_selector: selecting.Fields = None,
    ) -> Connection[ClusterNode]:
        """The nodes."""
        nodes = selecting.chosen(
            self.snapshot.cluster.nodes,
            selecting.labelled(label_selector),
            selecting.with_fields(field_selector, "Node"),
        )
        return page(self.snapshot, nodes, Paging(first, after, last, before), node_of)

    @strawberry.field(description="The pods, by namespace and name.")
    def pods(
        self,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        namespace: selecting.Namespace = None,
        label_selector: selecting.Labels = None,
        field_selector: selecting.Fields = None,
        owner: selecting.Owner = None,
        node: selecting.OnNode = None,
        phase: Phase = None,
    ) -> Connection[Pod]:
        """The pods."""
        cluster = self.snapshot.cluster
        pods = selecting.chosen(
            cluster.pods if node is None else cluster.pods_on(node),
            selecting.in_namespace(namespace),
            selecting.in_phase(phase and phase.value),
            selecting.controlled_by(owner),
            selecting.labelled(label_selector),
            selecting.with_fields(field_selector, "Pod"),
        )
        return page(self.snapshot, pods, Paging(first, after, last, before), pod_of)

    @strawberry.field(
        description="The workloads whose controllers are forecast, by kind, namespace and name."
    )
    def workloads(
        self,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        namespace: selecting.Namespace = None,
        label_selector: selecting.Labels = None,
        field_selector: selecting.Fields = None,
        kind: Annotated[
            WorkloadKind | None, strawberry.argument(description="Only workloads of this kind.")
        ] = None,
    ) -> Connection[Workload]:
        """The workloads."""
        kinds = [kind] if kind is not None else list(WorkloadKind)
        workloads = selecting.chosen(
            [w for w in self.snapshot.cluster.revisioned if w.kind in kinds],
            selecting.in_namespace(namespace),
            selecting.labelled(label_selector),
            selecting.with_fields(field_selector, *kinds),
        )
        return page(self.snapshot, workloads, Paging(first, after, last, before), workload_of)

    @strawberry.field(description="The claims to storage, by namespace and name.")
    def claims(
        self,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        namespace: selecting.Namespace = None,
        label_selector: selecting.Labels = None,
        field_selector: selecting.Fields = None,
        phase: Annotated[
            str | None, strawberry.argument(description="Only claims in this phase, such as `Bound`.")
        ] = None,
    ) -> Connection[Claim]:
        """The claims."""
        claims = selecting.chosen(
            self.snapshot.cluster.claims,
            selecting.in_namespace(namespace),
            selecting.in_phase(phase),
            selecting.labelled(label_selector),
            selecting.with_fields(field_selector, "PersistentVolumeClaim"),
        )
        return page(self.snapshot, claims, Paging(first, after, last, before), claim_of)

    @strawberry.field(description="The templates that workloads remember, by namespace and name.")
    def revisions(
        self,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        namespace: selecting.Namespace = None,
        label_selector: selecting.Labels = None,
        field_selector: selecting.Fields = None,
        owner: selecting.Owner = None,
    ) -> Connection[Revision]:
        """The ControllerRevisions."""
        revisions = selecting.chosen(
            self.snapshot.cluster.revisions,
            selecting.in_namespace(namespace),
            selecting.controlled_by(owner),
            selecting.labelled(label_selector),
            selecting.with_fields(field_selector, "ControllerRevision"),
        )
        return page(self.snapshot, revisions, Paging(first, after, last, before), revision_of)

    @strawberry.field(description="The services, by namespace and name.")
    def services(
        self,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        namespace: selecting.Namespace = None,
        label_selector: selecting.Labels = None,
        field_selector: selecting.Fields = None,
    ) -> Connection[ServiceObject]:
        """The services."""
        services = selecting.chosen(
            self.snapshot.cluster.all(Service),
            selecting.in_namespace(namespace),
            selecting.labelled(label_selector),
            selecting.with_fields(field_selector, "Service"),
        )
        return page(self.snapshot, services, Paging(first, after, last, before), service_of)

    @strawberry.field(description="One object; null where there is none of this name.")
    def object(
        self,
        name: Annotated[
            str,
            strawberry.argument(
                description="Kind and name, such as `sts/web`, `pod/web-0` or `node/worker-1`."
            ),
        ],
        namespace: Space = "default",
    ) -> KubernetesObject | None:
        """One object."""
        thing = self.snapshot.cluster.get(key_of(name, namespace, "name"))
        return None if thing is None else wrapped(self.snapshot, thing)

    @strawberry.field(description="An object and what it owns, line by line; at most 1,000 lines.")
    def tree(
        self,
        of: Annotated[
            str,
            strawberry.argument(name="root", description="Kind and name of the object, such as `sts/web`."),
        ],
        namespace: Space = "default",
    ) -> list[Branch]:
        """An object and what it owns."""
        key = key_of(of, namespace, "root")
        thing = self.snapshot.cluster.get(key)
        if thing is None:
            raise not_found(key.kind, key.name)
        lines = zip(range(10 * LONGEST_PAGE), branches(self.snapshot.cluster, thing), strict=False)
        return [
            Branch(
                object=wrapped(self.snapshot, child), depth=len(drawing) // 2, drawing=drawing,
                ready=None if (ready := ready_condition(child)[0]) == "-" else ready,
            )
            for _, (drawing, child) in lines
        ]  # fmt: skip


def key_of(text: str, namespace: str, argument: str) -> Key:
    """The key of an object such as `sts/web`; raises InvalidInputError."""
    try:
        kind, name = reference(text)
    except ValueError as error:
        raise InvalidInputError(str(error), argument) from None
    return Key(kind, "" if kind in CLUSTER_SCOPED else namespace, name)
