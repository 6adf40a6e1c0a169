"""The disruption controller: what budgets allow, counted from their pods and what controllers want."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from foretell.logic import vocabulary as v
from foretell.logic.covering import covered
from foretell.logic.shapes import bound, clamped
from foretell.logic.solve import Answer, solve
from foretell.logic.vocabulary import Term
from foretell.model.clock import seconds, timestamp
from foretell.model.cluster import Cluster
from foretell.model.documents import to_document
from foretell.model.meta import Key, Object
from foretell.model.objects import (
    BudgetStatus,
    Condition,
    Deployment,
    Other,
    Pod,
    PodDisruptionBudget,
    ReplicaSet,
    StatefulSet,
)
from foretell.model.parts import mapping

replace = msgspec.structs.replace
ALLOWED = "DisruptionAllowed"
"""The type of the condition in which a budget says whether it allows any disruption."""
SYNC_FAILED = "SyncFailed"
"""The reason that this condition gives where the budget couldn't be counted."""
_FAILURES = {
    "scaleless": "{resource} does not implement the scale subresource",
    "controller_gone": 'found no controllers for pod "{pod}"',
}
_RESOURCES = {"DaemonSet": "daemonsets.apps", "Job": "jobs.batch", "CronJob": "cronjobs.batch"}


@dataclass
class Count:
    """What a count of budgets comes to: those that have to be written, and when to count which again."""

    changed: list[PodDisruptionBudget] = field(default_factory=list)
    again: dict[Key, float] = field(default_factory=dict)


def counted(cluster: Cluster, budgets: Iterable[PodDisruptionBudget], now: float) -> Count:
    """Count these budgets; those whose reported numbers are out of date change, in the order of keys."""
    teller = _Teller(cluster, now)
    for budget in budgets:
        if not budget.terminating:
            teller.tell(budget)
    if not teller.budgets:
        return Count()
    answer = solve(("budget.lp",), "\n".join(teller.lines))
    count = Count()
    for path, left in answer.get("budget_recounts_in", ()):
        count.again[v.key_of("PodDisruptionBudget", str(path))] = now + int(str(left))
    fresh = _statuses(cluster, teller.budgets, answer, now)
    count.changed = [
        replace(teller.budgets[path], status=status)
        for path, status in fresh.items()
        if status != teller.budgets[path].status
    ]
    count.changed.sort(key=lambda budget: budget.key)
    return count


def counted_budgets(cluster: Cluster, now: float = 0.0) -> list[PodDisruptionBudget]:
    """All budgets whose reported numbers are out of date, with the right ones."""
    return counted(cluster, cluster.budgets, now).changed


def with_condition(status: BudgetStatus, reason: str, now: float, message: str = "") -> BudgetStatus:
    """The status with the condition that says whether any disruption is allowed, and why not."""
    value = "True" if status.disruptions_allowed > 0 else "False"
    kept = tuple(condition for condition in status.conditions if condition.type != ALLOWED)
    old = next((condition for condition in status.conditions if condition.type == ALLOWED), None)
    if old is not None and (old.status, old.reason, old.message) == (value, reason, message):
        return status
    since = timestamp(now) if old is None or old.status != value else old.last_transition_time
    made = Condition(type=ALLOWED, status=value, reason=reason, message=message, last_transition_time=since)
    return replace(status, conditions=(*kept, made))


def sufficiency(allowed: int) -> str:
    """The reason that the condition gives for so many disruptions."""
    return "SufficientPods" if allowed > 0 else "InsufficientPods"


def _statuses(
    cluster: Cluster, budgets: dict[str, PodDisruptionBudget], answer: Answer, now: float
) -> dict[str, BudgetStatus]:
    """The status of each budget that could be reckoned, or whose reckoning failed, by its path."""
    found: dict[str, BudgetStatus] = {}
    awaited: dict[str, set[str]] = {}
    for path, pod in answer.get("budget_awaits", ()):
        awaited.setdefault(str(path), set()).add(v.key_of("Pod", str(pod)).name)
    for path, pod, why in answer.get("budget_fails", ()):
        assert isinstance(why, Term)
        status = replace(budgets[str(path)].status, disruptions_allowed=0)
        message = _failure(cluster, v.key_of("Pod", str(pod)), why.name)
        found[str(path)] = with_condition(status, SYNC_FAILED, now, message)
    for path, *numbers in answer.get("budget_status", ()):
        budget = budgets[str(path)]
        allowed, healthy, desired, expected = (int(str(number)) for number in numbers)
        names = awaited.get(str(path), set())
        status = replace(
            budget.status, disruptions_allowed=allowed, current_healthy=healthy, desired_healthy=desired,
            expected_pods=expected, observed_generation=budget.metadata.generation,
            disrupted_pods={k: moment for k, moment in budget.status.disrupted_pods.items() if k in names},
        )  # fmt: skip
        found[str(path)] = with_condition(status, sufficiency(allowed), now)
    return found


