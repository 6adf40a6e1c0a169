"""What a change names, or the API server's word that it isn't there."""

from __future__ import annotations

from foretell.model.cluster import Cluster
from foretell.model.errors import NotFoundError
from foretell.model.meta import Key, Object
from foretell.model.objects import CLUSTER_SCOPED, Node, Pod

_PLURALS = {
    "DaemonSet": "daemonsets.apps",
    "StatefulSet": "statefulsets.apps",
    "ReplicaSet": "replicasets.apps",
    "Deployment": "deployments.apps",
    "Job": "jobs.batch",
    "CronJob": "cronjobs.batch",
    "Pod": "pods",
    "Node": "nodes",
}


def find(cluster: Cluster, kind: str, name: str, namespace: str = "default") -> Object:
    """The object of a kind and name; raises NotFoundError in the server's words."""
    thing = cluster.get(Key(kind, "" if kind in CLUSTER_SCOPED else namespace, name))
    if thing is None:
        raise NotFoundError(f'Error from server (NotFound): {resource_of(kind)} "{name}" not found')
    return thing


def resource_of(kind: str) -> str:
    """A kind as the API server calls it in messages, such as `deployments.apps`."""
    return _PLURALS.get(kind, f"{kind.lower()}s")


def find_node(cluster: Cluster, name: str) -> Node:
    """The node of a name; raises NotFoundError in the server's words."""
    node = find(cluster, "Node", name)
    assert isinstance(node, Node)
    return node


def _owner_name(pod: Pod) -> str:
    return pod.metadata.controller.name if pod.metadata.controller else ""


def find_pod(cluster: Cluster, reference: str, namespace: str) -> Pod:
    """The pod of a name, or of `owner@node`; of several the first that isn't terminating."""
    owner, at, node = reference.partition("@")
    if not at:
        pod = find(cluster, "Pod", reference, namespace)
        assert isinstance(pod, Pod)
        return pod
    pods = [p for p in cluster.pods_on(node) if _owner_name(p) == owner]
    pods = sorted((p for p in pods if p.namespace == namespace), key=lambda p: (p.terminating, p.name))
    if not pods:
        raise NotFoundError(f'Error from server (NotFound): pods "{reference}" not found')
    return pods[0]


def ordinal_of(pod: Pod, statefulset: str) -> int | None:
    """The ordinal that a pod's name has of a StatefulSet of this name. Source: `getParentNameAndOrdinal`."""
    return ordinal_in(pod.name, statefulset)


def ordinal_in(name: str, stem: str) -> int | None:
    """The ordinal that follows a stem in a name; None where the name is no such."""
    parent, dash, digits = name.rpartition("-")
    if not dash or parent != stem or not digits.isascii() or not digits.isdigit():
        return None
    return int(digits) if int(digits) < 2**31 else None
