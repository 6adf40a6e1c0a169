"""Disruption budgets in GraphQL, and the ways between them and the pods that they cover."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import strawberry

from foretell.api.graphql import selecting
from foretell.api.graphql.lists import listed
from foretell.api.graphql.objects import KubernetesObject, Pair, pairs, shows
from foretell.api.service.snapshots import Snapshot
from foretell.api.telling.label_selector import selects
from foretell.model.objects import Pod as ModelPod
from foretell.model.objects import PodDisruptionBudget

if TYPE_CHECKING:
    from foretell.api.graphql.pods import Pod


@strawberry.type(
    name="PodDisruptionBudget", description="A promise to keep pods available through evictions."
)
class Budget(KubernetesObject):
    """A disruption budget."""

    thing: strawberry.Private[PodDisruptionBudget]
    allowed_disruptions: int = strawberry.field(
        description="How many healthy pods may be evicted now, as was last counted."
    )
    current_healthy: int = strawberry.field(description="How many of its pods were last counted as healthy.")
    desired_healthy: int = strawberry.field(description="How many of its pods have to be healthy.")
    expected_pods: int = strawberry.field(description="How many pods it was last counted to be about.")

    @strawberry.field(description="Whether it allows no disruption: evictions of healthy pods are refused.")
    def blocks(self) -> bool:
        """Whether it allows none."""
        return self.thing.status.disruptions_allowed <= 0

    @strawberry.field(description="How many pods have to stay: a number or a percentage; null if not said.")
    def min_available(self) -> str | None:
        """`spec.minAvailable`."""
        bound = self.thing.spec.min_available
        return None if bound is None else str(bound)

    @strawberry.field(description="How many pods may lack: a number or a percentage; null if not said.")
    def max_unavailable(self) -> str | None:
        """`spec.maxUnavailable`."""
        bound = self.thing.spec.max_unavailable
        return None if bound is None else str(bound)

    @strawberry.field(
        description="Whether pods that aren't ready may be evicted: `IfHealthyBudget` or `AlwaysAllow`."
    )
    def unhealthy_pod_eviction_policy(self) -> str:
        """`spec.unhealthyPodEvictionPolicy`."""
        return self.thing.spec.unhealthy_pod_eviction_policy or "IfHealthyBudget"

    @strawberry.field(
        description="The labels by which it finds its pods; expressions are in the manifest alone."
    )
    def match_labels(self) -> list[Pair]:
        """Its selector's labels."""
        selector = self.thing.spec.selector
        return [] if selector is None else pairs(selector.match_labels)

    @listed(Annotated["Pod", strawberry.lazy("foretell.api.graphql.pods")], "The pods that it covers.")
    def pods(
        self, label_selector: selecting.Labels = None, field_selector: selecting.Fields = None
    ) -> Sequence[ModelPod]:
        """Its pods."""
        return selecting.chosen(
            [pod for pod in self.snapshot.cluster.pods if covers(self.thing, pod)],
            selecting.labelled(label_selector),
            selecting.with_fields(field_selector, "Pod"),
        )


def covers(budget: PodDisruptionBudget, pod: ModelPod) -> bool:
    """Whether a budget is about a pod; one without a selector is about none."""
    selector = budget.spec.selector
    return selector is not None and pod.namespace == budget.namespace and selects(selector, pod.labels)


@shows(PodDisruptionBudget)
def budget_of(snapshot: Snapshot, budget: PodDisruptionBudget) -> Budget:
    """A disruption budget in GraphQL."""
    status = budget.status
    return Budget(
        snapshot=snapshot,
        thing=budget,
        name=budget.name,
        namespace=budget.namespace,
        allowed_disruptions=status.disruptions_allowed,
        current_healthy=status.current_healthy,
        desired_healthy=status.desired_healthy,
        expected_pods=status.expected_pods,
    )
