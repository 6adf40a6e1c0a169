"""What a question has to look at: a few nodes where no pod minds pods elsewhere, a DaemonSet and its own.

What follows from it, rules decide; this only keeps the facts of large clusters few.
"""

from __future__ import annotations

from collections.abc import Collection

from foretell.logic.neighbours import HARD
from foretell.model.cluster import Cluster
from foretell.model.meta import Key, Object
from foretell.model.objects import DaemonSet, Node, Pod

# Of other kinds what places pods looks at, or what made them.
_KINDS = (
    "DaemonSet", "StatefulSet", "ReplicaSet", "Deployment", "Job", "CronJob", "Service", "StorageClass",
    "PersistentVolumeClaim", "PersistentVolume",
)  # fmt: skip


def narrowed(cluster: Cluster, pod: Pod, nodes: Collection[str]) -> Cluster | None:
    """The cluster with these nodes alone and the pods on them; None where pods elsewhere may matter.

    That is where the pod has to be near others, away from them or spread, where another pod keeps away
    others, and where the pod has claims, which somebody else may use.
    """
    if pod.claims or _minds(pod) or _is_spread(pod):
        return None
    there: list[Pod] = []
    # To go through them in order would take longer than all the rest.
    for key in cluster.keys(Pod):
        other = cluster.get(key)
        if not isinstance(other, Pod):
            continue
        affinity = other.spec.affinity
        if affinity is not None and affinity.pod_anti_affinity and affinity.pod_anti_affinity.required:
            return None
        if other.spec.node_name in nodes or other.status.nominated_node_name in nodes:
            there.append(other)
    found = [node for name in nodes if (node := cluster.find(Node, name)) is not None]
    others = (thing for kind in _KINDS for thing in cluster.of_kind(kind))
    return Cluster([*found, *there, *others], moment=cluster.moment)


def narrowed_to(cluster: Cluster, keys: Collection[Key]) -> Cluster:
    """The cluster with what concerns DaemonSets alone: on every node they look at their own pods."""
    found = [one for key in keys if isinstance(one := cluster.get(key), DaemonSet)]
    if len(found) < len(keys):
        return cluster
    things: list[Object] = [*found, *cluster.nodes]
    for daemonset in found:
        things += cluster.owned_by(daemonset.metadata.uid)
        things += cluster.orphans(daemonset.namespace)
    return Cluster(things, moment=cluster.moment)


def _minds(pod: Pod) -> bool:
    affinity = pod.spec.affinity
    sides = (affinity.pod_affinity, affinity.pod_anti_affinity) if affinity else ()
    return any(side is not None and side.required for side in sides)


def _is_spread(pod: Pod) -> bool:
    return any(one.when_unsatisfiable == HARD for one in pod.spec.topology_spread_constraints)
