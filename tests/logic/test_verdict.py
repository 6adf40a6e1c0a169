"""The verdict: settled, stuck on every obstacle that there is, or cut."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from foretell.logic.forecast import forecast
from foretell.logic.verdict import SENTENCES
from foretell.model.changes import (
    Change,
    Delete,
    DeletePod,
    Drain,
    Evict,
    Patch,
    Pause,
    Restart,
    Scale,
    SetImage,
    SetPodStatus,
    Wait,
)
from foretell.model.forecast import Assumptions, Forecast, Outcome, Why
from foretell.model.meta import Key
from tests.builders import (
    Document,
    after,
    budget,
    claim,
    cluster,
    daemonset,
    deployment,
    job,
    node,
    nodes,
    plan,
    pod,
    settled,
    statefulset,
    taint,
    waiting,
)

SURGE = {"maxUnavailable": 0, "maxSurge": 1}
WHEN_SCALED: Document = {"persistentVolumeClaimRetentionPolicy": {"whenScaled": "Delete"}}
RESTART = Restart(kind="DaemonSet", name="agent")
KUBECTL = Drain(node="n1", kubectl=True)
UNREADY = [SetPodStatus(pod=f"web-{ordinal}", phase="Running", ready=False) for ordinal in (1, 2)]


FAIL_JOB: Document = {"rules": [{"action": "FailJob", "onExitCodes": {"operator": "In", "values": [1]}}]}


def job_story(
    *,
    patience: float | None = None,
    never_ends: tuple[str, ...] = (),
    job_fails: tuple[str, ...] = (),
    **spec: Any,
) -> Forecast:
    """What becomes of an indexed Job with two indexes."""
    document = job(completions=2, parallelism=2, completionMode="Indexed", **spec)
    assume = Assumptions(never_ends=never_ends, job_fails=job_fails)
    return forecast(cluster(nodes(1), document), (), assume, patience=patience)


def scale(to: int) -> Scale:
    """The StatefulSet's replicas."""
    return Scale(kind="StatefulSet", name="web", replicas=to)


def assuming(**assume: Any) -> Assumptions:
    """Assumptions, each a tuple of patterns."""
    return Assumptions(**assume)


def user(claim_name: str) -> Document:
    """A pod on n1 that uses a claim."""
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": claim_name}}
    return pod("user", "n1", volumes=[volume])


def former(name: str) -> Document:
    """A claim of a pod that is no more."""
    owner = {"apiVersion": "v1", "kind": "Pod", "name": name, "uid": "former", "controller": True}
    document = claim(f"data-{name}")
    return {**document, "metadata": {**document["metadata"], "ownerReferences": [owner]}}


def unselecting() -> Document:
    """A DaemonSet with an empty selector."""
    document = daemonset()
    return {**document, "spec": {**document["spec"], "selector": {}}}


def blocked_scale_down() -> Forecast:
    return forecast(settled(nodes(1), statefulset()), [*UNREADY, scale(1)], assuming(never_ready=("web-*",)))


def blocked_by_a_failure() -> Forecast:
    failure = SetPodStatus(pod="web-2", phase="Failed", ready=False)
    changes = [UNREADY[0], failure, scale(1)]
    return forecast(settled(nodes(1), statefulset()), changes, assuming(never_ready=("web-*",)))


def refused_eviction() -> Forecast:
    before = settled(nodes(2), statefulset(), budget("web", {"app": "web"}, maxUnavailable=1))
    return forecast(before, [Drain(node="n1")], assuming(never_ready=("web-0",)))


def deleted_claim() -> Forecast:
    before = cluster(
        nodes(1), claim("data-web-0"), user("data-web-0"), statefulset(replicas=1, claims=["data"])
    )
    return forecast(before, [Delete(kind="PersistentVolumeClaim", name="data-web-0")])


