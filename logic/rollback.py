"""What `kubectl rollout undo` puts back into a Deployment: the template of one of its ReplicaSets."""

from __future__ import annotations

from typing import Any

from foretell.logic.facts_replicas import DESIRED, HISTORY, MOST, REVISION, number_in
from foretell.logic.templates import SET_LABEL, pattern_of
from foretell.model.cluster import Cluster
from foretell.model.documents import to_document
from foretell.model.errors import RejectedError
from foretell.model.objects import Deployment, ReplicaSet

_OWN = {
    "kubectl.kubernetes.io/last-applied-configuration", REVISION, HISTORY, DESIRED, MOST,
    "deprecated.deployment.rollback.to",
}  # fmt: skip


def rolled_back(cluster: Cluster, workload: Deployment, to_revision: int) -> dict[str, Any] | None:
    """The Deployment's document with an earlier template, by default the last but one; None if it has it.

    Raises RejectedError in kubectl's words. Source: kubectl polymorphichelpers/rollback.go
    (`DeploymentRollbacker`).
    """
    chosen = _chosen(cluster, workload, to_revision)
    if workload.spec.paused:
        raise RejectedError(
            "error: you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume'"
            " and try again"
        )
    if pattern_of(chosen) == pattern_of(workload):
        return None
    document, template = to_document(workload), to_document(chosen)["spec"]["template"]
    meta = dict(template.get("metadata", {}))
    meta["labels"] = {key: value for key, value in meta.get("labels", {}).items() if key != SET_LABEL}
    own = {key: value for key, value in workload.metadata.annotations.items() if key in _OWN}
    others = {key: value for key, value in chosen.metadata.annotations.items() if key not in _OWN}
    return {
        **document,
        "metadata": {**document["metadata"], "annotations": {**others, **own}},
        "spec": {**document["spec"], "template": {**template, "metadata": meta}},
    }


def _chosen(cluster: Cluster, workload: Deployment, to_revision: int) -> ReplicaSet:
    """The ReplicaSet of a revision, or of the one before the newest."""
    owned = cluster.owned_by(workload.metadata.uid)
    numbered = [
        (number, thing)
        for thing in owned
        if isinstance(thing, ReplicaSet) and (number := number_in(thing, REVISION)) is not None
    ]
    if to_revision:
        for number, thing in numbered:
            if number == to_revision:
                return thing
        raise RejectedError(f"error: unable to find specified revision {to_revision} in history")
    earlier = sorted(numbered, key=lambda entry: entry[0])[-2:-1]
    if not earlier:
        raise RejectedError(f'error: no rollout history found for deployment "{workload.name}"')
    return earlier[0][1]
