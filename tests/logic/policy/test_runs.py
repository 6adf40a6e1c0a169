"""Runs: however moments are put together, the same is found in them as in each by itself."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from hypothesis import given, settings

from foretell.logic.forecast import forecast
from foretell.logic.policy import judging
from foretell.logic.policy.judging import judge
from foretell.logic.policy.moments import EVERY
from foretell.logic.policy.pace import Pace
from foretell.logic.policy.runs import runs_of
from foretell.logic.policy.words import needed, words
from foretell.model.changes import SetAnnotations, SetImage, SetLabels
from foretell.model.forecast import Forecast
from foretell.model.policy import Report
from tests import builders as b
from tests.logic.policy.policies import PATIENT, policy
from tests.logic.strategies import Scenario, scenarios, story_of

RULES = """
deny(counts, Workload, serving(Count)) :- serving(Workload, Count).
deny(more, it, most) :- #sum { 1, Pod : ready(Pod) ; 2, Pod : terminating(Pod) } > 3.
deny(most, it, Name) :- Name = #max { Name_, Pod : name(Pod, Name_), ready(Pod) }.
deny(lists, Thing, Path) :- field(Thing, "status.phase", Path).
warn(covers, Thing) :- pod(Thing), not covered(Thing).
warn(does, Object, Verb) :- action(Verb, Object, _).
warn(when, it, Number) :- wave(Number), not outcome, not before.
warn(goes, Object) :- existed(Object), not object(Object).
deny(nodes, Node, Pod) :- node(Node), bound(Pod, Node), not ready(Pod), not unschedulable(Node).
"""


def judged(story: Forecast, most: int) -> Report:
    """What is found where so many facts may vary in a run."""
    with patch.object(judging, "Pace", lambda **_: Pace(most, most)):
        return judge([policy(RULES)], story, limits=PATIENT)


@settings(max_examples=20, deadline=None)
@given(scenarios())
def test_runs_find_what_each_moment_by_itself_does(scenario: Scenario) -> None:
    story = story_of(scenario)
    assert judged(story, 1000) == judged(story, -1)


@settings(max_examples=20, deadline=None)
@given(scenarios())
def test_a_run_has_the_facts_of_its_moments(scenario: Scenario) -> None:
    story = story_of(scenario)
    told = needed(words())[0]

    def facts(most: int) -> list[set[str]]:
        return [
            {*run.shared, *(run.varying[place] for place in state)}
            for run in runs_of(story, told, None, EVERY, Pace(most, most))
            for state in run.states
        ]

    assert facts(200) == facts(-1)
    assert len(facts(200)) == len(story.waves) + 2


@pytest.fixture(scope="module")
def story() -> Forecast:
    before = b.settled(b.nodes(6), b.daemonset())
    return forecast(before, [SetImage(kind="DaemonSet", name="agent", image="agent:2")])


def test_moments_that_do_not_differ_are_one_state(story: Forecast) -> None:
    (run,) = runs_of(story, ("node", "taint"), None, EVERY, Pace(0, 0))
    assert len(run.moments) == len(story.waves) + 2
    assert (set(run.states), run.varying) == ({()}, ())


def test_a_run_ends_where_too_much_varies(story: Forecast) -> None:
    found = list(runs_of(story, ("pod", "ready"), None, EVERY, Pace(6, 6)))
    assert len(found) > 1
    assert all(len(run.varying) <= 6 for run in found)


def test_budgets_that_come_to_select_otherwise_are_noticed() -> None:
    before = b.settled(
        b.nodes(2), b.statefulset("web", 1), b.budget("web", {"tier": "front"}, minAvailable=1)
    )
    story = forecast(before, [SetLabels(pod="web-0", labels={"tier": "front"})])
    text = "deny(p, Pod) :- covers(_, Pod)."
    (finding,) = judge([policy(text)], story, limits=PATIENT).findings
    assert (finding.subject, finding.before, finding.outcome) == ("Pod/web-0", False, True)


def test_what_stands_in_a_state_stays_a_text() -> None:
    """Facts that vary are told as texts: no annotation can get out of its quotes."""
    texts = ['". #include "/etc/passwd". deny(p,q). x("', "\\", '\\"', "%* \n\r #script (python)", "@f()"]
    before = b.settled(b.nodes(1), b.statefulset("web", 1))
    changes = [SetAnnotations(kind="StatefulSet", name="web", annotations={"a": text}) for text in texts]
    for change, text in zip(changes, texts, strict=True):
        rules = 'deny(p, Set, Value) :- annotation(Set, "a", Value).'
        (finding,) = judge([policy(rules)], forecast(before, [change]), limits=PATIENT).findings
        assert (finding.message, finding.before, finding.outcome) == (text, False, True)


def test_a_sum_over_much_that_varies_is_found_in_time(story: Forecast) -> None:
    """Prepared for every selection of what varies it would take for ever."""
    order = "".join(f'weight("n{place}", {2**place}). ' for place in range(1, 7))
    weighs = "weighs(Pod, Weight) :- bound(Pod, node(Node)), weight(Node, Weight), serves(Pod)."
    text = f"{weighs} deny(p, it, Sum) :- Sum = #sum {{ Weight, Pod : weighs(Pod, Weight) }}."
    found = judge([policy(f"{order}\n{text}")], story, limits=PATIENT).findings
    assert len(found) == 7
    assert found[0].message == str(2**7 - 2 - 2)


@pytest.mark.parametrize(
    ("costs", "most"),
    [
        pytest.param([], 16, id="at-first"),
        pytest.param([9.0], 32, id="after-one"),
        pytest.param([9.0, 5.0, 4.0], 128, id="while-it-pays"),
        pytest.param([9.0] + [1 / n for n in range(1, 20)], 1000, id="up-to-the-limit"),
        pytest.param([9.0, 5.0, 6.0, 4.0], 128, id="in-spite-of-some-noise"),
        pytest.param([9.0, 5.0, 8.0, 1.0, 0.5], 32, id="less-for-good"),
    ],
)
def test_more_may_vary_while_that_pays(costs: list[float], most: int) -> None:
    pace = Pace()
    for cost in costs:
        pace.note(10, 10 * cost)
    assert pace.most == most
