"""Disruption budgets: what they allow, and what the eviction API says."""

from __future__ import annotations

import msgspec

from foretell.logic import vocabulary as v
from foretell.logic.shapes import Shapes, bound, clamped
from foretell.logic.solve import solve
from foretell.logic.vocabulary import Term
from foretell.model.cluster import Cluster
from foretell.model.documents import to_document
from foretell.model.meta import Key, Object
from foretell.model.objects import Pod, PodDisruptionBudget


def eviction(cluster: Cluster, pod: Pod) -> tuple[bool, Key | None]:
    """Whether the pod may be evicted now, and the budget that it is charged to, or that refuses it."""
    shapes, path = Shapes(), pod.key.path
    lines = [v.POD(path), v.PHASE(path, pod.phase)]
    lines += [v.READY(path)] if pod.ready else []
    lines += [v.TERMINATING(path)] if pod.terminating else []
    lines += [v.HAS(path, Term("label", (key,)), value) for key, value in sorted(pod.labels.items())]
    for budget in cluster.budgets:
        if budget.namespace != pod.namespace or budget.spec.selector is None:
            continue
        name, status = budget.key.path, budget.status
        lines.append(v.BUDGET(name, shapes.label_selector(budget.spec.selector)))
        lines.append(v.BUDGET_ALLOWS(name, clamped(status.disruptions_allowed)))
        lines.append(v.BUDGET_HEALTH(name, clamped(status.current_healthy), clamped(status.desired_healthy)))
        if budget.spec.unhealthy_pod_eviction_policy == "AlwaysAllow":
            lines.append(v.BUDGET_SPARES_UNHEALTHY(name))
    answer = solve(("evict.lp",), "\n".join(lines + shapes.facts))
    allowed = bool(answer.get("evictable"))
    concerned = sorted(
        str(budget) for _, budget in answer.get("charges" if allowed else "refuses_eviction", ())
    )
    return allowed, v.key_of("PodDisruptionBudget", concerned[0]) if concerned else None


def counted_budgets(cluster: Cluster) -> list[PodDisruptionBudget]:
    """The budgets whose reported numbers are out of date, with the right ones."""
    lines: list[str] = []
    for budget in cluster.budgets:
        if budget.terminating:
            continue
        name, spec = budget.key.path, budget.spec
        pods = covered(cluster, budget)
        healthy = sum(1 for pod in pods if pod.ready and not pod.terminating)
        scales = _scales(cluster, pods)
        if None in scales.values() and not isinstance(spec.min_available, int):
            # A dump may leave a controller out: what the server has reckoned is better than a guess.
            continue
        lines.append(v.BUDGET_PODS(name, len(pods), healthy))
        lines.append(v.BUDGET_SCALE(name, sum(scale for scale in scales.values() if scale and scale > 0)))
        if _UNSCALED in scales.values():
            lines.append(v.BUDGET_UNSCALED(name))
        if spec.min_available is not None:
            lines.append(v.BUDGET_FLOOR(name, bound(spec.min_available)))
        if spec.max_unavailable is not None:
            lines.append(v.BUDGET_CEILING(name, bound(spec.max_unavailable)))
    if not lines:
        return []
    changed = []
    answer = solve(("budget.lp",), "\n".join(lines))
    for (path,) in answer.get("budget_fails", ()):
        failing = cluster.get(v.key_of("PodDisruptionBudget", str(path)))
        assert isinstance(failing, PodDisruptionBudget)
        if failing.status.disruptions_allowed:
            status = msgspec.structs.replace(failing.status, disruptions_allowed=0)
            changed.append(msgspec.structs.replace(failing, status=status))
    for path, *numbers in answer.get("budget_status", ()):
        counted = cluster.get(v.key_of("PodDisruptionBudget", str(path)))
        assert isinstance(counted, PodDisruptionBudget)
        allowed, healthy, desired, expected = (int(str(number)) for number in numbers)
        status = msgspec.structs.replace(
            counted.status, disruptions_allowed=allowed, current_healthy=healthy, desired_healthy=desired,
            expected_pods=expected, observed_generation=counted.metadata.generation,
        )  # fmt: skip
        if status != counted.status:
            changed.append(msgspec.structs.replace(counted, status=status))
    return sorted(changed, key=lambda budget: budget.key)


_UNSCALED = -1
_WITHOUT_SCALE = ("DaemonSet", "Job", "Node")


def _scales(cluster: Cluster, pods: list[Pod]) -> dict[str, int | None]:
    """By uid how many replicas each controller of the pods wants; None for one that isn't in the state.

    A ReplicaSet's Deployment speaks for it; kinds without a scale give _UNSCALED.
    Source: Kubernetes disruption.go (`getPodDeployment`, `getPodStatefulSet`, `getScaleController`).
    """
    scales: dict[str, int | None] = {}
    for pod in pods:
        reference = pod.metadata.controller
        if reference is None:
            continue
        owner = cluster.by_uid(reference.uid)
        if owner is not None and owner.kind == "ReplicaSet" and owner.metadata.controller is not None:
            owner = cluster.by_uid(owner.metadata.controller.uid) or owner
        if owner is None:
            scales[reference.uid] = _UNSCALED if reference.kind in _WITHOUT_SCALE else None
        elif owner.metadata.uid not in scales:
            scales[owner.metadata.uid] = _scale_of(owner)
    return scales


def _scale_of(owner: Object) -> int:
    if owner.kind in _WITHOUT_SCALE:
        return _UNSCALED
    replicas = to_document(owner).get("spec", {}).get("replicas", 1)
    return replicas if isinstance(replicas, int) else _UNSCALED


def covered(cluster: Cluster, budget: PodDisruptionBudget) -> list[Pod]:
    """The pods that a budget covers: none without a selector, all of the namespace with an empty one."""
    selector = budget.spec.selector
    if selector is None:
        return []
    pods = cluster.pods
    for key, value in sorted(selector.match_labels.items())[:1]:
        pods = cluster.pods_labelled(budget.namespace, key, value)
    shapes = Shapes()
    name = shapes.label_selector(selector)
    keys = {r.key for r in selector.requirements}
    lines = [*shapes.facts]
    nearby = {pod.key.path: pod for pod in pods if pod.namespace == budget.namespace}
    sets: dict[tuple[tuple[str, str], ...], list[Pod]] = {}
    for pod in nearby.values():
        sets.setdefault(tuple((k, pod.labels[k]) for k in sorted(keys) if k in pod.labels), []).append(pod)
    # Pods with the same labels, as far as the selector can see, are told once.
    for labels, alike in sets.items():
        path = alike[0].key.path
        lines += [v.POD(path), *(v.HAS(path, Term("label", (key,)), value) for key, value in labels)]
    lines.append(v.BUDGET(budget.key.path, name))
    found = {str(pod) for _, pod in solve(("covers.lp",), "\n".join(lines)).get("covers", ())}
    return sorted(
        (p for alike in sets.values() if alike[0].key.path in found for p in alike), key=lambda p: p.key
    )
