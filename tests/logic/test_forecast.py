"""The forecast: controllers act until they are quiet, the world answers, and so on."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest

from foretell.logic.carried import moment_of
from foretell.logic.forecast import forecast, unfolding
from foretell.logic.simulation import Simulation
from foretell.model.changes import (
    Apply,
    Change,
    Cordon,
    Delete,
    DeletePod,
    Drain,
    Restart,
    Scale,
    SetImage,
    SetPodStatus,
    Wait,
)
from foretell.model.cluster import Cluster
from foretell.model.errors import NotFoundError
from foretell.model.forecast import Assumptions, Forecast, Outcome, Verb, Wave
from foretell.model.objects import Pod
from tests.builders import (
    after,
    claim,
    cluster,
    daemonset,
    node,
    nodes,
    plan,
    pod,
    settled,
    statefulset,
    taint,
    tolerate,
    waiting,
)

ROLL = SetImage(kind="StatefulSet", name="web", image="web:2")


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise TimeoutError in what takes longer."""

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# --- turns and waves ---


def test_an_empty_cluster_is_settled() -> None:
    story = forecast(cluster())
    assert (plan(story), story.verdict.outcome) == ([], Outcome.SETTLED)


def test_each_turn_of_the_world_lets_the_next_ordinal_be_made() -> None:
    assert plan(forecast(cluster(nodes(1), statefulset())), times=True) == [
        "0 0s create revision 1 of web: new-template",
        "0 0s create web-0: missing",
        "1 1s create web-1: missing",
        "2 2s create web-2: missing",
    ]


def test_workloads_act_side_by_side() -> None:
    before = settled(nodes(2), daemonset(), statefulset(replicas=1))
    changes = [Restart(kind="DaemonSet", name="agent"), ROLL]
    assert plan(forecast(before, changes)) == [
        "0 create revision 2 of agent: new-template",
        "0 delete agent@n1: outdated",
        "0 create revision 2 of web: new-template",
        "0 delete web-0: outdated",
        "1 create agent@n1: missing",
        "1 create web-0: missing",
        "2 delete agent@n2: outdated",
        "3 create agent@n2: missing",
    ]


def test_pods_are_bound_in_the_wave_that_makes_them() -> None:
    story = forecast(cluster(nodes(1), statefulset(replicas=1)))
    assert plan(story, binds=True)[1:] == ["0 create web-0: missing", "0 bind web-0 on n1: feasible"]


def test_a_pod_that_ends_at_once_is_replaced_in_the_same_wave() -> None:
    """Failed, succeeded and unplaced pods have no grace period."""
    before = settled(nodes(1), statefulset(replicas=1))
    story = forecast(before, [SetPodStatus(pod="web-0", phase="Failed", ready=False)])
    assert plan(story) == ["0 create web-0: missing", "0 delete web-0: failed"]


def test_there_is_a_state_after_each_wave() -> None:
    story = forecast(cluster(nodes(1), statefulset(replicas=2)))
    assert [len(state.pods) for state in story.states] == [1, 2]


def test_afterwards_the_world_has_answered_the_last_wave() -> None:
    story = forecast(cluster(nodes(1), statefulset(replicas=1)))
    assert [(pod.ready) for pod in story.states[-1].pods] == [False]
    assert [(pod.ready) for pod in story.after.pods] == [True]


def test_the_cluster_before_stays_as_it_was() -> None:
    before = settled(nodes(1), statefulset(replicas=1))
    names = [pod.name for pod in before.pods]
    story = forecast(before, [Scale(kind="StatefulSet", name="web", replicas=0)])
    assert story.before is before
    assert [pod.name for pod in before.pods] == names


def test_the_same_question_has_the_same_answer() -> None:
    before = cluster(nodes(3), daemonset(), statefulset(claims=["data"]))
    first, second = forecast(before, [Cordon(node="n1")]), forecast(before, [Cordon(node="n1")])
    assert first.waves == second.waves
    assert first.after == second.after


