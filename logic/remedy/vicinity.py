"""The vicinity of a goal about daemon pods: the part of a large cluster that has a say in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import msgspec

from foretell.model.cluster import Cluster
from foretell.model.meta import Key
from foretell.model.objects import DaemonSet, Node, Pod

WORTHWHILE = 100
"""How many nodes more than those of the vicinity there have to be for it to be looked at by itself."""
_LEFT_OUT = ("Deployment", "ReplicaSet", "StatefulSet", "Job", "CronJob", "PodDisruptionBudget")


def vicinity_of(cluster: Cluster, nodes: Collection[str], workloads: Iterable[Key]) -> Cluster | None:
    """The nodes with their pods and all DaemonSets, where nothing else has a say; None where it may have.

    What becomes of a daemon pod is decided on its node alone. Elsewhere a roll-out goes on as it should, at
    whatever pace, as long as no pod there ails or waits for a place; and no pod but a daemon pod has a
    reason to go or to come. Those on the nodes take their room, and stay.
    """
    if len(cluster.nodes) < len(nodes) + WORTHWHILE or any(key.kind != "DaemonSet" for key in workloads):
        return None
    if cluster.nodes_gone() or not all(map(_is_well, cluster.pods)):
        return None
    kept = set(nodes)
    drops = [key for node in cluster.nodes if (key := node.key).name not in kept]
    puts: list[Pod] = []
    for pod in cluster.pods:
        owner = pod.metadata.controller
        if pod.spec.node_name not in kept:
            drops.append(pod.key)
        elif owner is not None and owner.kind != DaemonSet.__name__:
            puts.append(_alone(pod))
    drops += [thing.key for kind in _LEFT_OUT for thing in cluster.of_kind(kind)]
    there = [thing for thing in cluster if thing.key.kind != Node.__name__ or thing.key.name in kept]
    gone = set(drops)
    return Cluster((thing for thing in there if thing.key not in gone), moment=cluster.moment).replaced(puts)


def _is_well(pod: Pod) -> bool:
    """Whether a pod runs on a node and is ready, or has ended; none that goes is."""
    return not pod.terminating and (pod.finished or bool(pod.spec.node_name and pod.ready))


def _alone(pod: Pod) -> Pod:
    """The pod without owners, so that nobody makes it again or collects it."""
    return msgspec.structs.replace(pod, metadata=msgspec.structs.replace(pod.metadata, owner_references=()))
