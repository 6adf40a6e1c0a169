"""Each goal, and the remedies that it has."""

from __future__ import annotations

from typing import Any

import pytest

from foretell.logic.remedy.remedies import remedy
from foretell.model.changes import AddTaint, Change, Pause, SetImage, change_to_json
from foretell.model.cluster import Cluster
from foretell.model.errors import NotFoundError
from foretell.model.meta import Key
from foretell.model.remedy import (
    Drained,
    EditPattern,
    Goal,
    Remedies,
    RunsOn,
    Schedulable,
    Spared,
    Unstuck,
)
from tests import builders as b

AGENT, WEB = Key("DaemonSet", "default", "agent"), Key("StatefulSet", "default", "web")
SHOP = Key("Deployment", "default", "shop")
SSD = {"disk": "ssd"}
_FIRE = "NoExecute"
ROOM = {"cpu": "1", "memory": "1Gi", "pods": "10"}
GPU = b.taint("gpu", "NoSchedule", "yes")


def told(found: Remedies) -> list[str]:
    """Remedies as lines such as `2: agent tolerates gpu=yes:NoSchedule`."""
    return [
        f"{one.cost}: "
        + "; ".join(f"{' '.join(key.name for key in edit.objects)} {edit.detail}" for edit in one.edits)
        for one in found.remedies
    ]


def of(cluster: Cluster, goal: Goal, *changes: Change, **more: Any) -> list[str]:
    """The remedies of a goal, as lines."""
    return told(remedy(cluster, goal, changes, **more))


