"""Deployments and ReplicaSets in GraphQL, and the ways between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import strawberry

from foretell.api.graphql.lists import listed
from foretell.api.graphql.objects import owner_of, shows
from foretell.api.graphql.pods import TEMPLATE_LABEL
from foretell.api.graphql.workloads import Workload
from foretell.api.service.snapshots import Snapshot
from foretell.api.telling.progress import rollout_status
from foretell.model.belonging import replicasets_of
from foretell.model.meta import Object
from foretell.model.objects import Deployment, ReplicaSet

_NUMBER = "deployment.kubernetes.io/revision"


def _revision(thing: Object) -> int | None:
    """The number that the Deployment controller has noted; None where it hasn't, or it can't be read."""
    text = thing.metadata.annotations.get(_NUMBER, "")
    return int(text) if text.isascii() and text.isdigit() and int(text) < 2**31 else None


def _text(bound: int | str | None) -> str | None:
    return None if bound is None else str(bound)


@strawberry.interface(description="Pods that are all alike.")
class Replicated(Workload):
    """What Deployments and ReplicaSets have in common."""

    thing: strawberry.Private[Deployment | ReplicaSet]

    @strawberry.field(description="How many replicas are asked for; the same as `desired`.")
    def replicas(self) -> int:
        """`spec.replicas`."""
        return 1 if self.thing.spec.replicas is None else self.thing.spec.replicas

    @strawberry.field(description="How many pods its controller last said there are.")
    def current_pods(self) -> int:
        """`status.replicas`."""
        return self.thing.status.replicas

    @strawberry.field(
        description="How many pods its controller last said are terminating; null where it doesn't say."
    )
    def terminating_pods(self) -> int | None:
        """`status.terminatingReplicas`."""
        return self.thing.status.terminating_replicas

    @strawberry.field(
        description="The number of its newest template, as `kubectl rollout history` counts; null where its "
        "controller hasn't noted any."
    )
    def revision_number(self) -> int | None:
        """`deployment.kubernetes.io/revision`."""
        return _revision(self.thing)


@strawberry.type(name="ReplicaSet", description="A number of pods that are all alike.")
class ReplicaSetObject(Replicated):
    """A ReplicaSet."""

    thing: strawberry.Private[ReplicaSet]

    @strawberry.field(description="The hash by which its pods tell their template; null where there is none.")
    def template_hash(self) -> str | None:
        """`pod-template-hash`."""
        return self.thing.labels.get(TEMPLATE_LABEL)

    @strawberry.field(description="The Deployment that has made it, if one has and is there.")
    def deployment(self) -> Annotated[DeploymentObject, strawberry.lazy(__name__)] | None:
        """Its Deployment."""
        owner = owner_of(self.snapshot.cluster, self.thing.metadata.controller)
        return deployment_of(self.snapshot, owner) if isinstance(owner, Deployment) else None


@strawberry.type(
    name="Deployment",
    description="Pods that are all alike, and are replaced bit by bit when their template changes.",
)
class DeploymentObject(Replicated):
    """A Deployment."""

    thing: strawberry.Private[Deployment]

    @strawberry.field(description="Whether its roll-out is held.")
    def paused(self) -> bool:
        """`spec.paused`."""
        return self.thing.spec.paused

    @strawberry.field(description="How many pods may be unavailable in a roll-out: a number or a percentage.")
    def max_unavailable(self) -> str | None:
        """`spec.strategy.rollingUpdate.maxUnavailable`."""
        rolling = self.thing.spec.strategy.rolling_update
        return None if rolling is None else _text(rolling.max_unavailable)

    @strawberry.field(description="How many pods more there may be in a roll-out: a number or a percentage.")
    def max_surge(self) -> str | None:
        """`spec.strategy.rollingUpdate.maxSurge`."""
        rolling = self.thing.spec.strategy.rolling_update
        return None if rolling is None else _text(rolling.max_surge)

    @strawberry.field(
        description="After how many seconds without progress a roll-out counts as failed; null for never."
    )
    def progress_deadline_seconds(self) -> int | None:
        """`spec.progressDeadlineSeconds`."""
        return self.thing.spec.progress_deadline_seconds

    @strawberry.field(description="How many pods its controller last said are unavailable.")
    def unavailable(self) -> int:
        """`status.unavailableReplicas`."""
        return self.thing.status.unavailable_replicas

    @strawberry.field(description="How far its roll-out is, as `kubectl rollout status` says it.")
    def rollout_status(self) -> str:
        """How far its roll-out is."""
        return rollout_status(self.thing)

    @listed(ReplicaSetObject, "The ReplicaSets that it has made, one for each template, by name.")
    def replica_sets(self) -> Sequence[ReplicaSet]:
        """Its ReplicaSets."""
        return replicasets_of(self.snapshot.cluster, self.thing)


@shows(Deployment)
def deployment_of(snapshot: Snapshot, deployment: Deployment) -> DeploymentObject:
    """A Deployment in GraphQL."""
    status, replicas = deployment.status, deployment.spec.replicas
    return DeploymentObject(
        snapshot=snapshot,
        thing=deployment,
        name=deployment.name,
        namespace=deployment.namespace,
        desired=1 if replicas is None else replicas,
        ready=status.ready_replicas,
        updated=status.updated_replicas,
        available=status.available_replicas,
    )


@shows(ReplicaSet)
def replicaset_of(snapshot: Snapshot, replicaset: ReplicaSet) -> ReplicaSetObject:
    """A ReplicaSet in GraphQL."""
    status, replicas = replicaset.status, replicaset.spec.replicas
    return ReplicaSetObject(
        snapshot=snapshot,
        thing=replicaset,
        name=replicaset.name,
        namespace=replicaset.namespace,
        desired=1 if replicas is None else replicas,
        ready=status.ready_replicas,
        updated=None,
        available=status.available_replicas,
    )
