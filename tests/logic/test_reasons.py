"""Each reason of the closed set is given where it is due."""

from __future__ import annotations

from typing import Any

import pytest

from foretell.logic.forecast import forecast
from foretell.model.changes import (
    AddTaint,
    Change,
    Delete,
    Restart,
    Scale,
    SetImage,
    SetLabels,
    SetPodStatus,
    Undo,
)
from foretell.model.cluster import Cluster
from foretell.model.forecast import Reason
from tests.builders import (
    Document,
    after,
    cluster,
    daemon_pod,
    daemonset,
    node,
    nodes,
    plan,
    pod,
    revision,
    settled,
    statefulset,
    tolerate,
)

SURGE = {"maxUnavailable": 0, "maxSurge": 1}
WHEN_SCALED: dict[str, Any] = {
    "claims": ["data"],
    "persistentVolumeClaimRetentionPolicy": {"whenScaled": "Delete"},
}
ROLL = Restart(kind="DaemonSet", name="agent")
ROLL_WEB = SetImage(kind="StatefulSet", name="web", image="web:2")
ON_N1, ON_N2 = "agent@n1", "agent@n2"
DAEMONS = settled(nodes(2), daemonset())
SETS = settled(nodes(2), statefulset(replicas=2))


def status(reference: str, phase: str) -> SetPodStatus:
    """A pod that isn't ready."""
    return SetPodStatus(pod=reference, phase=phase, ready=False)


def scale(to: int) -> Scale:
    """The StatefulSet's replicas."""
    return Scale(kind="StatefulSet", name="web", replicas=to)


def delete(kind: str, name: str, cascade: Any = "Background") -> Delete:
    """A deletion."""
    return Delete(kind=kind, name=name, cascade=cascade)


def doubled(pods: int) -> Cluster:
    """A DaemonSet with so many pods on its one node, and two revisions of the same template."""
    workload = daemonset()
    first, second = revision(workload, 1), revision(workload, 2)
    second["metadata"] = {**second["metadata"], "name": "agent-double"}
    second["metadata"]["labels"] = {"app": "agent", "controller-revision-hash": "double"}
    made = [daemon_pod(workload, f"agent-{number}", "n1", first) for number in range(pods)]
    return cluster(nodes(1), workload, first, second, made)


def picky() -> Document:
    """A DaemonSet that wants a label of its nodes."""
    return daemonset(pod={"nodeSelector": {"disk": "ssd"}})


def important(name: str) -> Document:
    """A pod of the highest priority that waits for a node."""
    return pod(name, phase="Pending", ready=False, priorityClassName="system-node-critical")


SHORT = {"tolerations": [tolerate("a", "NoExecute", 5)]}
TAINTED = AddTaint(node="n1", key="a", effect="NoExecute")

GIVEN: dict[Reason, tuple[Cluster, list[Change], str]] = {
    Reason.MISSING: (cluster(nodes(1), daemonset()), [], "0 create agent@n1: missing"),
    Reason.DUPLICATE: (doubled(2), [], "0 delete agent@n1: duplicate"),
    Reason.FAILED: (SETS, [status("web-1", "Failed")], "0 delete web-1: failed"),
    Reason.SUCCEEDED: (DAEMONS, [status(ON_N1, "Succeeded")], "0 delete agent@n1: succeeded"),
    Reason.NOT_ELIGIBLE: (
        settled(node("n1", labels={"disk": "ssd"}), picky()),
        [SetLabels(node="n1", labels={"disk": None})],
        "0 delete agent@n1: not-eligible",
    ),
    Reason.NODE_GONE: (DAEMONS, [delete("Node", "n1")], "0 delete agent@n1: node-gone"),
    Reason.OUTDATED: (DAEMONS, [ROLL], "0 delete agent@n1: outdated"),
    Reason.OUTDATED_UNHEALTHY: (
        DAEMONS,
        [status(ON_N2, "Running"), ROLL],
        "0 delete agent@n2: outdated-unhealthy",
    ),
    Reason.SURGE: (settled(nodes(2), daemonset(rolling=SURGE)), [ROLL], "0 create agent@n1: surge"),
    Reason.SURGED: (settled(nodes(2), daemonset(rolling=SURGE)), [ROLL], "1 delete agent@n1: surged"),
    Reason.SCALED_DOWN: (SETS, [scale(1)], "0 delete web-1: scaled-down"),
    Reason.NEW_TEMPLATE: (SETS, [ROLL_WEB], "0 create revision 2 of web: new-template"),
    Reason.ROLLED_BACK: (
        after(SETS, ROLL_WEB),
        [Undo(kind="StatefulSet", name="web")],
        "0 update revision 3 of web: rolled-back",
    ),
    Reason.SAME_TEMPLATE: (doubled(1), [], "0 delete revision of agent: same-template"),
    Reason.RELABELLED: (doubled(1), [], "0 patch agent@n1: relabelled"),
    Reason.HISTORY_LIMIT: (
        settled(nodes(1), statefulset(replicas=0, revisionHistoryLimit=0)),
        [ROLL_WEB],
        "0 delete revision of web: history-limit",
    ),
    Reason.ADOPTED: (
        cluster(nodes(1), pod("bare", "n1", labels={"app": "agent"}), daemonset()),
        [],
        "0 patch agent@n1: adopted",
    ),
    Reason.RELEASED: (
        DAEMONS,
        [SetLabels(pod=ON_N1, labels={"app": "debug"})],
        "0 create agent@n1: missing",
    ),
    Reason.CLAIM_MISSING: (
        cluster(nodes(1), statefulset(replicas=1, claims=["data"])),
        [],
        "0 create claim data-web-0: claim-missing",
    ),
    Reason.RETENTION: (
        settled(nodes(1), statefulset(replicas=2, **WHEN_SCALED)),
        [scale(1)],
        "0 update claim data-web-1 of Pod/web-1: retention",
    ),
    Reason.OWNER_GONE: (SETS, [delete("StatefulSet", "web")], "0 delete web-0: owner-gone"),
    Reason.OWNER_DELETING: (
        SETS,
        [delete("StatefulSet", "web", "Foreground")],
        "0 delete web-0: owner-deleting",
    ),
    Reason.ORPHANED: (SETS, [delete("StatefulSet", "web", "Orphan")], "0 patch web-0: orphaned"),
    Reason.NO_EXECUTE: (DAEMONS, [TAINTED], "0 delete agent@n1: no-execute"),
    Reason.TOLERATION_ENDED: (
        settled(nodes(1), daemonset(pod=SHORT)),
        [TAINTED],
        "0 delete agent@n1: toleration-ended",
    ),
    Reason.FEASIBLE: (cluster(nodes(1), statefulset()), [], "0 bind web-0 on n1: feasible"),
    Reason.PREEMPTED: (
        cluster(node("n1", allocatable={"pods": 1}), pod("low", "n1"), important("high")),
        [],
        "0 delete low: preempted",
    ),
}


def test_every_reason_is_given_somewhere() -> None:
    assert set(GIVEN) == set(Reason)


@pytest.mark.parametrize("reason", GIVEN)
def test_the_reason_is_given(reason: Reason) -> None:
    before, changes, line = GIVEN[reason]
    story = forecast(before, changes)
    assert line in plan(story, binds=True)
    assert reason in {action.reason for action in story.actions}


def test_a_deletion_by_two_controllers_is_told_once() -> None:
    """The taint manager drives the pod off, and the DaemonSet doesn't let it stay either."""
    (action,) = forecast(DAEMONS, [TAINTED]).actions
    assert action.by == ("daemon-set-controller", "node-controller")