def test_new_pods_never_get_the_name_of_one_that_was_there() -> None:
    before = settled(nodes(1), daemonset())
    story = forecast(before, [Restart(kind="DaemonSet", name="agent")])
    old, new = (
        next(a.name for a in story.actions if a.verb is verb and a.kind == "Pod")
        for verb in (Verb.DELETE, Verb.CREATE)
    )
    assert old != new


def test_changes_are_made_in_their_order() -> None:
    before = settled(nodes(1), statefulset(replicas=1))
    more, fewer = (Scale(kind="StatefulSet", name="web", replicas=number) for number in (2, 1))
    assert plan(forecast(before, [more, fewer])) == []
    assert plan(forecast(before, [fewer, more])) == ["0 create web-1: missing"]


# --- where it is cut ---


def test_a_horizon_cuts_after_so_many_turns() -> None:
    story = forecast(cluster(nodes(1), statefulset()), horizon=1)
    assert plan(story)[1:] == ["0 create web-0: missing", "1 create web-1: missing"]
    assert story.verdict.outcome is Outcome.CUT
    assert story.verdict.note == "the horizon of 1 turn is reached"


def test_a_horizon_of_nought_shows_the_first_wave() -> None:
    story = forecast(cluster(nodes(1), statefulset()), horizon=0)
    assert plan(story)[1:] == ["0 create web-0: missing"]
    assert story.verdict.outcome is Outcome.CUT


def test_a_horizon_that_is_not_reached_cuts_nothing() -> None:
    story = forecast(cluster(nodes(1), statefulset(replicas=1)), horizon=5)
    assert (story.verdict.outcome, story.verdict.note) == (Outcome.SETTLED, "")


@pytest.mark.parametrize(
    ("tolerations", "assume"),
    [
        pytest.param([tolerate("gpu", "NoExecute", 0)], {}, id="no-patience"),
        pytest.param([tolerate("gpu", "NoExecute", 30)], {}, id="evicted-for-ever"),
        pytest.param([tolerate()], {"fails": ("agent@n1",)}, id="fails-for-ever"),
    ],
)
def test_an_endless_loop_is_cut_with_a_note(
    tolerations: list[dict[str, object]], assume: dict[str, tuple[str, ...]]
) -> None:
    before = cluster(node("n1", taint("gpu")), daemonset(pod={"tolerations": tolerations}))
    story = forecast(before, (), Assumptions(**assume))
    assert story.verdict.outcome is Outcome.CUT
    assert story.verdict.note == "it goes round in circles from here"
    assert len(story.waves) < 10


def test_a_set_that_tries_again_for_ever_ends_a_forecast() -> None:
    with within(2):
        story = forecast(cluster(nodes(1), pod("web-0", "n1"), statefulset(replicas=1)))
    assert waiting(story) == ["StatefulSet/web: Pod/web-0 name-taken"]


def test_a_claim_that_does_not_go_ends_a_forecast() -> None:
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "data-web-0"}}
    user = pod("user", "n1", volumes=[volume])
    before = cluster(nodes(1), claim("data-web-0"), user, statefulset(replicas=1, claims=["data"]))
    with within(2):
        story = forecast(before, [Delete(kind="PersistentVolumeClaim", name="data-web-0")])
    assert waiting(story) == ["StatefulSet/web: PersistentVolumeClaim/data-web-0 claim-terminating"]


# --- patience ---


def test_patience_waits_for_timers_in_each_turn_no_longer_than_asked() -> None:
    before = cluster(nodes(1), statefulset(replicas=2, minReadySeconds=30))
    assert plan(forecast(before, patience=29))[-1] == "0 create web-0: missing"
    assert plan(forecast(before, patience=31))[-1] == "1 create web-1: missing"


def test_without_patience_timers_are_waited_for_while_the_world_has_nothing_to_answer() -> None:
    story = forecast(cluster(nodes(1), statefulset(replicas=2, minReadySeconds=30)))
    assert plan(story, times=True)[1:] == ["0 0s create web-0: missing", "1 31s create web-1: missing"]


def test_patience_says_how_long_a_turn_lasts() -> None:
    story = forecast(cluster(nodes(1), statefulset()), patience=5)
    assert [wave.at for wave in story.waves] == [0, 5, 10]


