"""What the pods of Jobs bear: finalizer, index, how often it failed, and when they ended."""

from __future__ import annotations

from foretell.model.clock import seconds
from foretell.model.kinds import group_of
from foretell.model.objects import Job, Pod

_PREFIX = "batch.kubernetes.io/"
TRACKING = f"{_PREFIX}job-tracking"
"""The finalizer by which each pod is counted once."""

INDEX = f"{_PREFIX}job-completion-index"
FAILURES = f"{_PREFIX}job-index-failure-count"
IGNORED_FAILURES = f"{_PREFIX}job-index-ignored-failure-count"


def of_job(pod: Pod) -> bool:
    """Whether the pod's controller is a Job of Kubernetes' own, be it there or not."""
    owner = pod.metadata.controller
    return owner is not None and owner.kind == "Job" and group_of(owner.api_version) in ("", "batch")


def counted(pod: Pod) -> bool:
    """Whether the pod has ended and its Job has let go of it: it will never matter again."""
    return pod.finished and TRACKING not in pod.metadata.finalizers


def belongs(pod: Pod, job: Job) -> bool:
    """Whether the pod bears all labels that the Job's selector names."""
    selector = job.spec.selector
    return selector is not None and selector.match_labels.items() <= pod.labels.items()


def index_of(pod: Pod) -> int | None:
    """The pod's completion index; none where it has no proper one. Source: `getCompletionIndex`."""
    return _number(pod, INDEX)


def failures_of(pod: Pod) -> tuple[int, int]:
    """How often the pod's index had failed before, and how often that was ignored."""
    return _number(pod, FAILURES) or 0, _number(pod, IGNORED_FAILURES) or 0


def _number(pod: Pod, annotation: str) -> int | None:
    text = pod.metadata.annotations.get(annotation, "")
    number = int(text) if text.isascii() and text.isdigit() else 2**31
    return number if number < 2**31 else None


def finish_of(pod: Pod) -> float:
    """When the pod ended, in seconds since the epoch.

    It is the end of the last container, else when the pod ceased to be ready, else when its deletion was
    asked for. Source: Kubernetes job/backoff_utils.go `getFinishedTime`.
    """
    ends = [status.state.terminated for status in pod.status.container_statuses]
    stamps = [end.finished_at for end in ends if end is not None and end.finished_at]
    if ends and len(stamps) == len(ends):
        return max(map(seconds, stamps))
    ready = pod.ready_condition
    if ready is not None and ready.status == "False" and ready.last_transition_time:
        return seconds(ready.last_transition_time)
    meta = pod.metadata
    if meta.deletion_timestamp:
        return seconds(meta.deletion_timestamp) - (meta.deletion_grace_period_seconds or 0)
    return seconds(meta.creation_timestamp) if meta.creation_timestamp else 0.0
