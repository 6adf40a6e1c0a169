"""A cluster summed up as traces do: pods, claims, revisions, workloads and budgets."""

from __future__ import annotations

from typing import Any

import msgspec

from foretell.model.cluster import Cluster
from foretell.model.documents import to_document
from foretell.model.meta import Json, Object
from foretell.model.objects import ControllerRevision, PersistentVolumeClaim, Pod, PodDisruptionBudget

_LABELS = ("controller-revision-hash", "pod-template-hash")
_UNSCHEDULABLE = "Unschedulable"
# Traces leave CronJobs out: their statuses are moments alone.
_WORKLOADS = ("DaemonSet", "Deployment", "Job", "ReplicaSet", "StatefulSet")
# No two recordings agree on moments.
_MOMENTS = ("completionTime", "startTime")


def summary(cluster: Cluster) -> dict[str, list[dict[str, Any]]]:
    """The lists that a trace has under `after`."""
    return {
        "pods": [_pod(pod) for pod in cluster.pods],
        "claims": [_claim(claim) for claim in cluster.claims],
        "revisions": [_revision(revision) for revision in cluster.revisions],
        "workloads": [_workload(thing) for kind in _WORKLOADS for thing in cluster.of_kind(kind)],
        "budgets": [_budget(budget) for budget in cluster.budgets],
    }


def _owner(thing: Object) -> str | None:
    owner = thing.metadata.controller
    return f"{owner.kind}/{owner.name}" if owner else None


def _pod(pod: Pod) -> dict[str, Any]:
    told = {
        "name": pod.name,
        "owner": _owner(pod),
        "node": pod.spec.node_name or None,
        "revision": next((pod.labels[label] for label in _LABELS if label in pod.labels), None),
        "phase": pod.phase,
        "ready": pod.ready,
        "terminating": pod.terminating,
    }
    sentences = (c.message for c in pod.status.conditions if c.reason == _UNSCHEDULABLE and c.message)
    sentence = next(sentences, "")
    return {**told, "unschedulable": sentence} if sentence else told


def _claim(claim: PersistentVolumeClaim) -> dict[str, Any]:
    owners = [f"{owner.kind}/{owner.name}" for owner in claim.metadata.owner_references]
    return {"name": claim.name, "phase": claim.phase, "owners": owners, "terminating": claim.terminating}


def _revision(revision: ControllerRevision) -> dict[str, Any]:
    owner = revision.metadata.controller
    return {"name": revision.name, "revision": revision.revision, "owner": owner.name if owner else None}


def _workload(thing: Object) -> dict[str, Any]:
    document = to_document(thing)
    status: Json = document.get("status", {})
    if hasattr(thing, "status"):
        status = msgspec.to_builtins(thing.status)
    status = {field: value for field, value in status.items() if field not in _MOMENTS}
    replicas = document.get("spec", {}).get("replicas")
    return {"kind": thing.kind, "name": thing.name, "replicas": replicas, "status": status}


def _budget(budget: PodDisruptionBudget) -> dict[str, Any]:
    status = budget.status
    return {
        "name": budget.name,
        "disruptionsAllowed": status.disruptions_allowed,
        "currentHealthy": status.current_healthy,
        "desiredHealthy": status.desired_healthy,
        "expectedPods": status.expected_pods,
    }