def former_claim() -> Forecast:
    """The collector deletes the claim, but another pod uses it."""
    web = statefulset(replicas=1, claims=["data"], **WHEN_SCALED)
    return forecast(cluster(nodes(1), former("web-0"), user("data-web-0"), web))


def going_pod() -> Forecast:
    changes = [DeletePod(pod="web-0")]
    return forecast(settled(nodes(1), statefulset()), changes, assuming(never_gone=("web-0",)))


def halted_surge() -> Forecast:
    before = settled(nodes(2), daemonset(rolling=SURGE))
    return forecast(before, [Delete(kind="Node", name="n2"), RESTART], patience=1)


def scaled_up_too_soon() -> Forecast:
    """The claim goes with its pod, and nothing tells the set that it is gone."""
    before = settled(nodes(1), statefulset(replicas=2, claims=["data"], **WHEN_SCALED))
    changes: list[Change] = [scale(1), Wait(seconds=1), scale(2)]
    return forecast(before, changes)


def paused_deployment() -> Forecast:
    """It has another template, but may not roll it out."""
    changes = [Pause(kind="Deployment", name="web"), SetImage(kind="Deployment", name="web", image="web:2")]
    return forecast(settled(nodes(1), deployment(replicas=1)), changes)


def timed_out_deployment() -> Forecast:
    """The only new pod is never ready, which is waited for until the deadline is over."""
    change = SetImage(kind="Deployment", name="web", image="web:2")
    before = settled(nodes(1), deployment(replicas=1))
    return forecast(before, [change], assuming(never_ready=("web-*",)))


def forsaken_daemon_pod() -> Forecast:
    """A pod of a DaemonSet that is gone, while another is there, on a node that is drained."""
    left = settled(nodes(1), daemonset(), daemonset("gone"))
    drain = Drain(node="n1", kubectl=True, ignore_daemonsets=True)
    without = left.replaced(drops=[Key("DaemonSet", "default", "gone")])
    return forecast(without, [drain], assuming(never_gone=("gone-*",)))


def missized_deployment() -> Forecast:
    """In mid-roll-out it gets another size and the strategy Recreate at the same time."""
    before = after(
        settled(nodes(1), deployment(replicas=4)),
        SetImage(kind="Deployment", name="web", image="web:2"),
        never_ready=("web-*",),
    )
    spec = {"replicas": 5, "strategy": {"type": "Recreate", "rollingUpdate": None}}
    return forecast(before, [Patch(kind="Deployment", name="web", with_={"spec": spec})])


