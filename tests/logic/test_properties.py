"""Laws that hold of every forecast, over random clusters with workloads in any state."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator

from hypothesis import assume, given

from foretell.logic.desired import desired
from foretell.logic.facts_ordinals import start_of
from foretell.logic.forecast import forecast
from foretell.model.cluster import Cluster
from foretell.model.forecast import DesiredPod, Forecast, Outcome, Reason, Verb, Wave
from foretell.model.objects import DaemonSet, IntOrPercent, Node, Pod, StatefulSet
from tests.builders import plan
from tests.logic.strategies import FEW, HALF, Scenario, scenarios, story_of

ROLLS = {Reason.OUTDATED, Reason.OUTDATED_UNHEALTHY, Reason.SURGED}
"""Why a roll-out deletes pods of a DaemonSet."""


# --- what the laws are about ---


def moments(story: Forecast) -> Iterator[tuple[Cluster, Wave, Cluster]]:
    """Each wave between the cluster after the wave before it and the one after it."""
    before = story.before
    for wave, after in zip(story.waves, story.states, strict=True):
        yield before, wave, after
        before = after


def pods_of(cluster: Cluster, workload: DaemonSet | StatefulSet) -> list[Pod]:
    """The pods that a workload controls."""
    return [thing for thing in cluster.owned_by(workload.metadata.uid) if isinstance(thing, Pod)]


def node_of(pod: Pod) -> str:
    """Where a daemon pod is, or is to be."""
    return pod.spec.node_name or pod.pinned_to


def standing(pod: Pod) -> bool:
    """Whether the pod is neither terminating nor finished."""
    return not pod.terminating and not pod.finished


def resolved(bound: IntOrPercent | None, total: int) -> int:
    """A bound as a number; percentages are rounded up."""
    if isinstance(bound, str):
        return -(-int(bound.rstrip("%")) * total // 100)
    return bound or 0


# --- the laws ---


def stuck_just_where_something_stands_in_the_way(story: Forecast) -> None:
    obstacles = bool(story.verdict.obstacles)
    assert {Outcome.SETTLED: not obstacles, Outcome.STUCK: obstacles, Outcome.CUT: True}[
        story.verdict.outcome
    ]


def cut_only_with_a_note(story: Forecast) -> None:
    assert bool(story.verdict.note) == (story.verdict.outcome is Outcome.CUT)


def a_settled_cluster_forecasts_nothing(story: Forecast) -> None:
    if story.verdict.outcome is Outcome.SETTLED:
        assert plan(forecast(story.after), binds=True) == []


def a_settled_cluster_has_just_the_desired_pods(story: Forecast) -> None:
    """But for pods that terminate, and daemon pods that may stay where none is wanted."""
    if story.verdict.outcome is not Outcome.SETTLED:
        return
    cluster, wanted = story.after, set(desired(story.after))
    there: set[DesiredPod] = set()
    for workload in cluster.revisioned:
        for pod in pods_of(cluster, workload):
            ordinal = None if isinstance(workload, DaemonSet) else int(pod.name.rpartition("-")[2])
            node, name = (node_of(pod), None) if ordinal is None else (None, pod.name)
            found = DesiredPod(
                kind=workload.kind,
                namespace="default",
                owner=workload.name,
                node=node,
                ordinal=ordinal,
                name=name,
            )
            kept = found in wanted or not may_stay(cluster, pod)
            if not pod.terminating and not workload.terminating and kept:
                there.add(found)
    assert there == wanted


def may_stay(cluster: Cluster, pod: Pod) -> bool:
    """Whether a daemon pod may stay on a node where none is wanted: under NoSchedule, or the node is gone."""
    node = cluster.find(Node, node_of(pod))
    owner = pod.metadata.controller
    if owner is None or owner.kind != "DaemonSet":
        return False
    return node is None or any(taint.effect == "NoSchedule" for taint in node.spec.taints)


def no_pod_is_made_in_place_of_one_that_stands(story: Forecast) -> None:
    """Changes may take pods away before the first wave, so that one isn't looked at."""
    for before, wave, _ in list(moments(story))[1:]:
        gone = {a.name for a in wave.actions if a.verb is Verb.DELETE}
        for action in wave.actions:
            if action.verb is Verb.CREATE and action.kind == "Pod" and action.name not in gone:
                there = before.find(Pod, action.name, "default")
                assert there is None or there.terminating


def no_pod_is_made_twice_in_a_wave(story: Forecast) -> None:
    for wave in story.waves:
        made = Counter(a.name for a in wave.actions if a.verb is Verb.CREATE and a.kind == "Pod")
        gone = {a.name for a in wave.actions if a.verb is Verb.DELETE}
        assert {name for name, count in made.items() if count > 1} <= gone


def an_ordered_set_makes_an_ordinal_when_all_below_run(story: Forecast) -> None:
    for _, wave, after in moments(story):
        for action in wave.actions:
            if action.verb is not Verb.CREATE or not (action.owner or "").startswith("StatefulSet/"):
                continue
            workload = after.find(StatefulSet, (action.owner or "").partition("/")[2], "default")
            if action.kind != "Pod" or workload is None or workload.spec.pod_management_policy == "Parallel":
                continue
            for ordinal in range(start_of(workload), int(action.name.rpartition("-")[2])):
                below = after.find(Pod, f"{workload.name}-{ordinal}", "default")
                assert below is not None
                assert below.phase == "Running"
                assert below.ready


