"""The scheduler's rules agree with the documentation, whatever the cluster."""

from __future__ import annotations

import json
import re
from collections import Counter
from random import Random

from hypothesis import assume, event, given
from hypothesis import strategies as st

from foretell.logic.forecast import forecast
from foretell.logic.requeue import sentence_of
from foretell.logic.sentences import plugins_in
from foretell.model.forecast import Forecast, Reason
from tests.logic.scheduling_oracle import apartness, distance, ports, preemption, room, spread, verdicts
from tests.logic.scheduling_strategies import (
    Scene,
    choice_of,
    crowds,
    newcomer_of,
    scenes,
    several,
    table_of,
)


@given(scenes())
def test_the_nodes_that_take_a_pod_are_those_of_the_documentation(scene: Scene) -> None:
    expected = {node for node, (plugin, _) in verdicts(scene).items() if not plugin}
    event(f"{min(len(expected), 2)} or more nodes")
    assert table_of(scene.cluster, grouped=True).feasible == expected


@given(scenes())
def test_alike_nodes_say_what_each_would_say_by_itself(scene: Scene) -> None:
    assert table_of(scene.cluster, grouped=True) == table_of(scene.cluster, grouped=False)


@given(scenes())
def test_the_node_that_is_chosen_has_the_most_points(scene: Scene) -> None:
    table, chosen = table_of(scene.cluster, grouped=False), choice_of(scene.cluster)
    best = [node for node, points in table.points.items() if points == max(table.points.values())]
    crowd = Counter(pod["spec"]["nodeName"] for pod in scene.guests if pod["status"]["phase"] != "Succeeded")
    ranked = sorted(best, key=lambda node: (crowd[node], node))
    assert chosen == (ranked[0] if ranked else "")


@given(scenes())
def test_the_sentence_tells_what_the_first_filter_says_of_each_node(scene: Scene) -> None:
    found = verdicts(scene)
    assume(all(plugin for plugin, _ in found.values()))
    text = sentence_of(newcomer_of(forecast(scene.cluster, horizon=0).after))
    phrases = Counter(phrase for _, said in found.values() for phrase in said)
    counted = ", ".join(sorted(f"{number} {phrase}" for phrase, number in phrases.items()))
    assert re.match(rf"0/{len(found)} nodes are available: {re.escape(counted)}\.(?: |\Z)", text), text
    assert plugins_in(text) == {plugin for plugin, _ in found.values()}


# --- preemption ---


def _preempted(story: Forecast) -> list[str]:
    return sorted(action.name for action in story.actions if action.reason is Reason.PREEMPTED)


@given(crowds())
def test_those_are_driven_off_whom_the_documentation_names(scene: Scene) -> None:
    assume(all(plugin for plugin, _ in verdicts(scene).values()))
    node, gone, said = preemption(scene)
    event("preempts" if gone else "preempts nobody")
    story = forecast(scene.cluster, horizon=0)
    newcomer = newcomer_of(story.after)
    leaving = {pod["metadata"]["name"] for pod in scene.guests if "deletionTimestamp" in pod["metadata"]}
    assert _preempted(story) == sorted(gone - leaving)
    assert (newcomer.status.nominated_node_name or newcomer.spec.node_name) == node
    if not node:
        phrases = Counter(phrase for each in said for phrase in each)
        counted = ", ".join(sorted(f"{number} {phrase}" for phrase, number in phrases.items()))
        assert sentence_of(newcomer).endswith(f"preemption: 0/{len(said)} nodes are available: {counted}.")


@given(crowds())
def test_only_less_important_pods_are_driven_off(scene: Scene) -> None:
    priorities = {pod["metadata"]["name"]: pod["spec"]["priority"] for pod in scene.guests}
    gone = _preempted(forecast(scene.cluster, horizon=0))
    assert all(priorities[name] < scene.newcomer["spec"]["priority"] for name in gone)


@given(crowds())
def test_a_pod_that_never_preempts_drives_nobody_off(scene: Scene) -> None:
    assert _preempted(forecast(several(scene, 1).cluster, horizon=0)) == []


@given(crowds(), st.randoms(use_true_random=False))
def test_the_order_of_the_manifests_names_no_other_victims(scene: Scene, random: Random) -> None:
    shuffled = scene.documents
    random.shuffle(shuffled)
    one, other = (forecast(each.cluster, horizon=0) for each in (scene, Scene(json.dumps(shuffled))))
    assert _preempted(one) == _preempted(other)


# --- one after the other ---


@given(scenes(most=4), st.integers(2, 5))
def test_pods_that_are_placed_one_after_the_other_leave_all_bounds_kept(scene: Scene, count: int) -> None:
    """Where they are put nothing is exceeded, nobody is too near, and no skew is too great."""
    after = forecast(several(scene, count).cluster, horizon=0).after
    placed = {pod.name: pod.spec.node_name for pod in after.pods if pod.name.startswith("new")}
    event(f"{sum(map(bool, placed.values()))} placed")
    waiting = several(scene, count)
    there = [each for each in waiting.documents if each["metadata"]["name"] not in placed]
    there += [
        {**scene.newcomer, "metadata": {**scene.newcomer["metadata"], "name": f"put-{name}"},
         "spec": {**scene.newcomer["spec"], "nodeName": node}}
        for name, node in placed.items() if node
    ]  # fmt: skip
    for name, node in placed.items():
        if node:
            others = [each for each in there if each["metadata"]["name"] != f"put-{name}"]
            # Taken out and put back last, each pod may be where it is.
            again = Scene(json.dumps([*others, scene.newcomer]))
            (put,) = (each for each in again.nodes if each["metadata"]["name"] == node)
            assert [ask(again, put) for ask in (room, ports, spread, apartness, distance)] == [set()] * 5