STUCK: dict[Why, tuple[Callable[[], Forecast], list[str]]] = {
    Why.POD_TERMINATING: (
        going_pod,
        ["StatefulSet/web: Pod/web-0 pod-terminating"],
    ),
    Why.POD_FAILED: (
        blocked_by_a_failure,
        ["StatefulSet/web: Pod/web-1 pod-blocks-scale-down", "StatefulSet/web: Pod/web-2 pod-failed"],
    ),
    Why.POD_UNPLACED: (
        lambda: forecast(cluster(node("n1", taint("gpu")), statefulset())),
        ["StatefulSet/web: Pod/web-0 pod-unplaced"],
    ),
    Why.POD_NOT_STARTED: (
        lambda: forecast(cluster(nodes(1), statefulset()), (), assuming(never_start=("web-1",))),
        ["StatefulSet/web: Pod/web-1 pod-not-started"],
    ),
    Why.POD_NOT_READY: (
        lambda: forecast(cluster(nodes(1), statefulset()), (), assuming(never_ready=("web-1",))),
        ["StatefulSet/web: Pod/web-1 pod-not-ready"],
    ),
    Why.POD_NOT_AVAILABLE: (
        lambda: forecast(cluster(nodes(1), statefulset(minReadySeconds=600)), patience=1),
        ["StatefulSet/web: Pod/web-0 pod-not-available"],
    ),
    Why.POD_BLOCKS_SCALE_DOWN: (
        blocked_scale_down,
        ["StatefulSet/web: Pod/web-1 pod-blocks-scale-down", "StatefulSet/web: Pod/web-2 pod-not-ready"],
    ),
    Why.POD_ON_LOST_NODE: (halted_surge, ["DaemonSet/agent: agent@n2 pod-on-lost-node"]),
    Why.CLAIM_TERMINATING: (
        deleted_claim,
        ["StatefulSet/web: PersistentVolumeClaim/data-web-0 claim-terminating"],
    ),
    Why.CLAIM_OF_FORMER_POD: (
        former_claim,
        [
            "StatefulSet/web: PersistentVolumeClaim/data-web-0 claim-of-former-pod",
            "StatefulSet/web: PersistentVolumeClaim/data-web-0 claim-terminating",
        ],
    ),
    Why.NAME_TAKEN: (
        lambda: forecast(cluster(nodes(1), pod("web-0", "n1"), statefulset())),
        ["StatefulSet/web: Pod/web-0 name-taken"],
    ),
    Why.BUDGET: (
        refused_eviction,
        ["Pod/web-2: PodDisruptionBudget/web budget", "StatefulSet/web: Pod/web-0 pod-not-ready"],
    ),
    Why.PAUSED: (paused_deployment, ["Deployment/web: Deployment/web paused"]),
    Why.DEADLINE_EXCEEDED: (
        timed_out_deployment,
        [
            "Deployment/web: Deployment/web deadline-exceeded",
            "Deployment/web: pod of web-578f578f4f pod-not-ready",
        ],
    ),
    Why.SEVERAL_BUDGETS: (
        lambda: forecast(
            settled(nodes(1), statefulset(replicas=1), *(budget(b, {"app": "web"}) for b in ("a", "b"))),
            [Evict(pod="web-0")],
        ),
        ["Pod/web-0: PodDisruptionBudget/a several-budgets"],
    ),
    Why.DAEMON_POD: (
        lambda: forecast(settled(nodes(1), daemonset()), [KUBECTL]),
        ["Node/n1: agent@n1 daemon-pod"],
    ),
    Why.DAEMONSET_GONE: (forsaken_daemon_pod, ["Node/n1: gone@n1 daemonset-gone"]),
    Why.LOCAL_DATA: (
        lambda: forecast(
            settled(nodes(1), statefulset(replicas=1, pod={"volumes": [{"name": "tmp", "emptyDir": {}}]})),
            [KUBECTL],
        ),
        ["Node/n1: Pod/web-0 local-data"],
    ),
    Why.NO_CONTROLLER: (
        lambda: forecast(cluster(nodes(1), pod("bare", "n1")), [KUBECTL]),
        ["Node/n1: Pod/bare no-controller"],
    ),
    Why.MISSIZED: (
        missized_deployment,
        [
            "Deployment/web: Deployment/web deadline-exceeded",
            "Deployment/web: Deployment/web missized",
        ],
    ),
    Why.ASLEEP: (scaled_up_too_soon, ["StatefulSet/web: StatefulSet/web asleep"]),
    Why.SELECTS_EVERYTHING: (
        lambda: forecast(cluster(nodes(1), unselecting())),
        ["DaemonSet/agent: DaemonSet/agent selects-everything"],
    ),
    Why.POD_RUNS: (lambda: job_story(never_ends=("hash-0-*",)), ["Job/hash: hash-0 pod-runs"]),
    Why.BACKS_OFF: (
        lambda: job_story(patience=2, job_fails=("hash-0-*",), backoffLimit=3),
        ["Job/hash: Job/hash backs-off"],
    ),
    Why.SUSPENDED: (lambda: job_story(suspend=True), ["Job/hash: Job/hash suspended"]),
    Why.FAILED_TOO_OFTEN: (
        lambda: job_story(job_fails=("*",), backoffLimit=0),
        ["Job/hash: Job/hash failed-too-often"],
    ),
    Why.FAILED_BY_DEADLINE: (
        lambda: job_story(never_ends=("*",), activeDeadlineSeconds=9),
        ["Job/hash: Job/hash failed-by-deadline"],
    ),
    Why.FAILED_BY_POLICY: (
        lambda: job_story(job_fails=("*",), podFailurePolicy=FAIL_JOB),
        ["Job/hash: Job/hash failed-by-policy"],
    ),
    Why.FAILED_INDEXES: (
        lambda: job_story(job_fails=("hash-0-*",), backoffLimitPerIndex=0),
        ["Job/hash: Job/hash failed-indexes"],
    ),
}


