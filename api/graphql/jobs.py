"""Jobs and CronJobs in GraphQL, and the ways between them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from foretell.api.graphql.lists import listed
from foretell.api.graphql.objects import moment, owner_of, shows
from foretell.api.graphql.workloads import Workload
from foretell.api.service.snapshots import Snapshot
from foretell.api.telling.progress import job_status
from foretell.model.belonging import jobs_of
from foretell.model.objects import CronJob, Job


@strawberry.type(name="Job", description="Pods that run to their end, so often as completions are wanted.")
class JobObject(Workload):
    """A Job."""

    thing: strawberry.Private[Job]
    active: int = strawberry.field(description="How many pods its controller last said are under way.")
    succeeded: int = strawberry.field(description="How many pods its controller last said ended well.")
    failed: int = strawberry.field(description="How many pods its controller last said ended badly.")

    @strawberry.field(
        description="How it is, as kubectl says it: `Running`, `Complete`, `Failed`, `Suspended`, …."
    )
    def status(self) -> str:
        """How it is, in one word."""
        return job_status(self.thing)

    @strawberry.field(description="How many of its pods may run at once.")
    def parallelism(self) -> int:
        """`spec.parallelism`."""
        return 1 if self.thing.spec.parallelism is None else self.thing.spec.parallelism

    @strawberry.field(description="How many pods have to end well; null where one does for all.")
    def completions(self) -> int | None:
        """`spec.completions`."""
        return self.thing.spec.completions

    @strawberry.field(description="Whether each pod has an index of its own: `NonIndexed` or `Indexed`.")
    def completion_mode(self) -> str:
        """`spec.completionMode`."""
        return self.thing.spec.completion_mode or "NonIndexed"

    @strawberry.field(description="How many pods may end badly before it fails; null where it isn't said.")
    def backoff_limit(self) -> int | None:
        """`spec.backoffLimit`."""
        return self.thing.spec.backoff_limit

    @strawberry.field(description="Whether it is let rest.")
    def suspended(self) -> bool:
        """`spec.suspend`."""
        return self.thing.spec.suspend

    @strawberry.field(
        description="How many pods its controller last said are terminating; null where it doesn't say."
    )
    def terminating_pods(self) -> int | None:
        """`status.terminating`."""
        return self.thing.status.terminating

    @strawberry.field(description="The indexes whose pods ended well, such as `0-2,5`; may be empty.")
    def completed_indexes(self) -> str:
        """`status.completedIndexes`."""
        return self.thing.status.completed_indexes

    @strawberry.field(description="The indexes that have failed for good, such as `0-2,5`; may be empty.")
    def failed_indexes(self) -> str:
        """`status.failedIndexes`."""
        return self.thing.status.failed_indexes or ""

    @strawberry.field(description="When it began; null where it hasn't.")
    def started_at(self) -> datetime | None:
        """`status.startTime`."""
        return moment(self.thing.status.start_time)

    @strawberry.field(description="When it ended well; null where it hasn't.")
    def completed_at(self) -> datetime | None:
        """`status.completionTime`."""
        return moment(self.thing.status.completion_time)

    @strawberry.field(description="The CronJob that has made it, if one has and is there.")
    def cron_job(self) -> Annotated[CronJobObject, strawberry.lazy(__name__)] | None:
        """Its CronJob."""
        owner = owner_of(self.snapshot.cluster, self.thing.metadata.controller)
        return cronjob_of(self.snapshot, owner) if isinstance(owner, CronJob) else None


@strawberry.type(name="CronJob", description="Jobs at the times of a schedule.")
class CronJobObject(Workload):
    """A CronJob."""

    thing: strawberry.Private[CronJob]
    schedule: str = strawberry.field(description="When it makes Jobs, such as `0 3 * * *`.")

    @strawberry.field(description="In which time zone the schedule is; null for that of the control plane.")
    def time_zone(self) -> str | None:
        """`spec.timeZone`."""
        return self.thing.spec.time_zone

    @strawberry.field(
        description="What becomes of a Job that is due while another runs: `Allow`, `Forbid` or `Replace`."
    )
    def concurrency_policy(self) -> str:
        """`spec.concurrencyPolicy`."""
        return self.thing.spec.concurrency_policy or "Allow"

    @strawberry.field(description="Whether it is let rest.")
    def suspended(self) -> bool:
        """`spec.suspend`."""
        return self.thing.spec.suspend

    @strawberry.field(description="How many seconds late a Job may be made; null for any.")
    def starting_deadline_seconds(self) -> int | None:
        """`spec.startingDeadlineSeconds`."""
        return self.thing.spec.starting_deadline_seconds

    @strawberry.field(description="When it last made a Job; null where it hasn't yet.")
    def last_scheduled_at(self) -> datetime | None:
        """`status.lastScheduleTime`."""
        return moment(self.thing.status.last_schedule_time)

    @strawberry.field(description="When one of its Jobs last ended well; null where none has yet.")
    def last_succeeded_at(self) -> datetime | None:
        """`status.lastSuccessfulTime`."""
        return moment(self.thing.status.last_successful_time)

    @strawberry.field(description="How many of its Jobs its controller last said are under way.")
    def active(self) -> int:
        """`status.active`."""
        return len(self.thing.status.active)

    @listed(JobObject, "The Jobs that it has made, by name.")
    def jobs(self) -> Sequence[Job]:
        """Its Jobs."""
        return jobs_of(self.snapshot.cluster, self.thing)


@shows(Job)
def job_of(snapshot: Snapshot, job: Job) -> JobObject:
    """A Job in GraphQL."""
    return JobObject(
        snapshot=snapshot,
        thing=job,
        name=job.name,
        namespace=job.namespace,
        desired=None,
        ready=job.status.ready,
        updated=None,
        available=None,
        active=job.status.active,
        succeeded=job.status.succeeded,
        failed=job.status.failed,
    )


@shows(CronJob)
def cronjob_of(snapshot: Snapshot, cronjob: CronJob) -> CronJobObject:
    """A CronJob in GraphQL."""
    return CronJobObject(
        snapshot=snapshot,
        thing=cronjob,
        name=cronjob.name,
        namespace=cronjob.namespace,
        desired=None,
        ready=None,
        updated=None,
        available=None,
        schedule=cronjob.spec.schedule,
    )
