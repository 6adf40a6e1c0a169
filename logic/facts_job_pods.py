"""The facts of the pods of Jobs, beyond those that all pods have."""

from __future__ import annotations

from foretell.logic import vocabulary as v
from foretell.logic.seen import Rows
from foretell.logic.shapes import clamped
from foretell.model.clock import seconds
from foretell.model.cluster import Cluster
from foretell.model.job_pods import TRACKING, failures_of, finish_of, index_of, of_job
from foretell.model.objects import Job, Pod, Workload


def is_for_job(pod: Pod, minders: list[Workload]) -> bool:
    """Whether a Job minds the pod, or once did: its finalizer is there still."""
    return TRACKING in pod.metadata.finalizers or any(isinstance(minder, Job) for minder in minders)


def job_pod_rows(cluster: Cluster, pod: Pod, minders: list[Workload], now: float) -> Rows:
    """What a Job looks at in a pod; empty for pods that no Job minds."""
    if not is_for_job(pod, minders):
        return ()
    rows: list[tuple[object, ...]] = []
    owner = pod.metadata.controller
    if TRACKING in pod.metadata.finalizers:
        rows.append((v.TRACKED,))
        if owner is not None and of_job(pod) and not isinstance(cluster.by_uid(owner.uid), Job):
            rows.append((v.JOB_GONE,))
    index = index_of(pod)
    if index is not None:
        rows += [(v.INDEX, index), (v.INDEX_FAILURES, *failures_of(pod))]
    rows.append((v.JOB_RESTARTS, _restarts(pod)))
    if pod.finished or pod.terminating:
        rows.append((v.ENDED_AGO, clamped(max(0.0, now - finish_of(pod)) // 1)))
        rows += _end_rows(pod, minders)
    elif pod.ready:
        since = pod.ready_condition.last_transition_time if pod.ready_condition else None
        rows.append((v.READY_SINCE, clamped(max(0.0, now - seconds(since)) // 1) if since else 0))
    return tuple(rows)


def _end_rows(pod: Pod, minders: list[Workload]) -> list[tuple[object, ...]]:
    """How the pod has ended, where a failure policy looks at it."""
    if not any(isinstance(minder, Job) and minder.spec.pod_failure_policy for minder in minders):
        return []
    status = pod.status
    rows: list[tuple[object, ...]] = [
        (v.POD_CONDITION, condition.type, condition.status) for condition in status.conditions
    ]
    containers = (*status.container_statuses, *status.init_container_statuses)
    rows += [
        (v.EXIT_CODE, container.name, container.state.terminated.exit_code)
        for container in containers
        if container.state.terminated is not None
    ]
    return rows


def _restarts(pod: Pod) -> int:
    status = pod.status
    return sum(c.restart_count for c in (*status.container_statuses, *status.init_container_statuses))
