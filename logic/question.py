"""A question to the scheduling rules: pending pods, and the nodes as far as those can see them."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from foretell.logic import vocabulary as v
from foretell.logic.amounts import UNSAID, Amounts, Port, conflicts, ports_of, requests_of, scored_requests_of
from foretell.logic.facts import gate_facts
from foretell.logic.neighbours import ALONE, Neighbours
from foretell.logic.shapes import Shapes
from foretell.logic.standing import Standing, Use
from foretell.logic.storage_facts import storage_facts
from foretell.logic.vocabulary import Term
from foretell.model.cluster import Cluster
from foretell.model.objects import Node, Pod

_MOST = 100
Removed = Mapping[str, Collection[Pod]]


@dataclass(frozen=True)
class Asked:
    """The facts of a question, and the nodes that each told node stands for."""

    text: str
    members: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class _Seen:
    """A node as the rules see it: what its class depends on, and its own points."""

    node: Node
    signature: tuple[object, ...]
    room: int
    even: int
    crowd: int


class Question:
    """Tells the rules of pending pods and nodes; alike nodes are told once.

    `nominated` are pending pods that room is held for, by node; `removed` are guests that are thought away
    from a node when it is judged. With `apart` nodes that only their points tell apart are told apart too:
    else of those that only points tell apart the best are told, which is enough to choose one.
    """

    def __init__(
        self,
        cluster: Cluster,
        standing: Standing,
        gates: Iterable[str] = (),
        *,
        nominated: Mapping[str, Collection[Pod]] | None = None,
        removed: Removed | None = None,
        apart: bool = False,
    ) -> None:
        self.cluster, self.standing, self.gates, self.apart = cluster, standing, gates, apart
        self.nominated, self.removed = nominated or {}, removed or {}
        self.shapes = Shapes()
        self.neighbours = Neighbours(cluster, self.shapes)
        self.nodes = cluster.nodes

    # --- the two forms of a question ---

    def about(self, pod: Pod, nodes: Collection[str] | None = None) -> Asked:
        """The facts of one pod and every node, or of these only where no pod minds another."""
        self.neighbours.ask(pod)
        lines = self._of_pod(pod)
        uses = {node.name: self._use(node.name, pod) for node in self.nodes}
        known = {name: self._social_facts(name, use, pod) for name, use in uses.items()}
        there = self.nodes
        if nodes is not None and not self.neighbours.minded:
            there = tuple(node for node in self.nodes if node.name in nodes)
        shared = self._shared_domains()
        seen = [self._seen(node, uses[node.name], (pod,), shared, known[node.name]) for node in there]
        return self._asked([pod], seen, lines)

    def about_pinned(self, pods: Mapping[str, Pod]) -> Asked:
        """The facts of pods that are pinned, each to a node of its own, and that mind no others."""
        lines: dict[str, list[str]] = {}
        seen: list[_Seen] = []
        for name in sorted(pods):
            node, pod = self.cluster.find(Node, name), pods[name]
            if node is None:
                continue
            lines[name] = self._of_pod(pod)
            one = self._seen(node, self._use(name, pod), (pod,), {}, ())
            asked = (self._shape(pod), tuple(sorted(requests_of(pod.spec).items())), ports_of(pod.spec))
            seen.append(_Seen(node, (*one.signature, asked, bool(pod.claims) and name), 0, 0, 0))
        grouped: dict[tuple[object, ...], list[_Seen]] = {}
        for one in seen:
            grouped.setdefault(one.signature, []).append(one)
        told = [line for group in grouped.values() for line in lines[group[0].node.name]]
        first = [pods[group[0].node.name] for group in grouped.values()]
        return self._asked(first, seen, told)

    # --- pods ---

    def _shape(self, pod: Pod) -> str:
        return self.shapes.of_spec(pod.spec, pinned=bool(pod.pinned_to))

    def _of_pod(self, pod: Pod) -> list[str]:
        path, shape = pod.key.path, self._shape(pod)
        lines = [v.PENDING(path), v.SHAPE(path, shape)]
        if pod.pinned_to:
            lines.append(v.PINNED(path, pod.pinned_to))
        lines += self.shapes.preferences(shape, pod.spec)
        requests = requests_of(pod.spec)
        places = _places(requests, [requests])
        lines += [v.REQUESTS(path, r, places[r][-1]) for r in sorted(requests)]
        lines += [v.WANTS_PORT(path, _port(port)) for port in sorted(ports_of(pod.spec))]
        return lines + storage_facts(self.cluster, self.shapes, pod)

    # --- nodes ---

    def _use(self, name: str, pod: Pod) -> Use:
        """What the node's guests take, with the nominated pods that come before this one."""
        use = self.standing.use(self.cluster, name)
        if name in self.removed:
            use = use.without(self.removed[name])
        held = [
            other
            for other in self.nominated.get(name, ())
            if other.key != pod.key and other.spec.priority >= pod.spec.priority
        ]
        return use.with_guests(held) if held else use

    def _social_facts(self, name: str, use: Use, pod: Pod) -> tuple[str, ...]:
        """Who is on the node, and whom its guests mind; those thought away are told as such."""
        there = self.standing.use(self.cluster, name) if name in self.removed else use
        kinds, minds = self.neighbours.of_guests(there.guests, there.social)
        lines = [v.HOSTS("", kind, count) for kind, count in sorted(kinds.items())]
        for entry, count in sorted(minds.items(), key=repr):
            term, weight = entry  # type: ignore[misc]
            lines.append(v.GUEST_LEANS("", term, weight, count) if weight else v.GUARDS("", term, count))
        if name in self.removed:
            gone = self.removed[name]
            social = [guest for guest in there.social if guest in gone]
            kinds, minds = self.neighbours.of_guests(gone, social)
            lines += [v.REMOVED("", kind, count) for kind, count in sorted(kinds.items())]
            for entry, count in sorted(minds.items(), key=repr):
                term, weight = entry  # type: ignore[misc]
                lines += [] if weight else [v.RELIEVED("", term, count)]
        return tuple(lines)

    def _shared_domains(self) -> dict[str, set[str]]:
        """By topology key the values that several nodes have."""
        shared: dict[str, set[str]] = {}
        for key in self.neighbours.topology_keys:
            counts = Counter(node.labels[key] for node in self.nodes if key in node.labels)
            shared[key] = {value for value, count in counts.items() if count > 1}
        return shared

    def _seen(
        self,
        node: Node,
        use: Use,
        pods: Collection[Pod],
        shared: Mapping[str, Collection[str]],
        social: tuple[str, ...],
    ) -> _Seen:
        wanted = [requests_of(pod.spec) for pod in pods]
        size = self.standing.size(node)
        labels = tuple((k, node.labels[k]) for k in sorted(self.shapes.node_keys) if k in node.labels)
        taints = tuple((t.key, t.value, t.effect) for t in node.spec.taints)
        ports = tuple(sorted({p for pod in pods for p in ports_of(pod.spec) if conflicts(p, use.ports)}))
        domains = tuple(
            (key, node.labels[key] if node.labels[key] in shared[key] else None)
            for key in sorted(shared)
            if key in node.labels
        )
        offers, holds = _offers(wanted, size, use.taken)
        named = node.name if node.name in self.shapes.node_names else ""
        cordoned = node.spec.unschedulable
        signature = (taints, labels, cordoned, offers, holds, ports, domains, social, named)
        room, even = _points(size, use, pods)
        return _Seen(node, signature, room, even, len(use.guests))

    def _tell(self, seen: _Seen) -> list[str]:
        taints, labels, cordoned, offers, holds, ports, domains, social, named = seen.signature[:9]
        name = seen.node.name
        lines = [v.NODE(name), v.PLACE(name), v.CROWD(name, seen.crowd)]
        lines += [v.ROOMINESS(name, seen.room), v.EVENNESS(name, seen.even)]
        lines += [v.TAINT(name, Term("taint", taint)) for taint in taints]  # type: ignore[attr-defined]
        lines += [v.HAS(name, Term("label", (k,)), x) for k, x in labels]  # type: ignore[attr-defined]
        if named:
            lines.append(v.HAS(name, Term("field", ("metadata.name",)), name))
        if cordoned:
            lines.append(v.UNSCHEDULABLE(name))
        lines += [v.OFFERS(name, r, place) for r, place in offers]  # type: ignore[attr-defined]
        lines += [v.HOLDS(name, r, place) for r, place in holds]  # type: ignore[attr-defined]
        lines += [v.PORT_TAKEN(name, _port(port)) for port in ports]  # type: ignore[attr-defined]
        for key, value in domains:  # type: ignore[attr-defined]
            lines.append(v.TOPOLOGY(name, key, Term(ALONE, (name,)) if value is None else value))
        quoted = v.text_of(name)
        lines += [line.replace('""', quoted, 1) for line in social]  # type: ignore[attr-defined]
        return lines

    # --- together ---

    def _asked(self, pods: list[Pod], seen: list[_Seen], lines: list[str]) -> Asked:
        ranks = {node.name: rank for rank, node in enumerate(self.nodes)}
        members: dict[str, tuple[str, ...]] = {}
        told: list[str] = []
        classes: dict[tuple[object, ...], list[_Seen]] = {}
        for one in seen:
            classes.setdefault(one.signature, []).append(one)
        for group in classes.values():
            chosen = _told_apart(group) if self.apart else _foremost(group)
            for one, names in chosen:
                members[one.node.name] = names
                told += self._tell(one)
                told += [v.STANDS_FOR(one.node.name, len(names)), v.RANK(one.node.name, ranks[one.node.name])]
        values = [t.value for node in self.nodes for t in node.spec.taints] if self.shapes.compares else []
        values += [x for node in self.nodes for x in node.labels.values()] if self.shapes.compares else []
        lines += self.neighbours.facts(pods, len(self.nodes))
        text = [
            *gate_facts(self.gates),
            *lines,
            *told,
            *self.shapes.facts,
            *self.shapes.integer_facts(values),
        ]
        return Asked("\n".join(text), members)


