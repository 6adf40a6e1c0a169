"""Jobs from their first pod to their end, on virtual time."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from foretell.logic.forecast import forecast
from foretell.model.changes import Change, Delete, DeletePod, Drain, Patch, SetLabels
from foretell.model.cluster import Cluster
from foretell.model.forecast import Assumptions, Forecast, Outcome
from foretell.model.job_pods import TRACKING
from foretell.model.objects import Job
from tests.builders import Document, after, cluster, job, nodes, plan, pod, waiting

ALL = ("*",)
INDEXED: Document = {"completionMode": "Indexed"}
EXIT_1: Document = {"onExitCodes": {"operator": "In", "values": [1]}}
DISRUPTED: Document = {"onPodConditions": [{"type": "DisruptionTarget"}]}


def story(*jobs: Document, changes: tuple[Change, ...] = (), **assume: tuple[str, ...]) -> Forecast:
    """What becomes of Jobs on two nodes."""
    return forecast(cluster(nodes(2), *jobs), changes, Assumptions(**assume))


def the_job(where: Cluster | Forecast, name: str = "hash") -> Job:
    """The Job of a cluster, or at the end of a forecast."""
    found = where.after if isinstance(where, Forecast) else where
    return next(each for each in found.jobs if each.name == name)


def conditions(done: Forecast) -> dict[str, str]:
    """The Job's conditions that are true, with their reasons."""
    return {each.type: each.reason for each in the_job(done).status.conditions if each.status == "True"}


def suspend(*, suspended: bool) -> Patch:
    """The Job is suspended or resumed."""
    return Patch(kind="Job", name="hash", with_={"spec": {"suspend": suspended}})


def patched(**spec: Any) -> Patch:
    """The Job's specification with other values."""
    return Patch(kind="Job", name="hash", with_={"spec": spec})


# --- how many pods, and which ---


def test_pods_follow_one_another_as_far_as_the_parallelism_goes() -> None:
    assert plan(story(job(completions=3, parallelism=2))) == [
        "0 create hash: missing",
        "0 create hash: missing",
        "2 patch hash: counted",
        "2 patch hash: counted",
        "2 create hash: missing",
        "4 patch hash: counted",
    ]


def test_indexes_are_given_out_from_the_lowest() -> None:
    done = story(job(completions=3, parallelism=2, **INDEXED))
    assert [line for line in plan(done) if "create" in line] == [
        "0 create hash-0: missing",
        "0 create hash-1: missing",
        "2 create hash-2: missing",
    ]
    assert the_job(done).status.completed_indexes == "0-2"


def test_a_work_queue_is_complete_with_its_first_successes() -> None:
    done = story(job(parallelism=3))
    assert [line for line in plan(done) if "create" in line] == ["0 create hash: missing"] * 3
    assert conditions(done) == {
        "SuccessCriteriaMet": "CompletionsReached",
        "Complete": "CompletionsReached",
    }


def test_of_too_many_pods_those_go_that_have_not_come_far() -> None:
    before = after(
        cluster(nodes(1), job(completions=4, parallelism=3)), never_ends=ALL, never_start=("*-*5*",)
    )
    pending = [each.name for each in before.pods if each.phase == "Pending"]
    done = forecast(
        before, [patched(parallelism=3 - len(pending))], Assumptions(never_ends=ALL, never_start=ALL)
    )
    gone = {each.name for each in before.pods} - {each.name for each in done.after.pods}
    assert gone == set(pending)


def test_a_pod_that_is_deleted_to_scale_down_counts_as_nothing() -> None:
    before = after(cluster(nodes(1), job(completions=4, parallelism=3)), never_ends=ALL)
    done = forecast(before, [patched(parallelism=1)], Assumptions(never_ends=ALL))
    status = the_job(done).status
    assert (status.active, status.failed, status.succeeded) == (1, 0, 0)


def test_fewer_completions_take_the_highest_indexes_away() -> None:
    before = after(cluster(nodes(1), job(completions=3, parallelism=3, **INDEXED)), never_ends=ALL)
    done = forecast(before, [patched(completions=1, parallelism=1)], Assumptions(never_ends=ALL))
    assert [line for line in plan(done) if "delete" in line] == [
        "0 delete hash-1: out-of-range",
        "0 delete hash-2: out-of-range",
    ]


