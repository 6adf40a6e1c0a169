"""What is written of CronJobs: the Jobs that they start, replace and forget, and their own status."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from foretell.logic import vocabulary as v
from foretell.logic.cron import zone_of
from foretell.logic.facts_cron import due_time, job_key
from foretell.logic.round import Round, author_of, reason_of
from foretell.logic.stamps import controller_reference, uid_of
from foretell.logic.vocabulary import Argument
from foretell.model.clock import timestamp
from foretell.model.defaults import defaulted
from foretell.model.documents import from_document
from foretell.model.forecast import Reason, Verb
from foretell.model.objects import CronJob, Job, JobReference

replace = msgspec.structs.replace
_SCHEDULED_AT = "batch.kubernetes.io/cronjob-scheduled-timestamp"


def write_cron(work: Round) -> None:
    """Jobs that go, then those that are started, then the status of every CronJob that was looked at."""
    for term, name, reason in work.each("deletes_job"):
        job = work.get(v.workload_key(name))
        if job is not None:
            work.act(Verb.DELETE, job, author_of(work.workload(term)), reason_of(reason))
            work.delete(job)
    for term, _ in work.each("starts_run"):
        cronjob = _cronjob(work, term)
        job = _new_job(cronjob, _due(work, cronjob), work.now)
        work.put(job)
        work.act(Verb.CREATE, job, author_of(cronjob), Reason.SCHEDULED)
    for (term,) in work.each("awake"):
        if v.workload_key(term).kind == "CronJob":
            _report(work, _cronjob(work, term), term)


def _cronjob(work: Round, term: Argument) -> CronJob:
    cronjob = work.workload(term)
    assert isinstance(cronjob, CronJob)
    return cronjob


def _due(work: Round, cronjob: CronJob) -> float:
    due = due_time(cronjob, work.memory, work.now)
    assert due is not None
    return due


def _new_job(cronjob: CronJob, time: float, now: float) -> Job:
    """The Job of a scheduled time, as it is stored. Source: cronjob/utils.go `getJobFromTemplate2`."""
    template = msgspec.json.decode(cronjob.origin)["spec"].get("jobTemplate", {})
    meta: dict[str, Any] = template.get("metadata", {})
    key = job_key(cronjob, time)
    at = datetime.fromtimestamp(time, zone_of(cronjob.spec.time_zone or "")).isoformat()
    job = from_document(defaulted({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": key.name, "namespace": key.namespace, "generation": 1,
            "uid": uid_of(cronjob.metadata.uid, key.name, now), "creationTimestamp": timestamp(now),
            **({"labels": meta["labels"]} if meta.get("labels") else {}),
            "annotations": {**(meta.get("annotations") or {}), _SCHEDULED_AT: at.replace("+00:00", "Z")},
            "ownerReferences": [msgspec.to_builtins(controller_reference(cronjob))],
        },
        "spec": template.get("spec", {}),
    }))  # fmt: skip
    assert isinstance(job, Job)
    return job


def _report(work: Round, cronjob: CronJob, term: Argument) -> None:
    """The status: the Jobs that run, in the order in which they came, and the last times."""
    running = [work.get(v.workload_key(name)) for owner, name in work.each("lists_run") if owner == term]
    by_uid = {job.metadata.uid: job for job in running if job is not None}
    known = [reference for reference in cronjob.status.active if reference.uid in by_uid]
    fresh = [job for uid, job in by_uid.items() if uid not in {reference.uid for reference in known}]
    active = (
        *known,
        *(JobReference(namespace=job.namespace, name=job.name, uid=job.metadata.uid) for job in fresh),
    )
    status = replace(cronjob.status, active=active)
    if (term,) in work.each("records_run"):
        status = replace(status, last_schedule_time=timestamp(_due(work, cronjob)))
    for owner, name in work.each("succeeded_last"):
        job = work.cluster.get(v.workload_key(name))
        if owner == term and isinstance(job, Job):
            status = replace(status, last_successful_time=job.status.completion_time)
    if status != cronjob.status:
        work.put(replace(cronjob, status=status))
