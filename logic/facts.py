"""The one door to the solver: a cluster and what is remembered, as facts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from foretell.logic import vocabulary as v
from foretell.logic.alike import Alike
from foretell.logic.facts_nodes import NodeFacts
from foretell.logic.facts_ordinals import OrdinalFacts
from foretell.logic.facts_ownership import ownership_facts
from foretell.logic.facts_pods import PodFacts, label_keys_of, node_of
from foretell.logic.facts_sets import SetFacts
from foretell.logic.facts_workloads import WorkloadFacts
from foretell.logic.gates import Gates
from foretell.logic.memory import Memory
from foretell.logic.runs import Run
from foretell.logic.scope import Scope, min_ready_seconds, near
from foretell.logic.seen import Rows, facts_from
from foretell.logic.shapes import Shapes
from foretell.logic.stacks import NOTHING, Stack, Stacks
from foretell.logic.symmetry import Grouping
from foretell.model.cluster import Cluster
from foretell.model.job_pods import belongs, counted
from foretell.model.meta import Key
from foretell.model.objects import (
    ControllerRevision,
    CronJob,
    DaemonSet,
    Deployment,
    Job,
    Pod,
    ReplicaSet,
    StatefulSet,
)


@dataclass(frozen=True)
class Facts:
    """The facts of a round, and how to get from those that stand for others to all.

    `sets` are groups of alike pods of ReplicaSets, and runs of alike ordinals of StatefulSets.
    `stacks` holds, by node, its pods in the order in which alike nodes have alike pods; `places` says where
    in its node's stack a pod is. Pods that stand for themselves alone are in neither. The `nodes` are to
    learn from the answer.
    """

    text: str
    grouping: Grouping
    stacks: dict[str, tuple[Key, ...]]
    places: dict[Key, tuple[str, int]]
    nodes: NodeFacts
    sets: Alike = field(default_factory=Alike)

    @property
    def names(self) -> tuple[str, ...]:
        """The nodes that are told, and the pods in their stacks: no rule compares them by their order."""
        nodes = tuple(self.grouping.members)
        return (*nodes, *(pod.path for node in nodes for pod in self.stacks.get(node, ())))

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
        self.gates = tuple(self.lines)
        self.ids = {w.key: v.workload_term(w.key) for w in scope.workloads}
        self.label_keys: dict[Key, tuple[str, ...]] = {}
        self.suitors = [w for w in scope.workloads if not isinstance(w, Deployment | CronJob)]
        terms = {**self.ids, **{d.key: v.workload_term(d.key) for d in cluster.daemonsets}}
        self.pods = PodFacts(cluster, scope, memory, now, self.ids, terms, self.suitors, self.label_keys)
        self.scoped = {pod.key for pod in scope.pods}
        self.busy: set[str] = set()

    def make(self) -> Facts:
        """The facts."""
        for workload in self.scope.workloads:
            self.label_keys[workload.key] = label_keys_of(workload)
        for daemonset in self.cluster.daemonsets:
            if daemonset.key not in self.label_keys:
                self.label_keys[daemonset.key] = label_keys_of(daemonset)
        others: list[tuple[Key, Pod]] = []
        replicas: dict[str, list[tuple[Key, Pod]]] = {}
        for key, pod in self._pods().items():
            owner = self.pods.owner(pod)
            if isinstance(owner, StatefulSet) and owner.key in self.ids:
                continue
            if isinstance(owner, ReplicaSet):
                if owner.key not in self.ids:
                    replicas.setdefault(owner.metadata.uid, []).append((key, pod))
            elif not self.pods.is_daemonish(pod):
                others.append((key, pod))
        sets = SetFacts(
            self.cluster, self.scope, self.memory, self.now, lambda pod: self.pods.rows(pod, None),
            self.pods.owner, self.label_keys, self._tell, self.grouped,
        )  # fmt: skip
        ordinals = OrdinalFacts(
            self.cluster, self.scope, self.memory, self.now, sets.rows_of, self.pods.is_fleeting,
            self.pods.owner, self.label_keys, self._tell, lambda: sets.telling, sets.alike, self.grouped,
        )  # fmt: skip
        others += ordinals.tell([pod for _, pod in others if pod.metadata.controller is None])
        named = [pod for _, pod in others]
        stacks = self._stacks()
        # Where a pod with a name may meet daemon pods, all of these stand in one order.
        met = {node_of(pod) for pod in named if self.pods.meets_daemon_pods(pod)}
        guests = [(key, pod) for node in met for key, pod in self._entries(node)]
        told = {
            key: self.pods.told(key, pod, age, fleeting=self.pods.is_fleeting(key, pod))
            for age, (key, pod) in enumerate(sorted([*others, *guests], key=_age))
        }
        known = met | {p.spec.node_name for p in named if self.pods.tells_node(p)}
        sets.tell(replicas, [pod for pod in named if pod.metadata.controller is None])
        self.lines += ordinals.lines + sets.lines
        nodes = NodeFacts(
            self.cluster, self.scope, self.memory, stacks, told, known | sets.nodes | ordinals.nodes,
            self.busy, self._numbers(), self.grouped,
        )  # fmt: skip
        resting = nodes.resting()
        self.ids = {key: term for key, term in self.ids.items() if key not in resting}
        self.pods.ids = self.ids
        workloads = WorkloadFacts(self.cluster, self.shapes, self.memory, self.now)
        for workload in self.scope.workloads:
            if isinstance(workload, DaemonSet) and workload.key in self.ids:
                self.lines += [*self._lasting(workload), *workloads.passing(workload)]
            elif workload.key in self.ids:
                self.lines += workloads.of(workload)
        self.lines += nodes.tell(nodes.numbers.keys() - resting, self.shapes)
        grouping = nodes.grouping
        for node in grouping.members:
            stack = stacks.by_node.get(node, NOTHING)
            for age, (key, said) in enumerate(zip(stack.keys, stack.told, strict=True)):
                if stack.owners[age] in self.ids or stack.owners[age] is None:
                    self._tell(key, told.get(key, said).rows)
                elif key in self.scoped:
                    self._tell(key, self.pods.rows(self._daemon_pod(key), age))
        for pod in named:
            self._tell(pod.key, told[pod.key].rows)
        self.lines += self.pods.touched()
        self.lines += ownership_facts(self.cluster, self.memory)
        self.lines += self.shapes.facts + self.shapes.integer_facts(self._texts())
        text = "\n".join(self.lines)
        return Facts(text, grouping, stacks.keys, stacks.places, nodes, sets.alike)

    def _numbers(self) -> dict[Key, int]:
        """The DaemonSets of the scope, each by a number for all that lasts of what is told of it."""
        seen = self.memory.seen
        orphans = {
            namespace: any(isinstance(thing, ControllerRevision) for thing in self.cluster.orphans(namespace))
            for namespace in {w.namespace for w in self.scope.workloads}
        }
        numbers: dict[Key, int] = {}
        for daemonset in self.scope.workloads:
            if not isinstance(daemonset, DaemonSet):
                continue
            revisions = self.cluster.owned_revisions(daemonset.metadata.uid)
            token = (
                self.gates, daemonset.spec, daemonset.metadata, daemonset.status.collision_count, *revisions,
            )  # fmt: skip
            known = seen.daemonsets.get(daemonset.key)
            if known is None or known[0] != token or orphans[daemonset.namespace]:
                workloads = WorkloadFacts(self.cluster, Shapes(), self.memory, self.now)
                lines = tuple(workloads.lasting(daemonset))
                number = seen.rest.number((self.gates, *lines))
                known = seen.daemonsets[daemonset.key] = (token, number, lines)
            numbers[daemonset.key] = known[1]
        return numbers

    def _lasting(self, daemonset: DaemonSet) -> tuple[str, ...]:
        """What is told of a DaemonSet that lasts, with what it names."""
        self.shapes.of_daemon(daemonset.spec.template.spec)
        selector = daemonset.spec.selector
        if selector is not None and selector.requirements:
            self.shapes.label_selector(selector)
        return self.memory.seen.daemonsets[daemonset.key][2]

    def _tell(self, pod: Key, rows: Rows) -> None:
        """Tell a pod's facts, and those of the shape that they name."""
        self.lines += facts_from(pod.path, rows)
        for row in rows:
            if row[0] is v.SHAPE:
                self.shapes.of_pod(self.memory.seen.shapes[str(row[1])])

    # --- daemon pods, node by node ---

    def _stacks(self) -> Stacks:
        """The stacks of all nodes."""
        daemonsets = self.cluster.daemonsets
        telling = tuple(
            [(d.key, d.metadata.uid, min_ready_seconds(d), self.label_keys[d.key]) for d in daemonsets]
        )
        timed = (self._pod(key) for key in self.memory.evictions)
        pods = (pod for pod in (*self.scope.pods, *timed) if pod is not None)
        also = {*map(node_of, pods), *self.memory.lost} - {""}
        self.busy = also.union(map(node_of, self.scope.touched_pods))
        stacks = self.memory.stacks
        # Only how long pods have been ready is told by the clock.
        since = self.now if any(map(min_ready_seconds, daemonsets)) else 0.0
        stacks.bring(self.cluster, telling, since, also, self._stack)
        return stacks

    def _stack(self, node: str) -> Stack:
        """The stack of a node."""
        entries = self._entries(node)
        fleeting = [self.pods.is_fleeting(key, pod) for key, pod in entries]
        told = []
        for age, ((key, pod), passing) in enumerate(zip(entries, fleeting, strict=True)):
            owner = self.pods.owner(pod)
            said = self.pods.told(key, pod, age, fleeting=passing)
            told.append((key, said, owner.key if owner is not None else None))
        # Whether a pod without a workload is looked at depends on who looks.
        adrift = any(self.pods.owner(pod) is None for pod in self.cluster.pods_on(node))
        return Stack.of(told, lasting=not adrift and not any(fleeting))

    def _entries(self, node: str) -> list[tuple[Key, Pod]]:
        """The daemon pods of a node, in order; those of DaemonSets that aren't looked at are among them."""
        found = [(pod.key, pod) for pod in self.cluster.pods_on(node) if self._is_looked_at(pod)]
        return sorted(found, key=_age) if len(found) > 1 else found

    def _is_looked_at(self, pod: Pod) -> bool:
        """Whether the pod is in its node's stack."""
        owner = self.pods.owner(pod)
        if isinstance(owner, DaemonSet):
            return True
        if owner is not None or not self.pods.is_daemonish(pod):
            return False
        orphaned = pod.metadata.controller is None and any(near(pod, w) for w in self.suitors)
        return orphaned or pod.key in self.scoped or pod.spec.node_name in self.scope.driven

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


def _age(entry: tuple[Key, Pod]) -> tuple[str, str]:
    pod = entry[1]
    return (pod.metadata.creation_timestamp or "", pod.name)


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
