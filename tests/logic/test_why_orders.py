"""Why actions come in their order, what a forecast is stuck on, and what becomes of a pod."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings

from foretell.logic.forecast import forecast
from foretell.logic.why.answers import explained, why
from foretell.model.changes import AddTaint, Change, Delete, DeletePod, Drain, Scale, SetImage, SetNodeReady
from foretell.model.cluster import Cluster
from foretell.model.errors import RejectedError
from foretell.model.explanation import About, Act, Awaited, Explanation
from foretell.model.forecast import Assumptions, Forecast, Outcome, Reason, Verb, Why
from tests import builders as b
from tests.logic.strategies import Scenario, scenarios

ORDER, STUCK = About(topic="order"), About(topic="stuck")
READY = "status.conditions[type=Ready].status"
SOME = settings(max_examples=12)


def order(cluster: Cluster, *changes: Change, most: int | None = 20, wave: int | None = None) -> Explanation:
    """The order of what follows changes."""
    return why(cluster, ORDER, changes, most=most, wave=wave)


def waiting(act: Act) -> list[str]:
    """What an act waited for, in a few words."""
    return [told(one) for one in act.waited_for]


def told(one: Awaited) -> str:
    if one.seconds:
        return f"{one.seconds:g} s"
    if not one.path:
        return f"{one.object} gone"
    return f"{one.object} {one.path}: {one.before or '-'} to {one.after or '-'}"


@pytest.fixture(scope="module")
def web() -> Cluster:
    return b.settled(b.nodes(3), b.statefulset(replicas=2))


def of_pod(found: Explanation, verb: Verb, name: str) -> Act:
    """The act on a pod."""
    return next(act for act in found.acts if act.action.verb is verb and act.action.name == name)


def test_the_next_ordinal_goes_when_the_one_above_is_ready_again(web: Cluster) -> None:
    found = order(web, SetImage(kind="StatefulSet", name="web", image="web:2"))
    second = of_pod(found, Verb.DELETE, "web-0")
    assert waiting(second) == [f"Pod/web-1 {READY}: - to True", "Pod/web-1 status.phase: Pending to Running"]
    assert second.ground.code is Reason.OUTDATED
    assert second.ground.rule is not None
    assert second.ground.rule.file == "statefulset.lp"
    assert second.ground.sentence == second.ground.rule.law


def test_a_pod_is_made_again_once_it_is_gone(web: Cluster) -> None:
    found = order(web, SetImage(kind="StatefulSet", name="web", image="web:2"))
    gone, made = of_pod(found, Verb.DELETE, "web-1"), of_pod(found, Verb.CREATE, "web-1")
    assert waiting(made) == ["Pod/web-1 gone"]
    assert made.number in gone.next


def test_what_comes_first_waited_for_nothing(web: Cluster) -> None:
    found = order(web, SetImage(kind="StatefulSet", name="web", image="web:2"))
    assert {act.wave: act.waited_for for act in found.acts if act.wave == 1} == {1: ()}


def test_acts_are_numbered_in_the_order_of_the_forecast(web: Cluster) -> None:
    change = SetImage(kind="StatefulSet", name="web", image="web:2")
    found = order(web, change, most=None)
    story = forecast(web, [change])
    assert [act.action for act in found.acts] == list(story.actions)
    assert [act.number for act in found.acts] == list(range(1, len(story.actions) + 1))
    assert (found.more, found.outcome) == (0, Outcome.SETTLED)


def test_a_long_order_is_cut(web: Cluster) -> None:
    change = SetImage(kind="StatefulSet", name="web", image="web:2")
    whole, cut = order(web, change, most=None), order(web, change, most=3)
    assert [act.action for act in cut.acts] == [act.action for act in whole.acts[:3]]
    assert cut.more == len(whole.acts) - 3


def test_one_wave_is_told_as_it_is_told_among_all(web: Cluster) -> None:
    change = SetImage(kind="StatefulSet", name="web", image="web:2")
    whole, alone = order(web, change, most=None), order(web, change, most=None, wave=3)
    expected = [(act.action, act.waited_for, act.ground) for act in whole.acts if act.wave == 3]
    assert [(act.action, act.waited_for, act.ground) for act in alone.acts] == expected


def test_of_nodes_that_are_alike_each_waits_for_its_own_pod() -> None:
    agents = b.settled(b.nodes(3), b.daemonset(rolling={"maxUnavailable": 3}))
    found = order(agents, SetImage(kind="DaemonSet", name="agent", image="agent:2"))
    old = {pod.spec.node_name: f"Pod/{pod.name} gone" for pod in agents.pods}
    made = [act for act in found.acts if act.action.verb is Verb.CREATE and act.action.kind == "Pod"]
    assert {act.action.node: waiting(act) for act in made} == {node: [name] for node, name in old.items()}


def test_a_roll_out_with_room_for_one_waits_for_the_new_pod() -> None:
    agents = b.settled(b.nodes(3), b.daemonset())
    found = order(agents, SetImage(kind="DaemonSet", name="agent", image="agent:2"), most=None)
    deleted = [act for act in found.acts if act.action.verb is Verb.DELETE]
    assert [[one.path for one in act.waited_for] for act in deleted] == [[], [READY], [READY]]


def test_a_deployment_scales_by_what_is_available() -> None:
    shop = b.settled(b.nodes(3), b.deployment(replicas=2))
    found = order(shop, SetImage(kind="Deployment", name="web", image="web:2"), most=None)
    old = shop.replicasets[0].name
    cut = next(act for act in found.acts if act.action.name == old and act.action.replicas == 1)
    assert [one.path for one in cut.waited_for] == ["status.availableReplicas"]


def test_a_toleration_that_ends_waited_for_time() -> None:
    pod = {"tolerations": [b.tolerate("maintenance", "NoExecute", 30)]}
    agents = b.settled(b.nodes(2), b.statefulset(replicas=1, pod=pod))
    node = agents.pods[0].spec.node_name
    taint = AddTaint(node=node, key="maintenance", effect="NoExecute")
    changes = [taint, Scale(kind="StatefulSet", name="web", replicas=2)]
    gone = of_pod(order(agents, *changes), Verb.DELETE, "web-0")
    assert gone.ground.code is Reason.TOLERATION_ENDED
    # It began to wait with the wave that made the other pod, which took a second.
    assert waiting(gone) == ["29 s"]


def test_the_order_of_one_workload_leaves_the_others_out() -> None:
    both = b.settled(b.nodes(2), b.statefulset(replicas=1), b.daemonset())
    changes = [
        SetImage(kind="StatefulSet", name="web", image="web:2"),
        SetImage(kind="DaemonSet", name="agent", image="agent:2"),
    ]
    about = About(topic="order", kind="StatefulSet", name="web")
    owners = {act.action.owner for act in why(both, about, changes).acts}
    assert owners == {"StatefulSet/web"}


def test_where_no_controller_acts_there_is_no_order(web: Cluster) -> None:
    found = order(web)
    assert (found.holds, found.answer, found.acts) == (False, "no controller acts", ())


@SOME
@given(scenarios())
def test_an_order_tells_a_forecasts_actions_and_each_has_a_rule(scenario: Scenario) -> None:
    """But for what the scheduler does, which no rule of the controllers decides."""
    try:
        story, changes, assume = story_and(scenario)
    except RejectedError:
        return
    found, again = explained(scenario.cluster, ORDER, changes, assume, most=6)
    assert again is not None
    assert [act.action for act in found.acts] == list(story.actions[:6])
    for act in found.acts:
        assert act.ground.code == act.action.reason
        assert act.next == tuple(sorted(act.next))
        assert act.wave > 1 or not act.waited_for
        assert all(found.acts[number - 1].wave >= act.wave for number in act.next)
        decided = act.action.by not in (("kube-scheduler",), ("kubectl",))
        assert (act.ground.rule is not None) is decided
        assert bool(act.ground.because) is decided


def story_and(scenario: Scenario) -> tuple[Forecast, list[Change], Assumptions]:
    changes, assume = scenario.told()
    return forecast(scenario.cluster, changes, assume), changes, assume


# --- stuck ---


def stuck(cluster: Cluster, *changes: Change, **assume: tuple[str, ...]) -> Explanation:
    """What is stuck after changes."""
    return why(cluster, STUCK, changes, Assumptions(**assume))


def test_what_is_waited_for_is_told_with_its_fields(web: Cluster) -> None:
    found = stuck(web, SetImage(kind="StatefulSet", name="web", image="web:2"), never_ready=("web-1",))
    (ground,) = found.grounds
    assert (ground.code, ground.about) == (Why.POD_NOT_READY, "Pod/web-1")
    assert ground.sentence == "StatefulSet/web waits: Pod/web-1 runs but is not ready"
    paths = [(source.object, source.path, source.value) for source in ground.sources]
    assert ("Pod/web-1", READY, "False") in paths
    assert ("StatefulSet/web", "spec.podManagementPolicy", "OrderedReady") in paths
    assert ground.remedy.startswith("it gets ready")


def test_a_pod_that_fits_nowhere_is_told_with_what_every_node_says() -> None:
    pod = {"nodeSelector": {"disk": "ssd"}}
    found = stuck(b.cluster(b.nodes(2), b.statefulset(replicas=1, pod=pod)))
    assert [ground.code for ground in found.grounds] == [Why.POD_UNPLACED]
    (group,) = found.groups
    assert (group.nodes, [ground.code.value for ground in group.grounds]) == (("n1", "n2"), ["node-selector"])


def test_a_budget_that_refuses_a_drain_is_told_by_its_numbers() -> None:
    budget = b.budget("web", {"app": "web"}, minAvailable=2)
    there = b.settled(b.nodes(3), b.statefulset(replicas=2), budget)
    node = there.pods[0].spec.node_name
    found = stuck(there, Drain(node=node, kubectl=True))
    (ground,) = found.grounds
    assert (ground.code, ground.about) == (Why.BUDGET, "PodDisruptionBudget/web")
    assert "at least 2 available; of 2 pods 2 are healthy" in ground.sentence
    assert ("spec.minAvailable", "2") in [(source.path, source.value) for source in ground.sources]
    assert ground.rule is not None
    assert ground.rule.file == "disruption.lp"


def test_a_pod_that_refuses_a_drain_is_told_by_a_rule() -> None:
    there = b.settled(b.nodes(2), b.daemonset())
    found = stuck(there, Drain(node="n1", kubectl=True))
    assert [(ground.code, ground.rule and ground.rule.file) for ground in found.grounds] == [
        (Why.DAEMON_POD, "drain.lp")
    ]


def test_where_nothing_is_stuck_that_is_said(web: Cluster) -> None:
    found = stuck(web)
    assert (found.holds, found.grounds, found.outcome) == (False, (), Outcome.SETTLED)


@SOME
@given(scenarios())
def test_each_obstacle_of_a_verdict_is_explained(scenario: Scenario) -> None:
    try:
        _, changes, assume = story_and(scenario)
    except RejectedError:
        return
    found, again = explained(scenario.cluster, STUCK, changes, assume)
    assert again is not None
    obstacles = again.verdict.obstacles
    assert found.outcome is again.verdict.outcome
    assert {ground.code for ground in found.grounds} == {one.why for one in obstacles}
    # One that is told stands for all that are alike.
    assert {ground.about for ground in found.grounds} <= {one.on for one in obstacles}
    assert all(ground.rule is not None and ground.because for ground in found.grounds)


# --- what becomes of a pod ---


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param([], None, id="nothing"),
        pytest.param(
            [SetImage(kind="StatefulSet", name="web", image="web:2")], (3, Reason.OUTDATED), id="second"
        ),
        pytest.param([Scale(kind="StatefulSet", name="web", replicas=0)], (2, Reason.SCALED_DOWN), id="down"),
        pytest.param([Delete(kind="StatefulSet", name="web")], (1, Reason.OWNER_GONE), id="deleted"),
        pytest.param([DeletePod(pod="web-1")], None, id="another"),
        pytest.param([SetNodeReady(node="n1", status="Unknown")], (1, Reason.TOLERATION_ENDED), id="node"),
    ],
)
def test_what_becomes_of_a_pod_next(
    web: Cluster, changes: Iterable[Change], expected: tuple[int, Reason] | None
) -> None:
    found = why(web, About(kind="Pod", name="web-0"), changes)
    assert found.holds
    told = [(act.wave, act.action.reason) for act in found.acts]
    assert told == ([] if expected is None else [expected])
