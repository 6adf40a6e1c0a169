"""The facts of single pods, in rows without their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from foretell.logic import vocabulary as v
from foretell.logic.facts_job_pods import is_for_job, job_pod_rows
from foretell.logic.finding import ordinal_of
from foretell.logic.memory import Memory
from foretell.logic.scope import Scope, min_ready_seconds, near, owner_of, selector_of, tainted
from foretell.logic.seen import Rows, Told
from foretell.logic.shapes import clamped, shape_of_pod
from foretell.logic.templates import HASH_LABEL
from foretell.logic.vocabulary import Term
from foretell.model.clock import seconds
from foretell.model.cluster import Cluster
from foretell.model.meta import Key
from foretell.model.objects import DaemonSet, Job, Node, Pod, ReplicaSet, StatefulSet, Workload

# Kinds to which a pod matters by itself, not by its node.
_NAMING = (StatefulSet, ReplicaSet, Job)


@dataclass
class PodFacts:
    """Says what is told of a pod, for rounds that are about certain workloads.

    `ids` are their terms, `terms` also those of all other DaemonSets, `suitors` those that may adopt pods;
    `label_keys` are the labels that some rule looks at for each. `now` is in seconds since the epoch.
    """

    cluster: Cluster
    scope: Scope
    memory: Memory
    now: float
    ids: dict[Key, Term]
    terms: dict[Key, Term]
    suitors: Sequence[Workload]
    label_keys: dict[Key, tuple[str, ...]]
    _owners: dict[str, Workload | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Find out whether pods may matter by themselves."""
        self.has_sets = any(isinstance(w, _NAMING) for w in self.scope.workloads)

    def owner(self, pod: Pod) -> Workload | None:
        """The workload that controls the pod."""
        reference = pod.metadata.controller
        if reference is None:
            return None
        if reference.uid not in self._owners:
            self._owners[reference.uid] = owner_of(self.cluster, pod)
        return self._owners[reference.uid]

    def touched(self) -> list[str]:
        """The workloads whose pods have changed; which of these have doesn't matter to any rule."""
        owners = {owner.key for pod in self.scope.touched_pods if (owner := self.owner(pod)) is not None}
        return [v.PODS_TOUCHED(self.ids[key]) for key in sorted(owners & self.ids.keys())]

    def is_daemonish(self, pod: Pod) -> bool:
        """Whether the pod is told from others only by its state and its node, not by its name."""
        if not node_of(pod):
            return False
        owner = self.owner(pod)
        if owner is not None:
            return isinstance(owner, DaemonSet)
        if pod.metadata.controller is None and self.has_sets:
            return not any(near(pod, w) for w in self.suitors if isinstance(w, _NAMING))
        return True

    def told(self, key: Key, pod: Pod, age: int, *, fleeting: bool) -> Told:
        """What is told of a pod, as it was told before where nothing has changed that can be seen."""
        seen = self.memory.seen
        owner = self.owner(pod)
        if fleeting:
            return seen.marked(self.rows(pod, age, of_stack=isinstance(owner, DaemonSet)))
        keys = self.label_keys.get(owner.key) if owner is not None else None
        minds = isinstance(owner, DaemonSet) or (owner is not None and owner.key in self.ids)
        asked = min_ready_seconds(owner) if owner is not None else 0
        token = (age, keys, self.has_sets, minds, asked, self._tainted(pod))
        known = seen.pods.get(key)
        if known is not None and known[0] is pod and known[1] == token:
            return known[2]
        told = seen.marked(self.rows(pod, age, of_stack=isinstance(owner, DaemonSet)))
        seen.pods[key] = (pod, token, told)
        return told

    def is_fleeting(self, key: Key, pod: Pod) -> bool:
        """Whether something else is told of the pod another time, though it hasn't changed."""
        owner = self.owner(pod)
        return (
            key in self.memory.evictions
            or pod.spec.node_name in self.memory.lost
            or owner is None
            or isinstance(owner, Job)
            or is_for_job(pod, [])
            or (0 < min_ready_seconds(owner) >= self._ready_for(pod) and pod.ready)
        )

    def _tainted(self, pod: Pod) -> bool:
        node = self.cluster.find(Node, pod.spec.node_name) if pod.spec.node_name else None
        return node is not None and tainted(node)

    def rows(self, pod: Pod, age: int | None, *, of_stack: bool = False) -> Rows:
        """All facts of a pod but for its name, which goes in front of the arguments.

        In the stack of its node the pod is a DaemonSet's, whether the facts are about that or not.
        """
        rows: list[tuple[object, ...]] = [(v.POD,), (v.PHASE, pod.phase)]
        if age is not None:
            rows.append((v.AGE, age))
        owner = self.owner(pod)
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
        if self.tells_node(pod):
            rows.append((v.BOUND, pod.spec.node_name))
            node = self.cluster.find(Node, pod.spec.node_name)
            if node is not None and tainted(node):
                shape = shape_of_pod(pod.spec)
                self.memory.seen.shapes[shape] = pod.spec
                rows.append((v.SHAPE, shape))
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
        if owner is None and pod.key in self.scope.touched:
            rows.append((v.TOUCHED,))
        rows += [(v.ORDINAL, self.ids[w.key], number) for w in minders for number in _ordinal(pod, w)]
        rows += job_pod_rows(self.cluster, pod, minders, self.now)
        return tuple(rows)

    def tells_node(self, pod: Pod) -> bool:
        """Whether some rule looks at a bound pod's node: for StatefulSets only where pods are driven off."""
        if not pod.spec.node_name or self.is_daemonish(pod):
            return bool(pod.spec.node_name)
        node = self.cluster.find(Node, pod.spec.node_name)
        if node is None or tainted(node) or pod.key in self.memory.evictions:
            return True
        return self.meets_daemon_pods(pod)

    def meets_daemon_pods(self, pod: Pod) -> bool:
        """Whether a pod that is told by its name might become a daemon pod of its node."""
        if not node_of(pod) or pod.metadata.controller is not None:
            return False
        return any(isinstance(w, DaemonSet) and near(pod, w) for w in self.scope.workloads)

    def _ready_for(self, pod: Pod) -> int:
        condition = pod.ready_condition
        if condition is None or condition.last_transition_time is None:
            return 0
        return clamped(max(0.0, self.now - seconds(condition.last_transition_time)))


def label_keys_of(workload: Workload) -> tuple[str, ...]:
    """The labels of pods that some rule looks at for a workload."""
    selector = selector_of(workload)
    keys = {r.key for r in selector.requirements} if selector else set()
    if isinstance(workload, ReplicaSet):
        keys |= set(workload.spec.template.metadata.labels)
    return tuple(sorted(keys))


def node_of(pod: Pod) -> str:
    """The node that a pod is on, or waits for; empty where there is no such."""
    return pod.spec.node_name or pod.pinned_to


def _ordinal(pod: Pod, workload: Workload) -> tuple[int, ...]:
    """The ordinal that a pod's name has of a StatefulSet, if any."""
    number = ordinal_of(pod, workload.name) if isinstance(workload, StatefulSet) else None
    return () if number is None else (number,)
