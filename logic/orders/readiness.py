"""Pods of workloads: how many are ready, how few at the worst moment, and where the new ones are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from foretell.logic import facts_ordinals, facts_replicas
from foretell.logic.scope import WORKLOADS, min_ready_seconds
from foretell.model.belonging import pods_of
from foretell.model.clock import seconds
from foretell.model.cluster import Cluster
from foretell.model.meta import Key
from foretell.model.objects import DaemonSet, Deployment, Pod, ReplicaSet, StatefulSet

_LASTING = ("DaemonSet", "StatefulSet", "Deployment", "ReplicaSet")
"""The kinds of workloads whose pods are to stay ready; those of Jobs come to an end."""


class Ready(NamedTuple):
    """How many pods are ready, and how many have been for `minReadySeconds`."""

    ready: int
    available: int


Lows = dict[Key, Ready]
"""How few pods of each workload were ready and available at the worst moment so far."""


def owner_of_pod(cluster: Cluster, pod: Pod) -> Key | None:
    """The workload that a pod is of: a ReplicaSet's pods are those of its Deployment."""
    reference = pod.metadata.controller
    if reference is None:
        return None
    thing = cluster.by_uid(reference.uid)
    above = thing.metadata.controller if isinstance(thing, ReplicaSet) else None
    owner = above or reference
    return Key(owner.kind, pod.namespace, owner.name)


def own_pods(cluster: Cluster, key: Key) -> Sequence[Pod]:
    """The pods of a workload, in the order of keys; none where it isn't there."""
    workload = cluster.get(key)
    return () if workload is None else pods_of(cluster, workload)


def readiness(cluster: Cluster, key: Key, now: float) -> Ready:
    """How many of a workload's pods are ready and available; a terminating one is neither."""
    workload = cluster.get(key)
    patience = min_ready_seconds(workload) if isinstance(workload, WORKLOADS) else 0
    pods = [pod for pod in own_pods(cluster, key) if pod.ready and not pod.terminating]
    if not patience:
        return Ready(len(pods), len(pods))
    since = (pod.ready_condition.last_transition_time for pod in pods if pod.ready_condition is not None)
    return Ready(len(pods), sum(1 for s in since if s is not None and seconds(s) + patience <= now))


def concerned(before: Cluster, after: Cluster) -> set[Key]:
    """The workloads whose pods are others in one cluster than in the other."""
    found: set[Key] = set()
    for key in after.differing(before):
        for cluster in (before, after):
            thing = cluster.get(key)
            if isinstance(thing, Pod) and (owner := owner_of_pod(cluster, thing)) is not None:
                found.add(owner)
            elif isinstance(thing, WORKLOADS) and thing.metadata.controller is None:
                found.add(key)
    return {key for key in found if key.kind in _LASTING}


def lowered(lows: Lows, before: Cluster, began: float, states: Iterable[Cluster]) -> Lows:
    """The lows after these states, too; workloads that nothing happens to aren't told.

    One that is there `before` is as it is then when the forecast begins.
    """
    least = dict(lows)
    for state in states:
        for key in sorted(concerned(before, state) | least.keys()):
            now = readiness(state, key, state.moment)
            known = least.get(key) or (readiness(before, key, began) if key in before else now)
            least[key] = Ready(min(known.ready, now.ready), min(known.available, now.available))
    return least


def wanted_of(cluster: Cluster, key: Key) -> int:
    """How many pods a workload wants."""
    workload = cluster.get(key)
    if isinstance(workload, DaemonSet):
        return workload.status.desired_number_scheduled
    if isinstance(workload, StatefulSet):
        return facts_ordinals.replicas_of(workload)
    return facts_replicas.replicas_of(workload) if isinstance(workload, Deployment | ReplicaSet) else 0


def newly_placed(before: Cluster, after: Cluster) -> dict[Key, set[str]]:
    """The nodes of the pods that are new, by workload, or by pod where it has a name of its own.

    Daemon pods are on their nodes in any order.
    """
    found: dict[Key, set[str]] = {}
    for key in after.differing(before):
        pod, was = after.get(key), before.get(key)
        if not isinstance(pod, Pod) or pod.finished or not pod.spec.node_name:
            continue
        if was is not None and was.metadata.uid == pod.metadata.uid and _is_bound(was):
            continue
        owner = owner_of_pod(after, pod)
        if owner is None or owner.kind != "DaemonSet":
            subject = pod.key if owner is None or owner.kind == "StatefulSet" else owner
            found.setdefault(subject, set()).add(pod.spec.node_name)
    return found


def _is_bound(thing: object) -> bool:
    return isinstance(thing, Pod) and bool(thing.spec.node_name)