def test_of_two_pods_of_an_index_one_goes() -> None:
    before = after(cluster(nodes(1), job(completions=2, parallelism=2, **INDEXED)), never_ends=ALL)
    first = next(each for each in before.pods if each.name.startswith("hash-1"))
    wrong = SetLabels(pod=first.name, labels={"seen": "yes"})
    twin = Patch(
        kind="Pod", name=first.name,
        with_={"metadata": {"annotations": {"batch.kubernetes.io/job-completion-index": "0"}}},
    )  # fmt: skip
    done = forecast(before, [wrong, twin], Assumptions(never_ends=ALL))
    assert [line.rpartition(" ")[2] for line in plan(done) if "delete" in line] == ["duplicate-index"]
    assert sorted(each.metadata.annotations["batch.kubernetes.io/job-completion-index"]
                  for each in done.after.pods) == ["0", "1"]  # fmt: skip


# --- failures ---


def test_back_off_doubles_after_each_failure() -> None:
    done = story(job(backoffLimit=3), job_fails=ALL)
    assert [line for line in plan(done, times=True) if "create" in line] == [
        "0 0s create hash: missing",
        "2 12s create hash: missing",
        "4 34s create hash: missing",
        "6 76s create hash: missing",
    ]
    assert conditions(done) == {"FailureTarget": "BackoffLimitExceeded", "Failed": "BackoffLimitExceeded"}
    assert the_job(done).status.failed == 4


def test_back_off_ends_at_ten_minutes() -> None:
    moments = [wave.at for wave in story(job(backoffLimit=8), job_fails=ALL).waves if wave.turn]
    assert moments[-2] - moments[-3] == 600


def test_a_failure_takes_the_other_pods_along() -> None:
    before = after(
        cluster(nodes(1), job(completions=3, parallelism=3, backoffLimit=0, **INDEXED)), never_ends=ALL
    )
    done = forecast(before, (), Assumptions(never_ends=("hash-0-*", "hash-2-*"), job_fails=("hash-1-*",)))
    assert [line for line in plan(done) if "delete" in line] == [
        "1 delete hash-0: job-over",
        "1 delete hash-2: job-over",
    ]
    assert the_job(done).status.failed == 3


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        pytest.param({"backoffLimit": 0}, "BackoffLimitExceeded", id="too many failures"),
        pytest.param(
            {"podFailurePolicy": {"rules": [{"action": "FailJob", **EXIT_1}]}},
            "PodFailurePolicy",
            id="a rule",
        ),
        pytest.param(
            {"backoffLimitPerIndex": 0, "completions": 2, "parallelism": 2, **INDEXED},
            "FailedIndexes",
            id="an index",
        ),
        pytest.param(
            {"backoffLimitPerIndex": 0, "maxFailedIndexes": 0, "completions": 2, **INDEXED},
            "MaxFailedIndexesExceeded",
            id="too many indexes",
        ),
        pytest.param(
            {
                "backoffLimitPerIndex": 5,
                "podFailurePolicy": {"rules": [{"action": "FailIndex", **EXIT_1}]},
                "completions": 1,
                **INDEXED,
            },
            "FailedIndexes",
            id="a rule fails an index",
        ),
    ],
)
def test_a_job_fails_for_a_reason(spec: Document, reason: str) -> None:
    done = story(job(**spec), job_fails=("hash-0-*", "hash-?????"))
    assert conditions(done) == {"FailureTarget": reason, "Failed": reason}
    assert done.verdict.outcome is Outcome.STUCK


def test_a_failed_index_is_tried_again_as_often_as_its_own_limit_allows() -> None:
    done = story(
        job(completions=2, parallelism=2, backoffLimitPerIndex=1, **INDEXED), job_fails=("hash-0-*",)
    )
    assert plan(done, times=True) == [
        "0 0s create hash-0: missing",
        "0 0s create hash-1: missing",
        "2 2s patch hash-1: counted",
        "2 12s patch hash-0: counted",
        "2 12s create hash-0: missing",
        "4 14s patch hash-0: counted",
    ]
    status = the_job(done).status
    assert (status.failed_indexes, status.completed_indexes, status.failed) == ("0", "1", 2)


