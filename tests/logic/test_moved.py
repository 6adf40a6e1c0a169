"""A diff that moves on: only what changes concern is judged anew, and the answer is the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretell.logic.carried import moment_of
from foretell.logic.divergence import DiffState
from foretell.logic.edits import edit
from foretell.model.changes import (
    AddTaint,
    Apply,
    Change,
    Delete,
    DeletePod,
    Scale,
    SetImage,
    SetLabels,
    SetPodStatus,
    change_from_json,
)
from foretell.model.cluster import Cluster
from foretell.model.diff import Detail, Difference
from foretell.model.errors import RejectedError
from foretell.model.meta import Key, Object
from foretell.model.objects import ControllerRevision, Pod
from tests.builders import cluster, daemon_pod, daemonset, node, nodes, pod, revision, settled, statefulset
from tests.logic.strategies import HALF, Scenario, changes, crowded, scenarios, story_of

replace = msgspec.structs.replace
AGENT, WEB = Key("DaemonSet", "default", "agent"), Key("StatefulSet", "default", "web")
SETTLED = settled(nodes(3), daemonset(), statefulset(replicas=2))


def moved(state: DiffState, later: Cluster) -> DiffState:
    """The state of a later snapshot, found by what differs."""
    return state.moved(later, state.cluster.differing(later))


def changed(before: Cluster, *wanted: Change) -> Cluster:
    """A cluster after changes, before any controller has acted."""
    for change in wanted:
        one = edit(before, change, moment_of(before))
        before = before.replaced(one.puts, one.drops)
    return before


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(AddTaint(node="n2", key="k", effect="NoSchedule"), id="taint"),
        pytest.param(Apply(object=node("n4")), id="new-node"),
        pytest.param(Delete(kind="Node", name="n1"), id="node-gone"),
        pytest.param(DeletePod(pod="agent@n1", grace=0), id="daemon-pod-gone"),
        pytest.param(DeletePod(pod="web-0"), id="replica-going"),
        pytest.param(SetPodStatus(pod="web-1", phase="Failed", ready=False), id="replica-failed"),
        pytest.param(SetLabels(pod="web-1", labels={"app": "agent"}), id="released"),
        pytest.param(Scale(kind="StatefulSet", name="web", replicas=1), id="scaled"),
        pytest.param(SetImage(kind="DaemonSet", name="agent", image="agent:2"), id="new-template"),
        pytest.param(Delete(kind="DaemonSet", name="agent", cascade="Orphan"), id="orphaned"),
        pytest.param(Delete(kind="StatefulSet", name="web"), id="workload-gone"),
        pytest.param(Apply(object=daemonset("log")), id="new-workload"),
        pytest.param(Apply(object=pod("web-7", "n1", labels={"app": "web"})), id="orphan-to-adopt"),
        pytest.param(Apply(object=pod("twin", "n1", labels={"app": "agent"})), id="orphan-beside-another"),
    ],
)
def test_a_diff_moves_on_over_each_sort_of_change_and_back(change: Change) -> None:
    before = DiffState.of(SETTLED)
    after = moved(before, changed(SETTLED, change))
    assert after.diff == DiffState.of(after.cluster).diff
    assert moved(after, SETTLED).diff == before.diff


def test_what_is_not_concerned_is_shared() -> None:
    """The very differences of a roll-out are there again after a taint."""
    before = DiffState.of(changed(SETTLED, SetImage(kind="StatefulSet", name="web", image="web:2")))
    after = moved(before, changed(before.cluster, AddTaint(node="n2", key="k", effect="NoSchedule")))
    assert after.diff.of(WEB) is before.diff.of(WEB)
    assert after.diff.counts == {Difference.OUTDATED: 2, Difference.MISPLACED: 1}
    assert before.diff.counts == {Difference.OUTDATED: 2}


def test_an_orphan_that_two_workloads_select_goes_to_the_first_and_then_to_the_other() -> None:
    """It has an ordinal of the set and a place beside the daemon pod: whoever adopts it, it is too much."""
    daemons, replicas = daemonset(), statefulset(replicas=0)
    replicas["spec"]["selector"] = daemons["spec"]["selector"]
    replicas["spec"]["template"]["metadata"] = daemons["spec"]["template"]["metadata"]
    own = daemon_pod(daemons, "agent-a", "n1", revision(daemons, 1))
    own["metadata"]["creationTimestamp"] = "2025-12-31T00:00:00Z"
    bare = pod("web-0", "n1", labels={"app": "agent"})
    state = DiffState.of(cluster(nodes(1), daemons, replicas, revision(daemons, 1), own, bare))
    assert [(e.workload, e.detail, e.pod) for e in state.diff if e.difference is Difference.SURPLUS] == [
        (AGENT, Detail.DUPLICATE, "web-0")
    ]
    state = moved(state, changed(state.cluster, Delete(kind="DaemonSet", name="agent")))
    assert [(e.workload, e.detail, e.pod) for e in state.diff] == [(WEB, Detail.BEYOND_REPLICAS, "web-0")]


def test_an_orphan_that_another_workload_adopts_is_none_of_a_changed_one() -> None:
    """The set is judged anew by itself, and still the DaemonSet comes first."""
    daemons, replicas = daemonset(), statefulset(replicas=0)
    replicas["spec"]["selector"] = daemons["spec"]["selector"]
    replicas["spec"]["template"]["metadata"] = daemons["spec"]["template"]["metadata"]
    bare = pod("web-0", "n1", labels={"app": "agent"})
    state = DiffState.of(cluster(nodes(1), daemons, replicas, revision(daemons, 1), bare))
    state = moved(state, changed(state.cluster, Scale(kind="StatefulSet", name="web", replicas=1)))
    assert [e.difference for e in state.diff.of(WEB)] == [Difference.MISSING]
    assert state.diff == DiffState.of(state.cluster).diff


def test_a_revision_that_nobody_owns_counts_while_it_is_there() -> None:
    """It is adopted, and remembers the present template under another hash than a new one would."""
    daemons = daemonset()
    double = revision(daemons, 1)
    double["metadata"] = {
        "name": "agent-double", "namespace": "default",
        "labels": {"app": "agent", "controller-revision-hash": "double"},
    }  # fmt: skip
    own = daemon_pod(daemons, "agent-a", "n1", revision(daemons, 1))
    own["metadata"]["labels"]["controller-revision-hash"] = "double"
    state = DiffState.of(cluster(nodes(1), daemons, double, own))
    assert list(state.diff) == []
    state = moved(state, state.cluster.replaced(drops=[Key("ControllerRevision", "default", "agent-double")]))
    assert [e.difference for e in state.diff] == [Difference.OUTDATED]


# --- time ---


def waiting(seconds: int) -> Cluster:
    """A settled cluster, and its pods have just become ready again: they aren't available yet."""
    state = settled(nodes(2), daemonset(minReadySeconds=seconds), statefulset(replicas=1))
    flips = [SetPodStatus(pod="agent@n1", phase="Running", ready=ready) for ready in (False, True)]
    return changed(state, *flips)