Chosen = list[tuple[_Seen, tuple[str, ...]]]


def _told_apart(group: list[_Seen]) -> Chosen:
    """Nodes of one class that also get the same points, each kind of them once."""
    kinds: dict[tuple[int, int], list[_Seen]] = {}
    for one in group:
        kinds.setdefault((one.room, one.even), []).append(one)
    return [(alike[0], tuple(one.node.name for one in alike)) for alike in kinds.values()]


def _foremost(group: list[_Seen]) -> Chosen:
    """The nodes of one class that no other of it comes before, whatever the points weigh.

    The first of them stands for all that are left out too.
    """
    best: dict[tuple[int, int], _Seen] = {}
    for one in group:
        known = best.get((one.room, one.even))
        if known is None or one.crowd < known.crowd:
            best[one.room, one.even] = one
    frontier: list[_Seen] = []
    for (_, even), one in sorted(best.items(), reverse=True):
        if not frontier or even > frontier[-1].even:
            frontier.append(one)
    shown = {one.node.name for one in frontier[1:]}
    rest = tuple(one.node.name for one in group if one.node.name not in shown)
    first = frontier[0].node.name
    ordered = (first, *(name for name in rest if name != first))
    return [(frontier[0], ordered), *((one, (one.node.name,)) for one in frontier[1:])]


