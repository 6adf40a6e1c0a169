"""The facts of CronJobs: what is wanted of them, their Jobs, and the times of their schedules."""

from __future__ import annotations

import math
from collections.abc import Iterable

from foretell.logic import vocabulary as v
from foretell.logic.cron import ScheduleError, schedule_of, zone_of
from foretell.logic.facts_jobs import condition_facts
from foretell.logic.memory import Memory
from foretell.logic.shapes import clamped
from foretell.logic.vocabulary import Term
from foretell.model.clock import seconds
from foretell.model.cluster import Cluster
from foretell.model.meta import Key
from foretell.model.objects import CronJob, Job


def cronjob_facts(cluster: Cluster, memory: Memory, workload: CronJob, name: Term, now: float) -> list[str]:
    """What is wanted of a CronJob, its Jobs, and when the next one is due."""
    spec, status = workload.spec, workload.status
    lines = [v.CRONJOB(name), v.CONCURRENCY(name, spec.concurrency_policy or "Allow")]
    if spec.suspend:
        lines.append(v.SUSPENDED(name))
    if spec.starting_deadline_seconds is not None:
        lines.append(v.STARTING_DEADLINE(name, clamped(spec.starting_deadline_seconds)))
    limits = (
        ("success", spec.successful_jobs_history_limit),
        ("failure", spec.failed_jobs_history_limit),
    )
    lines += [v.KEEPS(name, Term(sort), limit) for sort, limit in limits if limit is not None]
    lines += _children_facts(cluster, memory, workload, name, now)
    for predicate, stamp in (
        (v.LAST_RUN, status.last_schedule_time),
        (v.LAST_SUCCESS, status.last_successful_time),
    ):
        if stamp is not None:
            lines.append(predicate(name, clamped((now - seconds(stamp)) // 1)))
    due = due_time(workload, memory, now)
    if due is not None:
        job = job_key(workload, due)
        lines.append(v.DUE(name, v.workload_term(job), clamped((now - due) // 1)))
        if job in cluster:
            lines.append(v.NAME_IN_USE(v.workload_term(job)))
    coming = next_time(workload, memory, now)
    if coming is not None:
        lines.append(v.NEXT_RUN(name, clamped(math.ceil(coming - now))))
    return lines


def _children_facts(
    cluster: Cluster, memory: Memory, workload: CronJob, name: Term, now: float
) -> Iterable[str]:
    """The Jobs that a CronJob controls, in the order in which they began."""
    uid = workload.metadata.uid
    owned = [thing for thing in cluster.owned_by(uid) if isinstance(thing, Job)]
    jobs = [job for job in owned if job.metadata.controller and job.metadata.controller.uid == uid]
    jobs.sort(key=lambda job: (job.status.start_time is None, job.status.start_time or "", job.name))
    listed = {reference.uid for reference in workload.status.active}
    for position, job in enumerate(jobs):
        term = v.workload_term(job.key)
        yield v.STARTED_BY(term, name)
        yield v.START_ORDER(term, position)
        yield from condition_facts(job, term, now)
        if job.metadata.uid in listed:
            yield v.LISTED(name, term)
        if job.key in memory.touched:
            yield v.TOUCHED(term)


def job_key(workload: CronJob, time: float) -> Key:
    """The key of the Job of a scheduled time. Source: cronjob_controllerv2.go `getJobName`."""
    return Key("Job", workload.namespace, f"{workload.name}-{int(time // 60)}")


def due_time(workload: CronJob, memory: Memory, now: float) -> float | None:
    """The latest time of the schedule that has come since the last one on record, or since the beginning.

    Where nothing says when the CronJob was made it is taken for one that is made as the forecast begins;
    schedules are followed only up to a moment.

    Source: cronjob/utils.go `mostRecentScheduleTime`; whether it is too late by now is left to the rules.
    """
    stamp = workload.status.last_schedule_time or workload.metadata.creation_timestamp
    begin = memory.began if stamp is None else seconds(stamp)
    try:
        schedule, zone = schedule_of(workload.spec.schedule), zone_of(workload.spec.time_zone or "")
    except ScheduleError:
        return None
    until = min(now, memory.schedules_until)
    return None if zone is None or begin >= until else schedule.latest(begin, until, zone)


def next_time(workload: CronJob, memory: Memory, now: float) -> float | None:
    """The first time of the schedule that is still to come; none where the schedule can't be read."""
    try:
        schedule, zone = schedule_of(workload.spec.schedule), zone_of(workload.spec.time_zone or "")
    except ScheduleError:
        return None
    if zone is None:
        return None
    if not schedule.every:
        return schedule.after(now, zone)
    # Where runs are so many seconds apart they count from the last one.
    stamp = workload.status.last_schedule_time or workload.metadata.creation_timestamp
    begin = min(memory.began, now) if stamp is None else seconds(stamp)
    return schedule.after(schedule.latest(begin, now, zone) or begin, zone)
