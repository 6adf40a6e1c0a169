"""What the placement of a goal's pods hangs on, as facts; nodes that no template tells apart stand as one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from foretell.logic import vocabulary as v
from foretell.logic.amounts import Amounts, allocatable_of, bound_of, conflicts, ports_of, requests_of
from foretell.logic.facts import gate_facts
from foretell.logic.remedy.subject import Subject, own_pods
from foretell.logic.seen_nodes import Orders, orders_of, port_text
from foretell.logic.shapes import Shapes
from foretell.logic.standing import use_of
from foretell.logic.symmetry import Grouping
from foretell.logic.vocabulary import Term
from foretell.model.cluster import Cluster
from foretell.model.objects import Node

_Sight = tuple[object, ...]


class Placement(NamedTuple):
    """The facts, the nodes that each told one stands for, and what each node has left."""

    lines: list[str]
    members: dict[str, tuple[str, ...]]
    left: dict[str, Amounts]


def placement_of(
    cluster: Cluster, subjects: Sequence[Subject], nodes: Collection[Node], gates: frozenset[str]
) -> Placement:
    """The facts of subjects and of these nodes, as if the subjects' own pods weren't there.

    What pods mind of other pods, and their volumes, isn't told: a forecast will say.
    """
    shapes = Shapes()
    lines = [*gate_facts(gates)]
    wanted = [requests_of(subject.spec) for subject in subjects]
    asked = orders_of(wanted)
    own = {pod.key for subject in subjects for pod in own_pods(cluster, subject.thing)}
    ports = sorted({port for subject in subjects for port in ports_of(subject.spec)})
    highest = max((subject.spec.priority for subject in subjects), default=0)
    left: dict[str, Amounts] = {}
    taken_ports: dict[str, tuple[str, ...]] = {}
    for node in nodes:
        # Who has a lower priority may be driven off.
        use = use_of(
            pod
            for pod in cluster.pods_on(node.name)
            if pod.spec.node_name and not pod.finished and pod.key not in own and pod.spec.priority >= highest
        )
        size = allocatable_of(node)
        left[node.name] = {
            resource: max(0, whole - use.taken.get(resource, 0))
            for resource, order in asked.items()
            if order and (whole := bound_of(size, resource)) is not None
        }
        taken_ports[node.name] = tuple(port_text(port) for port in ports if conflicts(port, use.ports))
    orders = _with_offers(asked, left.values())
    for subject, amounts in zip(subjects, wanted, strict=True):
        lines += _of_subject(subject, amounts, shapes, orders)
    seen = _Seen(shapes, orders, left, taken_ports)
    classes = Grouping.of((node.name, seen.of(node)) for node in nodes)
    told = {node.name: node for node in nodes}
    for first in classes.members:
        lines += seen.facts(told[first])
    values = [
        text for node in nodes for text in (*node.labels.values(), *(t.value for t in node.spec.taints))
    ]
    lines += [*shapes.facts, *shapes.integer_facts(values if shapes.compares else ())]
    return Placement(lines, classes.members, left)


def _of_subject(subject: Subject, amounts: Amounts, shapes: Shapes, orders: Orders) -> list[str]:
    term, path = subject.term, subject.key.path
    daemonic = subject.key.kind == "DaemonSet"
    shape = shapes.of_daemon(subject.spec) if daemonic else shapes.of_spec(subject.spec)
    lines = [v.SPECIMEN(term, path), v.PENDING(path), v.SHAPE(term, shape), v.SHAPE(path, shape)]
    lines += [v.DAEMONSET(term)] * daemonic
    for resource, order in orders.items():
        if resource in amounts:
            lines.append(v.REQUESTS(path, resource, bisect_right(order, amounts[resource])))
    return lines + [v.WANTS_PORT(path, port_text(port)) for port in sorted(ports_of(subject.spec))]


def _with_offers(asked: Orders, left: Iterable[Amounts]) -> Orders:
    """The amounts that are asked for, and what nodes have left that is less, to which templates may come."""
    offers = list(left)
    return {
        resource: sorted(
            {*order, *(some for amounts in offers if 0 < (some := amounts.get(resource, 0)) < order[-1])}
        )
        for resource, order in asked.items()
        if order
    }


class _Seen(NamedTuple):
    """How nodes are seen: by the keys that some template looks at, and by what they have left."""

    shapes: Shapes
    orders: Orders
    left: dict[str, Amounts]
    ports: dict[str, tuple[str, ...]]

    def of(self, node: Node) -> _Sight:
        """All that the rules can see of a node."""
        name = node.name
        taints = tuple((taint.key, taint.value, taint.effect) for taint in node.spec.taints)
        labels = tuple(map(node.labels.get, sorted(self.shapes.node_keys)))
        own = name if name in self.shapes.node_names else ""
        short = tuple(
            (resource, amount)
            for resource, amount in sorted(self.left[name].items())
            if amount < self.orders[resource][-1]
        )
        return (taints, node.spec.unschedulable, labels, own, short, self.ports[name])

    def facts(self, node: Node) -> Iterable[str]:
        """The facts of a node."""
        name = node.name
        yield from (v.NODE(name), v.PLACE(name))
        for taint in node.spec.taints:
            yield v.TAINT(name, Term("taint", (taint.key, taint.value, taint.effect)))
        if node.spec.unschedulable:
            yield v.UNSCHEDULABLE(name)
        for key in sorted(self.shapes.node_keys):
            if key in node.labels:
                yield v.HAS(name, Term("label", (key,)), node.labels[key])
        if name in self.shapes.node_names:
            yield v.HAS(name, Term("field", ("metadata.name",)), name)
        for resource, order in self.orders.items():
            offer = self.left[name].get(resource)
            yield v.OFFERS(name, resource, len(order) if offer is None else bisect_right(order, offer))
        yield from (v.PORT_TAKEN(name, port) for port in self.ports[name])