def _port(port: Port) -> str:
    return f"{port[0]}:{port[2]}/{port[1]}"


def _places(requests: Amounts, wanted: Iterable[Amounts]) -> dict[str, list[int]]:
    """By resource the places of these requests among all that are wanted; nought has the place nought."""
    places: dict[str, list[int]] = {}
    for resource in requests:
        order = sorted({some[resource] for some in wanted if some.get(resource, 0) > 0})
        places[resource] = [bisect_right(order, requests[resource])]
    return places


Places = tuple[tuple[str, int], ...]


def _offers(wanted: list[Amounts], size: Amounts | None, taken: Amounts) -> tuple[Places, Places]:
    """What a node has left, and has in all, of each wanted resource: how many of the requests fit.

    The rules only compare amounts, so these places are as good, exact, and small enough for clingo.
    """
    offers: list[tuple[str, int]] = []
    holds: list[tuple[str, int]] = []
    for resource in sorted({r for some in wanted for r in some}):
        order = sorted({some[resource] for some in wanted if some.get(resource, 0) > 0})
        whole = size.get(resource, 0) if size is not None else None
        left = len(order) if whole is None else bisect_right(order, whole - taken.get(resource, 0))
        offers.append((resource, left))
        holds.append((resource, len(order) if whole is None else bisect_right(order, whole)))
    return tuple(offers), tuple(holds)


def _points(size: Amounts | None, use: Use, pods: Collection[Pod]) -> tuple[int, int]:
    """How much room the pod would leave, and how evenly used, in hundredths.

    Source: noderesources `leastResourceScorer` and `balancedResourceScorer`, over cores and memory.
    """
    if size is None or len(pods) != 1:
        return 0, 0
    (pod,) = pods
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
    if not any(asked.get(resource) for resource in UNSAID) or len(fractions) < len(UNSAID):
        return room, 0
    return room, int((1 - abs(fractions[0] - fractions[1]) / 2) * _MOST)
