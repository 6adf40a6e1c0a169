"""What the user wrote of each input predicate: of which object, in which field; or why there is no field."""

from __future__ import annotations

from typing import Literal, NamedTuple

Of = Literal[
    "node",
    "pod",
    "thing",
    "workload",
    "claim",
    "volume",
    "budget",
    "shape",
    "selector",
    "resource",
    "request",
]


class Field(NamedTuple):
    """A field of the object that an argument names, the first one if nothing else is said.

    `path` is one path, or one by kind; `{1}` stands for the second argument, `[type=Ready]` for the item of
    a list that has such fields.
    """

    of: Of
    path: str | dict[str, str]
    at: int = 0


_ROLLING = "spec.updateStrategy.rollingUpdate"
_AFFINITY = "spec.affinity.nodeAffinity"
_READY = "status.conditions[type=Ready].status"
_BY_KIND = {
    "reported": {
        "misscheduled": "status.numberMisscheduled", "current": "status.currentReplicas",
        "replicas": "status.replicas", "updated": "status.updatedReplicas", "ready": "status.readyReplicas",
        "available": "status.availableReplicas", "terminating": "status.terminatingReplicas",
        "succeeded": "status.succeeded", "failed": "status.failed",
    },
    "retention": {
        "when_deleted": "spec.persistentVolumeClaimRetentionPolicy.whenDeleted",
        "when_scaled": "spec.persistentVolumeClaimRetentionPolicy.whenScaled",
    },
}  # fmt: skip
BY_ARGUMENT = _BY_KIND
"""By predicate: the path by the second argument, where that decides."""