def test_time_alone_makes_pods_available_and_turned_back_makes_them_wait_again() -> None:
    state = waiting(30)
    first = DiffState.of(state)
    assert [(e.node, e.detail) for e in first.diff] == [("n1", Detail.POD_NOT_AVAILABLE)]
    later = moved(first, state.at(state.moment + 29))
    assert later.diff == first.diff
    over = moved(later, state.at(state.moment + 30))
    assert list(over.diff) == []
    assert moved(over, state.at(state.moment + 5)).diff == first.diff


def test_a_diff_may_be_of_any_moment() -> None:
    state = waiting(30)
    first = DiffState.of(state, now=state.moment + 10)
    assert [e.detail for e in first.diff] == [Detail.POD_NOT_AVAILABLE]
    assert list(first.moved(state, (), now=state.moment + 40).diff) == []
    assert list(DiffState.of(state, now=state.moment + 40).diff) == []


def test_the_latest_moment_is_that_of_what_is_still_there() -> None:
    """A pod takes the moment that it mentions along."""
    state = Cluster([*waiting(30)])
    late = msgspec.convert({"name": "late", "creationTimestamp": "2031-01-01T00:00:00Z"}, dict[str, Any])
    (extra,) = cluster(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {**late, "namespace": "default"}}
    )
    first = DiffState.of(state.replaced([extra]))
    assert list(first.diff) == []
    assert moved(first, state).diff == DiffState.of(state).diff != first.diff