# --- waiting between changes ---


def test_a_wait_lets_controllers_act_and_time_pass() -> None:
    before = settled(nodes(1), statefulset(replicas=1))
    changes: list[Change] = [
        DeletePod(pod="web-0", grace=0),
        Wait(seconds=5),
        DeletePod(pod="web-0", grace=0),
    ]
    assert plan(forecast(before, changes), times=True) == [
        "0 0s create web-0: missing",
        "0 5s create web-0: missing",
    ]


def test_the_world_is_silent_while_a_change_waits() -> None:
    before = cluster(nodes(1), statefulset(replicas=2))
    story = forecast(before, [Wait(seconds=60), Scale(kind="StatefulSet", name="web", replicas=1)])
    assert plan(story)[1:] == ["0 create web-0: missing"]


# --- resync ---


def test_with_resync_every_controller_looks_at_everything_once() -> None:
    before = cluster(nodes(1), daemonset())
    assert plan(forecast(before))[-1] == "0 create agent@n1: missing"


def test_without_resync_controllers_look_at_what_changes_touch() -> None:
    before = cluster(nodes(1), daemonset(), statefulset(replicas=1))
    story = forecast(before, [Scale(kind="StatefulSet", name="web", replicas=2)], resync=False)
    assert plan(story)[1:] == ["0 create web-0: missing", "1 create web-1: missing"]
    assert waiting(story) == ["DaemonSet/agent: DaemonSet/agent asleep"]


def test_without_resync_timers_run_from_the_beginning() -> None:
    # As from a file, which doesn't say that the seconds have passed.
    before = Cluster(settled(nodes(1), statefulset(replicas=1, minReadySeconds=30)))
    story = forecast(before, [Scale(kind="StatefulSet", name="web", replicas=2)], resync=False)
    assert plan(story, times=True) == ["0 30s create web-1: missing"]


# --- now ---


def test_the_latest_moment_in_the_cluster_is_its_now() -> None:
    before = cluster(nodes(1), pod("a", "n1", terminating=True))
    assert moment_of(before) == 1767225660.0  # 2026-01-01T00:01:00Z
    assert moment_of(cluster()) == 0


def test_how_long_pods_have_been_ready_is_told_from_now() -> None:
    before = settled(nodes(1), statefulset(replicas=1, minReadySeconds=30))
    more = [Scale(kind="StatefulSet", name="web", replicas=2)]
    story = forecast(before, more, now=moment_of(before) + 30)
    assert plan(story, times=True) == ["0 0s create web-1: missing"]


def test_a_forecast_goes_on_where_the_one_before_it_ended() -> None:
    """A settled DaemonSet's pods are available, so that a roll-out takes them one by one."""
    before = settled(nodes(2), daemonset(minReadySeconds=10))
    story = forecast(before, [Restart(kind="DaemonSet", name="agent")])
    assert plan(story)[1:] == [
        "0 delete agent@n1: outdated",
        "1 create agent@n1: missing",
        "2 delete agent@n2: outdated",
        "3 create agent@n2: missing",
    ]


# --- assumptions ---


@pytest.mark.parametrize(
    ("assume", "state"),
    [
        pytest.param({"never_start": ("web-0",)}, ("Pending", False), id="never-starts"),
        pytest.param({"never_ready": ("web-*",)}, ("Running", False), id="never-ready"),
        pytest.param({"never_ready": ("web@n1",)}, ("Running", False), id="by-owner-and-node"),
        pytest.param({"dead_nodes": ("n1",)}, ("Pending", False), id="dead-node"),
        pytest.param({"never_ready": ("db-*",)}, ("Running", True), id="of-others"),
    ],
)
def test_the_world_answers_otherwise_where_that_is_assumed(
    assume: dict[str, tuple[str, ...]], state: tuple[str, bool]
) -> None:
    story = forecast(cluster(nodes(1), statefulset(replicas=1)), (), Assumptions(**assume))
    (made,) = story.after.pods
    assert (made.phase, made.ready) == state