def _failure(cluster: Cluster, key: Key, why: str) -> str:
    """In the controller's words why a budget couldn't be counted."""
    pod = cluster.get(key)
    owner = pod.metadata.controller if pod is not None else None
    kind = owner.kind if owner else ""
    return _FAILURES[why].format(pod=key.name, resource=_RESOURCES.get(kind, f"{kind.lower()}s"))


class _Teller:
    """Tells the facts of budgets, of what they cover and of its controllers, each once."""

    def __init__(self, cluster: Cluster, now: float) -> None:
        self.cluster, self.now = cluster, now
        self.lines: list[str] = []
        self.budgets: dict[str, PodDisruptionBudget] = {}
        self._told: set[str] = set()

    def tell(self, budget: PodDisruptionBudget) -> None:
        """The facts of a budget; pods that are alike to it are told by one of them."""
        path, spec, evicted = budget.key.path, budget.spec, budget.status.disrupted_pods
        self.budgets[path] = budget
        self.lines.append(v.BUDGET_COUNTED(path))
        if spec.min_available is not None:
            self.lines.append(v.BUDGET_FLOOR(path, bound(spec.min_available)))
        if spec.max_unavailable is not None:
            self.lines.append(v.BUDGET_CEILING(path, bound(spec.max_unavailable)))
        alike: dict[tuple[object, ...], list[Pod]] = {}
        for pod in covered(self.cluster, budget):
            owner = pod.metadata.controller
            told_apart = pod.name if pod.name in evicted else ""
            state = (owner.uid if owner else "", pod.ready, pod.terminating, told_apart)
            alike.setdefault(state, []).append(pod)
        for pods in alike.values():
            self.lines.append(v.BUDGET_COVERS(path, pods[0].key.path, len(pods)))
            self._pod(pods[0])
            if pods[0].name in evicted:
                age = clamped(max(0.0, self.now - seconds(evicted[pods[0].name])))
                self.lines.append(v.EVICTED_FOR(path, pods[0].key.path, age))

    def _pod(self, pod: Pod) -> None:
        path = pod.key.path
        if path in self._told:
            return
        self._told.add(path)
        self.lines += [v.READY(path)] if pod.ready else []
        self.lines += [v.TERMINATING(path)] if pod.terminating else []
        self._controller(pod, path)

    def _controller(self, thing: Object, name: str) -> None:
        """The facts of what controls a pod or a ReplicaSet, and of what controls that."""
        reference = thing.metadata.controller
        if reference is None:
            return
        uid = reference.uid or f"{reference.kind}/{reference.name}"
        self.lines.append(v.CONTROLLED(name, uid))
        if uid in self._told:
            return
        self._told.add(uid)
        self.lines.append(v.KIND_OF(uid, reference.kind))
        if reference.kind in self.cluster.kinds:
            self.lines.append(v.TELLS_OF(reference.kind))
        owner = self.cluster.by_uid(reference.uid) if reference.uid else None
        if owner is None:
            return
        self.lines.append(v.EXISTS(uid))
        replicas = scale_of(owner)
        if replicas is not None:
            self.lines.append(v.SCALE(uid, clamped(replicas)))
        self._controller(owner, uid)


def scale_of(thing: Object) -> int | None:
    """How many replicas an object asks for; None where it doesn't say, unless one is the default."""
    if isinstance(thing, Deployment | ReplicaSet | StatefulSet):
        return 1 if thing.spec.replicas is None else thing.spec.replicas
    # Kinds that aren't understood may have a scale, too.
    replicas = mapping(to_document(thing), "spec").get("replicas") if isinstance(thing, Other) else None
    return replicas if isinstance(replicas, int) else None
