"""Laws of Jobs and CronJobs that hold whatever is asked for and whatever the world does."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from foretell.logic.forecast import forecast
from foretell.model.changes import Apply, Change, Patch, Wait
from foretell.model.cluster import Cluster
from foretell.model.forecast import Assumptions, Forecast
from foretell.model.indexes import runs_of, text_of_runs
from foretell.model.job_pods import TRACKING, index_of
from foretell.model.objects import Job, Pod
from tests.builders import Document, cluster, cronjob, job, nodes

OVER = {"Complete", "Failed"}
patterns = st.sampled_from([(), ("*",), ("*-0-*",), ("*-1-*",), ("*[5-7]*",)])
assumptions = st.builds(
    Assumptions, job_fails=patterns, never_ends=patterns, never_start=st.sampled_from([(), ("*-2-*",)])
)


@st.composite
def jobs(draw: st.DrawFn) -> Document:
    """A small Job of any kind."""
    indexed = draw(st.booleans())
    spec: dict[str, Any] = {"parallelism": draw(st.integers(0, 4)), "backoffLimit": draw(st.integers(0, 2))}
    if indexed or draw(st.booleans()):
        spec["completions"] = draw(st.integers(0, 5))
    if indexed:
        spec["completionMode"] = "Indexed"
        if draw(st.booleans()):
            spec["backoffLimitPerIndex"] = draw(st.integers(0, 1))
    if draw(st.booleans()):
        spec["podReplacementPolicy"] = "Failed"
    if draw(st.booleans()):
        spec["activeDeadlineSeconds"] = draw(st.sampled_from([1, 20, 500]))
    return job(**spec)


@st.composite
def stories(draw: st.DrawFn) -> Forecast:
    """What becomes of a Job, perhaps resized or suspended on its way."""
    changes: list[Change] = []
    for _ in range(draw(st.integers(0, 2))):
        field, value = draw(
            st.sampled_from([("parallelism", 1), ("parallelism", 3), ("suspend", True), ("suspend", False)])
        )
        changes += [Patch(kind="Job", name="hash", with_={"spec": {field: value}}), Wait(seconds=5)]
    return forecast(cluster(nodes(2), draw(jobs())), changes, draw(assumptions), 12)


def active(where: Cluster) -> list[Pod]:
    """The pods that are active."""
    return [pod for pod in where.pods if not pod.finished and not pod.terminating]


def the_job(where: Cluster) -> Job:
    """The only Job."""
    return where.jobs[0]


def over(a_job: Job) -> bool:
    """Whether the Job is over."""
    return bool(OVER & {c.type for c in a_job.status.conditions if c.status == "True"})


few = settings(max_examples=25)


@few
@given(stories())
def test_no_more_pods_are_active_than_may_be(story: Forecast) -> None:
    for state in story.states[-1:]:
        assert len(active(state)) <= (the_job(state).spec.parallelism or 0)


@few
@given(stories())
def test_every_pod_is_counted_at_most_once(story: Forecast) -> None:
    done, status = the_job(story.after), the_job(story.after).status
    made = sum(action.verb == "create" and action.kind == "Pod" for action in story.actions)
    assert status.succeeded + status.failed <= made
    counted = [pod for pod in story.after.pods if pod.finished and TRACKING not in pod.metadata.finalizers]
    ended = Counter(pod.phase for pod in counted)
    assert ended["Failed"] <= status.failed
    assert ended["Succeeded"] <= status.succeeded or done.spec.completion_mode == "Indexed"


@few
@given(stories())
def test_an_indexed_job_succeeds_once_for_each_index(story: Forecast) -> None:
    done = the_job(story.after)
    if done.spec.completion_mode == "Indexed":
        runs = runs_of(done.status.completed_indexes)
        assert sum(last - first + 1 for first, last in runs) == done.status.succeeded
        assert done.status.succeeded <= (done.spec.completions or 0)
        indexes = [index_of(pod) for pod in active(story.after)]
        assert len(set(indexes)) == len(indexes)


@few
@given(stories())
def test_a_job_that_is_over_has_no_active_pod_and_holds_none(story: Forecast) -> None:
    if over(the_job(story.after)):
        assert active(story.after) == []
        assert [pod for pod in story.after.pods if TRACKING in pod.metadata.finalizers] == []


@few
@given(st.integers(0, 3), st.integers(1, 3), patterns)
def test_one_after_the_other_no_more_fail_than_the_limit_and_one(
    limit: int, completions: int, failing: tuple[str, ...]
) -> None:
    document = job(parallelism=1, completions=completions, backoffLimit=limit)
    story = forecast(cluster(nodes(1), document), (), Assumptions(job_fails=failing))
    assert over(the_job(story.after))
    assert the_job(story.after).status.failed <= limit + 1


@few
@given(stories())
def test_the_same_question_has_the_same_answer(story: Forecast) -> None:
    again = forecast(story.after)
    assert forecast(story.after).actions == again.actions


@few
@given(
    st.sampled_from(["* * * * *", "*/2 * * * *", "@every 45s"]),
    st.integers(30, 400),
    st.sampled_from(["Forbid", "Replace"]),
    assumptions,
)
def test_only_under_allow_two_jobs_of_a_cronjob_run_at_a_time(
    schedule: str, wait: int, policy: str, assume: Assumptions
) -> None:
    document = cronjob(schedule=schedule, concurrencyPolicy=policy, job_spec={"backoffLimit": 0})
    story = forecast(cluster(nodes(1)), [Apply(object=document), Wait(seconds=wait)], assume, 8)
    for state in story.states:
        assert len([each for each in state.jobs if not over(each)]) <= 1
        assert len(state.cronjobs[0].status.active) <= 1


@given(st.sets(st.integers(0, 30)))
def test_indexes_are_read_as_they_are_written(indexes: set[int]) -> None:
    text = text_of_runs((index, index) for index in indexes)
    assert {index for first, last in runs_of(text) for index in range(first, last + 1)} == indexes


def test_two_neighbours_are_written_one_by_one() -> None:
    texts = [text_of_runs(runs) for runs in ([(0, 1)], [(0, 2)], [(0, 0), (1, 3)], [(0, 0), (2, 3)])]
    assert texts == ["0,1", "0-2", "0-3", "0,2,3"]
