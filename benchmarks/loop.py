"""A straightforward double loop over workloads and nodes, which the rules' answers are held against."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TypeVar

from foretell.model.affinity import NodeSelectorTerm
from foretell.model.cluster import Cluster
from foretell.model.meta import Key
from foretell.model.objects import DaemonSet, Node
from foretell.model.selectors import Requirement, Taint, Toleration

Place = str | int
"""A node's name, or an ordinal."""
Places = TypeVar("Places", bound=Collection[str])

AUTOMATIC = tuple(
    Toleration(key=f"node.kubernetes.io/{key}", operator="Exists", effect=effect)
    for key, effect in (
        ("not-ready", "NoExecute"),
        ("unreachable", "NoExecute"),
        ("disk-pressure", "NoSchedule"),
        ("memory-pressure", "NoSchedule"),
        ("pid-pressure", "NoSchedule"),
        ("unschedulable", "NoSchedule"),
    )
)
"""What the DaemonSet controller lets its pods tolerate."""


def by_loop(state: Cluster, gathered: Callable[[Iterable[str]], Places]) -> dict[Key, Places | range]:
    """The nodes or ordinals that each workload wants, for what these clusters use of the API."""
    found: dict[Key, Places | range] = {}
    nodes = state.nodes
    for daemonset in state.daemonsets:
        found[daemonset.key] = gathered(node.name for node in nodes if wanted(daemonset, node))
    for statefulset in state.statefulsets:
        start = statefulset.spec.ordinals.start if statefulset.spec.ordinals else 0
        replicas = statefulset.spec.replicas
        found[statefulset.key] = range(start, start + (1 if replicas is None else replicas))
    return found


def wanted(daemonset: DaemonSet, node: Node) -> bool:
    """Whether a DaemonSet wants a pod on a node."""
    spec, labels = daemonset.spec.template.spec, node.labels
    for key, value in spec.node_selector.items():
        if labels.get(key) != value:
            return False
    for taint in node.spec.taints:
        if taint.effect != "PreferNoSchedule" and not (
            any(tolerates(one, taint) for one in spec.tolerations)
            or any(tolerates(one, taint) for one in AUTOMATIC)
        ):
            return False
    affinity = spec.affinity and spec.affinity.node_affinity
    required = affinity.required if affinity else None
    return required is None or any(fulfilled(term, labels) for term in required.node_selector_terms)


def tolerates(toleration: Toleration, taint: Taint) -> bool:
    """Whether a toleration answers a taint."""
    return (
        toleration.key in ("", taint.key)
        and toleration.effect in ("", taint.effect)
        and (toleration.operator == "Exists" or toleration.value == taint.value)
    )


def fulfilled(term: NodeSelectorTerm, labels: dict[str, str]) -> bool:
    """Whether a node's labels fulfil every expression of a term."""
    return all(_met(expression, labels) for expression in term.match_expressions)


def _met(expression: Requirement, labels: dict[str, str]) -> bool:
    if expression.operator != "In":
        raise NotImplementedError(expression.operator)
    return labels.get(expression.key) in expression.values