@pytest.mark.parametrize("assume", [{"never_gone": ("web-0",)}, {"dead_nodes": ("n1",)}], ids=["pod", "node"])
def test_terminating_pods_stay_where_that_is_assumed(assume: dict[str, tuple[str, ...]]) -> None:
    before = settled(nodes(1), statefulset(replicas=1))
    story = forecast(before, [DeletePod(pod="web-0")], Assumptions(**assume))
    assert plan(story) == []
    assert [pod.terminating for pod in story.after.pods] == [True]


def test_claims_stay_unbound_where_that_is_assumed() -> None:
    before = cluster(nodes(1), statefulset(replicas=2, claims=["data"]))
    story = forecast(before, (), Assumptions(unbound_claims=("data-web-1",)))
    assert [(claim.name, claim.phase) for claim in story.after.claims] == [
        ("data-web-0", "Bound"),
        ("data-web-1", "Pending"),
    ]
    assert waiting(story) == ["StatefulSet/web: Pod/web-1 pod-unplaced"]


def test_a_condemned_pod_goes_at_once_together_with_its_claim() -> None:
    """An unplaced pod has no grace period: it is gone before its claim could be its own."""
    spec: dict[str, Any] = {"persistentVolumeClaimRetentionPolicy": {"whenScaled": "Delete"}}
    before = settled(
        node("n1"), statefulset(replicas=2, claims=["data"], **spec), node("n2", taint("gpu", "NoSchedule"))
    )
    changes = [SetPodStatus(pod="web-1", phase="Failed", ready=False)]
    story = forecast(before, [*changes, Scale(kind="StatefulSet", name="web", replicas=1)])
    assert plan(story) == [
        "0 update claim data-web-1 of Pod/web-1: retention",
        "0 delete claim data-web-1: owner-gone",
        "0 delete web-1: scaled-down",
    ]


def test_a_story_can_be_stopped_anywhere() -> None:
    """Each state is a cluster of its own, from which another forecast can begin."""
    before = settled(nodes(1), statefulset(replicas=2))
    story = forecast(before, [ROLL])
    rest = forecast(story.states[1], [])
    assert plan(rest) == ["1 delete web-0: outdated", "2 create web-0: missing"]


def test_an_applied_object_may_be_new_or_there() -> None:
    before = cluster(nodes(1))
    story = forecast(before, [Apply(object=statefulset(replicas=1)), Apply(object=statefulset(replicas=2))])
    assert plan(story)[1:] == ["0 create web-0: missing", "1 create web-1: missing"]


def test_a_drained_node_stays_cordoned() -> None:
    story = forecast(settled(nodes(2), statefulset(replicas=1)), [Drain(node="n1")])
    assert [node.spec.unschedulable for node in story.after.nodes] == [True, False]
    assert [pod.spec.node_name for pod in story.after.all(Pod)] == ["n2"]


def test_a_pod_that_a_finalizer_holds_does_not_go() -> None:
    document = statefulset(replicas=1)
    document["spec"]["template"]["metadata"]["finalizers"] = ["example.com/hold"]
    story = forecast(settled(nodes(1), document), [DeletePod(pod="web-0")])
    assert plan(story) == []
    assert waiting(story) == ["StatefulSet/web: Pod/web-0 pod-terminating"]


def test_a_pod_without_a_grace_period_goes_at_once() -> None:
    before = settled(nodes(1), statefulset(replicas=1, pod={"terminationGracePeriodSeconds": 0}))
    assert plan(forecast(before, [DeletePod(pod="web-0")])) == ["0 create web-0: missing"]


def test_namesakes_in_two_namespaces_do_not_meet() -> None:
    theirs = [daemonset(), statefulset(replicas=1)]
    for document in theirs:
        document["metadata"] = {**document["metadata"], "namespace": "other"}
    before = settled(nodes(2), daemonset(), statefulset(replicas=1), theirs)
    changes: list[Change] = [
        Restart(kind="DaemonSet", name="agent"),
        Scale(kind="StatefulSet", name="web", replicas=2, namespace="other"),
    ]
    story = forecast(before, changes)
    assert {(action.owner, action.namespace) for action in story.actions} == {
        ("DaemonSet/agent", "default"),
        ("StatefulSet/web", "other"),
    }


