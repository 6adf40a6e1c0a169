"""Claims to storage in GraphQL, and the ways from them to pods and their StatefulSet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from foretell.api.graphql.objects import KubernetesObject, Pair, pairs, shows
from foretell.api.service.snapshots import Snapshot
from foretell.logic.finding import ordinal_in
from foretell.model.objects import PersistentVolumeClaim, StatefulSet

if TYPE_CHECKING:
    from foretell.api.graphql.pods import Pod
    from foretell.api.graphql.statefulsets import StatefulSetObject


@strawberry.type(name="PersistentVolumeClaim", description="A claim to storage.")
class Claim(KubernetesObject):
    """A claim."""

    thing: strawberry.Private[PersistentVolumeClaim]
    phase: str = strawberry.field(description="`Pending`, `Bound` or `Lost`.")
    terminating: bool = strawberry.field(description="Whether its deletion was asked for and hasn't ended.")

    @strawberry.field(description="The volume that it is bound to; null while there is none.")
    def volume_name(self) -> str | None:
        """Its volume."""
        return self.thing.spec.volume_name or None

    @strawberry.field(description="The storage class that makes its volume; null where none is named.")
    def storage_class_name(self) -> str | None:
        """Its storage class."""
        return self.thing.spec.storage_class_name

    @strawberry.field(description="What it asks for, as quantities by resource.")
    def requests(self) -> list[Pair]:
        """What it asks for."""
        return pairs(self.thing.spec.resources.requests)

    @strawberry.field(description="How its volume may be mounted, such as `ReadWriteOnce`.")
    def access_modes(self) -> list[str]:
        """How its volume may be mounted."""
        return list(self.thing.spec.access_modes)

    @strawberry.field(description="The pods whose volumes refer to it, in the order of names.")
    def pods(self) -> list[Annotated[Pod, strawberry.lazy("foretell.api.graphql.pods")]]:
        """The pods that use it."""
        from foretell.api.graphql.pods import pod_of

        cluster, claim = self.snapshot.cluster, self.thing
        pods = (p for p in cluster.pods if p.namespace == claim.namespace and claim.name in p.claims)
        return [pod_of(self.snapshot, pod) for pod in pods]

    @strawberry.field(
        description="The StatefulSet whose claim template it was made from, by its name, if it is there."
    )
    def workload(
        self,
    ) -> Annotated[StatefulSetObject, strawberry.lazy("foretell.api.graphql.statefulsets")] | None:
        """The StatefulSet that it belongs to."""
        from foretell.api.graphql.statefulsets import statefulset_of

        cluster = self.snapshot.cluster
        found = (s for s in cluster.statefulsets if claims_of(s, self.thing))
        return next((statefulset_of(self.snapshot, statefulset) for statefulset in found), None)


def claims_of(statefulset: StatefulSet, claim: PersistentVolumeClaim) -> bool:
    """Whether a claim was made, by its name, from one of a StatefulSet's templates."""
    stems = (f"{template.name}-{statefulset.name}" for template in statefulset.spec.volume_claim_templates)
    return claim.namespace == statefulset.namespace and any(
        ordinal_in(claim.name, stem) is not None for stem in stems
    )


@shows(PersistentVolumeClaim)
def claim_of(snapshot: Snapshot, claim: PersistentVolumeClaim) -> Claim:
    """A claim in GraphQL."""
    return Claim(
        snapshot=snapshot,
        thing=claim,
        name=claim.name,
        namespace=claim.namespace,
        phase=claim.phase,
        terminating=claim.terminating,
    )