FIELDS: dict[str, Field] = {
    # nodes
    "node": Field("node", "metadata.name"),
    "place": Field("node", "metadata.name"),
    "arrives": Field("node", "metadata.name"),
    "taint": Field("node", "spec.taints[key={1.0},effect={1.2}]"),
    "condition": Field("node", "status.conditions[type={1}].status"),
    "unschedulable": Field("node", "spec.unschedulable"),
    "zone": Field("node", 'metadata.labels["topology.kubernetes.io/zone"]'),
    "has": Field("thing", 'metadata.labels["{1.0}"]'),
    "topology": Field("node", 'metadata.labels["{1}"]'),
    "offers": Field("resource", "status.allocatable"),
    "holds": Field("node", "status.allocatable.{1}"),
    "grows": Field("node", "status.allocatable.{1}"),
    "room": Field("node", "status.allocatable.{1}"),
    # what is asked of nodes
    "toleration": Field("shape", "spec.tolerations[{1}]"),
    "toleration_seconds": Field("shape", "spec.tolerations[{1}].tolerationSeconds"),
    "host_network": Field("shape", "spec.hostNetwork"),
    "node_name": Field("shape", "spec.nodeName"),
    "node_selector": Field("shape", "spec.nodeSelector"),
    "affinity_required": Field("shape", f"{_AFFINITY}.requiredDuringSchedulingIgnoredDuringExecution"),
    "affinity_term": Field("selector", "", 1),
    "prefers": Field("shape", f"{_AFFINITY}.preferredDuringSchedulingIgnoredDuringExecution[{{1}}]"),
    "expression": Field("selector", "{1}"),
    "expression_value": Field("selector", "{1}"),
    "requests": Field("request", "spec.containers[*].resources.requests.{1}"),
    "asks": Field("pod", "spec.containers[*].resources.requests.{1}"),
    "wants_port": Field("pod", "spec.containers[*].ports"),
    "preemption_policy": Field("pod", "spec.preemptionPolicy"),
    "uses": Field("pod", "spec.volumes[*].persistentVolumeClaim.claimName"),
    "near_term": Field("selector", "", 1),
    "apart_term": Field("selector", "", 1),
    "leans": Field("selector", "", 1),
    "guards": Field("selector", "", 1),
    "guest_leans": Field("selector", "", 1),
    "spread": Field("selector", "", 1),
    "leans_apart": Field("selector", "", 1),
    "max_skew": Field("selector", "maxSkew"),
    "min_domains": Field("selector", "minDomains"),
    "topology_key": Field("selector", "topologyKey"),
    "term_selector": Field("selector", "labelSelector"),
    "term_namespace": Field("selector", "namespaces"),
    "term_namespaces": Field("selector", "namespaceSelector"),
    # workloads
    **{
        kind: Field("workload", "metadata.name")
        for kind in ("daemonset", "statefulset", "replicaset", "deployment", "job", "cronjob", "exists")
    },
    "deleting": Field("workload", "metadata.deletionTimestamp"),
    "selects_everything": Field("workload", "spec.selector"),
    "selector": Field("workload", "spec.selector"),
    "strategy": Field("workload", {"Deployment": "spec.strategy.type", "": "spec.updateStrategy.type"}),
    "max_unavailable": Field(
        "workload",
        {"Deployment": "spec.strategy.rollingUpdate.maxUnavailable", "": f"{_ROLLING}.maxUnavailable"},
    ),
    "max_surge": Field(
        "workload", {"Deployment": "spec.strategy.rollingUpdate.maxSurge", "": f"{_ROLLING}.maxSurge"}
    ),
    "rolling_block": Field("workload", _ROLLING),
    "partition": Field("workload", f"{_ROLLING}.partition"),
    "min_ready_seconds": Field("workload", "spec.minReadySeconds"),
    "history_limit": Field("workload", "spec.revisionHistoryLimit"),
    "reported": Field("workload", "status"),
    "unobserved": Field("workload", "status.observedGeneration"),
    "template_label": Field("workload", 'spec.template.metadata.labels["{1}"]'),
    "paused": Field("workload", "spec.paused"),
    "progress_deadline": Field("workload", "spec.progressDeadlineSeconds"),
    "stated": Field("workload", "status.conditions[type={1}].status"),
    "stated_for": Field("workload", "status.conditions[type={1}].lastUpdateTime"),
    "pattern": Field("workload", "spec.template"),
    "template": Field("workload", "spec.template"),
    "next_hash": Field("workload", "spec.template"),
    "annotated": Field("workload", 'metadata.annotations["{1}"]'),
    "revision_number": Field("workload", 'metadata.annotations["deployment.kubernetes.io/revision"]'),
    "remembers_desired": Field(
        "workload", 'metadata.annotations["deployment.kubernetes.io/desired-replicas"]'
    ),
    "remembers_most": Field("workload", 'metadata.annotations["deployment.kubernetes.io/max-replicas"]'),
    "current_hash": Field("workload", "status.currentRevision"),
    "replicas": Field("workload", "spec.replicas"),
    "start": Field("workload", "spec.ordinals.start"),
    "management": Field("workload", "spec.podManagementPolicy"),
    "retention": Field("workload", "spec.persistentVolumeClaimRetentionPolicy"),
    "suspended": Field("workload", "spec.suspend"),
    "parallelism": Field("workload", "spec.parallelism"),
    "completions": Field("workload", "spec.completions"),
    "completion_mode": Field("workload", "spec.completionMode"),
    "replacement": Field("workload", "spec.podReplacementPolicy"),
    "restart_policy": Field("workload", "spec.template.spec.restartPolicy"),
    "managed_by": Field("workload", "spec.managedBy"),
    "backoff_limit": Field("workload", "spec.backoffLimit"),
    "backoff_limit_per_index": Field("workload", "spec.backoffLimitPerIndex"),
    "max_failed_indexes": Field("workload", "spec.maxFailedIndexes"),
    "active_deadline": Field("workload", "spec.activeDeadlineSeconds"),
    "time_to_live": Field("workload", "spec.ttlSecondsAfterFinished"),
    "job_condition": Field("workload", "status.conditions[type={1}].status"),
    "started_for": Field("workload", "status.startTime"),
    "ended_for": Field("workload", "status.completionTime"),
    "uncounted": Field("workload", "status.uncountedTerminatedPods.{1}"),
    "recorded_run": Field("workload", "status.{1}Indexes"),
    "failure_rule": Field("workload", "spec.podFailurePolicy.rules[{1}].action"),
    "failure_codes": Field("workload", "spec.podFailurePolicy.rules[{1}].onExitCodes"),
    "failure_code": Field("workload", "spec.podFailurePolicy.rules[{1}].onExitCodes.values"),
    "failure_condition": Field("workload", "spec.podFailurePolicy.rules[{1}].onPodConditions"),
    "success_rule": Field("workload", "spec.successPolicy.rules[{1}]"),
    "success_run": Field("workload", "spec.successPolicy.rules[{1}].succeededIndexes"),
    "success_count": Field("workload", "spec.successPolicy.rules[{1}].succeededCount"),
    "concurrency": Field("workload", "spec.concurrencyPolicy"),
    "starting_deadline": Field("workload", "spec.startingDeadlineSeconds"),
    "keeps": Field("workload", "spec"),
    "started_by": Field("workload", "metadata.ownerReferences"),
    "listed": Field("workload", "status.active"),
    "due": Field("workload", "spec.schedule"),
    "next_run": Field("workload", "spec.schedule"),
    "last_run": Field("workload", "status.lastScheduleTime"),
    "last_success": Field("workload", "status.lastSuccessfulTime"),
    # pods
    "pod": Field("pod", "metadata.name"),
    "pending": Field("pod", "status.phase"),
    "unplaced": Field("pod", "spec.nodeName"),
    "bound": Field("pod", "spec.nodeName"),
    "pinned": Field("pod", f"{_AFFINITY}.requiredDuringSchedulingIgnoredDuringExecution"),
    "owner": Field("pod", "metadata.ownerReferences"),
    "orphan": Field("pod", "metadata.ownerReferences"),
    "phase": Field("pod", "status.phase"),
    "ready": Field("pod", _READY),
    "ready_for": Field("pod", "status.conditions[type=Ready].lastTransitionTime"),
    "ready_since": Field("pod", "status.conditions[type=Ready].lastTransitionTime"),
    "terminating": Field("pod", "metadata.deletionTimestamp"),
    "terminating_for": Field("pod", "metadata.deletionTimestamp"),
    "pod_hash": Field("pod", 'metadata.labels["controller-revision-hash"]'),
    "deletion_cost": Field("pod", 'metadata.annotations["controller.kubernetes.io/pod-deletion-cost"]'),
    "restarts": Field("pod", "status.containerStatuses"),
    "job_restarts": Field("pod", "status.containerStatuses"),
    "exit_code": Field("pod", "status.containerStatuses"),
    "pod_condition": Field("pod", "status.conditions[type={1}].status"),
    "index": Field("pod", 'metadata.annotations["batch.kubernetes.io/job-completion-index"]'),
    "index_failures": Field("pod", "metadata.annotations"),
    "tracked": Field("pod", "metadata.finalizers"),
    "nominated": Field("pod", "status.nominatedNodeName"),
    "mirror": Field("pod", 'metadata.annotations["kubernetes.io/config.mirror"]'),
    "local_data": Field("pod", "spec.volumes"),
    "controlled": Field("pod", "metadata.ownerReferences"),
    "ordinal": Field("pod", "metadata.name"),
    "leaving": Field("pod", "metadata.deletionTimestamp"),
    "dependent": Field("pod", "metadata.ownerReferences"),
    # claims and volumes
    "claim": Field("claim", "metadata.name"),
    "claim_terminating": Field("claim", "metadata.deletionTimestamp"),
    "claim_owner": Field("claim", "metadata.ownerReferences"),
    "claim_of_former_pod": Field("claim", "metadata.ownerReferences"),
    "claim_of_stranger": Field("claim", "metadata.ownerReferences"),
    "claim_volume": Field("claim", "spec.volumeName"),
    "single_use": Field("claim", "spec.accessModes"),
    "awaits_consumer": Field("claim", "spec.storageClassName"),
    "provisioned": Field("claim", "spec.storageClassName"),
    "claim_in_use": Field("claim", "spec.accessModes"),
    "volume": Field("volume", "metadata.name"),
    "volume_term": Field("volume", "spec.nodeAffinity.required"),
    "volume_zone": Field("volume", 'metadata.labels["{1}"]'),
    "volume_taken": Field("volume", "spec.claimRef"),
    # budgets
    "budget": Field("budget", "spec.selector"),
    "budget_allows": Field("budget", "status.disruptionsAllowed"),
    "budget_health": Field("budget", "status.currentHealthy"),
    "budget_floor": Field("budget", "spec.minAvailable"),
    "budget_ceiling": Field("budget", "spec.maxUnavailable"),
    "budget_unprocessed": Field("budget", "status.observedGeneration"),
    "budget_unconfirmed": Field("budget", "status.disruptedPods"),
    "budget_failed": Field("budget", "status.conditions"),
    "budget_spares_unhealthy": Field("budget", "spec.unhealthyPodEvictionPolicy"),
    "evicted_for": Field("budget", "status.disruptedPods"),
}
"""By input predicate: the field that it was read from."""

