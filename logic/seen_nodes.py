"""Nodes as the scheduling rules see them, for certain pods; those that are seen alike are a class."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from foretell.logic import vocabulary as v
from foretell.logic.amounts import (
    UNSAID,
    Amounts,
    Port,
    bound_of,
    conflicts,
    ports_of,
    requests_of,
    scored_requests_of,
)
from foretell.logic.neighbours import ALONE
from foretell.logic.shapes import Shapes
from foretell.logic.standing import Use
from foretell.logic.vocabulary import Term
from foretell.model.objects import Node, Pod

_MOST = 100
Places = tuple[tuple[str, int], ...]


Domains = tuple[tuple[str, str | None], ...]
"""By topology key the domain that a node is in; None for one that is the node's own."""


class Signature(NamedTuple):
    """All that decides whether a node refuses a pod: nodes with the same are of one class.

    `social` is who is there, as facts without the node; `pod` is what a pod asks that is pinned to the node.
    """

    taints: tuple[tuple[str, str, str], ...]
    labels: tuple[tuple[str, str], ...]
    cordoned: bool
    offers: Places
    holds: Places
    ports: tuple[Port, ...]
    name: str
    domains: Domains = ()
    social: tuple[str, ...] = ()
    pod: object = None


class Seen(NamedTuple):
    """A node as it is seen, and what tells it from others of its class: points, and how many guests."""

    name: str
    signature: Signature
    room: int = 0
    even: int = 0
    crowd: int = 0

    def among(self, domains: Domains, social: tuple[str, ...]) -> Seen:
        """The node as it is seen among others: in these domains, with those who are there."""
        if not domains and not social:
            return self
        return self._replace(signature=self.signature._replace(domains=domains, social=social))

    def facts(self) -> tuple[str, ...]:
        """The facts of the node."""
        return _facts(self)


@lru_cache(maxsize=4096)
def _facts(one: Seen) -> tuple[str, ...]:
    name, seen = one.name, one.signature
    lines = [v.NODE(name), v.PLACE(name), v.CROWD(name, one.crowd)]
    lines += [v.ROOMINESS(name, one.room), v.EVENNESS(name, one.even)]
    lines += [v.TAINT(name, Term("taint", taint)) for taint in seen.taints]
    lines += [v.HAS(name, Term("label", (key,)), value) for key, value in seen.labels]
    if seen.name:
        lines.append(v.HAS(name, Term("field", ("metadata.name",)), name))
    if seen.cordoned:
        lines.append(v.UNSCHEDULABLE(name))
    lines += [v.OFFERS(name, resource, place) for resource, place in seen.offers]
    lines += [v.HOLDS(name, resource, place) for resource, place in seen.holds]
    lines += [v.PORT_TAKEN(name, port_text(port)) for port in seen.ports]
    for key, value in seen.domains:
        lines.append(v.TOPOLOGY(name, key, Term(ALONE, (name,)) if value is None else value))
    quoted = v.text_of(name)
    return (*lines, *(line.replace('""', quoted, 1) for line in seen.social))


def domains_of(nodes: Iterable[Node], keys: Iterable[str]) -> dict[str, Domains]:
    """The domains of each node; one that no other node is in is the node's own."""
    there = list(nodes)
    shared: dict[str, set[str]] = {}
    for key in sorted(keys):
        counts = Counter(node.labels[key] for node in there if key in node.labels)
        shared[key] = {value for value, count in counts.items() if count > 1}
    return {
        node.name: tuple(
            (key, node.labels[key] if node.labels[key] in values else None)
            for key, values in shared.items()
            if key in node.labels
        )
        for node in there
    }


def view_of(pod: Pod, shapes: Shapes) -> Hashable:
    """All of a pod, and of what is asked about it, that a node by itself is seen by."""
    requests, scored = requests_of(pod.spec), scored_requests_of(pod.spec)
    amounts = tuple(sorted(requests.items())), tuple(sorted(scored.items()))
    return (*amounts, ports_of(pod.spec), frozenset(shapes.node_keys), frozenset(shapes.node_names))


def port_text(port: Port) -> str:
    """A host port as the rules call it."""
    return f"{port[0]}:{port[2]}/{port[1]}"


Orders = Mapping[str, list[int]]


