"""Generated clusters that look like real ones: pools, zones, tainted and labelled nodes, many DaemonSets."""

from __future__ import annotations

from typing import Any

from foretell.model.cluster import Cluster
from foretell.model.documents import from_document

POOLS = ("general", "spot", "gpu", "database", "edge")
TAINTED = ("gpu", "database")


def node(number: int) -> dict[str, Any]:
    """One node of a pool and a zone; two of the pools are tainted with their names."""
    pool = POOLS[number % len(POOLS)]
    name = f"node-{number:05}"
    labels = {
        "kubernetes.io/hostname": name,
        "pool": pool,
        "topology.kubernetes.io/zone": f"zone-{number % 3}",
    }
    taints = [{"key": pool, "effect": "NoSchedule"}] if pool in TAINTED else []
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "uid": name, "labels": labels},
        "spec": {"taints": taints},
        "status": {
            "allocatable": {"cpu": "16", "memory": "64Gi", "pods": "110"},
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }


def daemonset(number: int, *, max_unavailable: int | str = 1) -> dict[str, Any]:
    """One DaemonSet: every third tolerates everything, every fourth selects a pool."""
    name = f"daemon-{number:03}"
    spec: dict[str, Any] = {"containers": [{"name": "main", "image": "agent:1"}]}
    if number % 3 == 0:
        spec["tolerations"] = [{"operator": "Exists"}]
    if number % 4 == 1:
        spec["nodeSelector"] = {"pool": POOLS[number % len(POOLS)]}
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": max_unavailable, "maxSurge": 0}}
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": name, "namespace": "default", "uid": name, "generation": 1},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "updateStrategy": rolling,
            "template": {"metadata": {"labels": {"app": name}}, "spec": spec},
        },
    }


def cluster(nodes: int, daemonsets: int, *, max_unavailable: int | str = 1) -> Cluster:
    """A cluster of so many nodes and DaemonSets, without pods."""
    documents = [node(number) for number in range(nodes)]
    documents += [daemonset(number, max_unavailable=max_unavailable) for number in range(daemonsets)]
    return Cluster(from_document(document) for document in documents)
