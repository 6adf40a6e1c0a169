"""What is written of Jobs and their pods: those that are started and let go of, and the Jobs' status."""

from __future__ import annotations

from typing import Any

import msgspec

from foretell.logic import vocabulary as v
from foretell.logic.job_pods import job_pod
from foretell.logic.round import AUTHORS, Round, author_of, name_of, number_of, reason_of
from foretell.logic.vocabulary import Argument
from foretell.model.clock import timestamp
from foretell.model.forecast import Reason, Verb
from foretell.model.indexes import text_of_runs
from foretell.model.job_pods import TRACKING
from foretell.model.meta import Key
from foretell.model.objects import Job, JobCondition, JobStatus, Pod, Uncounted

replace = msgspec.structs.replace
_MESSAGES = {
    "BackoffLimitExceeded": "Job has reached the specified backoff limit",
    "CompletionsReached": "Reached expected number of succeeded pods",
    "DeadlineExceeded": "Job was active longer than specified deadline",
    "FailedIndexes": "Job has failed indexes",
    "JobResumed": "Job resumed",
    "JobSuspended": "Job suspended",
    "MaxFailedIndexesExceeded": "Job has exceeded the specified maximal number of failed indexes",
}
"""By reason: the message that the controller writes beside it, where it is always the same."""


def write_jobs(work: Round) -> None:
    """Pods that Jobs adopt, let go of and start, then the Jobs' own status, then those that expire."""
    _track(work)
    _let_go(work)
    _start(work)
    for key, status in _statuses(work).items():
        job = work.get(key)
        if isinstance(job, Job) and status != job.status:
            work.put(replace(job, status=status))
    for term, number, seconds in work.each("failed_in_a_row"):
        entry = number_of(number), work.now - number_of(seconds)
        work.memory.job_failures[v.workload_key(term)] = entry
    for (term,) in work.each("expires"):
        job = work.workload(term)
        work.act(Verb.DELETE, job, AUTHORS["ttl_controller"], Reason.EXPIRED)
        work.delete(job, cascade="Foreground")


# --- pods ---


def _track(work: Round) -> None:
    """An adopted pod gets the finalizer, a released one loses it."""
    for predicate in ("adopts", "releases"):
        for term, path in work.each(predicate):
            for pod in work.alike(path) if v.workload_key(term).kind == "Job" else ():
                if predicate == "adopts":
                    finalizers = tuple(dict.fromkeys((*pod.metadata.finalizers, TRACKING)))
                    work.put(replace(pod, metadata=replace(pod.metadata, finalizers=finalizers)))
                else:
                    _untrack(work, pod)


def _let_go(work: Round) -> None:
    for path, reason in work.each("lets_go"):
        for pod in work.alike(path):
            work.act(Verb.PATCH, pod, AUTHORS["job_controller"], reason_of(reason))
            _untrack(work, pod)


def _untrack(work: Round, pod: Pod) -> None:
    """Take the finalizer off; a pod whose deletion waited for nothing else is gone then."""
    meta = pod.metadata
    rest = tuple(finalizer for finalizer in meta.finalizers if finalizer != TRACKING)
    if pod.terminating and not rest and meta.deletion_grace_period_seconds == 0:
        work.drop(pod.key)
    else:
        work.put(replace(pod, metadata=replace(meta, finalizers=rest)))


def _start(work: Round) -> None:
    borne: dict[tuple[Argument, Argument], tuple[int, int]] = {}
    for term, index, counted, ignored in work.each("bears"):
        borne[term, index] = number_of(counted), number_of(ignored)
    for term, number, reason in work.each("starts_pods"):
        for _ in range(number_of(number)):
            _create(work, term, reason_of(reason))
    for term, index, reason in work.each("starts_index"):
        _create(work, term, reason_of(reason), number_of(index), borne.get((term, index)))


def _create(
    work: Round,
    term: Argument,
    reason: Reason,
    index: int | None = None,
    failures: tuple[int, int] | None = None,
) -> None:
    job, memory = work.workload(term), work.memory
    assert isinstance(job, Job)
    while True:
        memory.serial += 1
        pod = job_pod(work.cluster, job, work.now, memory.serial, index=index, failures=failures)
        if work.get(pod.key) is None and pod.key not in memory.spent:
            break
    memory.spent.add(pod.key)
    work.put(pod)
    work.act(Verb.CREATE, pod, author_of(job), reason)


# --- status ---


def _statuses(work: Round) -> dict[Key, JobStatus]:
    """The status of each Job that was looked at."""
    fields: dict[Key, dict[str, Any]] = {}
    for term, field, number in work.each("tallies"):
        fields.setdefault(v.workload_key(term), {})[name_of(field)] = number_of(number)
    for term, field, text in _indexes(work):
        fields.setdefault(v.workload_key(term), {})[field] = text
    for (term,) in work.each("begins"):
        fields.setdefault(v.workload_key(term), {})["start_time"] = timestamp(work.now)
    found = {}
    for key, values in fields.items():
        job = work.get(key)
        if isinstance(job, Job):
            found[key] = replace(job.status, uncounted_terminated_pods=Uncounted(), **values)
    for term, kind, status, reason in sorted(work.each("concludes"), key=_order):
        key = v.workload_key(term)
        if key in found:
            found[key] = _concluded(found[key], str(kind), str(status), str(reason), work.now)
    return found


_ORDER = ("Suspended", "FailureTarget", "SuccessCriteriaMet", "Failed", "Complete")


def _order(atom: tuple[Argument, ...]) -> tuple[str, int]:
    return repr(atom[0]), _ORDER.index(str(atom[1]))


def _indexes(work: Round) -> list[tuple[Argument, str, str]]:
    """The texts of completed and failed indexes of indexed Jobs."""
    runs: dict[tuple[Argument, str], list[tuple[int, int]]] = {}
    for term, _, _ in work.each("tallies"):
        job = work.workload(term)
        if isinstance(job, Job) and job.spec.completion_mode == "Indexed":
            runs.setdefault((term, "completed_indexes"), [])
            if job.spec.backoff_limit_per_index is not None:
                runs.setdefault((term, "failed_indexes"), [])
    for predicate, field in (("completed_run", "completed_indexes"), ("failed_run", "failed_indexes")):
        for term, first, last in work.each(predicate):
            runs.setdefault((term, field), []).append((number_of(first), number_of(last)))
    return [(term, field, text_of_runs(each)) for (term, field), each in runs.items()]


def _concluded(status: JobStatus, kind: str, truth: str, reason: str, now: float) -> JobStatus:
    """The status with a condition; one that says the same already keeps its moment."""
    moment = timestamp(now)
    fresh = JobCondition(
        type=kind, status=truth, reason=reason, message=_MESSAGES.get(reason, ""),
        last_transition_time=moment, last_probe_time=moment,
    )  # fmt: skip
    old = next((condition for condition in status.conditions if condition.type == kind), None)
    if old is not None and (old.status, old.reason) == (truth, reason):
        return status
    if old is None:
        conditions = (*status.conditions, fresh)
    else:
        conditions = tuple(fresh if condition is old else condition for condition in status.conditions)
    ended = moment if kind == "Complete" else status.completion_time
    return replace(status, conditions=conditions, completion_time=ended)
