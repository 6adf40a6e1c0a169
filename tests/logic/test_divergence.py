"""The diff: how what is there differs from what should be there."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given

from foretell.logic.divergence import DiffState, diff
from foretell.logic.edits import edit
from foretell.logic.forecast import moment_of
from foretell.logic.solve import Answer, solve
from foretell.model.changes import AddTaint, Change, Delete, DeletePod, Scale, SetImage, SetPodStatus
from foretell.model.cluster import Cluster
from foretell.model.diff import Difference, place
from tests.builders import after, cluster, daemonset, node, nodes, pod, settled, statefulset
from tests.logic.strategies import Scenario, scenarios, story_of

SETTLED = settled(nodes(3), daemonset(), statefulset(replicas=2))


def changed(before: Cluster, *changes: Change) -> Cluster:
    """A cluster after changes, before any controller has acted."""
    now = moment_of(before)
    for change in changes:
        one = edit(before, change, now)
        before = before.replaced(one.puts, one.drops)
    return before


def told(state: Cluster) -> list[str]:
    """The differences in words, without the names of pods."""
    return [
        f"{entry.workload.name} {entry.node if entry.ordinal is None else entry.ordinal}: "
        f"{entry.difference} {entry.detail}"
        for entry in diff(state)
    ]


def agent_on(state: Cluster, name: str) -> str:
    """The name of the daemon pod on a node."""
    return next(each.name for each in state.pods_on(name) if each.name.startswith("agent"))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param((), [], id="settled"),
        pytest.param(
            (AddTaint(node="n2", key="k", effect="NoSchedule"),),
            ["agent n2: misplaced repelled"],
            id="misplaced",
        ),
        pytest.param(
            (AddTaint(node="n2", key="k", effect="NoExecute"),),
            ["agent n2: surplus not-eligible"],
            id="surplus-not-eligible",
        ),
        pytest.param((Delete(kind="Node", name="n3"),), ["agent n3: misplaced node-gone"], id="node-gone"),
        pytest.param(
            (DeletePod(pod="agent@n1", grace=0),), ["agent n1: missing no-pod"], id="missing-daemon-pod"
        ),
        pytest.param((DeletePod(pod="agent@n1"),), ["agent n1: unhealthy pod-terminating"], id="terminating"),
        pytest.param(
            (SetPodStatus(pod="agent@n1", phase="Failed", ready=False),),
            ["agent n1: unhealthy pod-failed"],
            id="failed",
        ),
        pytest.param(
            (SetPodStatus(pod="web-1", phase="Running", ready=False),),
            ["web 1: unhealthy pod-not-ready"],
            id="not-ready",
        ),
        pytest.param((DeletePod(pod="web-0", grace=0),), ["web 0: missing no-pod"], id="missing-ordinal"),
        pytest.param(
            (Scale(kind="StatefulSet", name="web", replicas=4),),
            ["web 2: missing no-pod", "web 3: missing no-pod"],
            id="scaled-up",
        ),
        pytest.param(
            (Scale(kind="StatefulSet", name="web", replicas=1),),
            ["web 1: surplus beyond-replicas"],
            id="scaled-down",
        ),
        pytest.param(
            (SetImage(kind="StatefulSet", name="web", image="web:2"),),
            ["web 0: outdated old-template", "web 1: outdated old-template"],
            id="outdated-replicas",
        ),
        pytest.param(
            (SetImage(kind="DaemonSet", name="agent", image="agent:2"),),
            [f"agent n{number}: outdated old-template" for number in (1, 2, 3)],
            id="outdated-daemon-pods",
        ),
        pytest.param(
            (
                SetImage(kind="DaemonSet", name="agent", image="agent:2"),
                SetPodStatus(pod="agent@n2", phase="Running", ready=False),
            ),
            [
                "agent n1: outdated old-template",
                "agent n2: outdated old-template",
                "agent n2: unhealthy pod-not-ready",
                "agent n3: outdated old-template",
            ],
            id="outdated-and-unhealthy",
        ),
        pytest.param((Delete(kind="StatefulSet", name="web", cascade="Foreground"),), [], id="being-deleted"),
    ],
)
def test_what_is_amiss_is_told_by_workload_then_place(
    changes: tuple[Change, ...], expected: list[str]
) -> None:
    assert told(changed(SETTLED, *changes)) == expected


def test_a_second_pod_on_a_node_is_surplus() -> None:
    twin = pod("twin", "n1", labels={"app": "agent"})
    state = settled(nodes(1), daemonset())
    both = Cluster([*state, *cluster(node("n1"), twin).pods])
    assert told(both) == ["agent n1: surplus duplicate"]
    assert diff(both)[0].pod == "twin"


def test_all_is_missing_before_the_controllers_have_acted() -> None:
    assert told(cluster(nodes(2), daemonset(), statefulset(replicas=1))) == [
        "agent n1: missing no-pod",
        "agent n2: missing no-pod",
        "web 0: missing no-pod",
    ]


def test_differences_are_counted_by_sort() -> None:
    state = changed(
        SETTLED, AddTaint(node="n2", key="k", effect="NoSchedule"), DeletePod(pod="web-0", grace=0)
    )
    assert diff(state).counts == {Difference.MISSING: 1, Difference.MISPLACED: 1}


def test_only_what_a_change_concerns_is_judged_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """A taint concerns its node: the rules are asked about no other."""
    asked: list[str] = []

    def noting(files: Iterable[str], facts: str) -> Answer:
        asked.append(facts)
        return solve(files, facts)

    before = DiffState.of(SETTLED)
    monkeypatch.setattr("foretell.logic.divergence.solve", noting)
    state = changed(SETTLED, AddTaint(node="n2", key="k", effect="NoSchedule"))
    assert before.moved(state, SETTLED.differing(state)).diff == diff(state)
    assert '"n2"' in asked[0]
    assert '"n1"' not in asked[0]


# --- laws ---


@given(scenarios())
def test_the_diff_of_alike_nodes_is_that_of_each_by_itself(scenario: Scenario) -> None:
    assert diff(scenario.cluster) == diff(scenario.cluster, grouped=False)


@given(scenarios())
def test_a_diff_that_moves_on_is_the_same_as_one_made_anew(scenario: Scenario) -> None:
    """Over all states of a forecast, one after the other."""
    story = story_of(scenario)
    state = DiffState.of(story.before)
    for later in (*story.states, story.after):
        state = state.moved(later, state.cluster.differing(later))
        assert state.diff == DiffState.of(later).diff


@given(scenarios())
def test_differences_come_in_their_order(scenario: Scenario) -> None:
    entries = list(diff(scenario.cluster))
    assert entries == sorted(entries, key=place)


@given(scenarios())
def test_a_settled_cluster_misses_nothing_and_has_nothing_too_much(scenario: Scenario) -> None:
    """What the controllers would still make or take away isn't settled."""
    story = story_of(scenario)
    if story.verdict.outcome == "SETTLED":
        found = {entry.difference for entry in diff(after(story.after))}
        assert not found & {Difference.MISSING, Difference.SURPLUS}
