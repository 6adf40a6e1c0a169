"""The scheduler's rules agree with the documentation, whatever the cluster."""

from __future__ import annotations

import re
from collections import Counter

from hypothesis import assume, event, given

from foretell.logic.forecast import forecast
from foretell.logic.requeue import sentence_of
from foretell.logic.sentences import plugins_in
from tests.logic.scheduling_oracle import verdicts
from tests.logic.scheduling_strategies import Scene, choice_of, newcomer_of, scenes, table_of


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
