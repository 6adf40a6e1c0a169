"""Jobs, and the CronJobs that make them."""

from __future__ import annotations

from foretell.model.meta import Object
from foretell.model.pods import Condition, Part, PodTemplate, TemplateMeta
from foretell.model.selectors import LabelSelector


class ExitCodes(Part, frozen=True, kw_only=True):
    """Which exit codes a rule is about: In or NotIn the values; of every container where none is named."""

    container_name: str = ""
    operator: str = ""
    values: tuple[int, ...] = ()


class PodCondition(Part, frozen=True, kw_only=True):
    """A pod's condition that a rule is about."""

    type: str = ""
    status: str = ""


class FailureRule(Part, frozen=True, kw_only=True):
    """What becomes of a Job when a pod has failed so: Ignore, Count, FailIndex or FailJob."""

    action: str = ""
    on_exit_codes: ExitCodes | None = None
    on_pod_conditions: tuple[PodCondition, ...] = ()


class FailurePolicy(Part, frozen=True, kw_only=True):
    """Rules of which the first that fits counts."""

    rules: tuple[FailureRule, ...] = ()


class SuccessRule(Part, frozen=True, kw_only=True):
    """When an indexed Job has succeeded before all of its indexes have."""

    succeeded_indexes: str = ""
    succeeded_count: int | None = None


class SuccessPolicy(Part, frozen=True, kw_only=True):
    """Rules of which one has to hold."""

    rules: tuple[SuccessRule, ...] = ()


class JobSpec(Part, frozen=True, kw_only=True):
    """What is wanted of a Job."""

    parallelism: int | None = None
    completions: int | None = None
    completion_mode: str = ""
    backoff_limit: int | None = None
    backoff_limit_per_index: int | None = None
    max_failed_indexes: int | None = None
    active_deadline_seconds: int | None = None
    ttl_seconds_after_finished: int | None = None
    pod_failure_policy: FailurePolicy | None = None
    pod_replacement_policy: str = ""
    success_policy: SuccessPolicy | None = None
    suspend: bool = False
    managed_by: str = ""
    manual_selector: bool = False
    selector: LabelSelector | None = None
    template: PodTemplate = PodTemplate()


class Uncounted(Part, frozen=True, kw_only=True):
    """The uids of pods that have ended and aren't counted yet."""

    succeeded: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


class JobCondition(Condition, frozen=True, kw_only=True):
    """One observed condition of a Job."""

    last_probe_time: str | None = None


class JobStatus(Part, frozen=True, kw_only=True):
    """What the Job controller reports; indexes are written such as `0-2,5`."""

    active: int = 0
    ready: int | None = None
    terminating: int | None = None
    succeeded: int = 0
    failed: int = 0
    completed_indexes: str = ""
    failed_indexes: str | None = None
    start_time: str | None = None
    completion_time: str | None = None
    uncounted_terminated_pods: Uncounted | None = None
    conditions: tuple[JobCondition, ...] = ()


class Job(Object, frozen=True, kw_only=True):
    """Pods that run to their end, so often as completions are wanted."""

    spec: JobSpec = JobSpec()
    status: JobStatus = JobStatus()


class JobTemplate(Part, frozen=True, kw_only=True):
    """What a CronJob's Jobs are stamped from."""

    metadata: TemplateMeta = TemplateMeta()
    spec: JobSpec = JobSpec()


class CronJobSpec(Part, frozen=True, kw_only=True):
    """What is wanted of a CronJob."""

    schedule: str = ""
    time_zone: str | None = None
    starting_deadline_seconds: int | None = None
    concurrency_policy: str = ""
    suspend: bool = False
    job_template: JobTemplate = JobTemplate()
    successful_jobs_history_limit: int | None = None
    failed_jobs_history_limit: int | None = None


class JobReference(Part, frozen=True, kw_only=True):
    """A Job that a CronJob has started and that runs still."""

    kind: str = "Job"
    namespace: str = ""
    name: str = ""
    uid: str = ""
    api_version: str = "batch/v1"


class CronJobStatus(Part, frozen=True, kw_only=True):
    """What the CronJob controller reports."""

    active: tuple[JobReference, ...] = ()
    last_schedule_time: str | None = None
    last_successful_time: str | None = None


class CronJob(Object, frozen=True, kw_only=True):
    """Jobs at the times of a schedule."""

    spec: CronJobSpec = CronJobSpec()
    status: CronJobStatus = CronJobStatus()
