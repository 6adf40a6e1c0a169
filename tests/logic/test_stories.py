"""Stories of roll-outs and scaling, from the first wave to the last."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from foretell.logic.forecast import forecast
from foretell.logic.gates import gates_with
from foretell.model.changes import (
    AddTaint,
    Apply,
    Change,
    DeletePod,
    Patch,
    Restart,
    Scale,
    SetImage,
    SetLabels,
    SetPodStatus,
)
from foretell.model.cluster import Cluster
from foretell.model.forecast import Assumptions
from tests.builders import after, cluster, daemonset, node, nodes, plan, settled, statefulset

ROLL_AGENT = Restart(kind="DaemonSet", name="agent")
ROLL_WEB = SetImage(kind="StatefulSet", name="web", image="web:2")
SURGE_2 = {"maxUnavailable": 0, "maxSurge": 2}


def scale(to: int) -> Scale:
    """The StatefulSet's replicas."""
    return Scale(kind="StatefulSet", name="web", replicas=to)


def patch(kind: str, name: str, **spec: Any) -> Patch:
    """A change of a workload's spec."""
    return Patch(kind=kind, name=name, with_={"spec": spec})


def failed(name: str) -> SetPodStatus:
    """A pod that has failed."""
    return SetPodStatus(pod=name, phase="Failed", ready=False)


def at_partition(partition: int) -> Cluster:
    """A set of three that has been rolled from a partition on."""
    return after(settled(nodes(1), statefulset(partition=partition)), ROLL_WEB)


STORIES = [
    # --- DaemonSets ---
    pytest.param(
        lambda: settled(nodes(1), daemonset()),
        [Apply(object=node("n2"))],
        ["0 create agent@n2: missing"],
        id="a-node-joins",
    ),
    pytest.param(
        lambda: settled(nodes(4), daemonset(rolling={"maxUnavailable": "50%"})),
        [ROLL_AGENT],
        [
            "0 create revision 2 of agent: new-template",
            "0 delete agent@n1: outdated",
            "0 delete agent@n2: outdated",
            "1 create agent@n1: missing",
            "1 create agent@n2: missing",
            "2 delete agent@n3: outdated",
            "2 delete agent@n4: outdated",
            "3 create agent@n3: missing",
            "3 create agent@n4: missing",
        ],
        id="half-at-a-time",
    ),
    pytest.param(
        lambda: settled(nodes(3), daemonset(rolling=SURGE_2)),
        [ROLL_AGENT],
        [
            "0 create revision 2 of agent: new-template",
            "0 create agent@n1: surge",
            "0 create agent@n2: surge",
            "1 create agent@n3: surge",
            "1 delete agent@n1: surged",
            "1 delete agent@n2: surged",
            "2 delete agent@n3: surged",
        ],
        id="surge",
    ),
    pytest.param(
        lambda: settled(
            node("n1", labels={"disk": "hdd"}),
            node("n2", labels={"disk": "ssd"}),
            daemonset(pod={"nodeSelector": {"disk": "hdd"}}),
        ),
        [patch("DaemonSet", "agent", template={"spec": {"nodeSelector": {"disk": "ssd"}}})],
        [
            "0 create revision 2 of agent: new-template",
            "0 create agent@n2: missing",
            "0 delete agent@n1: not-eligible",
        ],
        id="other-nodes-are-wanted",
    ),
    pytest.param(
        lambda: settled(nodes(2), daemonset()),
        [AddTaint(node="n1", key="maintenance", effect="NoSchedule"), ROLL_AGENT],
        [
            "0 create revision 2 of agent: new-template",
            "0 delete agent@n1: outdated",
            "1 delete agent@n2: outdated",
            "2 create agent@n2: missing",
        ],
        id="a-misplaced-pod-is-rolled-away",
    ),
    pytest.param(
        lambda: settled(nodes(2), daemonset(strategy="OnDelete")),
        [ROLL_AGENT, DeletePod(pod="agent@n2")],
        ["0 create revision 2 of agent: new-template", "1 create agent@n2: missing"],
        id="on-delete",
    ),
    pytest.param(
        lambda: settled(nodes(3), daemonset()),
        [SetPodStatus(pod="agent@n3", phase="Running", ready=False), ROLL_AGENT],
        [
            "0 create revision 2 of agent: new-template",
            "0 delete agent@n3: outdated-unhealthy",
            "1 create agent@n3: missing",
            "2 delete agent@n1: outdated",
            "3 create agent@n1: missing",
            "4 delete agent@n2: outdated",
            "5 create agent@n2: missing",
        ],
        id="the-unhealthy-first",
    ),
    pytest.param(
        lambda: settled(nodes(2), daemonset(revisionHistoryLimit=0)),
        [ROLL_AGENT],
        [
            "0 create revision 2 of agent: new-template",
            "0 delete agent@n1: outdated",
            "1 create agent@n1: missing",
            "2 delete agent@n2: outdated",
            "3 delete revision of agent: history-limit",
            "3 create agent@n2: missing",
        ],
        id="history-is-trimmed-when-nothing-uses-it",
    ),
    pytest.param(
        lambda: settled(nodes(2), daemonset()),
        [SetLabels(node="n1", labels={"disk": "ssd"})],
        [],
        id="a-label-that-nobody-asks-for",
    ),
    # --- StatefulSets ---
    pytest.param(
        lambda: settled(nodes(1), statefulset()),
        [ROLL_WEB],
        [
            "0 create revision 2 of web: new-template",
            "0 delete web-2: outdated",
            "1 create web-2: missing",
            "2 delete web-1: outdated",
            "3 create web-1: missing",
            "4 delete web-0: outdated",
            "5 create web-0: missing",
        ],
        id="from-the-highest-down",
    ),
    pytest.param(
        lambda: settled(nodes(1)),
        [Apply(object=statefulset(parallel=True))],
        [
            "0 create revision 1 of web: new-template",
            "0 create web-0: missing",
            "0 create web-1: missing",
            "0 create web-2: missing",
        ],
        id="parallel",
    ),
    pytest.param(
        lambda: settled(nodes(1), statefulset()),
        [ROLL_WEB, scale(1)],
        [
            "0 create revision 2 of web: new-template",
            "0 delete web-2: scaled-down",
            "1 delete web-1: scaled-down",
            "2 delete web-0: outdated",
            "3 create web-0: missing",
        ],
        id="scale-then-roll",
    ),
    pytest.param(
        lambda: settled(nodes(1), statefulset(parallel=True)),
        [ROLL_WEB, scale(2)],
        [
            "0 create revision 2 of web: new-template",
            "0 delete web-1: outdated",
            "0 delete web-2: scaled-down",
            "1 create web-1: missing",
            "2 delete web-0: outdated",
            "3 create web-0: missing",
        ],
        id="parallel-scale-and-roll",
    ),
    pytest.param(
        lambda: settled(nodes(1), statefulset(partition=2)),
        [ROLL_WEB],
        [
            "0 create revision 2 of web: new-template",
            "0 delete web-2: outdated",
            "1 create web-2: missing",
        ],
        id="partition",
    ),
    pytest.param(
        lambda: at_partition(2),
        [patch("StatefulSet", "web", updateStrategy={"rollingUpdate": {"partition": 1}})],
        ["0 delete web-1: outdated", "1 create web-1: missing"],
        id="partition-lowered",
    ),
    pytest.param(
        lambda: settled(nodes(1), statefulset(replicas=2)),
        [patch("StatefulSet", "web", ordinals={"start": 5})],
        [
            "0 create web-5: missing",
            "1 create web-6: missing",
            "2 delete web-1: scaled-down",
            "3 delete web-0: scaled-down",
        ],
        id="another-start",
    ),
    pytest.param(
        lambda: settled(nodes(1), statefulset()),
        [failed("web-0"), failed("web-1")],
        [
            "0 create web-0: missing",
            "0 delete web-0: failed",
            "1 create web-1: missing",
            "1 delete web-1: failed",
        ],
        id="failures-one-after-the-other",
    ),
    pytest.param(
        lambda: settled(nodes(1), statefulset(replicas=2, claims=["data"])),
        [scale(0)],
        ["0 delete web-1: scaled-down", "1 delete web-0: scaled-down"],
        id="claims-stay",
    ),
]


