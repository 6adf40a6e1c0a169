"""What a forecast leaves to the next one in its thread changes no answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given, reject

from foretell.logic.carried import active_pods, latest_stamp, moment_of
from foretell.logic.forecast import forecast
from foretell.logic.world import active
from foretell.model.changes import AddTaint, Change, SetImage
from foretell.model.clock import seconds
from foretell.model.cluster import Cluster
from foretell.model.errors import RejectedError
from foretell.model.forecast import Assumptions, Forecast
from tests import builders as b
from tests.logic.strategies import FEW, Scenario, scenarios

Asked = tuple[list[Change], Assumptions]


def _story(cluster: Cluster, asked: Asked) -> Forecast:
    try:
        return forecast(cluster, *asked, horizon=12)
    except RejectedError:
        reject()


def _afresh(cluster: Cluster, asked: Asked) -> Forecast:
    """The forecast in a thread that knows nothing yet."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(_story, cluster, asked).result()


@FEW
@given(scenarios())
def test_a_forecast_is_the_same_whatever_was_forecast_before(scenario: Scenario) -> None:
    """Of the same cluster, of one that shares objects with it, and back again."""
    start, asked = scenario.cluster, scenario.told()
    nothing: Asked = ([], Assumptions())
    first = _story(start, asked)
    moments = [start, first.after, *first.states[:2], start]
    for cluster, changes in [(start, nothing), (start, asked), *((each, asked) for each in moments)]:
        told, alone = _story(cluster, changes), _afresh(cluster, changes)
        assert told.waves == alone.waves
        assert told.verdict == alone.verdict
        assert told.after == alone.after


@FEW
@given(scenarios())
def test_moments_and_active_pods_are_known_of_every_state_of_a_story(scenario: Scenario) -> None:
    told = _story(scenario.cluster, scenario.told())
    for state in (told.before, *told.states, told.after, told.before):
        assert moment_of(state) == max([state.moment, *map(latest_stamp, state)])
        assert active_pods(state) == {pod.key for pod in state.pods if active(pod)}


def test_readiness_is_told_by_the_clock_though_a_later_moment_was_forecast_before() -> None:
    """With minReadySeconds pods are available later; a forecast before this one has come further."""
    cluster: Cluster = b.settled(b.nodes(3), b.daemonset(minReadySeconds=30))
    image = SetImage(kind="DaemonSet", name="agent", image="agent:2")
    taint = AddTaint(node=cluster.nodes[0].name, key="gpu", effect="NoExecute")
    stories = [forecast(cluster, [change]) for change in (image, taint, image)]
    assert stories[0].waves == stories[2].waves


def test_an_earlier_moment_is_forecast_as_it_was_before_a_later_one() -> None:
    """Of the same pods, which aren't available yet to their StatefulSet, then are, then aren't again."""
    cluster: Cluster = b.settled(b.nodes(30), b.statefulset(minReadySeconds=30))
    condition = cluster.pods[-1].ready_condition
    assert condition is not None
    assert condition.last_transition_time is not None
    ready = seconds(condition.last_transition_time)
    image = SetImage(kind="StatefulSet", name="web", image="web:2")
    first = forecast(cluster, [image], now=ready + 5)
    forecast(cluster, now=ready + 100)
    assert forecast(cluster, [image], now=ready + 5).waves == first.waves
