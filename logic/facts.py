"""The one door to the solver: a cluster and what is remembered, as facts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from foretell.logic import vocabulary as v
from foretell.logic.facts_ownership import ownership_facts
from foretell.logic.facts_workloads import WorkloadFacts
from foretell.logic.gates import Gates
from foretell.logic.memory import Memory
from foretell.logic.scope import Scope, near, owner_of, tainted
from foretell.logic.shapes import Shapes, clamped
from foretell.logic.symmetry import Grouping
from foretell.logic.templates import HASH_LABEL
from foretell.logic.vocabulary import Term
from foretell.model.clock import seconds
from foretell.model.cluster import Cluster
from foretell.model.meta import Key
from foretell.model.objects import DaemonSet, Node, Pod, StatefulSet, Workload

_ZONE_LABELS = ("topology.kubernetes.io/region", "topology.kubernetes.io/zone")


@dataclass(frozen=True)
class Facts:
    """The facts of a round, and how to get from those that stand for others to all.

    `stacks` holds, by node, its pods in the order in which alike nodes have alike pods; `places` says where
    in its node's stack a pod is. Pods that stand for themselves alone are in neither.
    """

    text: str
    grouping: Grouping
    stacks: dict[str, tuple[Key, ...]]
    places: dict[Key, tuple[str, int]]

    def alike(self, pod: Key, limits: dict[str, int]) -> list[Key]:
        """All pods that this one stands for, or as many as the limit of its node allows."""
        if pod not in self.places:
            return [pod]
        node, index = self.places[pod]
        members = self.grouping.members.get(node, (node,))
        return [self.stacks[member][index] for member in members[: limits.get(node)]]

    def nodes_alike(self, node: str, limits: dict[str, int]) -> tuple[str, ...]:
        """All nodes that this one stands for, or as many as its limit allows."""
        return self.grouping.members.get(node, (node,))[: limits.get(node)]


def gate_facts(gates: Iterable[str]) -> list[str]:
    """The facts of a version and its gates; plain names are taken for those of the default version."""
    known = gates if isinstance(gates, Gates) else Gates(gates)
    return [v.KUBERNETES(known.minor), *(v.GATE(gate) for gate in sorted(known))]


class FactMaker:
    """Makes the facts of one round."""

    def __init__(
        self,
        cluster: Cluster,
        scope: Scope,
        memory: Memory,
        now: float,
        gates: Iterable[str],
        *,
        grouped: bool,
    ) -> None:
        self.cluster, self.scope, self.memory, self.now, self.grouped = cluster, scope, memory, now, grouped
        self.shapes = Shapes()
        self.lines = gate_facts(gates)
        self.ids = {w.key: v.workload_term(w.key) for w in scope.workloads}
        self.label_keys: dict[Key, tuple[str, ...]] = {}

    def make(self) -> Facts:
        """The facts."""
        workloads = WorkloadFacts(self.cluster, self.shapes, self.memory, self.now)
        for workload in self.scope.workloads:
            self.lines += workloads.of(workload)
            selector = workload.spec.selector
            keys = {r.key for r in selector.requirements} if selector else set()
            self.label_keys[workload.key] = tuple(sorted(keys))
        pods = self._pods()
        daemonish = {key for key, pod in pods.items() if self._is_daemonish(pod)}
        by_node: dict[str, list[Pod]] = {}
        for key in daemonish:
            by_node.setdefault(_node_of(pods[key]), []).append(pods[key])
        ages: dict[Key, int] = {}
        for stack in by_node.values():
            stack.sort(key=_age)
            ages.update((pod.key, index) for index, pod in enumerate(stack))
        named = sorted((pod for key, pod in pods.items() if key not in daemonish), key=_age)
        ages.update((pod.key, index) for index, pod in enumerate(named))
        rows = {key: self._pod_rows(pod, ages[key]) for key, pod in pods.items()}
        stacks = {node: tuple(pod.key for pod in stack) for node, stack in by_node.items()}
        grouping = self._nodes(stacks, rows, named)
        for node in grouping.members:
            for key in stacks.get(node, ()):
                self.lines += _facts_of(key.path, rows[key])
        for pod in named:
            self.lines += _facts_of(pod.key.path, rows[pod.key])
        self.lines += ownership_facts(self.cluster, self.memory)
        taint_values = (
            (t.value for node in self.cluster.nodes for t in node.spec.taints) if self.shapes.compares else ()
        )
        label_values = (
            (x for node in self.cluster.nodes for x in node.labels.values()) if self.shapes.compares else ()
        )
        self.lines += self.shapes.facts + self.shapes.integer_facts((*taint_values, *label_values))
        places = {key: (node, index) for node, keys in stacks.items() for index, key in enumerate(keys)}
        return Facts("\n".join(self.lines), grouping, stacks, places)

    # --- pods ---

    def _pods(self) -> dict[Key, Pod]:
        """Every pod that the facts are about: those of the scope, of its workloads, and orphans near them."""
        pods = {pod.key: pod for pod in self.scope.pods}
        for workload in self.scope.workloads:
            owned = self.cluster.owned_by(workload.metadata.uid)
            pods.update((thing.key, thing) for thing in owned if isinstance(thing, Pod))
        for namespace in {w.namespace for w in self.scope.workloads}:
            for thing in self.cluster.orphans(namespace):
                if isinstance(thing, Pod) and any(near(thing, w) for w in self.scope.workloads):
                    pods[thing.key] = thing
        return pods

    def _is_daemonish(self, pod: Pod) -> bool:
        """Whether the pod is told from others only by its state and its node, not by its name."""
        owner = owner_of(self.cluster, pod)
        if owner is not None:
            return isinstance(owner, DaemonSet) and bool(_node_of(pod))
        if pod.metadata.controller is None:
            sets = (w for w in self.scope.workloads if isinstance(w, StatefulSet))
            return bool(_node_of(pod)) and not any(near(pod, w) for w in sets)
        return bool(_node_of(pod))

    def _pod_rows(self, pod: Pod, age: int) -> tuple[tuple[object, ...], ...]:
        """All facts of a pod but for its name, which goes in front of the arguments."""
        rows: list[tuple[object, ...]] = [(v.POD,), (v.PHASE, pod.phase), (v.AGE, age)]
        owner = owner_of(self.cluster, pod)
        minders: list[Workload] = []
        if owner is not None and owner.key in self.ids:
            rows.append((v.OWNER, self.ids[owner.key]))
            minders.append(owner)
        elif pod.metadata.controller is None:
            rows.append((v.ORPHAN,))
            minders += [w for w in self.scope.workloads if near(pod, w)]
            rows += [(v.NEAR, self.ids[w.key]) for w in minders]
        for label in sorted({label for w in minders for label in self.label_keys[w.key]} & set(pod.labels)):
            rows.append((v.HAS, Term("label", (label,)), pod.labels[label]))
        if self._tells_node(pod):
            rows.append((v.BOUND, pod.spec.node_name))
            node = self.cluster.find(Node, pod.spec.node_name)
            if node is not None and tainted(node):
                rows.append((v.SHAPE, self.shapes.of_pod(pod.spec)))
            if pod.spec.node_name in self.memory.lost:
                rows.append((v.LOST_FOR, clamped(self.now - self.memory.lost[pod.spec.node_name])))
        elif pod.pinned_to and not pod.spec.node_name:
            rows.append((v.PINNED, pod.pinned_to))
        if not pod.spec.node_name:
            rows.append((v.UNPLACED,))
        if pod.ready:
            most = max((w.spec.min_ready_seconds for w in minders), default=0)
            # One second more than is asked for: some versions want the time to be over, not just up.
            rows += [(v.READY,), (v.READY_FOR, min(most + 1, self._ready_for(pod)) if most else 0)]
        if pod.terminating:
            rows.append((v.TERMINATING,))
        if HASH_LABEL in pod.labels:
            rows.append((v.POD_HASH, pod.labels[HASH_LABEL]))
        if pod.key in self.memory.evictions:
            rows.append((v.TIMER, clamped(-((self.now - self.memory.evictions[pod.key]) // 1))))
        if pod.key in self.scope.touched:
            rows.append((v.TOUCHED,))
        rows += [(v.ORDINAL, self.ids[w.key], number) for w in minders for number in _ordinal(pod, w)]
        return tuple(rows)

    def _tells_node(self, pod: Pod) -> bool:
        """Whether some rule looks at a bound pod's node: for StatefulSets only where pods are driven off."""
        if not pod.spec.node_name or self._is_daemonish(pod):
            return bool(pod.spec.node_name)
        node = self.cluster.find(Node, pod.spec.node_name)
        if node is None or tainted(node) or pod.key in self.memory.evictions:
            return True
        return any(isinstance(w, DaemonSet) and near(pod, w) for w in self.scope.workloads)

    def _ready_for(self, pod: Pod) -> int:
        condition = pod.ready_condition
        if condition is None or condition.last_transition_time is None:
            return 0
        return clamped(max(0.0, self.now - seconds(condition.last_transition_time)))

    # --- nodes ---

    def _nodes(
        self,
        stacks: dict[str, tuple[Key, ...]],
        rows: dict[Key, tuple[tuple[object, ...], ...]],
        named: list[Pod],
    ) -> Grouping:
        """The facts of nodes; alike ones, with alike pods, are told once."""
        nodes: dict[str, Node | None] = dict.fromkeys(stacks)
        told = {pod.spec.node_name for pod in named if self._tells_node(pod)}
        nodes.update(dict.fromkeys(told))
        if self.scope.all_nodes:
            nodes.update((node.name, node) for node in self.cluster.nodes)
        else:
            for name in nodes:
                nodes[name] = self.cluster.find(Node, name)
        watched = {(key[2]) for key, *_ in self.memory.back_offs}
        apart = self.shapes.node_names | told | watched
        labels = sorted(self.shapes.node_keys)
        facts: dict[str, tuple[tuple[object, ...], ...]] = {}
        signatures = []
        for name in sorted(nodes):
            facts[name] = self._node_rows(name, nodes[name], labels)
            stack = tuple(_nodeless(rows[key]) for key in stacks.get(name, ()))
            signatures.append((name, (facts[name], stack, name if name in apart else "")))
        grouping = Grouping.of(signatures, grouped=self.grouped)
        for name, members in grouping.members.items():
            self.lines += _facts_of(name, facts[name])
            self.lines += [v.STANDS_FOR(name, len(members)), v.RANK(name, grouping.ranks[name])]
            if name in self.shapes.node_names:
                self.lines.append(v.HAS(name, Term("field", ("metadata.name",)), name))
        return grouping

    def _node_rows(self, name: str, node: Node | None, labels: list[str]) -> tuple[tuple[object, ...], ...]:
        if node is None:
            return ()
        rows: list[tuple[object, ...]] = [(v.NODE,)]
        rows += [(v.TAINT, Term("taint", (t.key, t.value, t.effect))) for t in node.spec.taints]
        rows += [
            (v.HAS, Term("label", (label,)), node.labels[label]) for label in labels if label in node.labels
        ]
        if self.scope.nodes:
            zone = "/".join(node.labels.get(label, "") for label in _ZONE_LABELS)
            rows.append((v.ZONE, zone))
            rows += [(v.CONDITION, c.type, c.status) for c in node.status.conditions]
            if node.spec.unschedulable:
                rows.append((v.UNSCHEDULABLE,))
            if Key("Node", "", name) in self.scope.touched:
                rows.append((v.TOUCHED,))
        return tuple(rows)


