"""The facts of Jobs: what is wanted of them, their policies, and what has been counted."""

from __future__ import annotations

from collections.abc import Iterable

from foretell.logic import vocabulary as v
from foretell.logic.memory import Memory
from foretell.logic.shapes import clamped
from foretell.logic.vocabulary import Term
from foretell.model.clock import seconds
from foretell.model.cluster import Cluster
from foretell.model.indexes import runs_of
from foretell.model.job_pods import TRACKING, counted, finish_of
from foretell.model.jobs import FailurePolicy, Job, SuccessPolicy
from foretell.model.objects import Pod

_OVER = ("Complete", "Failed")
_COUNTS = ("succeeded", "failed")


def job_facts(cluster: Cluster, memory: Memory, workload: Job, name: Term, now: float) -> list[str]:
    """What is wanted of a Job, and what has been counted."""
    spec, status = workload.spec, workload.status
    lines = [v.JOB(name), *_status_facts(workload, name, now), *_uncounted_facts(cluster, workload, name)]
    lines += [
        v.PARALLELISM(name, 1 if spec.parallelism is None else spec.parallelism),
        v.COMPLETION_MODE(name, spec.completion_mode or "NonIndexed"),
        v.REPLACEMENT(name, spec.pod_replacement_policy or "TerminatingOrFailed"),
        v.RESTART_POLICY(name, spec.template.spec.restart_policy),
        v.BACKOFF_LIMIT(name, 6 if spec.backoff_limit is None else spec.backoff_limit),
    ]
    numbers = (
        (v.COMPLETIONS, spec.completions),
        (v.BACKOFF_LIMIT_PER_INDEX, spec.backoff_limit_per_index),
        (v.MAX_FAILED_INDEXES, spec.max_failed_indexes),
        (v.ACTIVE_DEADLINE, spec.active_deadline_seconds),
        (v.TIME_TO_LIVE, spec.ttl_seconds_after_finished),
    )
    lines += [predicate(name, clamped(number)) for predicate, number in numbers if number is not None]
    if spec.suspend:
        lines.append(v.SUSPENDED(name))
    if spec.managed_by:
        lines.append(v.MANAGED_BY(name, spec.managed_by))
    lines += _failure_policy_facts(spec.pod_failure_policy, name)
    lines += _success_policy_facts(spec.success_policy, name)
    for field, text in (("completed", status.completed_indexes), ("failed", status.failed_indexes or "")):
        lines += [v.RECORDED_RUN(name, Term(field), first, last) for first, last in runs_of(text)]
    row = memory.job_failures.get(workload.key) or failures_left(cluster, workload)
    if row[0]:
        lines.append(v.FAILURES(name, row[0], clamped(max(0.0, now - row[1]) // 1)))
    return lines


def _status_facts(workload: Job, name: Term, now: float) -> Iterable[str]:
    status = workload.status
    yield v.REPORTED(name, Term("succeeded"), status.succeeded)
    yield v.REPORTED(name, Term("failed"), status.failed)
    if status.start_time is not None:
        yield v.STARTED_FOR(name, _ago(now, status.start_time))
    yield from condition_facts(workload, name, now)


def condition_facts(workload: Job, name: Term, now: float) -> Iterable[str]:
    """The conditions of a Job, and for how long it has been over."""
    for condition in workload.status.conditions:
        yield v.JOB_CONDITION(name, condition.type, condition.status, condition.reason)
        if condition.type in _OVER and condition.status == "True":
            moment = condition.last_transition_time or workload.metadata.creation_timestamp
            yield v.ENDED_FOR(name, _ago(now, moment) if moment else 0)


def _uncounted_facts(cluster: Cluster, workload: Job, name: Term) -> Iterable[str]:
    """The pods on the list of those that are to be counted, whose finalizer is off already."""
    listed = workload.status.uncounted_terminated_pods
    for field in _COUNTS:
        uids = getattr(listed, field) if listed else ()
        left = [uid for uid in uids if not is_tracked(cluster.by_uid(uid))]
        yield v.UNCOUNTED(name, Term(field), len(left))


def is_tracked(thing: object) -> bool:
    """Whether it is a pod that bears the finalizer of Jobs."""
    return isinstance(thing, Pod) and TRACKING in thing.metadata.finalizers


def failures_left(cluster: Cluster, workload: Job) -> tuple[int, float]:
    """How many counted pods have failed since the last one succeeded, and when the last of them did.

    The controller remembers so much; where a forecast begins, only the pods that are left can say it.
    """
    ended = [pod for _, pod in cluster.owned_pods(workload.metadata.uid) if counted(pod)]
    success = max((finish_of(pod) for pod in ended if pod.phase == "Succeeded"), default=0.0)
    moments = [finish_of(pod) for pod in ended if pod.phase == "Failed"]
    later = [moment for moment in moments if moment > success]
    return len(later), max(later, default=0.0)


def _failure_policy_facts(policy: FailurePolicy | None, name: Term) -> Iterable[str]:
    for position, rule in enumerate(policy.rules if policy else ()):
        yield v.FAILURE_RULE(name, position, rule.action)
        codes = rule.on_exit_codes
        if codes is not None:
            yield v.FAILURE_CODES(name, position, codes.container_name, codes.operator)
            yield from (v.FAILURE_CODE(name, position, code) for code in codes.values)
        for condition in rule.on_pod_conditions:
            yield v.FAILURE_CONDITION(name, position, condition.type, condition.status or "True")


def _success_policy_facts(policy: SuccessPolicy | None, name: Term) -> Iterable[str]:
    for position, rule in enumerate(policy.rules if policy else ()):
        yield v.SUCCESS_RULE(name, position)
        for first, last in runs_of(rule.succeeded_indexes):
            yield v.SUCCESS_RUN(name, position, first, last)
        if rule.succeeded_count is not None:
            yield v.SUCCESS_COUNT(name, position, rule.succeeded_count)


def _ago(now: float, moment: str) -> int:
    return clamped((now - seconds(moment)) // 1)
