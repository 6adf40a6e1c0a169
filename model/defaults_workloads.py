"""Defaults of workloads: what a DaemonSet, StatefulSet, Deployment, ReplicaSet or Job leaves unsaid."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from foretell.model.defaults_pod import default_template
from foretell.model.defaults_volumes import default_claim_template
from foretell.model.parts import made, mapping, mappings

GENERATION = "deprecated.daemonset.template.generation"
_NO_LIMIT = 2**31 - 1


def default_daemonset(document: dict[str, Any]) -> None:
    """Fill in a DaemonSet, in place. Source: apps/v1 defaults.go `SetDefaults_DaemonSet`."""
    made(made(document, "metadata"), "annotations").setdefault(GENERATION, "1")
    spec = made(document, "spec")
    default_template(made(spec, "template"))
    strategy = made(spec, "updateStrategy")
    if strategy.setdefault("type", "RollingUpdate") == "RollingUpdate":
        rolling = made(strategy, "rollingUpdate")
        rolling.setdefault("maxUnavailable", 1)
        rolling.setdefault("maxSurge", 0)
    spec.setdefault("revisionHistoryLimit", 10)


def default_statefulset(document: dict[str, Any], gates: Set[str]) -> None:
    """Fill in a StatefulSet, in place. Source: apps/v1 defaults.go `SetDefaults_StatefulSet`.

    A strategy that names its type but no rollingUpdate stays so. While the gate MaxUnavailableStatefulSet is
    off, maxUnavailable is dropped. Source: statefulset/strategy.go `dropStatefulSetDisabledFields`.
    """
    spec = made(document, "spec")
    default_template(made(spec, "template"))
    for claim in mappings(spec, "volumeClaimTemplates"):
        default_claim_template(claim)
    spec.setdefault("podManagementPolicy", "OrderedReady")
    strategy = made(spec, "updateStrategy")
    if "type" not in strategy:
        strategy["type"] = "RollingUpdate"
        made(strategy, "rollingUpdate")
    if strategy["type"] == "RollingUpdate" and isinstance(strategy.get("rollingUpdate"), dict):
        strategy["rollingUpdate"].setdefault("partition", 0)
        if "MaxUnavailableStatefulSet" in gates:
            strategy["rollingUpdate"].setdefault("maxUnavailable", 1)
    if "MaxUnavailableStatefulSet" not in gates:
        mapping(strategy, "rollingUpdate").pop("maxUnavailable", None)
    retention = made(spec, "persistentVolumeClaimRetentionPolicy")
    retention.setdefault("whenDeleted", "Retain")
    retention.setdefault("whenScaled", "Retain")
    spec.setdefault("replicas", 1)
    spec.setdefault("revisionHistoryLimit", 10)


def default_deployment(document: dict[str, Any]) -> None:
    """Fill in a Deployment, in place. Source: apps/v1 defaults.go `SetDefaults_Deployment`."""
    spec = made(document, "spec")
    default_template(made(spec, "template"))
    spec.setdefault("replicas", 1)
    strategy = made(spec, "strategy")
    if strategy.setdefault("type", "RollingUpdate") == "RollingUpdate":
        rolling = made(strategy, "rollingUpdate")
        rolling.setdefault("maxUnavailable", "25%")
        rolling.setdefault("maxSurge", "25%")
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("progressDeadlineSeconds", 600)


def default_replicaset(document: dict[str, Any]) -> None:
    """Fill in a ReplicaSet, in place. Source: apps/v1 defaults.go `SetDefaults_ReplicaSet`."""
    spec = made(document, "spec")
    default_template(made(spec, "template"))
    spec.setdefault("replicas", 1)


def default_job(document: dict[str, Any]) -> None:
    """Fill in a Job, in place. Source: batch/v1 defaults.go `SetDefaults_Job`.

    The selector and the labels need its uid. Source: registry/batch/job/strategy.go `generateSelector`.
    """
    spec = made(document, "spec")
    default_template(made(spec, "template"))
    if "completions" not in spec and "parallelism" not in spec:
        spec["completions"] = 1
    spec.setdefault("parallelism", 1)
    spec.setdefault("backoffLimit", _NO_LIMIT if "backoffLimitPerIndex" in spec else 6)
    spec.setdefault("completionMode", "NonIndexed")
    spec.setdefault("suspend", False)
    spec.setdefault("manualSelector", False)
    policy = "Failed" if isinstance(spec.get("podFailurePolicy"), dict) else "TerminatingOrFailed"
    spec.setdefault("podReplacementPolicy", policy)
    metadata = made(document, "metadata")
    if "uid" in metadata and not spec["manualSelector"]:
        prefix, uid, name = "batch.kubernetes.io/", metadata["uid"], metadata.get("name", "")
        labels = made(made(made(spec, "template"), "metadata"), "labels")
        for key, value in (("controller-uid", uid), ("job-name", name)):
            labels[prefix + key] = labels[key] = value
        made(made(spec, "selector"), "matchLabels")[f"{prefix}controller-uid"] = uid
        metadata.setdefault("labels", dict(labels))


def default_cronjob(document: dict[str, Any]) -> None:
    """Fill in a CronJob, in place; its Jobs are filled in when they are made.

    Source: batch/v1 defaults.go `SetDefaults_CronJob`.
    """
    spec = made(document, "spec")
    default_template(made(made(made(spec, "jobTemplate"), "spec"), "template"))
    spec.setdefault("concurrencyPolicy", "Allow")
    spec.setdefault("suspend", False)
    spec.setdefault("successfulJobsHistoryLimit", 3)
    spec.setdefault("failedJobsHistoryLimit", 1)