def _facts_of(name: str, rows: Iterable[tuple[object, ...]]) -> list[str]:
    return [predicate(name, *arguments) for predicate, *arguments in rows]  # type: ignore[operator]


def _nodeless(rows: tuple[tuple[object, ...], ...]) -> tuple[tuple[object, ...], ...]:
    """A pod's facts without its node's name, which alike pods don't share."""
    return tuple((row[0],) if row[0] in (v.BOUND, v.PINNED) else row for row in rows)


def _node_of(pod: Pod) -> str:
    return pod.spec.node_name or pod.pinned_to


def _age(pod: Pod) -> tuple[str, str]:
    return (pod.metadata.creation_timestamp or "", pod.name)


def _ordinal(pod: Pod, workload: Workload) -> tuple[int, ...]:
    """The ordinal that a pod's name has of a StatefulSet, if any. Source: `getParentNameAndOrdinal`."""
    parent, dash, digits = pod.name.rpartition("-")
    fits = isinstance(workload, StatefulSet) and dash and parent == workload.name
    if not fits or not digits.isascii() or not digits.isdigit() or int(digits) >= 2**31:
        return ()
    return (int(digits),)


def facts_of(
    cluster: Cluster,
    scope: Scope,
    memory: Memory,
    now: float,
    gates: Iterable[str] = (),
    *,
    grouped: bool = True,
) -> Facts:
    """The facts of a round; ungrouped, every node stands for itself alone."""
    return FactMaker(cluster, scope, memory, now, gates, grouped=grouped).make()