def test_every_reason_to_wait_is_told_in_words() -> None:
    assert set(SENTENCES) == set(Why)
    assert all(sentence and remedy for sentence, remedy in SENTENCES.values())


@pytest.mark.parametrize("why", Why)
def test_a_stuck_forecast_names_its_obstacles(why: Why) -> None:
    ask, expected = STUCK[why]
    story = ask()
    assert story.verdict.outcome is Outcome.STUCK
    assert waiting(story) == expected
    assert why in {obstacle.why for obstacle in story.verdict.obstacles}


def test_obstacles_say_what_is_wrong_and_what_would_help() -> None:
    story = forecast(cluster(node("n1", taint("gpu")), statefulset()))
    (obstacle,) = story.verdict.obstacles
    assert (obstacle.sentence, obstacle.remedy) == SENTENCES[Why.POD_UNPLACED]


def test_obstacles_come_by_workload_and_number() -> None:
    before = cluster(nodes(1), daemonset(), statefulset(replicas=12, parallel=True))
    story = forecast(before, (), assuming(never_ready=("agent@*", "web-2", "web-10")))
    assert waiting(story) == [
        "DaemonSet/agent: agent@n1 pod-not-ready",
        "StatefulSet/web: Pod/web-2 pod-not-ready",
        "StatefulSet/web: Pod/web-10 pod-not-ready",
    ]


def test_a_mended_template_does_not_mend_a_broken_roll_out() -> None:
    """STS-43: the ordered set waits for the broken pod; deleting it by hand helps."""
    broken, mended = (SetImage(kind="StatefulSet", name="web", image=image) for image in ("web:2", "web:3"))
    stuck = after(settled(nodes(1), statefulset()), broken, never_ready=("web-2",))
    story = forecast(stuck, [mended], assuming(never_ready=("web-2",)))
    assert plan(story) == ["0 create revision 3 of web: new-template"]
    assert waiting(story) == ["StatefulSet/web: Pod/web-2 pod-not-ready"]
    helped = forecast(stuck, [mended, DeletePod(pod="web-2")])
    assert helped.verdict.outcome is Outcome.SETTLED


def test_a_mended_template_mends_a_broken_roll_out_of_a_daemonset() -> None:
    broken, mended = (SetImage(kind="DaemonSet", name="agent", image=image) for image in ("app:2", "app:3"))
    stuck = after(settled(nodes(2), daemonset()), broken, never_ready=("agent@n1",))
    assert plan(forecast(stuck, [mended]))[:2] == [
        "0 create revision 3 of agent: new-template",
        "0 delete agent@n1: outdated-unhealthy",
    ]


def test_a_surge_that_fits_nowhere_hangs() -> None:
    """DS-50: beside the old pod there is no room for its host port."""
    before = settled(nodes(2), daemonset(rolling=SURGE, pod={"host_port": 80}))
    story = forecast(before, [RESTART])
    assert plan(story) == ["0 create revision 2 of agent: new-template", "0 create agent@n1: surge"]
    assert waiting(story) == ["DaemonSet/agent: agent@n1 pod-unplaced"]


def test_a_set_whose_pods_are_still_outdated_under_on_delete_is_settled() -> None:
    before = settled(nodes(1), daemonset(strategy="OnDelete"))
    story = forecast(before, [RESTART])
    assert plan(story) == ["0 create revision 2 of agent: new-template"]
    assert story.verdict.outcome is Outcome.SETTLED
