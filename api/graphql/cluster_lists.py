"""The objects of a cluster in GraphQL, workloads aside: lists of each kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import strawberry

from foretell.api.graphql import selecting
from foretell.api.graphql.budgets import Budget
from foretell.api.graphql.claims import Claim
from foretell.api.graphql.lists import listed
from foretell.api.graphql.nodes import ClusterNode
from foretell.api.graphql.pod_parts import PodPhase
from foretell.api.graphql.pods import Pod
from foretell.api.graphql.revisions import Revision
from foretell.api.graphql.services import ServiceObject
from foretell.api.service.snapshots import Snapshot
from foretell.model.meta import Object
from foretell.model.objects import Service

Phase = Annotated[PodPhase | None, strawberry.argument(description="Only pods in this phase.")]
ClaimPhase = Annotated[
    str | None, strawberry.argument(description="Only claims in this phase, such as `Bound`.")
]
Blocking = Annotated[
    bool | None,
    strawberry.argument(description="Only budgets that allow no disruption, or (false) only others."),
]


@strawberry.type(description="The objects of a cluster, workloads aside.")
class ClusterLists:
    """The part of a cluster that lists its objects."""

    snapshot: strawberry.Private[Snapshot]

    @listed(ClusterNode, "The nodes, by name.")
    def nodes(
        self, label_selector: selecting.Labels = None, field_selector: selecting.Fields = None
    ) -> Sequence[Object]:
        """The nodes."""
        return selecting.chosen(
            self.snapshot.cluster.nodes,
            selecting.labelled(label_selector),
            selecting.with_fields(field_selector, "Node"),
        )

    @listed(Pod, "The pods, by namespace and name.")
    def pods(
        self,
        namespace: selecting.Namespace = None,
        label_selector: selecting.Labels = None,
        field_selector: selecting.Fields = None,
        owner: selecting.Owner = None,
        node: selecting.OnNode = None,
        phase: Phase = None,
    ) -> Sequence[Object]:
        """The pods."""
        cluster = self.snapshot.cluster
        return selecting.chosen(
            cluster.pods if node is None else cluster.pods_on(node),
            selecting.in_namespace(namespace),
            selecting.in_phase(phase and phase.value),
            selecting.controlled_by(owner),
            selecting.labelled(label_selector),
            selecting.with_fields(field_selector, "Pod"),
        )

    @listed(Claim, "The claims to storage, by namespace and name.")
    def claims(
        self,
        namespace: selecting.Namespace = None,
        label_selector: selecting.Labels = None,
        field_selector: selecting.Fields = None,
        phase: ClaimPhase = None,
    ) -> Sequence[Object]:
        """The claims."""
        return selecting.chosen(
            self.snapshot.cluster.claims,
            selecting.in_namespace(namespace),
            selecting.in_phase(phase),
            selecting.labelled(label_selector),
            selecting.with_fields(field_selector, "PersistentVolumeClaim"),
        )

    @listed(Revision, "The templates that workloads remember, by namespace and name.")
    def revisions(
        self,
        namespace: selecting.Namespace = None,
        label_selector: selecting.Labels = None,
        field_selector: selecting.Fields = None,
        owner: selecting.Owner = None,
    ) -> Sequence[Object]:
        """The ControllerRevisions."""
        return selecting.chosen(
            self.snapshot.cluster.revisions,
            selecting.in_namespace(namespace),
            selecting.controlled_by(owner),
            selecting.labelled(label_selector),
            selecting.with_fields(field_selector, "ControllerRevision"),
        )

    @listed(ServiceObject, "The services, by namespace and name.")
    def services(
        self,
        namespace: selecting.Namespace = None,
        label_selector: selecting.Labels = None,
        field_selector: selecting.Fields = None,
    ) -> Sequence[Object]:
        """The services."""
        return selecting.chosen(
            self.snapshot.cluster.all(Service),
            selecting.in_namespace(namespace),
            selecting.labelled(label_selector),
            selecting.with_fields(field_selector, "Service"),
        )

    @listed(Budget, "The disruption budgets, by namespace and name.")
    def budgets(
        self,
        namespace: selecting.Namespace = None,
        label_selector: selecting.Labels = None,
        field_selector: selecting.Fields = None,
        blocking: Blocking = None,
    ) -> Sequence[Object]:
        """The budgets."""
        budgets = self.snapshot.cluster.budgets
        return selecting.chosen(
            [b for b in budgets if blocking is None or (b.status.disruptions_allowed <= 0) is blocking],
            selecting.in_namespace(namespace),
            selecting.labelled(label_selector),
            selecting.with_fields(field_selector, "PodDisruptionBudget"),
        )