def orders_of(wanted: Iterable[Amounts]) -> Orders:
    """By resource all amounts above nought that are asked for, in order."""
    asked = list(wanted)
    return {
        resource: sorted({amounts[resource] for amounts in asked if amounts.get(resource, 0) > 0})
        for resource in sorted({resource for amounts in asked for resource in amounts})
    }


def seen_by(
    pod: Pod,
    node: Node,
    size: Amounts | None,
    use: Use,
    shapes: Shapes,
    *,
    orders: Orders,
) -> Seen:
    """The node as it is seen for a pod by itself; `orders` are the amounts that are told by their places."""
    offers, holds = _offers(orders, size, use.taken)
    signature = Signature(
        taints=tuple((t.key, t.value, t.effect) for t in node.spec.taints),
        labels=tuple((k, node.labels[k]) for k in sorted(shapes.node_keys) if k in node.labels),
        cordoned=node.spec.unschedulable,
        offers=offers,
        holds=holds,
        ports=tuple(sorted(p for p in ports_of(pod.spec) if conflicts(p, use.ports))),
        name=node.name if node.name in shapes.node_names else "",
    )
    room, even = _points(size, use, pod)
    return Seen(node.name, signature, room, even, len(use.guests))


def _offers(orders: Orders, size: Amounts | None, taken: Amounts) -> tuple[Places, Places]:
    """What a node has left, and has in all, of each resource: for how many of the amounts it is enough.

    The rules only compare amounts, so places among those that are asked for are as good, exact, and small
    enough for clingo.
    """
    offers: list[tuple[str, int]] = []
    holds: list[tuple[str, int]] = []
    for resource, order in orders.items():
        whole = bound_of(size, resource)
        left = None if whole is None else whole - taken.get(resource, 0)
        offers.append((resource, len(order) if left is None else bisect_right(order, left)))
        holds.append((resource, len(order) if whole is None else bisect_right(order, whole)))
    return tuple(offers), tuple(holds)


def _points(size: Amounts | None, use: Use, pod: Pod) -> tuple[int, int]:
    """How much room the pod would leave, and how evenly used, in hundredths.

    Source: noderesources `leastResourceScorer` and `balancedResourceScorer`, over cores and memory.
    """
    if size is None:
        return 0, 0
    asked, scored = requests_of(pod.spec), scored_requests_of(pod.spec)
    shares: list[int] = []
    fractions: list[float] = []
    for resource in UNSAID:
        whole = size.get(resource, 0)
        if whole <= 0:
            continue
        after = use.scored[resource] + scored.get(resource, 0)
        shares.append((whole - after) * _MOST // whole if after <= whole else 0)
        fractions.append(min(1.0, (use.taken.get(resource, 0) + asked.get(resource, 0)) / whole))
    room = sum(shares) // len(shares) if shares else 0
    if not any(asked.get(resource) for resource in UNSAID):
        return room, 0
    deviation = (max(fractions) - min(fractions)) / 2 if fractions else 0.0
    return room, int((1 - deviation) * _MOST)


Class = list[Seen]
Chosen = list[tuple[Seen, tuple[str, ...]]]
"""The nodes of a class that are told, each with all nodes that it stands for, itself first."""


def told_apart(alike: Class) -> Chosen:
    """Nodes of one class that also get the same points, each kind of them once."""
    kinds: dict[tuple[int, int], Class] = {}
    for one in alike:
        kinds.setdefault((one.room, one.even), []).append(one)
    return [(kind[0], tuple(one.name for one in kind)) for kind in kinds.values()]


def foremost(alike: Class) -> Chosen:
    """The nodes of one class that no other of it comes before, whatever the points weigh.

    The first of them stands for all that are left out too.
    """
    best: dict[tuple[int, int], Seen] = {}
    for one in alike:
        known = best.get((one.room, one.even))
        if known is None or one.crowd < known.crowd:
            best[one.room, one.even] = one
    frontier: list[Seen] = []
    for (_, even), one in sorted(best.items(), reverse=True):
        if not frontier or even > frontier[-1].even:
            frontier.append(one)
    shown = {one.name for one in frontier}
    rest = tuple(one.name for one in alike if one.name not in shown)
    first, *others = frontier
    return [(first, (first.name, *rest)), *((one, (one.name,)) for one in others)]
