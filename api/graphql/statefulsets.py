"""StatefulSets in GraphQL, and the ways from them to their service and claims."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import strawberry

from foretell.api.graphql.claims import Claim, claims_of
from foretell.api.graphql.lists import listed
from foretell.api.graphql.objects import shows
from foretell.api.graphql.workloads import Workload
from foretell.api.service.snapshots import Snapshot
from foretell.model.objects import PersistentVolumeClaim, Service, StatefulSet

if TYPE_CHECKING:
    from foretell.api.graphql.services import ServiceObject


@strawberry.type(name="StatefulSet", description="Pods with stable ordinals, names and claims.")
class StatefulSetObject(Workload):
    """A StatefulSet."""

    thing: strawberry.Private[StatefulSet]

    @strawberry.field(description="How many replicas are asked for; the same as `desired`.")
    def replicas(self) -> int:
        """`spec.replicas`."""
        return 1 if self.thing.spec.replicas is None else self.thing.spec.replicas

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

    @listed(Claim, "The claims that were made from its claim templates.")
    def claims(self) -> Sequence[PersistentVolumeClaim]:
        """Its claims."""
        return [claim for claim in self.snapshot.cluster.claims if claims_of(self.thing, claim)]


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
