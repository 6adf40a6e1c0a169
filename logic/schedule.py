"""Placement: pending pods are given to feasible nodes, as the scheduling rules say."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from fractions import Fraction

import msgspec

from foretell.logic import vocabulary as v
from foretell.logic.facts import gate_facts
from foretell.logic.round import AUTHORS, action_on
from foretell.logic.shapes import Shapes
from foretell.logic.solve import solve
from foretell.logic.symmetry import Grouping
from foretell.logic.vocabulary import Term
from foretell.model.clock import timestamp
from foretell.model.cluster import Cluster
from foretell.model.forecast import Action, Reason, Verb
from foretell.model.meta import Key, Object
from foretell.model.objects import Condition, Node, PersistentVolumeClaim, Pod, PodSpec
from foretell.model.quantity import parse_quantity

replace = msgspec.structs.replace
Amounts = dict[str, Fraction]
Positions = dict[str, dict[Fraction, int]]
_SIDECAR = "Always"
# More than any quantity: those have at most 19 digits and the largest suffix is Ei.
_BOUNDLESS = Fraction(10**40)
_FILES = ("schedule.lp",)


def requests_of(spec: PodSpec) -> Amounts:
    """What a pod asks of a node, by resource; itself counts as one of `pods`.

    Source: Kubernetes resource helpers (`PodRequests`): init containers run before the others, those that
    restart always run beside them.
    """
    total: Amounts = {}
    for container in spec.containers:
        _add(total, container.resources.requests or container.resources.limits)
    sidecars: Amounts = {}
    most: Amounts = {}
    for container in spec.init_containers:
        asked = container.resources.requests or container.resources.limits
        if container.restart_policy == _SIDECAR:
            _add(sidecars, asked)
            _raise_to(most, sidecars)
        else:
            beside = dict(sidecars)
            _add(beside, asked)
            _raise_to(most, beside)
    for resource, amount in sidecars.items():
        total[resource] = total.get(resource, Fraction(0)) + amount
    _raise_to(total, most)
    _add(total, spec.overhead)
    total["pods"] = Fraction(1)
    return total


def _add(total: Amounts, more: dict[str, str | int | float]) -> None:
    for resource, text in more.items():
        total[resource] = total.get(resource, Fraction(0)) + parse_quantity(text)


def _raise_to(total: Amounts, least: Amounts) -> None:
    for resource, amount in least.items():
        total[resource] = max(total.get(resource, Fraction(0)), amount)


def ports_of(spec: PodSpec) -> set[tuple[str, str, int]]:
    """The host ports that a pod wants: address, protocol and number."""
    ports = (p for container in spec.containers for p in container.ports if p.host_port)
    return {(p.host_ip or "0.0.0.0", p.protocol or "TCP", p.host_port) for p in ports}


def pending_pods(cluster: Cluster, keys: Iterable[Key]) -> list[Pod]:
    """The pods among these that the scheduler has to place, in the order of its queue."""
    pods = (pod for key in keys if isinstance(pod := cluster.get(key), Pod))
    waiting = [p for p in pods if not p.spec.node_name and not p.terminating and not p.finished]
    default = ("", "default-scheduler")
    return sorted(
        (p for p in waiting if p.spec.scheduler_name in default),
        key=lambda p: (-p.spec.priority, p.metadata.creation_timestamp or "", p.name),
    )


Writes = list[tuple[Key, Object | None]]


def bindings(
    cluster: Callable[[], Cluster], waiting: Callable[[], set[Key]], gates: frozenset[str], now: float
) -> Iterator[tuple[Writes, list[Action]]]:
    """What the scheduler writes, round by round, until no pending pod is left that fits anywhere.

    The cluster and the pods that may be pending are asked for anew in each round. Of pods that are alike
    only the first is tried when it fits nowhere.
    """
    tried: set[Key] = set()
    hopeless: set[Hashable] = set()
    while True:
        pods = pending_pods(cluster(), waiting() - tried)
        queue = [pod for pod in pods if pod.pinned_to or _alike(pod) not in hopeless]
        if not queue:
            return
        placement = Placement(cluster(), gates)
        places = placement.place(queue)
        failed = [pod for pod in placement.asked if pod.key not in places]
        tried |= {pod.key for pod in failed}
        hopeless |= {_alike(pod) for pod in failed if not pod.pinned_to}
        bound = [replace(p, spec=replace(p.spec, node_name=places[p.key])) for p in pods if p.key in places]
        writes: Writes = [(pod.key, _scheduled(pod, now, done=True)) for pod in bound]
        writes += [(pod.key, _scheduled(pod, now, done=False)) for pod in failed]
        yield writes, [action_on(Verb.BIND, pod, AUTHORS["scheduler"], Reason.FEASIBLE) for pod in bound]


def _alike(pod: Pod) -> Hashable:
    """What the scheduler sees of a pod."""
    return msgspec.json.encode((pod.namespace, replace(pod.spec, hostname="", volumes=()), pod.claims))


def _scheduled(pod: Pod, now: float, *, done: bool) -> Pod:
    """The pod with the scheduler's condition."""
    status = "True" if done else "False"
    if any(c.type == "PodScheduled" and c.status == status for c in pod.status.conditions):
        return pod
    kept = [condition for condition in pod.status.conditions if condition.type != "PodScheduled"]
    reason = "" if done else "Unschedulable"
    fresh = Condition(type="PodScheduled", status=status, reason=reason, last_transition_time=timestamp(now))
    return replace(pod, status=replace(pod.status, conditions=(*kept, fresh)))


