"""CronJobs: which Jobs they start while time passes, and what they do about those that run."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretell.logic.cron import ScheduleError, schedule_of, zone_of
from foretell.logic.forecast import forecast
from foretell.logic.simulation import MOST_RUNS
from foretell.model.changes import Apply, Change, Delete, Patch, Wait
from foretell.model.clock import seconds, timestamp
from foretell.model.cluster import Cluster
from foretell.model.forecast import Assumptions, Forecast, Outcome, Verb
from foretell.model.objects import CronJob, Job
from tests.builders import Document, after, cluster, cronjob, nodes, plan

NOON = "2026-03-02T12:00:00Z"
BERLIN = ZoneInfo("Europe/Berlin")
ALL = ("*",)


def at_noon(*documents: Document) -> Cluster:
    """Two nodes and more at noon."""
    return cluster(nodes(2), *documents).at(seconds(NOON))


def story(document: Document, *changes: Change, **assume: tuple[str, ...]) -> Forecast:
    """What becomes of a CronJob that is applied at noon."""
    return forecast(at_noon(), [Apply(object=document), *changes], Assumptions(**assume))


def started(done: Forecast) -> list[str]:
    """The times for which Jobs were started, as hours and minutes."""
    names = [a.name for a in done.actions if (a.verb, a.kind) == (Verb.CREATE, "Job")]
    return [f"{datetime.fromtimestamp(60 * int(each.rpartition('-')[2]), UTC):%H:%M}" for each in names]


def the_cronjob(where: Forecast) -> CronJob:
    """The CronJob at the end."""
    return where.after.cronjobs[0]


def running(where: Cluster) -> list[Job]:
    """The Jobs that aren't over."""
    over = {"Complete", "Failed"}
    return [job for job in where.jobs if not over & {c.type for c in job.status.conditions}]


# --- when Jobs are started ---


def test_a_forecast_does_not_wait_for_a_schedule_but_says_when_it_is_due() -> None:
    done = story(cronjob())
    assert plan(done) == []
    assert done.verdict.outcome is Outcome.SETTLED
    assert done.verdict.note == "the next run of CronJob/report is due in 300 s, at 2026-03-02T12:05:00Z"


def test_runs_within_the_time_that_passes_happen() -> None:
    done = story(cronjob(), Wait(seconds=11 * 60))
    assert started(done) == ["12:05", "12:10"]
    assert the_cronjob(done).status.last_schedule_time == "2026-03-02T12:10:00Z"
    assert the_cronjob(done).status.active == ()


def test_a_job_is_named_after_the_minute_it_is_for() -> None:
    [job] = story(cronjob(), Wait(seconds=300)).after.jobs
    assert job.name == f"report-{int(seconds('2026-03-02T12:05:00Z')) // 60}"
    stamp = job.metadata.annotations["batch.kubernetes.io/cronjob-scheduled-timestamp"]
    assert stamp == "2026-03-02T12:05:00Z"
    assert job.status.succeeded == 1


def test_a_schedule_is_read_in_its_time_zone() -> None:
    done = story(cronjob(schedule="30 13 * * *", timeZone="Europe/Berlin"), Wait(seconds=3600))
    assert started(done) == ["12:30"]


def test_a_suspended_cronjob_starts_nothing_and_expects_nothing() -> None:
    done = story(cronjob(suspend=True), Wait(seconds=3600))
    assert (plan(done), done.verdict.note) == ([], "")


def test_a_cronjob_that_is_resumed_starts_the_last_run_it_has_missed() -> None:
    before = story(cronjob(suspend=True), Wait(seconds=11 * 60)).after
    resumed = Patch(kind="CronJob", name="report", with_={"spec": {"suspend": False}})
    assert started(forecast(before, [resumed])) == ["12:10"]


@pytest.mark.parametrize(
    ("deadline", "runs"),
    [pytest.param(59, [], id="too late"), pytest.param(60, ["12:10"], id="just in time")],
)
def test_a_missed_run_is_started_within_its_deadline(deadline: int, runs: list[str]) -> None:
    before = story(cronjob(suspend=True, startingDeadlineSeconds=deadline), Wait(seconds=11 * 60)).after
    resumed = Patch(kind="CronJob", name="report", with_={"spec": {"suspend": False}})
    assert started(forecast(before, [resumed])) == runs


def test_runs_every_so_many_seconds_count_from_the_last_one() -> None:
    assert started(story(cronjob(schedule="@every 90m"), Wait(seconds=4 * 3600))) == ["13:30", "15:00"]


def test_a_schedule_is_followed_only_so_far() -> None:
    done = story(cronjob(schedule="* * * * *", job_spec={"suspend": True}), Wait(seconds=365 * 86400))
    assert len(started(done)) == MOST_RUNS + 1
    assert done.verdict.outcome is Outcome.CUT


# --- what becomes of those that run ---


def test_under_allow_jobs_run_side_by_side() -> None:
    done = story(cronjob(), Wait(seconds=660), never_ends=ALL)
    assert len(running(done.after)) == len(the_cronjob(done).status.active) == 2


def test_under_forbid_a_run_waits_until_the_one_before_is_over() -> None:
    done = story(cronjob(concurrencyPolicy="Forbid"), Wait(seconds=660))
    assert started(done) == ["12:05", "12:10"]
    turns = [wave.turn for wave in done.waves for action in wave.actions if action.kind == "Job"]
    assert turns == [0, 2]