@pytest.mark.parametrize(
    ("documents", "goal", "lines"),
    [
        pytest.param(
            [b.node("n1", GPU), b.daemonset()],
            RunsOn(workload=AGENT, nodes=("n1",)),
            ["2: agent tolerates gpu=yes:NoSchedule"],
            id="a-taint-is-tolerated",
        ),
        pytest.param(
            [b.node("n1", GPU), b.node("n2"), b.node("n3", GPU, b.taint("x")), b.daemonset()],
            RunsOn(workload=AGENT),
            ["4: agent tolerates gpu=yes:NoSchedule; agent tolerates x:NoExecute"],
            id="one-template-for-all-nodes",
        ),
        pytest.param(
            [b.node("n1", b.taint("x", value="a")), b.node("n2", b.taint("x", value="b")), b.daemonset()],
            RunsOn(workload=AGENT),
            ["4: agent tolerates x=a:NoExecute; agent tolerates x=b:NoExecute"],
            id="each-value-of-a-taint",
        ),
        pytest.param(
            [b.node("n1", b.taint("x")), b.node("n2", b.taint("x", value="b")), b.daemonset()],
            RunsOn(workload=AGENT),
            ["2: agent tolerates x:NoExecute"],
            id="a-toleration-without-a-value-is-of-any",
        ),
        pytest.param(
            [b.node("n1"), b.node("n2", labels=SSD), b.daemonset(pod={"nodeSelector": SSD})],
            RunsOn(workload=AGENT),
            ["3: agent no longer asks for disk=ssd"],
            id="a-selector-is-given-up",
        ),
        pytest.param(
            [b.node("n1", allocatable=ROOM), b.daemonset(pod={"requests": {"cpu": "1500m"}})],
            RunsOn(workload=AGENT, nodes=("n1",)),
            ["3: agent asks for no more cpu than 1"],
            id="requests-come-down",
        ),
        pytest.param(
            [
                b.node("n1", allocatable=ROOM), b.node("n2", allocatable={**ROOM, "cpu": "500m"}),
                b.daemonset(pod={"requests": {"cpu": "2"}}),
            ],
            Schedulable(thing=AGENT),
            ["3: agent asks for no more cpu than 500m"],
            id="each-daemon-pod-has-its-own-node",
        ),
        pytest.param(
            [b.node("n1", allocatable=ROOM), b.deployment("shop", 3, pod={"requests": {"cpu": "400m"}})],
            Schedulable(thing=SHOP),
            ["4: shop replicas 2"],
            id="fewer-replicas-find-room",
        ),
        pytest.param(
            [b.nodes(1), b.job("import", suspend=True)],
            Unstuck(workload=Key("Job", "default", "import")),
            ["1: import no longer suspended"],
            id="a-suspended-job-goes-on",
        ),
        pytest.param(
            [b.node("n1", unschedulable=True), b.node("n2", unschedulable=True), b.deployment("shop", 1)],
            Schedulable(thing=SHOP),
            ["5: n1 uncordoned"],
            id="one-of-alike-nodes-is-enough",
        ),
        pytest.param(
            [b.node("n1", GPU), b.node("n2"), b.deployment("shop", 1)],
            RunsOn(workload=SHOP),
            ["9: shop replicas 2; n1 without the taint gpu=yes:NoSchedule"],
            id="more-replicas-for-more-nodes",
        ),
        pytest.param(
            [b.node("n1", GPU), b.statefulset("web", 1)],
            Schedulable(thing=Key("Pod", "default", "web-0")),
            ["4: web tolerates gpu=yes:NoSchedule; web-0 deleted"],
            id="an-ordered-set-doesn't-replace-a-pod-that-waits",
        ),
        pytest.param(
            [b.node("n1", GPU), b.pod("bare", phase="Pending", ready=False)],
            Schedulable(thing=Key("Pod", "default", "bare")),
            ["2: bare tolerates gpu=yes:NoSchedule"],
            id="a-pod-of-no-workload-gets-a-toleration-itself",
        ),
        pytest.param(
            [b.nodes(2), b.deployment("shop", 2), b.budget("shop", {"app": "shop"}, minAvailable=2)],
            Drained(node="n1"),
            ["2: shop minAvailable 1"],
            id="a-budget-is-loosened",
        ),
        pytest.param(
            [b.node("n1"), b.node("n2"), b.pod("bare", "n1")],
            Drained(node="n1"),
            ["2: bare deleted"],
            id="a-pod-that-nobody-makes-again-refuses-a-drain",
        ),
        pytest.param(
            [
                b.node("n1"), b.node("n2", b.taint("x")), b.deployment("shop", 1), b.pod("bare", "n1"),
                b.budget("shop", {"app": "shop"}, maxUnavailable=0),
            ],
            Drained(node="n1"),
            ["4: shop maxUnavailable 1; bare deleted"],
            id="a-budget-behind-a-pod-that-refuses",
        ),
        pytest.param(
            [b.node("n1"), b.daemonset(), b.statefulset("web", 1)],
            Spared(node="n1", key="fire", effect="NoExecute"),
            ["4: agent tolerates fire:NoExecute; web tolerates fire:NoExecute"],
            id="each-workload-has-to-tolerate-a-fire",
        ),
        pytest.param(
            [b.nodes(1), b.deployment("shop", 1, pod={"tolerations": [b.tolerate("fire", _FIRE, 60)]})],
            Spared(node="n1", key="fire", effect="NoExecute"),
            ["2: shop tolerates fire:NoExecute"],
            id="a-toleration-that-runs-out-is-replaced",
        ),
        pytest.param(
            [b.node("n1"), b.daemonset(strategy="OnDelete")],
            Spared(node="n1", key="fire", effect="NoExecute"),
            ["4: agent tolerates fire:NoExecute; agent-* deleted"],
            id="a-pod-that-only-deletion-renews",
        ),
    ],
)  # fmt: skip
def test_a_goal_has_these_remedies(
    documents: list[b.Document | list[b.Document]], goal: Goal, lines: list[str]
) -> None:
    cluster = b.settled(*documents)
    names = {pod.name: "agent-*" for pod in cluster.pods if pod.name.startswith("agent-")}
    found = of(cluster, goal)
    for name, star in names.items():
        found = [line.replace(name, star) for line in found]
    assert found == lines


@pytest.mark.parametrize(
    ("cluster", "goal"),
    [
        pytest.param(b.settled(b.nodes(2), b.daemonset()), RunsOn(workload=AGENT), id="on-all-nodes"),
        pytest.param(b.settled(b.nodes(2), b.deployment("shop")), Schedulable(thing=SHOP), id="schedulable"),
        pytest.param(b.settled(b.nodes(2), b.statefulset()), Unstuck(workload=WEB), id="unstuck"),
        pytest.param(b.settled(b.nodes(2), b.statefulset()), Drained(node="n1"), id="drained"),
        pytest.param(
            b.settled(b.nodes(1), b.daemonset()), Spared(node="n1", key="x", effect="NoSchedule"), id="spared"
        ),
    ],
)
def test_nothing_is_changed_where_a_goal_holds(cluster: Cluster, goal: Goal) -> None:
    found = remedy(cluster, goal)
    assert found.holds
    assert (found.remedies, found.tried, found.conflicts) == ((), 0, ())


