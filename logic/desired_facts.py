"""What the desired pod set hangs on, as facts: what no rule can tell apart is told once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from foretell.logic import vocabulary as v
from foretell.logic.facts import gate_facts
from foretell.logic.facts_ordinals import replicas_of, start_of
from foretell.logic.shapes import Shapes
from foretell.logic.symmetry import Grouping
from foretell.logic.vocabulary import Term
from foretell.model.cluster import Cluster
from foretell.model.meta import Key
from foretell.model.objects import DaemonSet, Node, StatefulSet

_Taints = tuple[tuple[str, str, str], ...]


class DesiredFacts(NamedTuple):
    """The facts of a cluster, and which of its objects stand for others.

    `shape_of` has the shape of each DaemonSet, empty where it wants no pods at all; `alike` has the
    StatefulSets for which the first of them is told.
    """

    text: str
    classes: Grouping
    shape_of: dict[Key, str]
    alike: list[list[Key]]


def desired_facts(cluster: Cluster, gates: frozenset[str], *, grouped: bool) -> DesiredFacts:
    """The facts of nodes, DaemonSets and StatefulSets; ungrouped, each node and set is told by itself."""
    nodes = cluster.nodes
    taints = [
        tuple([(t.key, t.value, t.effect) for t in some]) if (some := node.spec.taints) else ()
        for node in nodes
    ]
    borne = {key for some in set(taints) for key, _, _ in some}
    shapes = Shapes()
    shape_of = {each.key: _shape_of(each, shapes, borne if grouped else None) for each in cluster.daemonsets}
    alike, lines = _statefulsets(cluster.statefulsets, grouped=grouped)
    classes, node_lines = _nodes(nodes, taints, shapes, grouped=grouped)
    text = "\n".join([*gate_facts(gates), *lines, *node_lines])
    return DesiredFacts(text, classes, shape_of, alike)


def _shape_of(daemonset: DaemonSet, shapes: Shapes, borne: set[str] | None) -> str:
    """The shape of a DaemonSet's pods, without tolerations of taints of which no node bears the key."""
    selector = daemonset.spec.selector
    if daemonset.terminating or selector is None or not selector.requirements:
        return ""
    spec = daemonset.spec.template.spec
    if borne is not None:
        seen = tuple([t for t in spec.tolerations if not t.key or t.key in borne])
        spec = msgspec.structs.replace(spec, tolerations=seen)
    return shapes.of_daemon(spec)


def _statefulsets(some: Iterable[StatefulSet], *, grouped: bool) -> tuple[list[list[Key]], list[str]]:
    """The StatefulSets that are alike, and the facts of the first of each."""
    alike: dict[tuple[int, int, bool, Key | None], list[Key]] = {}
    for each in some:
        key = each.key
        kind = (start_of(each), replicas_of(each), each.terminating, None if grouped else key)
        alike.setdefault(kind, []).append(key)
    lines: list[str] = []
    for (start, replicas, terminating, _), (first, *_) in alike.items():
        name = v.workload_term(first)
        lines += [v.STATEFULSET(name), v.START(name, start), v.REPLICAS(name, replicas)]
        lines += [v.DELETING(name)] * terminating
    return list(alike.values()), lines


def _nodes(
    nodes: Iterable[Node], taints: Iterable[_Taints], shapes: Shapes, *, grouped: bool
) -> tuple[Grouping, list[str]]:
    """The classes of nodes by what shapes can see of them, and the facts of shapes and of what they see."""
    keys, names = sorted(shapes.node_keys), shapes.node_names
    signatures: dict[str, tuple[_Taints, tuple[str | None, ...], str]] = {}
    for node, borne in zip(nodes, taints, strict=True):
        name, labels = node.metadata.name, node.metadata.labels
        signatures[name] = (borne, tuple(map(labels.get, keys)), name if name in names else "")
    classes = Grouping.of(signatures.items(), grouped=grouped)
    lines: list[str] = []
    values: list[str] = []
    for first in classes.members:
        borne, seen, own = signatures[first]
        told = [(key, value) for key, value in zip(keys, seen, strict=True) if value is not None]
        lines.append(v.NODE(first))
        lines += [v.TAINT(first, Term("taint", taint)) for taint in borne]
        lines += [v.HAS(first, Term("label", (key,)), value) for key, value in told]
        if own:
            lines.append(v.HAS(first, Term("field", ("metadata.name",)), own))
        values += [value for _, value in told]
        values += [value for _, value, _ in borne]
    return classes, [*lines, *shapes.facts, *shapes.integer_facts(values)]
