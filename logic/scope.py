"""What a round has to look at: a superset of what the changes since the last round can move.

Which of these the controllers do look at, rules decide (`queue.lp`); the scope only keeps facts few.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass

from foretell.logic.memory import Memory
from foretell.model.cluster import Cluster
from foretell.model.job_pods import TRACKING
from foretell.model.meta import Key, Object
from foretell.model.objects import (
    ControllerRevision,
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
from foretell.model.selectors import LabelSelector

WORKLOADS = (DaemonSet, StatefulSet, ReplicaSet, Job, Deployment, CronJob)
REVISIONED = (DaemonSet, StatefulSet)


@dataclass(frozen=True)
class Scope:
    """The workloads, nodes, pods and owners that a round's facts are about, in order.

    From `driven` nodes a taint may drive pods off, also those of DaemonSets, which aren't among the `pods`.
    """

    workloads: tuple[Workload, ...]
    nodes: frozenset[str]
    all_nodes: bool
    pods: tuple[Pod, ...]
    driven: frozenset[str]
    touched: frozenset[Key]
    touched_pods: tuple[Pod, ...]


def owner_of(cluster: Cluster, thing: Object) -> Workload | None:
    """The workload that controls an object, if it is there and is the one meant (by its uid)."""
    reference = thing.metadata.controller
    if reference is None:
        return None
    owner = cluster.by_uid(reference.uid)
    return owner if isinstance(owner, WORKLOADS) and owner.kind == reference.kind else None


def selects(workload: Workload) -> bool:
    """Whether the workload's kind selects what it owns by labels."""
    return not isinstance(workload, CronJob)


def selector_of(workload: Workload) -> LabelSelector | None:
    """The workload's label selector; a CronJob has none."""
    return None if isinstance(workload, CronJob) else workload.spec.selector


def min_ready_seconds(workload: Workload) -> int:
    """For how long a pod has to be Ready to be available to the workload; Jobs don't ask."""
    return 0 if isinstance(workload, Job | CronJob) else workload.spec.min_ready_seconds


def near(thing: Object, workload: Workload) -> bool:
    """Whether an orphan is in the workload's namespace and shares a label with its selector."""
    selector = selector_of(workload)
    if thing.namespace != workload.namespace or selector is None or not selector.requirements:
        return False
    pairs = selector.match_labels
    return not pairs or any(thing.labels.get(key) == value for key, value in pairs.items())


def everything(cluster: Cluster) -> frozenset[Key]:
    """Every key that can be touched."""
    return frozenset().union(*(cluster.keys(kind) for kind in (Node, *WORKLOADS)))


def scope_of(cluster: Cluster, memory: Memory, now: float) -> Scope:
    """The scope of a round, by what was touched and what is due."""
    touched = frozenset(memory.touched | {key for key in memory.due(now) if key.kind != "Pod"})
    # Of nodes there are many, and none needs to be looked at by itself.
    nodes = frozenset([key.name for key in touched if key.kind == "Node"])
    keys = sorted([key for key in touched if key.kind != "Node"])
    things = [thing for key in keys if (thing := cluster.get(key)) is not None]
    workloads: dict[Key, Workload] = {}
    for thing in things:
        if isinstance(thing, WORKLOADS):
            workloads[thing.key] = thing
            owner = owner_of(cluster, thing)
            if owner is not None:
                workloads[owner.key] = owner
            elif isinstance(thing, ReplicaSet) and thing.metadata.controller is None:
                workloads.update((d.key, d) for d in cluster.deployments if near(thing, d))
        elif isinstance(thing, Pod | ControllerRevision):
            workloads.update((w.key, w) for w in _minders(cluster, thing))
    if any(cluster.find(Node, name) is not None for name in nodes):
        workloads.update((daemonset.key, daemonset) for daemonset in cluster.daemonsets)
    driven = nodes.intersection(cluster.tainted_nodes("NoExecute"))
    pods = {pod.key: pod for pod in _evictable(cluster, memory, things, nodes, driven, now)}
    for node in memory.lost:
        pods.update((pod.key, pod) for pod in cluster.pods_on(node) if pod.spec.node_name)
    pods.update(
        (thing.key, thing) for thing in things if isinstance(thing, Pod) and _left_behind(cluster, thing)
    )
    return Scope(
        workloads=tuple(workloads[key] for key in sorted(workloads)),
        nodes=nodes,
        all_nodes=bool(nodes) or any(isinstance(w, DaemonSet) for w in workloads.values()),
        pods=tuple(pods[key] for key in sorted(pods)),
        driven=driven,
        touched=touched,
        touched_pods=tuple([thing for thing in things if isinstance(thing, Pod)]),
    )


def _minders(cluster: Cluster, thing: Object) -> Iterable[Workload]:
    if thing.metadata.controller is not None:
        owner = owner_of(cluster, thing)
        return (owner,) if owner else ()
    suitors: tuple[Workload, ...] = cluster.pod_owners if isinstance(thing, Pod) else cluster.revisioned
    return tuple(w for w in suitors if near(thing, w))


def _left_behind(cluster: Cluster, pod: Pod) -> bool:
    """Whether a pod bears the finalizer of Jobs and belongs to no workload that is there."""
    return TRACKING in pod.metadata.finalizers and owner_of(cluster, pod) is None


def _evictable(
    cluster: Cluster, memory: Memory, things: list[Object], nodes: Set[str], driven: Set[str], now: float
) -> Iterable[Pod]:
    """The pods that a NoExecute taint may drive off in this round, but for daemon pods of `driven` nodes."""
    timed = [pod for key in memory.evictions if isinstance(pod := cluster.get(key), Pod)]
    places = nodes & {pod.spec.node_name for pod in timed}
    watched = {name for name in places if cluster.find(Node, name) is not None}
    for name in watched:
        yield from (pod for pod in cluster.pods_on(name) if pod.spec.node_name)
    for name in driven - watched:
        yield from (pod for pod in cluster.guests_on(name) if pod.spec.node_name)
    for thing in things:
        if isinstance(thing, Pod) and thing.spec.node_name:
            node = cluster.find(Node, thing.spec.node_name)
            if (node is not None and tainted(node)) or thing.key in memory.evictions:
                yield thing
    for key in memory.due(now):
        pod = cluster.get(key)
        if isinstance(pod, Pod):
            yield pod


def tainted(node: Node) -> bool:
    """Whether the node bears a NoExecute taint."""
    return any(taint.effect == "NoExecute" for taint in node.spec.taints)