def test_under_replace_the_job_that_runs_is_deleted() -> None:
    done = story(cronjob(concurrencyPolicy="Replace"), Wait(seconds=660), never_ends=ALL)
    [left] = done.after.jobs
    assert [reference.name for reference in the_cronjob(done).status.active] == [left.name]
    deleted = [a for a in done.actions if (a.verb, a.kind) == (Verb.DELETE, "Job")]
    assert [action.reason for action in deleted] == ["replaced"]


@pytest.mark.parametrize(
    ("field", "assume"),
    [
        pytest.param("successfulJobsHistoryLimit", {}, id="successes"),
        pytest.param("failedJobsHistoryLimit", {"job_fails": ALL}, id="failures"),
    ],
)
def test_old_jobs_beyond_the_limit_are_deleted(field: str, assume: dict[str, tuple[str, ...]]) -> None:
    spec: dict[str, Any] = {field: 2}
    done = story(cronjob(job_spec={"backoffLimit": 0}, **spec), Wait(seconds=4 * 300), **assume)
    last = [60 * int(job.name.rpartition("-")[2]) for job in done.after.jobs]
    assert [timestamp(each)[11:16] for each in last] == ["12:15", "12:20"]


def test_the_jobs_of_a_deleted_cronjob_go() -> None:
    before = after(at_noon(), Apply(object=cronjob()), Wait(seconds=300), never_ends=ALL)
    done = forecast(before, [Delete(kind="CronJob", name="report")])
    assert (done.after.jobs, done.after.pods) == ((), ())


# --- schedules ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("*/20 * * * *", "2026-03-02T12:20:00Z", id="steps"),
        pytest.param("10/25 * * * *", "2026-03-02T12:10:00Z", id="steps from a number on"),
        pytest.param("0 9-17/4 * * *", "2026-03-02T13:00:00Z", id="steps of a range"),
        pytest.param("0 0 1,15 * *", "2026-03-15T00:00:00Z", id="days of the month"),
        pytest.param("0 0 * * wed", "2026-03-04T00:00:00Z", id="a day's name"),
        pytest.param("0 0 13 * 5", "2026-03-06T00:00:00Z", id="either day will do"),
        pytest.param("0 0 ? jan *", "2027-01-01T00:00:00Z", id="a question mark"),
        pytest.param("0 0 29 2 *", "2028-02-29T00:00:00Z", id="a leap day"),
        pytest.param("@hourly", "2026-03-02T13:00:00Z", id="hourly"),
        pytest.param("@weekly", "2026-03-08T00:00:00Z", id="weekly"),
        pytest.param("@every 1h30m", "2026-03-02T13:30:00Z", id="every so often"),
        pytest.param("@every 1ms", "2026-03-02T12:00:01Z", id="every second at most"),
    ],
)
def test_the_next_time_of_a_schedule(text: str, expected: str) -> None:
    found = schedule_of(text).after(seconds(NOON), UTC)
    assert found is not None
    assert timestamp(found) == expected


def test_a_day_that_never_comes_has_no_time() -> None:
    schedule = schedule_of("0 0 31 2 *")
    assert schedule.after(seconds(NOON), UTC) is None
    assert schedule.latest(0, seconds(NOON), UTC) is None


def test_an_hour_that_the_clock_skips_is_left_out() -> None:
    night = seconds("2026-03-28T12:00:00Z")
    found = schedule_of("30 2 * * *").after(night, BERLIN)
    assert found is not None
    assert timestamp(found) == "2026-03-30T00:30:00Z"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param("", "empty spec string", id="empty"),
        pytest.param("* * * *", "expected exactly 5 fields, found 4: [* * * *]", id="four fields"),
        pytest.param("60 * * * *", "end of range (60) above maximum (59): 60", id="too large"),
        pytest.param("* * 0 * *", "beginning of range (0) below minimum (1): 0", id="too small"),
        pytest.param("* * * * 7", "end of range (7) above maximum (6): 7", id="Sunday is nought"),
        pytest.param("*/0 * * * *", "step of range should be a positive number: */0", id="no step"),
        pytest.param("1-2-3 * * * *", "too many hyphens: 1-2-3", id="hyphens"),
        pytest.param("1/2/3 * * * *", "too many slashes: 1/2/3", id="slashes"),
        pytest.param("5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1", id="backwards"),
        pytest.param("@soon", "unrecognized descriptor: @soon", id="descriptor"),
        pytest.param(
            "L * * * *",
            'failed to parse int from L: strconv.Atoi: parsing "L": invalid syntax',
            id="letters",
        ),
        pytest.param(
            "@every 5",
            'failed to parse duration @every 5: time: missing unit in duration "5"',
            id="no unit",
        ),
        pytest.param(
            "TZ=Nowhere * * * * *", "provided bad location Nowhere: unknown time zone Nowhere", id="zone"
        ),
    ],
)
def test_what_is_no_schedule_is_told_in_the_library_s_words(text: str, sentence: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        schedule_of(text)
    assert str(caught.value) == sentence


@given(
    minutes=st.sampled_from(["*", "*/7", "13", "5-50/15"]),
    hours=st.sampled_from(["*", "2", "*/6", "1-3"]),
    days=st.sampled_from(["*", "1", "29-31"]),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]),
    moment=st.integers(1_767_225_600, 1_798_761_600),
)
def test_the_last_time_before_and_the_next_one_after_agree(
    minutes: str, hours: str, days: str, zone: str, moment: int
) -> None:
    """The next time after a moment is the last one as of itself, and there is none in between."""
    schedule, place = schedule_of(f"{minutes} {hours} {days} * *"), zone_of(zone)
    assert place is not None
    coming = schedule.after(moment, place)
    assert coming is not None
    assert coming > moment
    assert schedule.latest(moment, coming, place) == coming
    assert schedule.latest(moment, coming - 1, place) is None