class Placement:
    """One round of the scheduler over pending pods."""

    def __init__(self, cluster: Cluster, gates: Iterable[str] = ()) -> None:
        self.cluster = cluster
        self.gates = gates
        self.asked: list[Pod] = []
        self.shapes = Shapes()
        self.lines: list[str] = []

    def place(self, pods: list[Pod]) -> dict[Key, str]:
        """Where pods of this round go: pinned ones, at most one a node, or else the first of the others."""
        pinned: dict[str, Pod] = {}
        for pod in pods:
            if pod.pinned_to:
                pinned.setdefault(pod.pinned_to, pod)
        if pinned:
            self.asked = list(pinned.values())
            return self._place(pinned)
        self.asked = pods[:1]
        return self._place_anywhere(pods[0]) if pods else {}

    def _place(self, pinned: dict[str, Pod]) -> dict[Key, str]:
        nodes = {name: node for name in pinned if (node := self.cluster.find(Node, name)) is not None}
        wanted = {r for pod in pinned.values() for r in requests_of(pod.spec)}
        wants = {name: self._asked(pinned[name]) for name in nodes}
        self._name_keys(pinned.values())
        left = {name: self._left(node, wanted) for name, node in nodes.items()}
        signatures = [(name, (self._rows(nodes[name], left[name]), wants[name])) for name in sorted(nodes)]
        grouping = Grouping.of(signatures)
        scale = _positions(
            [a for name in grouping.members for a in (left[name], requests_of(pinned[name].spec))]
        )
        for name in grouping.members:
            self._tell_node(nodes[name], left[name], grouping.ranks[name], scale, pinned[name])
            self._tell_pod(pinned[name], scale)
            self.lines.append(v.PINNED(pinned[name].key.path, name))
        bound = self._solve()
        return {
            pinned[member].key: member
            for name, members in grouping.members.items()
            if pinned[name].key in bound
            for member in members
        }

    def _place_anywhere(self, pod: Pod) -> dict[Key, str]:
        wanted = set(requests_of(pod.spec))
        self._name_keys([pod])
        left = {node.name: self._left(node, wanted) for node in self.cluster.nodes}
        nodes = {node.name: node for node in self.cluster.nodes}
        signatures = [
            (
                name,
                (
                    self._rows(node, left[name]),
                    self._crowd(name),
                    name if name in self.shapes.node_names else "",
                ),
            )
            for name, node in nodes.items()
        ]
        grouping = Grouping.of(signatures)
        scale = _positions([*left.values(), requests_of(pod.spec)])
        for name in grouping.members:
            self._tell_node(nodes[name], left[name], list(nodes).index(name), scale, pod)
        self._tell_pod(pod, scale)
        return self._solve()

    def _name_keys(self, pods: Iterable[Pod]) -> None:
        """Let the shapes be made first, so that it is known which labels count."""
        for pod in pods:
            self.shapes.of_spec(pod.spec, pinned=bool(pod.pinned_to))

    def _asked(self, pod: Pod) -> tuple[object, ...]:
        shape = self.shapes.of_spec(pod.spec, pinned=True)
        return (shape, tuple(sorted(requests_of(pod.spec).items())), tuple(sorted(ports_of(pod.spec))))

    def _left(self, node: Node, wanted: set[str]) -> Amounts:
        """What of the wanted resources pods on the node leave over."""
        if not node.status.allocatable:
            # A node written by hand without numbers is taken to have room for everything.
            return dict.fromkeys(wanted, _BOUNDLESS)
        left = {r: parse_quantity(node.status.allocatable.get(r, 0)) for r in wanted}
        for pod in self.cluster.pods_on(node.name):
            if pod.spec.node_name and not pod.finished:
                for resource, amount in requests_of(pod.spec).items():
                    if resource in left:
                        left[resource] -= amount
        return left

    def _crowd(self, name: str) -> int:
        return sum(1 for pod in self.cluster.pods_on(name) if pod.spec.node_name)

    def _rows(self, node: Node, left: Amounts) -> tuple[object, ...]:
        labels = tuple((k, node.labels[k]) for k in sorted(self.shapes.node_keys) if k in node.labels)
        taints = tuple((t.key, t.value, t.effect) for t in node.spec.taints)
        ports = frozenset(
            p for pod in self.cluster.pods_on(node.name) for p in ports_of(pod.spec) if not pod.finished
        )
        return (taints, labels, node.spec.unschedulable, tuple(sorted(left.items())), ports)

    def _tell_node(self, node: Node, left: Amounts, rank: int, scale: Positions, pod: Pod) -> None:
        name = node.name
        self.lines += [v.NODE(name), v.PLACE(name), v.RANK(name, rank), v.CROWD(name, self._crowd(name))]
        self.lines += [v.TAINT(name, Term("taint", (t.key, t.value, t.effect))) for t in node.spec.taints]
        for key in sorted(self.shapes.node_keys & set(node.labels)):
            self.lines.append(v.HAS(name, Term("label", (key,)), node.labels[key]))
        if name in self.shapes.node_names:
            self.lines.append(v.HAS(name, Term("field", ("metadata.name",)), name))
        if node.spec.unschedulable:
            self.lines.append(v.UNSCHEDULABLE(name))
        self.lines += [v.OFFERS(name, r, scale[r][amount]) for r, amount in sorted(left.items())]
        wanted = ports_of(pod.spec)
        for other in self.cluster.pods_on(name):
            if other.spec.node_name and not other.finished:
                taken = ports_of(other.spec)
                self.lines += [v.PORT_TAKEN(name, _port(p)) for p in sorted(wanted) if _conflicts(p, taken)]

    def _tell_pod(self, pod: Pod, scale: Positions) -> None:
        path = pod.key.path
        self.lines += [
            v.PENDING(path),
            v.SHAPE(path, self.shapes.of_spec(pod.spec, pinned=bool(pod.pinned_to))),
        ]
        for resource, amount in sorted(requests_of(pod.spec).items()):
            self.lines.append(v.REQUESTS(path, resource, scale[resource][amount]))
        self.lines += [v.WANTS_PORT(path, _port(port)) for port in sorted(ports_of(pod.spec))]
        for name in pod.claims:
            claim = self.cluster.find(PersistentVolumeClaim, name, pod.namespace)
            if claim is None or claim.terminating or claim.phase != "Bound":
                self.lines.append(v.CLAIM_LACKING(path))

    def _solve(self) -> dict[Key, str]:
        values = [t.value for node in self.cluster.nodes for t in node.spec.taints]
        values += [value for node in self.cluster.nodes for value in node.labels.values()]
        integers = self.shapes.integer_facts(values)
        answer = solve(
            _FILES,
            "\n".join([*gate_facts(self.gates), *self.lines, *self.shapes.facts, *integers]),
        )
        return {v.key_of("Pod", str(pod)): str(node) for pod, node in answer.get("binds", ())}


def _port(port: tuple[str, str, int]) -> str:
    return f"{port[0]}:{port[2]}/{port[1]}"


def _conflicts(port: tuple[str, str, int], taken: set[tuple[str, str, int]]) -> bool:
    """Whether a wanted host port is taken; the address 0.0.0.0 stands for all."""
    address, protocol, number = port
    return any(
        (protocol, number) == other[1:] and (address == other[0] or "0.0.0.0" in (address, other[0]))
        for other in taken
    )


def _positions(amounts: list[Amounts]) -> Positions:
    """By resource the place of each amount in their order, nought being at place nought.

    The rules only compare amounts, so places are as good, exact, and small enough for clingo.
    """
    positions: Positions = {}
    for resource in {r for some in amounts for r in some}:
        values = {some[resource] for some in amounts if resource in some}
        order = sorted(value for value in values if value > 0)
        positions[resource] = {value: -1 if value < 0 else 0 for value in values}
        positions[resource].update((value, place) for place, value in enumerate(order, start=1))
    return positions
