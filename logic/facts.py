"""The one door to the solver: a cluster and what is remembered, as facts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from foretell.logic import vocabulary as v
from foretell.logic.alike import Alike
from foretell.logic.facts_job_pods import is_for_job, job_pod_rows
from foretell.logic.facts_ordinals import OrdinalFacts
from foretell.logic.facts_ownership import ownership_facts
from foretell.logic.facts_sets import SetFacts
from foretell.logic.facts_workloads import WorkloadFacts
from foretell.logic.finding import ordinal_of
from foretell.logic.gates import Gates
from foretell.logic.memory import Memory
from foretell.logic.runs import Run
from foretell.logic.scope import Scope, min_ready_seconds, near, owner_of, selector_of, tainted
from foretell.logic.seen import Rows, Told, facts_from
from foretell.logic.shapes import Shapes, clamped
from foretell.logic.stacks import NOTHING, Stack, Stacks
from foretell.logic.symmetry import Grouping
from foretell.logic.templates import HASH_LABEL
from foretell.logic.vocabulary import Term
from foretell.model.clock import seconds
from foretell.model.cluster import Cluster
from foretell.model.job_pods import belongs, counted
from foretell.model.meta import Key
from foretell.model.objects import (
    CronJob,
    DaemonSet,
    Deployment,
    Job,
    Node,
    Pod,
    ReplicaSet,
    StatefulSet,
    Workload,
)

# Kinds to which a pod matters by itself, not by its node.
_NAMING = (StatefulSet, ReplicaSet, Job)
_ZONE_LABELS = ("topology.kubernetes.io/region", "topology.kubernetes.io/zone")


@dataclass(frozen=True)
class Facts:
    """The facts of a round, and how to get from those that stand for others to all.

    `sets` are groups of alike pods of ReplicaSets, and runs of alike ordinals of StatefulSets.
    `stacks` holds, by node, its pods in the order in which alike nodes have alike pods; `places` says where
    in its node's stack a pod is. Pods that stand for themselves alone are in neither.
    """

    text: str
    grouping: Grouping
    stacks: dict[str, tuple[Key, ...]]
    places: dict[Key, tuple[str, int]]
    sets: Alike = field(default_factory=Alike)

    def alike(self, pod: Key, limits: dict[str, int]) -> list[Key]:
        """All pods that this one stands for, or as many as the limit of its node allows; or all claims."""
        if pod not in self.places:
            return list(self.sets.members.get(pod, (pod,)))
        node, index = self.places[pod]
        members = self.grouping.members.get(node, (node,))
        return [self.stacks[member][index] for member in members[: limits.get(node)]]

    def ordinals_alike(self, statefulset: Key, ordinal: int) -> range:
        """All ordinals of a StatefulSet that this one stands for."""
        pod = Key("Pod", statefulset.namespace, f"{statefulset.name}-{ordinal}")
        run = self.sets.members.get(pod)
        return run.ordinals if isinstance(run, Run) else range(ordinal, ordinal + 1)

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
        self.suitors = [w for w in scope.workloads if not isinstance(w, Deployment | CronJob)]
        self.has_sets = any(isinstance(w, _NAMING) for w in scope.workloads)
        self.terms = {**self.ids, **{d.key: v.workload_term(d.key) for d in cluster.daemonsets}}
        self.scoped = {pod.key for pod in scope.pods}
        self.owners: dict[str, Workload | None] = {}

    def make(self) -> Facts:
        """The facts."""
        workloads = WorkloadFacts(self.cluster, self.shapes, self.memory, self.now)
        for workload in self.scope.workloads:
            self.lines += workloads.of(workload)
            self.label_keys[workload.key] = _label_keys(workload)
        for daemonset in self.cluster.daemonsets:
            if daemonset.key not in self.label_keys:
                self.label_keys[daemonset.key] = _label_keys(daemonset)
        others: list[tuple[Key, Pod]] = []
        replicas: dict[str, list[tuple[Key, Pod]]] = {}
        for key, pod in self._pods().items():
            owner = self._owner(pod)
            if isinstance(owner, StatefulSet) and owner.key in self.ids:
                continue
            if isinstance(owner, ReplicaSet):
                if owner.key not in self.ids:
                    replicas.setdefault(owner.metadata.uid, []).append((key, pod))
            elif not self._is_daemonish(pod):
                others.append((key, pod))
        sets = SetFacts(
            self.cluster, self.scope, self.memory, self.now, lambda pod: self._pod_rows(pod, None),
            self._owner, self.label_keys, self.grouped,
        )  # fmt: skip
        ordinals = OrdinalFacts(
            self.cluster, self.scope, self.memory, self.now, sets.rows_of, self._is_fleeting,
            self._owner, self.label_keys, sets.telling, sets.alike, self.grouped,
        )  # fmt: skip
        others += ordinals.tell([pod for _, pod in others if pod.metadata.controller is None])
        named = [pod for _, pod in others]
        stacks = self._stacks()
        # Where a pod with a name may meet daemon pods, all of these stand in one order.
        met = {_node_of(pod) for pod in named if self._meets_daemon_pods(pod)}
        guests = [(key, pod) for node in met for key, pod in self._entries(node)]
        told = {
            key: self._told(key, pod, age)
            for age, (key, pod) in enumerate(sorted([*others, *guests], key=_age))
        }
        known = met | {p.spec.node_name for p in named if self._tells_node(p)}
        sets.tell(replicas, [pod for pod in named if pod.metadata.controller is None])
        self.lines += ordinals.lines + sets.lines
        grouping = self._nodes(stacks, told, known | sets.nodes | ordinals.nodes)
        for node in grouping.members:
            stack = stacks.by_node.get(node, NOTHING)
            for age, (key, said) in enumerate(zip(stack.keys, stack.told, strict=True)):
                if stack.owners[age] in self.ids or stack.owners[age] is None:
                    self.lines += facts_from(key.path, told.get(key, said).rows)
                elif key in self.scoped:
                    self.lines += facts_from(key.path, self._pod_rows(self._daemon_pod(key), age))
        for pod in named:
            self.lines += facts_from(pod.key.path, told[pod.key].rows)
        self.lines += ownership_facts(self.cluster, self.memory)
        self.lines += self.shapes.facts + self.shapes.integer_facts(self._texts())
        return Facts("\n".join(self.lines), grouping, stacks.keys, stacks.places, sets.alike)

    # --- daemon pods, node by node ---

    def _stacks(self) -> Stacks:
        """The stacks of all nodes."""
        daemonsets = self.cluster.daemonsets
        telling = tuple(
            [(d.key, d.metadata.uid, min_ready_seconds(d), self.label_keys[d.key]) for d in daemonsets]
        )
        touched = (self._pod(key) for key in self.scope.touched if key.kind == "Pod")
        timed = (self._pod(key) for key in self.memory.evictions)
        pods = (pod for pod in (*self.scope.pods, *touched, *timed) if pod is not None)
        also = {*map(_node_of, pods), *self.memory.lost} - {""}
        stacks = self.memory.stacks
        # Only how long pods have been ready is told by the clock.
        since = self.now if any(map(min_ready_seconds, daemonsets)) else 0.0
        stacks.bring(self.cluster, telling, since, also, self._stack)
        return stacks

    def _stack(self, node: str) -> Stack:
        """The stack of a node."""
        entries = self._entries(node)
        owners = [self._owner(pod) for _, pod in entries]
        return Stack.of(
            [
                (key, self._told(key, pod, age), owner.key if owner is not None else None)
                for age, ((key, pod), owner) in enumerate(zip(entries, owners, strict=True))
            ],
            # Whether an orphan is looked at depends on who looks.
            lasting=not any(
                pod.metadata.controller is None
                or (self._is_looked_at(pod) and self._is_fleeting(pod.key, pod))
                for pod in self.cluster.pods_on(node)
            ),
        )

    def _entries(self, node: str) -> list[tuple[Key, Pod]]:
        """The daemon pods of a node, in order; those of DaemonSets that aren't looked at are among them."""
        found = [(pod.key, pod) for pod in self.cluster.pods_on(node) if self._is_looked_at(pod)]
        return sorted(found, key=_age) if len(found) > 1 else found

    def _is_looked_at(self, pod: Pod) -> bool:
        """Whether the pod is in its node's stack."""
        owner = self._owner(pod)
        if isinstance(owner, DaemonSet):
            return True
        if owner is not None or not self._is_daemonish(pod):
            return False
        orphaned = pod.metadata.controller is None and any(near(pod, w) for w in self.suitors)
        return orphaned or pod.key in self.scoped

    def _pod(self, key: Key) -> Pod | None:
        thing = self.cluster.get(key)
        return thing if isinstance(thing, Pod) else None

    def _daemon_pod(self, key: Key) -> Pod:
        pod = self._pod(key)
        assert pod is not None
        return pod

    def _texts(self) -> Iterable[str]:
        """The texts that an expression may compare as integers."""
        if self.shapes.compares:
            for node in self.cluster.nodes:
                yield from (taint.value for taint in node.spec.taints)
                yield from node.labels.values()

    def _owner(self, pod: Pod) -> Workload | None:
        reference = pod.metadata.controller
        if reference is None:
            return None
        if reference.uid not in self.owners:
            self.owners[reference.uid] = owner_of(self.cluster, pod)
        return self.owners[reference.uid]

    # --- pods ---

    def _pods(self) -> dict[Key, Pod]:
        """Every pod that the facts are about, but for daemon pods on nodes and what sets of replicas own."""
        pods = {pod.key: pod for pod in self.scope.pods}
        for workload in self.suitors:
            if isinstance(workload, DaemonSet):
                pods.update((pod.key, pod) for pod in self.cluster.adrift(workload.metadata.uid))
            elif not isinstance(workload, ReplicaSet | StatefulSet):
                owned = self.cluster.owned_pods(workload.metadata.uid)
                if isinstance(workload, Job):
                    # A large Job leaves many pods behind that it has counted and never looks at again.
                    owned = ((k, pod) for k, pod in owned if not (counted(pod) and belongs(pod, workload)))
                pods.update(owned)
        for namespace in {w.namespace for w in self.scope.workloads}:
            for thing in self.cluster.orphans(namespace):
                if isinstance(thing, Pod) and any(near(thing, w) for w in self.suitors):
                    pods[thing.key] = thing
        return pods

    def _is_daemonish(self, pod: Pod) -> bool:
        """Whether the pod is told from others only by its state and its node, not by its name."""
        if not _node_of(pod):
            return False
        owner = self._owner(pod)
        if owner is not None:
            return isinstance(owner, DaemonSet)
        if pod.metadata.controller is None and self.has_sets:
            return not any(near(pod, w) for w in self.suitors if isinstance(w, _NAMING))
        return True

    def _told(self, key: Key, pod: Pod, age: int) -> Told:
        """What is told of a pod, as it was told before where nothing has changed that can be seen."""
        seen = self.memory.seen
        owner = self._owner(pod)
        if self._is_fleeting(key, pod):
            return seen.marked(self._pod_rows(pod, age, of_stack=isinstance(owner, DaemonSet)))
        keys = self.label_keys.get(owner.key) if owner is not None else None
        minds = isinstance(owner, DaemonSet) or (owner is not None and owner.key in self.ids)
        asked = min_ready_seconds(owner) if owner is not None else 0
        token = (age, keys, self.has_sets, minds, asked)
        known = seen.pods.get(key)
        if known is not None and known[0] is pod and known[1] == token:
            return known[2]
        told = seen.marked(self._pod_rows(pod, age, of_stack=isinstance(owner, DaemonSet)))
        seen.pods[key] = (pod, token, told)
        return told

    def _is_fleeting(self, key: Key, pod: Pod) -> bool:
        """Whether something else is told of the pod another time, though it hasn't changed."""
        owner = self._owner(pod)
        return (
            key in self.scope.touched
            or key in self.memory.evictions
            or pod.spec.node_name in self.memory.lost
            or owner is None
            or isinstance(owner, Job)
            or is_for_job(pod, [])
            or (pod.ready and self._ready_for(pod) <= min_ready_seconds(owner) > 0)
            or self._tainted(pod)
        )

    def _tainted(self, pod: Pod) -> bool:
        node = self.cluster.find(Node, pod.spec.node_name) if pod.spec.node_name else None
        return node is not None and tainted(node)

    def _pod_rows(self, pod: Pod, age: int | None, *, of_stack: bool = False) -> Rows:
        """All facts of a pod but for its name, which goes in front of the arguments.

        In the stack of its node the pod is a DaemonSet's, whether the facts are about that or not.
        """
        rows: list[tuple[object, ...]] = [(v.POD,), (v.PHASE, pod.phase)]
        if age is not None:
            rows.append((v.AGE, age))
        owner = self._owner(pod)
        minders: list[Workload] = []
        if owner is not None and (of_stack or owner.key in self.ids):
            rows.append((v.OWNER, self.terms[owner.key]))
            minders.append(owner)
        elif pod.metadata.controller is None:
            rows.append((v.ORPHAN,))
            minders += [w for w in self.suitors if near(pod, w)]
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
            most = max(map(min_ready_seconds, minders), default=0)
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
        rows += job_pod_rows(self.cluster, pod, minders, self.now)
        return tuple(rows)

    def _tells_node(self, pod: Pod) -> bool:
        """Whether some rule looks at a bound pod's node: for StatefulSets only where pods are driven off."""
        if not pod.spec.node_name or self._is_daemonish(pod):
            return bool(pod.spec.node_name)
        node = self.cluster.find(Node, pod.spec.node_name)
        if node is None or tainted(node) or pod.key in self.memory.evictions:
            return True
        return self._meets_daemon_pods(pod)

    def _meets_daemon_pods(self, pod: Pod) -> bool:
        """Whether a pod that is told by its name might become a daemon pod of its node."""
        if not _node_of(pod) or pod.metadata.controller is not None:
            return False
        return any(isinstance(w, DaemonSet) and near(pod, w) for w in self.scope.workloads)

    def _ready_for(self, pod: Pod) -> int:
        condition = pod.ready_condition
        if condition is None or condition.last_transition_time is None:
            return 0
        return clamped(max(0.0, self.now - seconds(condition.last_transition_time)))

    # --- nodes ---

    def _nodes(self, stacks: Stacks, told: dict[Key, Told], known: set[str]) -> Grouping:
        """The facts of nodes; alike ones, with alike pods, are told once, known ones by themselves."""
        nodes: dict[str, Node | None] = dict.fromkeys(stacks.by_node)
        nodes.update(dict.fromkeys(known))
        if self.scope.all_nodes:
            nodes.update((node.name, node) for node in self.cluster.nodes)
        else:
            for name in nodes:
                nodes[name] = self.cluster.find(Node, name)
        apart = self.shapes.node_names | known | {node for _, _, node in self.memory.back_offs}
        labels = tuple(sorted(self.shapes.node_keys))
        facts = {name: self._told_node(name, nodes[name], labels) for name in sorted(nodes)}

        def marks_of(name: str) -> tuple[int, ...]:
            stack = stacks.by_node.get(name, NOTHING)
            if told.keys().isdisjoint(stack.keys):
                return stack.marks
            return tuple([told.get(key, said).mark for key, said in zip(stack.keys, stack.told, strict=True)])

        signatures = (
            (name, (said.mark, marks_of(name), name if name in apart else "")) for name, said in facts.items()
        )
        grouping = Grouping.of(signatures, grouped=self.grouped)
        for name, members in grouping.members.items():
            self.lines += facts_from(name, facts[name].rows)
            self.lines += [v.STANDS_FOR(name, len(members)), v.RANK(name, grouping.ranks[name])]
            if name in self.shapes.node_names:
                self.lines.append(v.HAS(name, Term("field", ("metadata.name",)), name))
        return grouping

    def _told_node(self, name: str, node: Node | None, labels: tuple[str, ...]) -> Told:
        """What is told of a node, as it was told before where nothing has changed that can be seen."""
        seen = self.memory.seen
        if node is None:
            return seen.marked(())
        token = (labels, bool(self.scope.nodes), Key("Node", "", name) in self.scope.touched)
        known = seen.nodes.get(name)
        if known is not None and known[0] is node and known[1] == token:
            return known[2]
        told = seen.marked(self._node_rows(name, node, labels))
        seen.nodes[name] = (node, token, told)
        return told

    def _node_rows(self, name: str, node: Node, labels: tuple[str, ...]) -> Rows:
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


def _label_keys(workload: Workload) -> tuple[str, ...]:
    """The labels of pods that some rule looks at for a workload."""
    selector = selector_of(workload)
    keys = {r.key for r in selector.requirements} if selector else set()
    if isinstance(workload, ReplicaSet):
        keys |= set(workload.spec.template.metadata.labels)
    return tuple(sorted(keys))


def _node_of(pod: Pod) -> str:
    return pod.spec.node_name or pod.pinned_to


def _age(entry: tuple[Key, Pod]) -> tuple[str, str]:
    pod = entry[1]
    return (pod.metadata.creation_timestamp or "", pod.name)


def _ordinal(pod: Pod, workload: Workload) -> tuple[int, ...]:
    """The ordinal that a pod's name has of a StatefulSet, if any."""
    number = ordinal_of(pod, workload.name) if isinstance(workload, StatefulSet) else None
    return () if number is None else (number,)


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