@pytest.mark.parametrize(("before", "changes", "expected"), STORIES)
def test_a_story_goes(before: Callable[[], Cluster], changes: list[Change], expected: list[str]) -> None:
    assert plan(forecast(before(), changes)) == expected


def revisions(there: Cluster) -> dict[str, str]:
    """The revision label of each pod."""
    return {pod.name: pod.labels["controller-revision-hash"] for pod in there.pods}


def test_below_the_partition_a_pod_comes_back_at_the_current_revision() -> None:
    before = at_partition(2)
    again = after(before, DeletePod(pod="web-0"), DeletePod(pod="web-2"))
    assert revisions(again) == revisions(before)
    assert len(set(revisions(before).values())) == 2


def test_without_a_partition_a_pod_comes_back_at_the_update_revision() -> None:
    """Even if the roll-out hasn't got to it."""
    before = settled(nodes(1), statefulset(partition=0))
    halted = forecast(before, [ROLL_WEB], Assumptions(never_ready=("web-2",))).after
    again = forecast(halted, [DeletePod(pod="web-0")], Assumptions(never_ready=("web-2",))).after
    told = revisions(again)
    assert told["web-0"] == told["web-2"] != told["web-1"]


def test_a_claim_is_used_again_by_the_pod_that_comes_back() -> None:
    before = settled(nodes(1), statefulset(replicas=2, claims=["data"]))
    story = forecast(after(before, scale(1)), [scale(2)])
    assert plan(story) == ["0 create web-1: missing"]
    assert {claim.name: claim.spec.volume_name for claim in story.after.claims} == {
        claim.name: claim.spec.volume_name for claim in before.claims
    }


@pytest.mark.parametrize(
    ("on", "first"),
    [
        pytest.param(True, ["0 delete web-2: outdated", "0 delete web-3: outdated"], id="gate-on"),
        pytest.param(False, ["0 delete web-3: outdated"], id="gate-off"),
    ],
)
def test_several_replicas_are_rolled_at_once_behind_a_gate(first: list[str], *, on: bool) -> None:
    gates = gates_with("1.36", {"MaxUnavailableStatefulSet": on})
    document = statefulset(replicas=4)
    document["spec"]["updateStrategy"] = {"rollingUpdate": {"maxUnavailable": 2}}
    before = forecast(cluster(nodes(1)), [Apply(object=document)], gates=gates).after
    assert plan(forecast(before, [ROLL_WEB], gates=gates, horizon=0))[1:] == first


def test_what_a_workload_reports_is_known_afterwards() -> None:
    there = settled(nodes(3), daemonset(), statefulset(replicas=2))
    (agent,), (web,) = there.daemonsets, there.statefulsets
    assert (agent.status.desired_number_scheduled, agent.status.number_available) == (3, 3)
    assert (web.status.replicas, web.status.available_replicas, web.status.updated_replicas) == (2, 2, 2)
    assert web.status.current_revision == web.status.update_revision
