"""Services in GraphQL, and the pods that they select; and objects that Foretell doesn't look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import strawberry

from foretell.api.graphql.lists import listed
from foretell.api.graphql.objects import KubernetesObject, Pair, pairs, shows
from foretell.api.service.snapshots import Snapshot
from foretell.model.meta import Object
from foretell.model.objects import Other, PersistentVolume, Service, StorageClass
from foretell.model.objects import Pod as ModelPod

if TYPE_CHECKING:
    from foretell.api.graphql.pods import Pod
    from foretell.api.graphql.statefulsets import StatefulSetObject


@strawberry.type(name="Service", description="A name for pods.")
class ServiceObject(KubernetesObject):
    """A service."""

    thing: strawberry.Private[Service]
    headless: bool = strawberry.field(
        description="Whether it has no address of its own, only its pods' names."
    )

    @strawberry.field(
        name="clusterIP", description="Its address; `None` for a headless one, null where it isn't known."
    )
    def cluster_ip(self) -> str | None:
        """Its address."""
        return self.thing.spec.cluster_ip or None

    @strawberry.field(description="The labels that it selects pods by.")
    def selector(self) -> list[Pair]:
        """Its selector."""
        return pairs(self.thing.spec.selector)

    @listed(Annotated["Pod", strawberry.lazy("foretell.api.graphql.pods")], "The pods that it selects.")
    def pods(self) -> Sequence[ModelPod]:
        """Its pods."""
        return [pod for pod in self.snapshot.cluster.pods if selects(self.thing, pod)]

    @strawberry.field(
        description="The StatefulSets that give their pods names under it, in the order of names."
    )
    def stateful_sets(
        self,
    ) -> list[Annotated[StatefulSetObject, strawberry.lazy("foretell.api.graphql.statefulsets")]]:
        """The StatefulSets that it governs."""
        from foretell.api.graphql.statefulsets import statefulset_of

        found = (
            s
            for s in self.snapshot.cluster.statefulsets
            if (s.namespace, s.spec.service_name) == (self.thing.namespace, self.thing.name)
        )
        return [statefulset_of(self.snapshot, statefulset) for statefulset in found]


def selects(service: Service, pod: ModelPod) -> bool:
    """Whether a service selects a pod; one without a selector selects none."""
    wanted = service.spec.selector
    return (
        bool(wanted)
        and pod.namespace == service.namespace
        and all(pod.labels.get(key) == value for key, value in wanted.items())
    )


@shows(Service)
def service_of(snapshot: Snapshot, service: Service) -> ServiceObject:
    """A service in GraphQL."""
    return ServiceObject(
        snapshot=snapshot,
        thing=service,
        name=service.name,
        namespace=service.namespace,
        headless=service.spec.cluster_ip == "None",
    )


@strawberry.type(description="An object of a kind that has no type of its own here.")
class OtherObject(KubernetesObject):
    """Any other object."""


@shows(Other)
@shows(PersistentVolume)
@shows(StorageClass)
def other_of(snapshot: Snapshot, thing: Object) -> OtherObject:
    """Any other object in GraphQL."""
    return OtherObject(snapshot=snapshot, thing=thing, name=thing.name, namespace=thing.namespace or None)