@pytest.mark.parametrize(
    "goal",
    [
        pytest.param(RunsOn(workload=Key("DaemonSet", "default", "no")), id="workload"),
        pytest.param(RunsOn(workload=AGENT, nodes=("no",)), id="node"),
        pytest.param(Schedulable(thing=Key("Pod", "default", "no")), id="pod"),
        pytest.param(Unstuck(workload=Key("Deployment", "default", "no")), id="roll-out"),
        pytest.param(Drained(node="no"), id="drain"),
        pytest.param(Spared(node="no", key="x"), id="taint"),
    ],
)
def test_a_goal_names_what_is_there(goal: Goal) -> None:
    with pytest.raises(NotFoundError, match='"no" not found'):
        remedy(b.settled(b.nodes(1), b.daemonset()), goal)


# --- roll-outs ---


def stuck() -> Cluster:
    """A set of two whose last pod has a broken image."""
    before = b.settled(b.nodes(2), b.statefulset("web", 2))
    image = SetImage(kind="StatefulSet", name="web", image="web:broken")
    return b.after(before, image, never_ready=("web-*",))


def test_a_stuck_set_needs_its_earlier_template_and_a_deletion() -> None:
    found = remedy(stuck(), Unstuck(workload=WEB), (), {"neverReady": ["web-*"]})
    assert told(found) == ["4: web its earlier template put back; web-1 deleted"]
    assert [change_to_json(change) for change in found.remedies[0].changes] == [
        {"undo": {"kind": "StatefulSet", "name": "web"}}, {"deletePod": {"pod": "web-1"}},
    ]  # fmt: skip
    assert found.remedies[0].renewed


def test_an_ordinal_may_be_left_to_the_earlier_template() -> None:
    found = remedy(
        stuck(), Unstuck(workload=WEB), (), {"neverReady": ["web-*"]}, never=[EditPattern(edit="undo")]
    )
    assert told(found) == ["5: web partition 2; web-1 deleted"]


def test_changes_have_their_consequences_before_the_goal_is_asked_for() -> None:
    cluster = b.settled(b.nodes(2), b.deployment("shop", 2))
    broken = SetImage(kind="Deployment", name="shop", image="web:broken")
    found = remedy(cluster, Unstuck(workload=SHOP), [broken], {"neverReady": ["shop-*"]})
    assert told(found) == ["2: shop its earlier template put back"]
    tainted = AddTaint(node="n1", key="x", effect="NoSchedule")
    assert remedy(cluster, Drained(node="n2"), [tainted]).holds


def test_a_paused_roll_out_is_resumed() -> None:
    cluster = b.settled(b.nodes(2), b.deployment("shop", 2))
    changes = [Pause(kind="Deployment", name="shop"), SetImage(kind="Deployment", name="shop", image="web:2")]
    assert of(cluster, Unstuck(workload=SHOP), *changes) == ["1: shop resumed"]


# --- weights, prohibitions, limits ---


@pytest.mark.parametrize(
    ("weights", "lines"),
    [
        pytest.param([], ["2: agent tolerates gpu=yes:NoSchedule"], id="as-documented"),
        pytest.param(
            [(EditPattern(edit="taint"), 1)], ["1: n1 without the taint gpu=yes:NoSchedule"], id="taint"
        ),
        pytest.param(
            [(EditPattern(edit="taint"), 1), (EditPattern(kind="Node"), 9)],
            ["2: agent tolerates gpu=yes:NoSchedule"],
            id="the-last-that-matches-counts",
        ),
        pytest.param(
            [(EditPattern(kind="Node", name="n*"), 2)],
            ["2: agent tolerates gpu=yes:NoSchedule", "2: n1 without the taint gpu=yes:NoSchedule"],
            id="all-that-are-as-cheap",
        ),
    ],
)
def test_weights_choose(weights: list[tuple[EditPattern, int]], lines: list[str]) -> None:
    cluster = b.settled(b.node("n1", GPU), b.daemonset())
    assert of(cluster, RunsOn(workload=AGENT, nodes=("n1",)), weights=weights) == lines