def test_a_forecast_unfolds_wave_by_wave_into_the_same_as_at_once() -> None:
    """Each wave is there before the next is derived."""
    before = settled(nodes(2), statefulset("web", 2))

    seen: list[Wave] = []
    ends: list[Forecast] = []

    def drained() -> Iterator[Wave]:
        ends.append((yield from unfolding(before, [ROLL])))

    seen += drained()
    (end,) = ends
    whole = forecast(before, [ROLL])
    assert tuple(seen) == end.waves == whole.waves
    assert (end.verdict, end.after) == (whole.verdict, whole.after)


@pytest.mark.parametrize("waves", [0, 1, 2])
def test_a_forecast_of_so_many_waves_ends_right_after_the_last_of_them(waves: int) -> None:
    """As if the whole one had been stopped there."""
    before = settled(nodes(2), statefulset("web", 2))

    whole, part = forecast(before, [ROLL]), forecast(before, [ROLL], waves=waves)
    assert part.waves == whole.waves[:waves]
    assert part.verdict.outcome is Outcome.CUT
    assert part.after == (whole.states[waves - 1] if waves else before)


def test_a_forecast_of_more_waves_than_there_are_is_the_whole_one() -> None:
    """Nothing is cut."""
    before = settled(nodes(2), statefulset("web", 2))

    assert forecast(before, [ROLL], waves=99).verdict == forecast(before, [ROLL]).verdict


def test_the_collector_is_paused_while_a_wave_is_derived_and_not_while_none_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    paused: list[bool] = []

    def noting(simulation: Simulation, until: float | None = None) -> None:
        paused.append(not gc.isenabled())
        act(simulation, until)

    act = Simulation.act
    monkeypatch.setattr(Simulation, "act", noting)
    story = unfolding(settled(nodes(2), statefulset("web", 2)), [ROLL])
    next(story)
    assert gc.isenabled()
    next(story)
    assert gc.isenabled()
    assert len(paused) > 1
    assert all(paused)


def test_a_story_that_is_left_off_is_over() -> None:
    story = unfolding(settled(nodes(2), statefulset("web", 2)), [ROLL])
    next(story)
    story.close()
    assert gc.isenabled()
    assert list(story) == []


def test_a_refused_change_is_told_when_the_first_wave_is_asked_for() -> None:
    story = unfolding(settled(nodes(1)), [Scale(kind="StatefulSet", name="nope", replicas=1)])
    with pytest.raises(NotFoundError, match=r'statefulsets.apps "nope" not found'):
        next(story)


def test_a_circle_is_followed_for_as_many_waves_as_are_asked_for() -> None:
    """A set makes its failing pod again and again; without a number that is cut when it is seen to be so."""
    before = settled(nodes(1), statefulset("web", 1))
    change, assume = DeletePod(pod="web-0"), Assumptions(fails=("web-0",))
    whole = forecast(before, [change], assume)
    assert whole.verdict.note == "it goes round in circles from here"
    asked = len(whole.waves) + 5
    part = forecast(before, [change], assume, waves=asked)
    assert len(part.waves) == len(part.states) == asked
    assert part.verdict.note == f"{asked} waves were asked for"


def test_what_is_cut_afterwards_is_as_if_it_had_been_asked_for_so() -> None:
    before = settled(nodes(2), statefulset("web", 2))
    whole = forecast(before, [ROLL])
    for waves in range(3):
        assert whole.cut_after(waves) == forecast(before, [ROLL], waves=waves)


def test_a_pod_that_is_made_anew_in_a_later_forecast_has_another_uid() -> None:
    """Serials begin anew with each forecast, uids do not repeat."""
    first = settled(nodes(1), daemonset(), statefulset("web", 1))
    second = after(first, ROLL, Restart(kind="DaemonSet", name="agent"))
    assert {pod.metadata.uid for pod in first.pods}.isdisjoint(pod.metadata.uid for pod in second.pods)