# --- laws ---

Step = Callable[[st.DataObject, Cluster], Cluster]


def _pod_in(data: st.DataObject, there: Cluster) -> Pod | None:
    return data.draw(st.sampled_from(there.pods)) if there.pods else None


def _change(data: st.DataObject, there: Cluster) -> Cluster:
    documents = [
        {"kind": thing.kind, "metadata": {"name": thing.name}}
        for thing in there
        if thing.kind in ("Node", "DaemonSet", "StatefulSet", "Pod")
    ]
    if not there.nodes:
        return there
    try:
        return changed(there, *map(change_from_json, data.draw(changes(documents))))
    except RejectedError:
        return there


def _orphan(data: st.DataObject, there: Cluster) -> Cluster:
    """Some pods and revisions are given up by their owners."""
    things: list[Object] = [thing for thing in there if isinstance(thing, Pod | ControllerRevision)]
    given = data.draw(st.lists(st.sampled_from(things), max_size=4)) if things else []
    return there.replaced(replace(t, metadata=replace(t.metadata, owner_references=())) for t in given)


def _relabel(data: st.DataObject, there: Cluster) -> Cluster:
    """A pod gets the label that another workload selects."""
    chosen = _pod_in(data, there)
    if chosen is None:
        return there
    app = data.draw(st.sampled_from(["agent", "driver", "web", "db", "none"]))
    return there.replaced(
        [replace(chosen, metadata=replace(chosen.metadata, labels={**chosen.labels, "app": app}))]
    )


def _drop(data: st.DataObject, there: Cluster) -> Cluster:
    """Anything goes, without a trace; orphans more often than others."""
    things = [thing.key for thing in there if thing.kind != "Node" or len(there.nodes) > 1]
    orphans = [thing.key for thing in there.orphans("default")]
    choices = st.sampled_from(things) | st.sampled_from(orphans) if orphans else st.sampled_from(things)
    return there.replaced(drops=[data.draw(choices)]) if things else there


def _clock(data: st.DataObject, there: Cluster) -> Cluster:
    return there.at(max(0.0, moment_of(there) + data.draw(st.sampled_from([-20.0, 3.0, 11.0]))))


STEPS: tuple[Step, ...] = (_change, _orphan, _relabel, _drop, _clock)


@HALF
@given(
    crowded().map(lambda scenario: scenario.cluster),
    st.lists(st.sampled_from(STEPS), min_size=1, max_size=8),
    st.data(),
)
def test_a_diff_that_moves_over_anything_is_the_same_as_one_made_anew(
    there: Cluster, steps: list[Step], data: st.DataObject
) -> None:
    state = DiffState.of(there)
    for step in steps:
        state = moved(state, step(data, state.cluster))
        assert list(state.diff) == list(DiffState.of(state.cluster).diff)
        assert state.diff.counts == DiffState.of(state.cluster).diff.counts


@HALF
@given(scenarios())
def test_a_diff_that_moves_on_is_the_same_as_one_made_anew(scenario: Scenario) -> None:
    """Over all states of a forecast, one after the other, and back to the beginning at once."""
    story = story_of(scenario)
    first = state = DiffState.of(story.before)
    for later in (*story.states, story.after):
        state = moved(state, later)
        assert state.diff == DiffState.of(later).diff
    assert moved(state, story.before).diff == first.diff