def test_a_disruption_that_is_ignored_is_not_counted() -> None:
    rules = {"rules": [{"action": "Ignore", **DISRUPTED}]}
    before = after(cluster(nodes(2), job(backoffLimit=0, podFailurePolicy=rules)), never_ends=ALL)
    done = forecast(before, [Drain(node=before.pods[0].spec.node_name)])
    assert the_job(done).status.failed == 0
    assert "Complete" in conditions(done)


def test_a_drained_pod_counts_as_failed() -> None:
    before = after(cluster(nodes(2), job(backoffLimit=0)), never_ends=ALL)
    done = forecast(before, [Drain(node=before.pods[0].spec.node_name)])
    assert conditions(done)["Failed"] == "BackoffLimitExceeded"


# --- replacement ---


@pytest.mark.parametrize(
    ("policy", "active", "failed"),
    [
        pytest.param("TerminatingOrFailed", 1, 1, id="at once"),
        pytest.param("Failed", 0, 0, id="once it failed"),
    ],
)
def test_a_pod_that_lingers_is_replaced_by_policy(policy: str, active: int, failed: int) -> None:
    before = after(cluster(nodes(1), job(podReplacementPolicy=policy)), never_ends=ALL)
    change = DeletePod(pod=before.pods[0].name)
    done = forecast(before, [change], Assumptions(never_ends=ALL, never_gone=ALL))
    status = the_job(done).status
    assert (status.active, status.failed, status.terminating) == (active, failed, 1)


# --- success, time, suspension ---


def test_a_success_policy_ends_a_job_early() -> None:
    rules = {"rules": [{"succeededIndexes": "0"}]}
    done = story(job(completions=2, parallelism=2, successPolicy=rules, **INDEXED), never_ends=("hash-1-*",))
    assert conditions(done) == {"SuccessCriteriaMet": "SuccessPolicy", "Complete": "SuccessPolicy"}
    assert (the_job(done).status.succeeded, the_job(done).status.failed) == (1, 0)


@pytest.mark.parametrize(
    ("rule", "met"),
    [
        pytest.param({"succeededIndexes": "0-2", "succeededCount": 2}, True, id="enough of them"),
        pytest.param({"succeededIndexes": "1-3"}, False, id="not all of them"),
        pytest.param({"succeededCount": 3}, True, id="enough in all"),
        pytest.param({"succeededCount": 4}, False, id="not enough in all"),
    ],
)
def test_a_rule_of_a_success_policy_is_met(rule: Document, *, met: bool) -> None:
    spec = {"completions": 4, "parallelism": 4, "successPolicy": {"rules": [rule]}, **INDEXED}
    assert ("Complete" in conditions(story(job(**spec), never_ends=("hash-3-*",)))) is met


def test_a_deadline_ends_a_job() -> None:
    done = story(job(activeDeadlineSeconds=30), never_ends=ALL)
    assert plan(done, times=True)[1:] == [
        "1 30s patch hash: counted",
        "1 30s delete hash: job-over",
    ]
    assert conditions(done)["Failed"] == "DeadlineExceeded"


def test_a_job_that_is_over_is_deleted_after_its_time_to_live() -> None:
    done = story(job(ttlSecondsAfterFinished=60))
    assert plan(done, times=True)[2:] == [
        "2 62s delete hash: expired",
        "2 62s delete hash: owner-deleting",
    ]
    assert not done.after.jobs
    assert not done.after.pods


def test_a_suspended_job_makes_no_pod() -> None:
    done = story(job(suspend=True))
    assert plan(done) == []
    assert conditions(done) == {"Suspended": "JobSuspended"}
    assert waiting(done) == ["Job/hash: Job/hash suspended"]


def test_a_job_is_suspended_and_resumed() -> None:
    before = after(cluster(nodes(1), job()), never_ends=ALL)
    asleep = forecast(before, [suspend(suspended=True)])
    assert plan(asleep) == ["0 patch hash: untracked", "0 delete hash: suspended"]
    awake = forecast(asleep.after, [suspend(suspended=False)])
    assert "Complete" in conditions(awake)
    assert the_job(awake).status.failed == 0


def test_a_job_with_another_manager_is_left_alone() -> None:
    done = story(job(managedBy="example.com/queue"))
    assert plan(done) == []
    assert done.verdict.outcome is Outcome.SETTLED


