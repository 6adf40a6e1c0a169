"""The rules in the plainest way: each workload and node told by itself, every atom of the answer read."""

from __future__ import annotations

from collections.abc import Iterator

from loop import Place

from foretell.logic import vocabulary as v
from foretell.logic.solve import solve
from foretell.logic.vocabulary import Term
from foretell.model.cluster import Cluster
from foretell.model.meta import Key
from foretell.model.objects import DaemonSet, Node, StatefulSet
from foretell.model.selectors import LabelSelector, Requirement


def by_plain_rules(state: Cluster) -> dict[Key, list[Place]]:
    """The nodes or ordinals that each workload wants, for what these clusters use of the API."""
    facts = [v.KUBERNETES(36)]
    for daemonset in state.daemonsets:
        facts += _daemonset(daemonset)
    for statefulset in state.statefulsets:
        facts += _statefulset(statefulset)
    for node in state.nodes:
        facts += _node(node)
    answer = solve(("desired.lp",), "\n".join(facts))
    found: dict[Key, list[Place]] = {each.key: [] for each in (*state.daemonsets, *state.statefulsets)}
    for path, name in answer.get("should_run", ()):
        found[v.key_of("DaemonSet", str(path))].append(str(name))
    for term, first, last in answer.get("ordinals", ()):
        found[v.workload_key(term)] += range(int(str(first)), int(str(last)) + 1)
    return found


def _daemonset(daemonset: DaemonSet) -> Iterator[str]:
    shape, spec = daemonset.key.path, daemonset.spec.template.spec
    yield v.DAEMON_SHAPE(shape)
    for index, t in enumerate(spec.tolerations):
        yield v.TOLERATION(shape, index, t.key, t.operator, t.value, t.effect)
    if spec.node_selector:
        yield v.NODE_SELECTOR(shape, shape)
        yield from _selector(shape, LabelSelector(match_labels=spec.node_selector).requirements)
    affinity = spec.affinity and spec.affinity.node_affinity
    if affinity and affinity.required:
        yield v.AFFINITY_REQUIRED(shape)
        for index, term in enumerate(affinity.required.node_selector_terms):
            name = f"{shape} {index}"
            yield v.AFFINITY_TERM(shape, name)
            yield from _selector(name, term.match_expressions)


def _selector(name: str, requirements: tuple[Requirement, ...]) -> Iterator[str]:
    for index, (key, operator, values) in enumerate((r.key, r.operator, r.values) for r in requirements):
        yield v.EXPRESSION(name, index, Term("label", (key,)), operator)
        for value in values:
            yield v.EXPRESSION_VALUE(name, index, value)


def _statefulset(statefulset: StatefulSet) -> Iterator[str]:
    term, spec = v.workload_term(statefulset.key), statefulset.spec
    yield v.STATEFULSET(term)
    yield v.START(term, spec.ordinals.start if spec.ordinals else 0)
    yield v.REPLICAS(term, 1 if spec.replicas is None else spec.replicas)


def _node(node: Node) -> Iterator[str]:
    yield v.NODE(node.name)
    for taint in node.spec.taints:
        yield v.TAINT(node.name, Term("taint", (taint.key, taint.value, taint.effect)))
    for key, value in node.labels.items():
        yield v.HAS(node.name, Term("label", (key,)), value)
