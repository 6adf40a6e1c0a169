"""Each reason of the closed set is given where it is due."""

from __future__ import annotations

from typing import Any

import pytest

from foretell.logic.forecast import forecast
from foretell.model.changes import (
    AddTaint,
    Apply,
    Change,
    Delete,
    Drain,
    Patch,
    Restart,
    Scale,
    SetImage,
    SetLabels,
    SetPodStatus,
    Undo,
    Wait,
)
from foretell.model.cluster import Cluster
from foretell.model.forecast import Reason
from tests.builders import (
    Document,
    after,
    budget,
    cluster,
    cronjob,
    daemon_pod,
    daemonset,
    deployment,
    job,
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
ROLL_SHOP = SetImage(kind="Deployment", name="shop", image="shop:2")
SHOP = settled(nodes(2), deployment("shop", 8))
SHOP_ROLLING = after(SHOP, ROLL_SHOP, never_ready=("shop-*",))
SETS = settled(nodes(2), statefulset(replicas=2))
INDEXES = job(completions=2, parallelism=2, completionMode="Indexed")
JOBS = after(cluster(nodes(1), INDEXES), never_ends=("*",))
REPORTS = cluster(nodes(1), cronjob(schedule="* * * * *", concurrencyPolicy="Replace")).at(1767225600)


def status(reference: str, phase: str) -> SetPodStatus:
    """A pod that isn't ready."""
    return SetPodStatus(pod=reference, phase=phase, ready=False)


def scale_shop(to: int) -> Scale:
    """The Deployment's replicas."""
    return Scale(kind="Deployment", name="shop", replicas=to)


def patch_job(**spec: Any) -> Patch:
    """The Job's specification with other values."""
    return Patch(kind="Job", name="hash", with_={"spec": spec})


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
    Reason.ROLLS_OUT: (SHOP, [ROLL_SHOP], "0 update set of 4 for shop: rolls-out"),
    Reason.RESIZED: (SHOP, [scale_shop(9)], "0 update set of 9 for shop: resized"),
    Reason.SHARED: (SHOP_ROLLING, [scale_shop(16)], "0 update set of 12 for shop: shared"),
    Reason.FOLLOWS: (
        SHOP,
        [Patch(kind="Deployment", name="shop", with_={"metadata": {"annotations": {"note": "x"}}})],
        "0 update set of 8 for shop: follows",
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
    Reason.DRAINED: (
        settled(nodes(1), statefulset(replicas=2), budget("web", {"app": "web"}, maxUnavailable=1)),
        [Apply(object=node("n2")), Drain(node="n1", kubectl=True)],
        "2 evict web-1: drained",
    ),
    Reason.FEASIBLE: (cluster(nodes(1), statefulset()), [], "0 bind web-0 on n1: feasible"),
    Reason.COUNTED: (cluster(nodes(1), job()), [], "2 patch hash: counted"),
    Reason.UNTRACKED: (JOBS, [patch_job(suspend=True)], "0 patch hash-1: untracked"),
    Reason.SUSPENDED: (JOBS, [patch_job(suspend=True)], "0 delete hash-1: suspended"),
    Reason.OUT_OF_RANGE: (
        JOBS,
        [patch_job(completions=1, parallelism=1)],
        "0 delete hash-1: out-of-range",
    ),
    Reason.DUPLICATE_INDEX: (
        JOBS,
        [
            Patch(
                kind="Pod",
                name=JOBS.pods[1].name,
                with_={"metadata": {"annotations": {"batch.kubernetes.io/job-completion-index": "0"}}},
            )
        ],
        "0 delete hash-1: duplicate-index",
    ),
    Reason.JOB_OVER: (JOBS, [patch_job(activeDeadlineSeconds=0)], "0 delete hash-1: job-over"),
    Reason.EXPIRED: (cluster(nodes(1), job(ttlSecondsAfterFinished=0)), [], "2 delete hash: expired"),
    Reason.SCHEDULED: (REPORTS, [Wait(seconds=60)], "0 create report-29453761: scheduled"),
    Reason.REPLACED: (REPORTS, [Wait(seconds=120)], "0 delete report-29453761: replaced"),
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