def a_roll_out_keeps_to_its_bound(story: Forecast) -> None:
    """Where it takes available pods away, no more nodes lack an available one than the bound allows."""
    for before, wave, after in moments(story):
        for workload in after.daemonsets:
            deleted = [
                a for a in wave.actions if a.verb is Verb.DELETE and a.owner == f"DaemonSet/{workload.name}"
            ]
            reasons = {action.reason for action in deleted}
            rolling = workload.spec.update_strategy.rolling_update
            plainly = reasons <= ROLLS and all(a.by == ("daemon-set-controller",) for a in deleted)
            if (
                rolling is None
                or workload.spec.min_ready_seconds
                or Reason.OUTDATED not in reasons
                or not plainly
            ):
                continue
            pods = [pod for pod in pods_of(after, workload) if not (pod.finished and pod.terminating)]
            available = {node_of(pod) for pod in pods if pod.ready and not pod.terminating}
            visited = {node_of(pod) for pod in pods} | set(desired(after).nodes_of(workload.key))
            # A node that the wave itself has tainted was wanted when the bound was reckoned.
            wanted = max(desired(state).count(workload.key) for state in (before, after))
            assert len(visited - available) <= resolved(rolling.max_unavailable, wanted)


def a_surge_keeps_to_its_bound(story: Forecast) -> None:
    """No more nodes have an unavailable new pod beside an available old one than the bound allows."""
    for before, wave, after in moments(story):
        for workload in after.daemonsets:
            rolling = workload.spec.update_strategy.rolling_update
            surges = any(
                a.reason is Reason.SURGE and a.owner == f"DaemonSet/{workload.name}" for a in wave.actions
            )
            if rolling is None or workload.spec.min_ready_seconds or not surges:
                continue
            pods = [pod for pod in pods_of(after, workload) if standing(pod)]
            ready = {node_of(pod) for pod in pods if pod.ready}
            surging = {node_of(pod) for pod in pods if not pod.ready} & ready
            wanted = max(desired(state).count(workload.key) for state in (before, after))
            assert len(surging) <= resolved(rolling.max_surge, wanted)


def what_is_created_is_there(story: Forecast) -> None:
    for _, wave, after in moments(story):
        gone = {(a.kind, a.name) for a in wave.actions if a.verb is Verb.DELETE}
        there = {(thing.kind, thing.name) for thing in after}
        made = {(a.kind, a.name) for a in wave.actions if a.verb is Verb.CREATE}
        assert made <= there | gone


def what_is_deleted_is_gone_or_terminating(story: Forecast) -> None:
    for _, wave, after in moments(story):
        made = {(a.kind, a.name) for a in wave.actions if a.verb is Verb.CREATE}
        gone = {(a.kind, a.name) for a in wave.actions if a.verb is Verb.DELETE}
        left = {(thing.kind, thing.name) for thing in after if not thing.terminating}
        assert not (gone & left) - made


def time_goes_forward(story: Forecast) -> None:
    turns = [(wave.turn, wave.at) for wave in story.waves]
    assert turns == sorted(turns)
    assert all(at >= 0 for _, at in turns)


def bound_pods_are_where_their_binding_says(story: Forecast) -> None:
    for _, wave, after in moments(story):
        for action in wave.actions:
            pod = after.find(Pod, action.name, "default")
            if action.verb is Verb.BIND and pod is not None:
                assert pod.spec.node_name == action.node


LAWS: list[Callable[[Forecast], None]] = [
    stuck_just_where_something_stands_in_the_way,
    cut_only_with_a_note,
    a_settled_cluster_forecasts_nothing,
    a_settled_cluster_has_just_the_desired_pods,
    no_pod_is_made_in_place_of_one_that_stands,
    no_pod_is_made_twice_in_a_wave,
    an_ordered_set_makes_an_ordinal_when_all_below_run,
    a_roll_out_keeps_to_its_bound,
    a_surge_keeps_to_its_bound,
    what_is_created_is_there,
    what_is_deleted_is_gone_or_terminating,
    time_goes_forward,
    bound_pods_are_where_their_binding_says,
]


@HALF
@given(scenario=scenarios())
def test_every_forecast_keeps_all_laws(scenario: Scenario) -> None:
    """The name of the law that is broken stands in the traceback; to forecast is what costs time."""
    story = story_of(scenario)
    for law in LAWS:
        law(story)


@FEW
@given(scenario=scenarios())
def test_the_order_of_objects_does_not_matter(scenario: Scenario) -> None:
    story, told = story_of(scenario), scenario.told()
    objects = list(scenario.cluster)
    random.Random(len(objects)).shuffle(objects)
    shuffled = forecast(Cluster(objects), *told)
    assert plan(shuffled, binds=True, times=True) == plan(story, binds=True, times=True)
    assert shuffled.verdict == story.verdict
    assert shuffled.after == story.after


@FEW
@given(scenario=scenarios())
def test_a_settled_story_ends_alike_when_it_is_resumed_halfway(scenario: Scenario) -> None:
    """The state halfway is all that the second forecast knows; names and places of pods may differ."""
    story, (_, assumptions) = story_of(scenario), scenario.told()
    assume(story.verdict.outcome is Outcome.SETTLED and story.states)
    halfway = story.states[len(story.states) // 2]
    assert kinds_of_pods(forecast(halfway, (), assumptions).after) == kinds_of_pods(story.after)


def kinds_of_pods(cluster: Cluster) -> Counter[tuple[str, str, str, bool]]:
    """How many pods there are of each owner, revision, phase and readiness."""
    return Counter(
        (
            (pod.metadata.controller or pod).name,
            pod.labels.get("controller-revision-hash", ""),
            pod.phase,
            pod.ready,
        )
        for pod in cluster.pods
    )
