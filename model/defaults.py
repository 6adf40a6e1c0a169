"""Defaults: a document as the API server stores it."""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Any

from foretell.model.canonical import respell
from foretell.model.defaults_pod import default_pod
from foretell.model.defaults_volumes import default_claim, default_source
from foretell.model.defaults_workloads import (
    default_cronjob,
    default_daemonset,
    default_deployment,
    default_job,
    default_replicaset,
    default_statefulset,
)
from foretell.model.kinds import is_foreign
from foretell.model.meta import Json
from foretell.model.parts import made, mapping, mappings
from foretell.model.pruning import pruned


def defaulted(document: Json, *, gates: Set[str] = frozenset()) -> dict[str, Any]:
    """The document as the API server stores it: pruned, filled in, its quantities spelt canonically.

    It is a copy, and filling it in again changes nothing. What the server makes of its own accord is
    not added: uid, timestamps, generation, cluster IPs. `gates` are the feature gates that are on.
    """
    stored: dict[str, Any] = pruned(document)
    kind = "" if is_foreign(str(stored.get("apiVersion", "v1"))) else stored.get("kind")
    if kind == "StatefulSet":
        default_statefulset(stored, gates)
    elif fill := _FILLERS.get(str(kind)):
        fill(stored)
    return stored


def _pod(document: dict[str, Any]) -> None:
    default_pod(made(document, "spec"))


def _node(document: dict[str, Any]) -> None:
    made(document, "spec")
    status = made(document, "status")
    if mapping(status, "capacity"):
        status.setdefault("allocatable", dict(status["capacity"]))
    respell(status.get("capacity"))
    respell(status.get("allocatable"))


def _volume(document: dict[str, Any]) -> None:
    spec = made(document, "spec")
    default_source(spec)
    respell(spec.get("capacity"))
    spec.setdefault("persistentVolumeReclaimPolicy", "Retain")
    spec.setdefault("volumeMode", "Filesystem")
    made(document, "status").setdefault("phase", "Pending")


def _storage_class(document: dict[str, Any]) -> None:
    document.setdefault("reclaimPolicy", "Delete")
    document.setdefault("volumeBindingMode", "Immediate")


def _priority_class(document: dict[str, Any]) -> None:
    document.setdefault("preemptionPolicy", "PreemptLowerPriority")


def _service(document: dict[str, Any]) -> None:
    """Source: core/v1 defaults.go `SetDefaults_Service`, registry/core/service alloc.go for headless ones."""
    spec = made(document, "spec")
    kind = spec.setdefault("type", "ClusterIP")
    if spec.setdefault("sessionAffinity", "None") == "ClientIP":
        made(made(spec, "sessionAffinityConfig"), "clientIP").setdefault("timeoutSeconds", 10800)
    for port in mappings(spec, "ports"):
        port.setdefault("protocol", "TCP")
        if not port.get("targetPort"):
            port["targetPort"] = port.get("port")
    if kind in ("NodePort", "LoadBalancer"):
        spec.setdefault("externalTrafficPolicy", "Cluster")
    if kind == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)
    if kind != "ExternalName":
        spec.setdefault("internalTrafficPolicy", "Cluster")
    if spec.get("clusterIP") == "None":
        spec.setdefault("clusterIPs", ["None"])
        spec.setdefault("ipFamilies", ["IPv4"])
        spec.setdefault("ipFamilyPolicy", "SingleStack")
    made(made(document, "status"), "loadBalancer")


_FILLERS: dict[str, Callable[[dict[str, Any]], None]] = {
    "CronJob": default_cronjob,
    "DaemonSet": default_daemonset,
    "Deployment": default_deployment,
    "Job": default_job,
    "Node": _node,
    "PersistentVolume": _volume,
    "PersistentVolumeClaim": default_claim,
    "Pod": _pod,
    "PriorityClass": _priority_class,
    "ReplicaSet": default_replicaset,
    "Service": _service,
    "StorageClass": _storage_class,
}
