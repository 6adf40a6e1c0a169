"""The vicinity of a goal about daemon pods: the part of a large cluster that has a say in it."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from foretell.logic.vocabulary import Term, key_of
from foretell.model.cluster import Cluster
from foretell.model.objects import DaemonSet, Pod

WORTHWHILE = 100
"""How many nodes more than those of the vicinity there have to be for it to be looked at by itself."""
_LEFT_OUT = ("Deployment", "ReplicaSet", "StatefulSet", "Job", "CronJob", "PodDisruptionBudget")


def vicinity_of(cluster: Cluster, nodes: Collection[str]) -> Cluster | None:
    """The nodes with their pods, all DaemonSets and what waits; None where something else may have a say.

    What becomes of a daemon pod is decided on its node alone. In a cluster at rest a roll-out of daemon pods
    goes on elsewhere as it should, at whatever pace, as long as none of them ails, and no other pod has a
    reason to go. Those on the nodes take their room and stay; those that find no node may find one there.
    """
    if len(cluster.nodes) < len(nodes) + WORTHWHILE or cluster.nodes_gone():
        return None
    kept = set(nodes)
    drops = [key for node in cluster.nodes if (key := node.key).name not in kept]
    puts: list[Pod] = []
    for pod in cluster.pods:
        daemonic = is_daemonic(pod)
        waits = not daemonic and not pod.spec.node_name and not pod.finished
        if pod.terminating or not (waits or pod.finished or pod.ready):
            return None
        if not waits and pod.spec.node_name not in kept:
            drops.append(pod.key)
        elif not daemonic:
            puts.append(_alone(pod))
    drops += [thing.key for kind in _LEFT_OUT for thing in cluster.of_kind(kind)]
    gone = set(drops)
    left = Cluster((thing for thing in cluster if thing.key not in gone), moment=cluster.moment)
    return left.replaced(puts)


def is_daemonic(pod: Pod) -> bool:
    """Whether a DaemonSet controls the pod."""
    owner = pod.metadata.controller
    return owner is not None and owner.kind == DaemonSet.__name__


def is_of_other(edit: Term, cluster: Cluster) -> bool:
    """Whether an edit, as the rules call it, is of a workload that is no DaemonSet, or of a pod of such."""
    thing = edit.arguments[0]
    if isinstance(thing, Term):
        return thing.name != "daemonset"
    pod = cluster.get(key_of("Pod", str(thing)))
    return isinstance(pod, Pod) and not is_daemonic(pod)


def _alone(pod: Pod) -> Pod:
    """The pod without owners, so that nobody makes it again or collects it."""
    return msgspec.structs.replace(pod, metadata=msgspec.structs.replace(pod.metadata, owner_references=()))
