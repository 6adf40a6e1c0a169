"""NoExecute taints drive off every pod that doesn't tolerate them, whoever owns it."""

from __future__ import annotations

from typing import Any

import pytest

from foretell.logic.forecast import forecast
from foretell.model.changes import AddTaint, RemoveTaint, Wait
from foretell.model.cluster import Cluster
from foretell.model.forecast import Action, Forecast, Reason, Verb
from foretell.model.objects import Pod
from tests.builders import Document, cluster, daemonset, nodes, owned_by, pod, settled, statefulset, tolerate

LABELS = {"app": "front"}
TAINTED = AddTaint(node="n1", key="out", effect="NoExecute")
TOLERANT = {"tolerations": [tolerate("out", "NoExecute", 30)]}


def owner(kind: str) -> list[Document]:
    """An owner that wants the one pod that is there, and its own owner."""
    template = {"metadata": {"labels": LABELS}, "spec": {"containers": [{"name": "main", "image": "a"}]}}
    spec: Document = {"selector": {"matchLabels": LABELS}, "template": template}
    spec |= {} if kind == "Job" else {"replicas": 1}
    version = "batch/v1" if kind == "Job" else "apps/v1"
    meta: Document = {"name": "front", "namespace": "default"}
    made = [{"apiVersion": version, "kind": kind, "metadata": meta, "spec": spec}]
    if kind == "ReplicaSet":
        deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {**meta}, "spec": spec}
        meta["ownerReferences"] = [owned_by("Deployment", "front")]
        made.append(deployment)
    return made


def owned(kind: str, **spec: Any) -> Cluster:
    """A pod on n1 of a kind of owner, or of none."""
    if kind == "StatefulSet":
        return settled(nodes(1), statefulset("front", 1, pod=spec))
    if kind == "DaemonSet":
        return settled(nodes(1), daemonset("front", pod=spec))
    if kind == "":
        return cluster(nodes(1), pod("front-0", "n1", labels=LABELS, **spec))
    one = pod("front-0", "n1", labels=LABELS, owner=owned_by(kind, "front"), **spec)
    return cluster(nodes(1), owner(kind), one)


def driven_off(story: Forecast) -> list[tuple[float, Reason]]:
    """When, and why, the node controller deletes pods."""
    return [
        (wave.at, action.reason)
        for wave in story.waves
        for action in wave.actions
        if by_node_controller(action)
    ]


def by_node_controller(action: Action) -> bool:
    """Whether the node controller deletes a pod."""
    return action.verb is Verb.DELETE and "node-controller" in action.by


OWNERS = ["", "ReplicaSet", "Job", "StatefulSet", "DaemonSet"]
each_owner = pytest.mark.parametrize("kind", OWNERS, ids=lambda kind: kind or "nobody")


@each_owner
def test_a_pod_that_does_not_tolerate_the_taint_goes_at_once(kind: str) -> None:
    assert driven_off(forecast(owned(kind), [TAINTED]))[:1] == [(0, Reason.NO_EXECUTE)]


@each_owner
def test_a_pod_that_tolerates_it_for_a_while_goes_then(kind: str) -> None:
    """What its owner makes anew on the same node goes later."""
    story = forecast(owned(kind, **TOLERANT), [TAINTED])
    assert driven_off(story)[:1] == [(30, Reason.TOLERATION_ENDED)]


@each_owner
def test_a_timer_is_called_off_when_the_taint_goes(kind: str) -> None:
    changes = [TAINTED, Wait(seconds=20), RemoveTaint(node="n1", key="out"), Wait(seconds=60)]
    assert driven_off(forecast(owned(kind, **TOLERANT), changes)) == []


@each_owner
def test_a_pod_that_tolerates_it_for_ever_stays(kind: str) -> None:
    before = owned(kind, tolerations=[tolerate("out", "NoExecute")])
    assert driven_off(forecast(before, [TAINTED])) == []


def test_every_pod_has_a_timer_of_its_own() -> None:
    """TE-3, TE-4: the seconds are each pod's, counted from when its node was tainted."""
    stays = [
        pod(f"bare-{seconds}", "n1", tolerations=[tolerate("out", "NoExecute", seconds)])
        for seconds in (10, 20)
    ]
    story = forecast(cluster(nodes(1), stays), [TAINTED])
    assert [(wave.at, action.name) for wave in story.waves for action in wave.actions] == [
        (10, "bare-10"),
        (20, "bare-20"),
    ]


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_pods_that_have_ended_are_driven_off_too(phase: str) -> None:
    """TE-8: the phase isn't looked at."""
    before = cluster(nodes(1), pod("bare", "n1", phase=phase, ready=False))
    assert driven_off(forecast(before, [TAINTED])) == [(0, Reason.NO_EXECUTE)]


def test_a_pod_that_is_driven_off_says_so() -> None:
    """TE-8: the condition is what a Job's failure policy looks at."""
    story = forecast(owned("Job"), [TAINTED], {"neverGone": ["front-0"]})
    found = story.after.find(Pod, "front-0", "default")
    assert found is not None
    assert [(c.type, c.reason) for c in found.status.conditions if c.type == "DisruptionTarget"] == [
        ("DisruptionTarget", "DeletionByTaintManager")
    ]
