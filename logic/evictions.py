"""The eviction API: whether pods may go, in the server's words, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from foretell.logic import vocabulary as v
from foretell.logic.covering import NAMESPACE, Anchored, label_facts, namespaced_selector, seen_labels
from foretell.logic.deletion import Edit, deleted, disrupted
from foretell.logic.disruption import ALLOWED, SYNC_FAILED, sufficiency, with_condition
from foretell.logic.shapes import Shapes, clamped
from foretell.logic.solve import solve
from foretell.logic.vocabulary import Term
from foretell.model.clock import timestamp
from foretell.model.cluster import Cluster
from foretell.model.forecast import EvictionAnswer
from foretell.model.meta import Key
from foretell.model.objects import Pod, PodDisruptionBudget

replace = msgspec.structs.replace
TOO_MANY = 429
"""The code of a refusal that may be asked again for; any other stands."""
_EVICTED = 201
_TARGETED = ("EvictionByEvictionAPI", "Eviction API: evicting")
_VIOLATES = "Cannot evict pod as it would violate the pod's disruption budget."
_FORBIDDEN = 'poddisruptionbudget.policy "{name}" is forbidden: '
_ANSWERS = {
    "several_budgets": (
        500,
        "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
    ),
    "unprocessed": (
        TOO_MANY,
        f"{_VIOLATES} The disruption budget {{name}} is still being processed by the server.",
    ),
    "negative": (403, f"{_FORBIDDEN}pdb disruptions allowed is negative"),
    "unconfirmed": (
        403,
        f"{_FORBIDDEN}DisruptedPods map too big - too many evictions not confirmed by PDB controller",
    ),
    "sync_failed": (
        TOO_MANY,
        (
            f"{_VIOLATES} The disruption budget {{name}} does not allow evicting pods currently "
            "because it failed sync: {failure}"
        ),
    ),
    "too_few_healthy": (
        TOO_MANY,
        (
            f"{_VIOLATES} The disruption budget {{name}} needs {{desired}} healthy pods and has "
            "{healthy} currently"
        ),
    ),
    "none_left": (
        TOO_MANY,
        f"{_VIOLATES} The disruption budget {{name}} does not allow evicting pods currently",
    ),
}
"""By reason of the rules: the server's code and words. Source: registry/core/pod/storage/eviction.go."""


@dataclass(frozen=True)
class Ruling:
    """What becomes of an eviction: the budget that it is charged to, or that refuses it, and why."""

    pod: Pod
    budget: PodDisruptionBudget | None = None
    why: str = ""

    @property
    def allowed(self) -> bool:
        """Whether the pod may go."""
        return not self.why

    @property
    def answer(self) -> EvictionAnswer:
        """What the API server says."""
        name = self.budget.name if self.budget else ""
        code, message = _EVICTED, ""
        if self.budget is not None and self.why:
            status = self.budget.status
            code, words = _ANSWERS[self.why]
            message = words.format(
                name=name,
                desired=status.desired_healthy,
                healthy=status.current_healthy,
                failure=_failure_of(self.budget),
            )
        return EvictionAnswer(
            namespace=self.pod.namespace,
            pod=self.pod.name,
            allowed=self.allowed,
            budget=name,
            code=code,
            message=message,
        )


def rulings(cluster: Cluster, pods: Sequence[Pod]) -> list[Ruling]:
    """What the eviction API says to requests for these pods, one after the other."""
    text, budgets = eviction_facts(cluster, pods)
    by_path = {budget.key.path: budget for budget in budgets}
    answer = solve(("evict.lp",), text)
    found: dict[str, Ruling] = {}
    by_pod = {pod.key.path: pod for pod in pods}
    for path, budget in sorted(answer.get("charges", ()), key=repr):
        found[str(path)] = Ruling(by_pod[str(path)], by_path[str(budget)])
    for path, budget, why in sorted(answer.get("refuses_eviction", ()), key=repr):
        assert isinstance(why, Term)
        found.setdefault(str(path), Ruling(by_pod[str(path)], by_path[str(budget)], why.name))
    return [found.get(pod.key.path, Ruling(pod)) for pod in pods]


