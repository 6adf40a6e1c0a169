"""What kubectl's columns say of workloads: how many pods are wanted, there, ready and of the newest template.

Source: Kubernetes pkg/printers/internalversion/printers.go.
"""

from __future__ import annotations

from collections.abc import Sequence

from foretell.api.cli.ages import human
from foretell.api.cli.cells import NONE, age, pairs, selector_text
from foretell.api.telling.progress import job_status
from foretell.model.clock import seconds
from foretell.model.objects import CronJob, DaemonSet, Deployment, Job, PodTemplate, ReplicaSet, StatefulSet


def _containers(template: PodTemplate) -> tuple[str, str]:
    containers = template.spec.containers
    return ",".join(c.name for c in containers), ",".join(c.image for c in containers)


def wanted(replicas: int | None) -> int:
    """How many replicas are wanted where a manifest may leave it to the server."""
    return 1 if replicas is None else replicas


def daemonset_cells(daemonset: DaemonSet, now: float) -> Sequence[str]:
    """The cells of a DaemonSet at a moment."""
    status = daemonset.status
    numbers = (
        status.desired_number_scheduled, status.current_number_scheduled, status.number_ready,
        status.updated_number_scheduled, status.number_available,
    )  # fmt: skip
    template = daemonset.spec.template
    wide = (*_containers(template), selector_text(daemonset.spec.selector))
    return (
        daemonset.name, *map(str, numbers), pairs(template.spec.node_selector), age(daemonset, now), *wide,
    )  # fmt: skip


def statefulset_cells(statefulset: StatefulSet, now: float) -> Sequence[str]:
    """The cells of a StatefulSet at a moment."""
    ready = f"{statefulset.status.ready_replicas}/{wanted(statefulset.spec.replicas)}"
    return (statefulset.name, ready, age(statefulset, now), *_containers(statefulset.spec.template))


def deployment_cells(deployment: Deployment, now: float) -> Sequence[str]:
    """The cells of a Deployment at a moment."""
    spec, status = deployment.spec, deployment.status
    ready = f"{status.ready_replicas}/{wanted(spec.replicas)}"
    numbers = (str(status.updated_replicas), str(status.available_replicas))
    wide = (*_containers(spec.template), selector_text(spec.selector))
    return (deployment.name, ready, *numbers, age(deployment, now), *wide)


def replicaset_cells(replicaset: ReplicaSet, now: float) -> Sequence[str]:
    """The cells of a ReplicaSet at a moment."""
    spec, status = replicaset.spec, replicaset.status
    numbers = (wanted(spec.replicas), status.replicas, status.ready_replicas)
    wide = (*_containers(spec.template), selector_text(spec.selector))
    return (replicaset.name, *map(str, numbers), age(replicaset, now), *wide)


def job_cells(job: Job, now: float) -> Sequence[str]:
    """The cells of a Job at a moment."""
    wide = (*_containers(job.spec.template), selector_text(job.spec.selector))
    return (job.name, job_status(job), _completions(job), _duration(job, now), age(job, now), *wide)


def _completions(job: Job) -> str:
    """How many pods have succeeded, of how many; a Job without a count is done when one has."""
    succeeded, parallelism = job.status.succeeded, job.spec.parallelism or 0
    if job.spec.completions is not None:
        return f"{succeeded}/{job.spec.completions}"
    return f"{succeeded}/1 of {parallelism}" if parallelism > 1 else f"{succeeded}/1"


def _duration(job: Job, now: float) -> str:
    if job.status.start_time is None:
        return ""
    ended = job.status.completion_time
    return human((now if ended is None else seconds(ended)) - seconds(job.status.start_time))


def cronjob_cells(cronjob: CronJob, now: float) -> Sequence[str]:
    """The cells of a CronJob at a moment."""
    spec, last = cronjob.spec, cronjob.status.last_schedule_time
    since = NONE if last is None else human(now - seconds(last))
    job = spec.job_template.spec
    return (
        cronjob.name, spec.schedule, spec.time_zone or NONE, str(spec.suspend),
        str(len(cronjob.status.active)), since, age(cronjob, now),
        *_containers(job.template), selector_text(job.selector),
    )  # fmt: skip
