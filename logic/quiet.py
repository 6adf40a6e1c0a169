"""What needn't be looked at: workloads that can neither set a timer nor have anything to do or to wait for.

Which of the others have, rules decide; this only keeps the facts of large clusters few.
"""

from __future__ import annotations

from collections.abc import Set

from foretell.logic.memory import Memory
from foretell.logic.scope import everything, near
from foretell.model.cluster import Cluster
from foretell.model.meta import Key
from foretell.model.objects import DaemonSet, Deployment, Pod, ReplicaSet

_COMPLETE = "NewReplicaSetAvailable"


def timekeepers(cluster: Cluster) -> frozenset[Key]:
    """Every key but those of workloads for which time alone brings nothing.

    Those are ReplicaSets without minReadySeconds, and Deployments without them that say that all their pods
    are of the newest template and available.
    """
    idle = [thing.key for thing in cluster.replicasets if not thing.spec.min_ready_seconds]
    idle += [thing.key for thing in cluster.deployments if _has_arrived(thing)]
    return everything(cluster).difference(idle)


def _has_arrived(deployment: Deployment) -> bool:
    conditions = {condition.type: condition.reason for condition in deployment.status.conditions}
    return not deployment.spec.min_ready_seconds and conditions.get("Progressing") == _COMPLETE


def restless(cluster: Cluster) -> frozenset[Key]:
    """Every key but those of ReplicaSets and Deployments that are as they are wanted and say so."""
    resting = {thing.key for thing in cluster.replicasets if _rests(cluster, thing)}
    resting |= {d.key for d in cluster.deployments if _has_arrived(d) and _has_settled(cluster, d, resting)}
    return everything(cluster) - resting


def is_idle(cluster: Cluster, memory: Memory, key: Key) -> bool:
    """Whether nothing concerns a DaemonSet but its pods on nodes: no timer, no back-off, no pod elsewhere."""
    daemonset = cluster.find(DaemonSet, key.name, key.namespace)
    if (
        daemonset is None
        or key in memory.looks
        or key in memory.retries
        or cluster.adrift(daemonset.metadata.uid)
    ):
        return False
    if any(backing_off == key for backing_off, _, _ in memory.back_offs):
        return False
    return not any(near(thing, daemonset) for thing in cluster.orphans(key.namespace))


def reports(cluster: Cluster, key: Key, count: int) -> bool:
    """Whether a DaemonSet reports that it wants so many pods, and that all are there and well."""
    daemonset = cluster.find(DaemonSet, key.name, key.namespace)
    if daemonset is None or daemonset.status.observed_generation != daemonset.metadata.generation:
        return False
    status = daemonset.status
    numbers = (
        status.desired_number_scheduled, status.current_number_scheduled, status.number_ready,
        status.number_available, status.updated_number_scheduled,
    )  # fmt: skip
    return set(numbers) == {count} and not status.number_misscheduled and not status.number_unavailable


def _has_settled(cluster: Cluster, deployment: Deployment, resting: Set[Key]) -> bool:
    """Whether a Deployment reports that all is as it is wanted, and all of its ReplicaSets rest."""
    spec, status = deployment.spec, deployment.status
    wanted = 1 if spec.replicas is None else spec.replicas
    numbers = (status.replicas, status.updated_replicas, status.ready_replicas, status.available_replicas)
    if set(numbers) != {wanted} or status.observed_generation != deployment.metadata.generation:
        return False
    owned = [o for o in cluster.owned_by(deployment.metadata.uid) if isinstance(o, ReplicaSet)]
    kept = 10 if spec.revision_history_limit is None else spec.revision_history_limit
    # Without any ReplicaSet nothing tells what has been rolled out.
    return (
        not spec.paused
        and not deployment.terminating
        and 0 < len(owned) <= kept + 1
        and sum(thing.status.replicas for thing in owned) == wanted
        and all(thing.key in resting for thing in owned)
    )


def _rests(cluster: Cluster, thing: ReplicaSet) -> bool:
    """Whether a ReplicaSet has just the pods that it wants, all well, says so, and could adopt no other."""
    spec, status, selector = thing.spec, thing.status, thing.spec.selector
    if thing.terminating or spec.min_ready_seconds or selector is None or selector.match_expressions:
        return False
    wanted = 1 if spec.replicas is None else spec.replicas
    numbers = (status.replicas, status.ready_replicas, status.available_replicas)
    if set(numbers) != {wanted} or status.observed_generation != thing.metadata.generation:
        return False
    labels = selector.match_labels.items()
    count = 0
    for _, pod in cluster.owned_pods(thing.metadata.uid):
        if pod.terminating or pod.phase != "Running" or not pod.ready or not labels <= pod.labels.items():
            return False
        count += 1
    orphans = cluster.orphans(thing.namespace)
    return count == wanted and not any(isinstance(o, Pod) and near(o, thing) for o in orphans)