def test_a_weight_is_above_nought() -> None:
    cluster = b.settled(b.node("n1", GPU), b.daemonset())
    with pytest.raises(ValueError, match="the weight of taint is 0: expected 1 or more"):
        remedy(cluster, RunsOn(workload=AGENT), weights=[(EditPattern(edit="taint", text="taint"), 0)])


def test_alike_nodes_are_edited_alike() -> None:
    cluster = b.settled(b.node("n1", GPU), b.node("n2", GPU), b.node("n3"), b.daemonset())
    found = remedy(cluster, RunsOn(workload=AGENT), never=[EditPattern(edit="toleration")])
    assert told(found) == ["10: n1 n2 without the taint gpu=yes:NoSchedule"]
    assert [change_to_json(change)["untaint"]["node"] for change in found.remedies[0].changes] == ["n1", "n2"]


def test_no_more_remedies_are_found_than_wanted() -> None:
    cluster = b.settled(b.node("n1", GPU), b.daemonset())
    goal, even = RunsOn(workload=AGENT), [(EditPattern(), 2)]
    assert len(remedy(cluster, goal, weights=even).remedies) == 2
    few = remedy(cluster, goal, weights=even, limit=1)
    assert (len(few.remedies), few.complete) == (1, False)


def test_a_search_that_is_given_up_proves_nothing() -> None:
    cluster = b.settled(
        b.node("n1", unschedulable=True, allocatable=ROOM), b.statefulset("web", 1), b.pod("x", "n1")
    )
    found = remedy(cluster, Schedulable(thing=WEB), tries=0)
    assert (found.remedies, found.complete, found.conflicts, found.tried) == ((), False, (), 0)


# --- what stands against a goal ---


def test_a_conflict_is_a_reason_with_the_prohibitions_that_keep_it() -> None:
    cluster = b.settled(b.node("n1", GPU), b.daemonset())
    never = [EditPattern(kind="Node", text="node/*"), EditPattern(edit="toleration", text="toleration")]
    found = remedy(cluster, RunsOn(workload=AGENT), never=[*never, EditPattern(edit="label", text="label")])
    (conflict,) = found.conflicts
    assert [one.never for one in conflict] == ["", "node/*", "toleration"]
    assert conflict[0].reason is not None
    assert (conflict[0].workload, conflict[0].nodes, conflict[0].reason.key) == (AGENT, ("n1",), "gpu")
    assert found.unmatched == ("label",)
    assert found.complete


def test_each_conflict_is_told() -> None:
    cluster = b.settled(b.node("n1", b.taint("x")), b.node("n2", GPU), b.statefulset("web", 2))
    found = remedy(cluster, RunsOn(workload=WEB), never=[EditPattern(text="*")])
    against = [one.nodes for conflict in found.conflicts for one in conflict if one.reason]
    assert sorted(against) == [("n1",), ("n2",)]


def test_the_cheapest_of_edits_that_are_in_vain_is_told() -> None:
    """The bare pod takes the room that uncordoning the node gives."""
    waits = b.pod("bare", phase="Pending", ready=False, requests={"cpu": "500m"})
    cluster = b.settled(
        b.node("n1", unschedulable=True, allocatable=ROOM),
        b.statefulset("web", 1, pod={"requests": {"cpu": "600m"}}),
        waits,
    )
    found = remedy(cluster, RunsOn(workload=WEB, nodes=("n1",)))
    assert not found.remedies
    assert found.complete
    assert found.tried
    assert found.nearest is not None
    assert [edit.detail for edit in found.nearest.edits] == ["uncordoned"]
    assert [obstacle.on for obstacle in found.nearest.obstacles] == ["Pod/web-0"]


def test_what_the_api_server_refuses_is_no_remedy() -> None:
    """A Job's template can't be changed."""
    cluster = b.after(b.cluster(b.nodes(1), b.job("import")), never_ends=("import-*",))
    found = remedy(cluster, Spared(node="n1", key="fire"), (), {"neverEnds": ["import-*"]})
    assert (found.remedies, found.complete) == ((), True)
    assert "field is immutable" in found.refused
