"""The diff: how what is there differs from what should be there."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given

from foretell.logic.carried import moment_of
from foretell.logic.diff import derived
from foretell.logic.divergence import DiffState, diff
from foretell.logic.edits import edit
from foretell.logic.gates import default_gates
from foretell.logic.memory import Memory
from foretell.logic.scope import everything
from foretell.logic.solve import Answer, solve
from foretell.logic.vocabulary import Term, workload_key
from foretell.model.changes import AddTaint, Change, Delete, DeletePod, Scale, SetImage, SetPodStatus
from foretell.model.cluster import Cluster
from foretell.model.diff import Detail, Difference, place
from foretell.model.meta import Key
from tests.builders import (
    after,
    cluster,
    daemon_pod,
    daemonset,
    node,
    nodes,
    pod,
    revision,
    settled,
    statefulset,
)
from tests.logic.strategies import HALF, Scenario, crowded, scenarios, story_of

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


@pytest.mark.parametrize(
    ("day", "younger"), [("31", "agent-a"), ("02", "web-0")], ids=["bare-pod-first", "daemon-pod-first"]
)
def test_the_younger_of_two_pods_is_surplus_also_where_one_is_called_like_a_replica(
    day: str, younger: str
) -> None:
    daemons, replicas = daemonset(), statefulset(replicas=0)
    replicas["spec"]["selector"] = daemons["spec"]["selector"]
    replicas["spec"]["template"]["metadata"] = daemons["spec"]["template"]["metadata"]
    own = daemon_pod(daemons, "agent-a", "n1", revision(daemons, 1))
    bare = pod("web-0", "n1", labels={"app": "agent"})
    bare["metadata"]["creationTimestamp"] = f"20{'25-12' if day == '31' else '26-01'}-{day}T00:00:00Z"
    found = diff(cluster(nodes(1), daemons, replicas, revision(daemons, 1), own, bare))
    assert [e.pod for e in found if e.detail is Detail.DUPLICATE] == [younger]


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


@HALF
@given(crowded())
def test_the_diff_of_alike_nodes_is_that_of_each_by_itself_where_workloads_compete(
    scenario: Scenario,
) -> None:
    assert list(diff(scenario.cluster)) == list(diff(scenario.cluster, grouped=False))


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


@HALF
@given(scenarios())
def test_what_is_missing_or_surplus_is_what_controllers_make_or_take_away_next(scenario: Scenario) -> None:
    """All of it for DaemonSets; StatefulSets go ordinal by ordinal."""
    state = scenario.cluster
    now = moment_of(state)
    work = derived(state, Memory(touched=set(everything(state))), now, default_gates())
    made = set[tuple[Key, str | int]]()
    for term, spot, _hash, reason in work.answer.get("creates", ()):
        assert isinstance(spot, Term)
        (where,) = spot.arguments
        if reason == Term("missing"):
            places = (where,) if isinstance(where, int) else work.facts.nodes_alike(str(where), {})
            made |= {(workload_key(term), each) for each in places}
    taken = {
        (reason, pod.name)
        for author, path, reason in work.answer.get("deletes", ())
        if author == Term("daemonset_controller")
        and reason in tuple(map(Term, ("duplicate", "node_gone", "not_eligible")))
        for pod in work.alike(path)
    }
    found = diff(state)
    missing = {
        (entry.workload, entry.node or entry.ordinal or 0)
        for entry in found
        if entry.difference is Difference.MISSING
    }
    surplus = {
        (Term(entry.detail.replace("-", "_")), entry.pod)
        for entry in found
        if entry.difference is Difference.SURPLUS and entry.workload.kind == "DaemonSet"
    }
    misplaced = {entry.pod for entry in found if entry.difference is Difference.MISPLACED}
    assert made <= missing
    assert {workload for workload, _ in missing - made} <= {s.key for s in state.statefulsets}
    # A roll-out with surge takes misplaced pods away too, when it gets to them.
    assert surplus <= taken
    assert {pod for _, pod in taken - surplus} <= misplaced


@HALF
@given(scenarios())
def test_what_a_daemonset_reports_as_misscheduled_is_misplaced_or_not_eligible(scenario: Scenario) -> None:
    """But for pods that go already, which are reported until they are gone."""
    state = scenario.cluster
    work = derived(state, Memory(touched=set(everything(state))), moment_of(state), default_gates())
    found = diff(state)
    for term, field, number in work.answer.get("status", ()):
        if field != Term("misscheduled"):
            continue
        wrong = {
            entry.node
            for entry in found.of(workload_key(term))
            if entry.detail in (Detail.REPELLED, Detail.NOT_ELIGIBLE)
        }
        going = {
            pod.spec.node_name
            for _, pod in state.owned_pods(state.get(workload_key(term)).metadata.uid)  # type: ignore[union-attr]
            if pod.terminating
        }
        assert isinstance(number, int)
        assert len(wrong) <= number <= len(wrong | going)