def eviction_facts(cluster: Cluster, pods: Sequence[Pod]) -> tuple[str, Sequence[PodDisruptionBudget]]:
    """The facts of requests for these pods, one after the other, and the budgets that they are about."""
    budgets = Anchored(cluster.budgets).near(pods)
    shapes = Shapes()
    lines = [line for budget in budgets for line in _budget_facts(budget, shapes)]
    keys = sorted({r.key for b in budgets if b.spec.selector for r in b.spec.selector.requirements})
    for position, pod in enumerate(pods):
        lines += _pod_facts(pod, position, label_facts(pod.key.path, seen_labels(pod, keys)))
    return "\n".join(lines + shapes.facts), budgets


def eviction(cluster: Cluster, pod: Pod) -> tuple[bool, Key | None]:
    """Whether the pod may be evicted now, and the budget that it is charged to, or that refuses it."""
    (ruling,) = rulings(cluster, [pod])
    return ruling.allowed, ruling.budget.key if ruling.budget else None


def evicted(cluster: Cluster, pods: Sequence[Pod], now: float) -> Edit:
    """Evict the pods, one after the other: each is deleted, or stays if the server refuses it."""
    total = Edit()
    charged: dict[Key, PodDisruptionBudget] = {}
    for ruling in rulings(cluster, pods):
        total.answers.append(ruling.answer)
        if not ruling.allowed:
            continue
        one = deleted(disrupted(ruling.pod, *_TARGETED, now), now)
        total.puts += one.puts
        total.drops += one.drops
        if ruling.budget is not None:
            budget = charged.get(ruling.budget.key, ruling.budget)
            charged[budget.key] = _charged(budget, ruling.pod, now)
    total.puts += charged.values()
    return total


def _charged(budget: PodDisruptionBudget, pod: Pod, now: float) -> PodDisruptionBudget:
    """The budget with one disruption less, that remembers the pod."""
    left = budget.status.disruptions_allowed - 1
    remembered = {**budget.status.disrupted_pods, pod.name: timestamp(now)}
    status = replace(budget.status, disruptions_allowed=left, disrupted_pods=remembered)
    return replace(budget, status=status if left else with_condition(status, sufficiency(left), now))


def _failure_of(budget: PodDisruptionBudget) -> str:
    """What the budget's status says of why it couldn't be counted; empty where it could."""
    for condition in budget.status.conditions:
        if (condition.type, condition.status, condition.reason) == (ALLOWED, "False", SYNC_FAILED):
            return condition.message
    return ""


def _budget_facts(budget: PodDisruptionBudget, shapes: Shapes) -> list[str]:
    name, status = budget.key.path, budget.status
    assert budget.spec.selector is not None
    lines = [
        v.BUDGET(name, namespaced_selector(budget.namespace, budget.spec.selector, shapes)),
        v.BUDGET_ALLOWS(name, clamped(status.disruptions_allowed)),
        v.BUDGET_HEALTH(name, clamped(status.current_healthy), clamped(status.desired_healthy)),
        v.BUDGET_UNCONFIRMED(name, len(status.disrupted_pods)),
    ]
    if budget.spec.unhealthy_pod_eviction_policy == "AlwaysAllow":
        lines.append(v.BUDGET_SPARES_UNHEALTHY(name))
    if status.observed_generation < budget.metadata.generation:
        lines.append(v.BUDGET_UNPROCESSED(name))
    if _failure_of(budget):
        lines.append(v.BUDGET_FAILED(name))
    return lines


def _pod_facts(pod: Pod, position: int, labels: list[str]) -> list[str]:
    path = pod.key.path
    lines = [v.ASKED(path, position), v.POD(path), v.PHASE(path, pod.phase)]
    lines.append(v.HAS(path, NAMESPACE, pod.namespace))
    lines += [v.READY(path)] if pod.ready else []
    lines += [v.TERMINATING(path)] if pod.terminating else []
    return [*lines, *labels]
