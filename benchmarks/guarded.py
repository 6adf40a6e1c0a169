"""A large cluster of Deployments, each with its ReplicaSet, pods all over the nodes, and a budget."""

from __future__ import annotations

import json
from typing import Any

from foretell.model.cluster import Cluster
from foretell.model.reading import read

Document = dict[str, Any]
BORN = "2026-01-01T00:00:00Z"
HASH = "5579bdc8f"
REPLICAS = 20
CONDITIONS = [
    {
        "type": kind, "status": "True", "reason": reason, "lastUpdateTime": BORN, "lastTransitionTime": BORN,
    }
    for kind, reason in (
        ("Available", "MinimumReplicasAvailable"),
        ("Progressing", "NewReplicaSetAvailable"),
    )
]  # fmt: skip


def guarded(nodes: int, pods: int) -> Cluster:
    """A settled cluster; each node has pods of as many Deployments as it has pods.

    Every second budget has a number as its ceiling, the others have a percentage as their floor.
    """
    documents: list[Document] = [_node(number) for number in range(nodes)]
    for number in range(pods // REPLICAS):
        documents += _deployment(number)
        places = ((number + replica * (nodes // REPLICAS + 1)) % nodes for replica in range(REPLICAS))
        documents += (_pod(number, replica, place) for replica, place in enumerate(places))
    return read(json.loads(json.dumps(documents)))


def _meta(kind: str, name: str, **more: Any) -> Document:
    meta = {"name": name, "namespace": "default", "uid": f"{kind}-{name}", "creationTimestamp": BORN, **more}
    return {"kind": kind, "metadata": meta}


def _node(number: int) -> Document:
    return {
        "apiVersion": "v1",
        **_meta("Node", f"node-{number:04}", namespace="", labels={"zone": f"zone-{number % 3}"}),
        "status": {
            "allocatable": {"cpu": "16", "memory": "64Gi", "pods": "110"},
            "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": BORN}],
        },
    }


def _controlled(kind: str, name: str) -> Document:
    owner = {"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": f"{kind}-{name}", "controller": True}
    return {"ownerReferences": [owner]}


def _template(name: str) -> Document:
    container = {"name": "main", "image": "app:1", "resources": {"requests": {"cpu": "100m"}}}
    labels = {"app": name, "pod-template-hash": HASH}
    return {"metadata": {"labels": labels}, "spec": {"containers": [container]}}


def _deployment(number: int) -> list[Document]:
    """A Deployment, its ReplicaSet and its budget."""
    name = f"app-{number:04}"
    template = _template(name)
    plain = {**template, "metadata": {"labels": {"app": name}}}
    counts = dict.fromkeys(("replicas", "readyReplicas", "availableReplicas"), REPLICAS)
    selector = {"matchLabels": {"app": name}}
    bound = {"maxUnavailable": 1} if number % 2 else {"minAvailable": "75%"}
    return [
        {
            "apiVersion": "apps/v1",
            **_meta("Deployment", name, generation=1, annotations={"deployment.kubernetes.io/revision": "1"}),
            "spec": {"replicas": REPLICAS, "selector": selector, "template": plain},
            "status": {
                "observedGeneration": 1, "updatedReplicas": REPLICAS, "conditions": CONDITIONS, **counts,
            },
        },
        {
            "apiVersion": "apps/v1",
            **_meta(
                "ReplicaSet", f"{name}-{HASH}", generation=1, labels=template["metadata"]["labels"],
                annotations={
                    "deployment.kubernetes.io/revision": "1",
                    "deployment.kubernetes.io/desired-replicas": "20",
                    "deployment.kubernetes.io/max-replicas": "25",
                },
                **_controlled("Deployment", name),
            ),
            "spec": {
                "replicas": REPLICAS, "selector": {"matchLabels": template["metadata"]["labels"]},
                "template": template,
            },
            "status": {"observedGeneration": 1, "fullyLabeledReplicas": REPLICAS, **counts},
        },
        {
            "apiVersion": "policy/v1", **_meta("PodDisruptionBudget", name, generation=1),
            "spec": {"selector": selector, **bound},
        },
    ]  # fmt: skip


def _pod(number: int, replica: int, place: int) -> Document:
    owner = f"app-{number:04}-{HASH}"
    template = _template(f"app-{number:04}")
    controlled = _controlled("ReplicaSet", owner)
    ready = {"type": "Ready", "status": "True", "lastTransitionTime": BORN}
    return {
        "apiVersion": "v1",
        **_meta("Pod", f"{owner}-{replica:05}", labels=template["metadata"]["labels"], **controlled),
        "spec": {**template["spec"], "nodeName": f"node-{place:04}"},
        "status": {"phase": "Running", "startTime": BORN, "conditions": [ready]},
    }
