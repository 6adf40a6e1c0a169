"""Runs: however moments are put together, the same is found in them as in each by itself."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from hypothesis import given, settings

from foretell.logic.forecast import forecast
from foretell.logic.policy import runs
from foretell.logic.policy.judging import judge
from foretell.logic.policy.moments import EVERY
from foretell.logic.policy.words import needed, words
from foretell.model.changes import SetImage, SetLabels
from foretell.model.forecast import Forecast
from foretell.model.policy import Report
from tests import builders as b
from tests.logic.policy.policies import PATIENT, policy
from tests.logic.strategies import Scenario, scenarios, story_of

RULES = """
deny(counts, Workload, serving(Count)) :- serving(Workload, Count).
deny(sums, it, Sum) :- Sum = #sum { 1, Pod : ready(Pod) ; 2, Pod : terminating(Pod) }.
deny(lists, Thing, Path) :- field(Thing, "status.phase", Path).
warn(covers, Thing) :- pod(Thing), not covered(Thing).
warn(does, Object, Verb) :- action(Verb, Object, _).
warn(when, it, Number) :- wave(Number), not outcome, not before.
warn(goes, Object) :- existed(Object), not object(Object).
deny(nodes, Node, Pod) :- node(Node), bound(Pod, Node), not ready(Pod), not unschedulable(Node).
"""


def judged(story: Forecast, most: int) -> Report:
    """What is found where so many facts may vary in a run."""
    with patch.object(runs, "MOST_VARYING", most):
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
        with patch.object(runs, "MOST_VARYING", most):
            return [
                {*run.shared, *(run.varying[place] for place in state)}
                for run in runs.runs_of(story, told, None, EVERY)
                for state in run.states
            ]

    assert facts(200) == facts(-1)
    assert len(facts(200)) == len(story.waves) + 2


@pytest.fixture(scope="module")
def story() -> Forecast:
    before = b.settled(b.nodes(6), b.daemonset())
    return forecast(before, [SetImage(kind="DaemonSet", name="agent", image="agent:2")])


def test_moments_that_do_not_differ_are_one_state(story: Forecast) -> None:
    (run,) = runs.runs_of(story, ("node", "taint"), None, EVERY)
    assert len(run.moments) == len(story.waves) + 2
    assert (set(run.states), run.varying) == ({()}, ())


def test_a_run_ends_where_too_much_varies(story: Forecast) -> None:
    with patch.object(runs, "MOST_VARYING", 6):
        found = list(runs.runs_of(story, ("pod", "ready"), None, EVERY))
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