# --- ownership ---


def test_a_pod_that_is_adopted_is_counted() -> None:
    document = job(selector={"matchLabels": {"app": "hash"}}, manualSelector=True)
    document["spec"]["template"]["metadata"] = {"labels": {"app": "hash"}}
    bare = pod("bare", "n1", labels={"app": "hash"}, phase="Succeeded", ready=False)
    done = story(document, bare)
    assert the_job(done).status.succeeded == 1
    assert [line for line in plan(done) if "create" in line] == []


def test_alike_pods_on_alike_nodes_are_adopted_and_counted_each() -> None:
    document = job(
        selector={"matchLabels": {"app": "hash"}}, manualSelector=True, completions=2, parallelism=2
    )
    document["spec"]["template"]["metadata"] = {"labels": {"app": "hash"}}
    bare = [pod(f"bare-{on}", on, labels={"app": "hash"}) for on in ("n1", "n2")]
    done = story(document, *bare)
    assert [line for line in plan(done) if "create" in line] == []
    assert the_job(done).status.succeeded == 2


def test_a_released_pod_loses_the_finalizer_and_is_replaced() -> None:
    before = after(cluster(nodes(1), job()), never_ends=ALL)
    labels: dict[str, str | None] = {"batch.kubernetes.io/controller-uid": None}
    done = forecast(before, [SetLabels(pod=before.pods[0].name, labels=labels)], Assumptions(never_ends=ALL))
    bare = [each for each in done.after.pods if each.metadata.controller is None]
    assert [each.metadata.finalizers for each in bare] == [()]
    assert len(done.after.pods) == 2


@pytest.mark.parametrize("cascade", ["Background", "Foreground"])
def test_a_pod_that_waits_for_a_node_goes_with_its_job(cascade: Literal["Background", "Foreground"]) -> None:
    before = after(cluster(nodes(1), job(pod={"nodeSelector": {"pool": "none"}})))
    assert len(before.pods) == 1
    done = forecast(before, [Delete(kind="Job", name="hash", cascade=cascade)])
    assert (done.after.jobs, done.after.pods) == ((), ())


def test_a_pod_that_waits_for_a_node_counts_as_failed_when_it_is_deleted() -> None:
    before = after(cluster(nodes(1), job(pod={"nodeSelector": {"pool": "none"}})))
    done = forecast(before, [DeletePod(pod=before.pods[0].name)])
    assert [each.name for each in done.after.pods] != [each.name for each in before.pods]
    assert (the_job(done).status.failed, len(done.after.pods)) == (1, 1)


def test_a_deleted_job_leaves_no_pod_held_by_its_finalizer() -> None:
    before = after(cluster(nodes(1), job(parallelism=2, completions=2)), never_start=ALL)
    done = forecast(before, [Delete(kind="Job", name="hash")])
    assert sorted(line.rpartition(" ")[2] for line in plan(done)) == ["owner-gone"] * 2 + ["untracked"] * 2
    assert not done.after.pods


def test_pods_of_a_job_that_goes_as_an_orphan_are_let_go_of() -> None:
    before = after(cluster(nodes(1), job()), never_ends=ALL)
    done = forecast(before, [Delete(kind="Job", name="hash", cascade="Orphan")])
    assert [each.metadata.finalizers for each in done.after.pods] == [()]


def test_a_pod_that_runs_bears_the_finalizer() -> None:
    done = story(job(), never_ends=ALL)
    assert [each.metadata.finalizers for each in done.after.pods] == [(TRACKING,)]
    assert waiting(done) == ["Job/hash: hash pod-runs"]


# --- size ---


def test_a_large_job_is_followed_as_far_as_the_horizon() -> None:
    before = cluster(nodes(1), job(completions=10_000, parallelism=2, **INDEXED))
    grown = forecast(before, (), horizon=6)
    assert the_job(grown).status.completed_indexes == "0-5"
    assert grown.verdict.outcome is Outcome.CUT


def test_a_job_that_fails_for_ever_is_cut() -> None:
    done = story(job(backoffLimit=2**31 - 1), job_fails=ALL)
    assert (done.verdict.outcome, done.verdict.note) == (Outcome.CUT, "it goes round in circles from here")