PRESENCE = frozenset(name for name, field in FIELDS.items() if field.path == "metadata.name") | {"pending"}
"""The predicates that say no more than that something is there."""

_ALIKE = "says what stands for what, so that alike things are told once"
_ASKED = "says what the question is about, not what is there"
_CLOCK = "is kept in mind by a controller, no object says it"
_ORDER = "orders what is told"
_NAMES = "gives a name to what other facts tell"
_COUNT = "adds up what several objects say"
_GOAL = "is told where a remedy is looked for, which no explanation does"
BOOKKEEPING: dict[str, str] = {
    **dict.fromkeys(
        ("stands_for", "twin", "elsewhere", "elsewhere_in", "run", "copies", "batch", "became"), _ALIKE
    ),
    **dict.fromkeys(
        ("gate", "kubernetes", "touched", "pods_touched", "asked", "drain_option", "drain_waits", "removed",
         "relieved", "claim_freed", "rejected_by", "enters_node", "leaves_node", "storage_news", "tells_of",
         "budget_counted", "makes_way"),
        _ASKED,
    ),
    **dict.fromkeys(
        ("timer", "lost_for", "backing_off", "backed_off", "retried", "failures", "ended_ago"), _CLOCK
    ),
    **dict.fromkeys(
        ("rank", "age", "integer", "precedence", "ready_power", "several_moments", "age_power", "start_order",
         "highest_victim", "victims_weigh", "victims_started", "logarithm", "storage", "uid_place"),
        _ORDER,
    ),
    **dict.fromkeys(
        ("shape", "daemon_shape", "kind", "in_namespace", "by_default", "honours", "near", "pod_name",
         "claim_name", "revision", "orphan_revision", "number", "data", "hash", "absent", "kind_of",
         "waits_for_dependents", "leaves_orphans", "blocks_owner", "budget_covers_namespace", "clash",
         "storage_class", "access_mode", "name_in_use", "job_gone"),
        _NAMES,
    ),
    **dict.fromkeys(
        ("crowd", "crowded", "hosts", "unended", "victims", "budget_covers", "scale", "roominess",
         "evenness", "port_taken"),
        _COUNT,
    ),
    **dict.fromkeys(
        ("wants_pod_on", "wants_node", "wants_pods", "wants_to_stay", "seeks_node", "specimen", "has_earlier",
         "has_placed", "stands_at", "hindered", "holds_drain", "drain_takes", "protects", "edit", "forbidden",
         "costs_at_least", "liftable", "gone", "was_taint", "was_unschedulable", "was_has", "was_toleration",
         "was_toleration_seconds", "was_expression", "was_affinity_required", "was_affinity_term",
         "was_requests"),
        _GOAL,
    ),
}  # fmt: skip
"""By input predicate without a field: why it has none."""
TIMED = frozenset(
    name for name in (*FIELDS, *BOOKKEEPING) if name.endswith(("_for", "_since", "_ago"))
).union(("timer", "backing_off", "failures", "next_run", "due", "retried", "available"))
"""The predicates that rest on how long something has lasted, or when it comes."""
