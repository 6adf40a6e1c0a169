"""Disruption budgets: what is counted, and what follows for evictions."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from foretell.logic.disruption import counted_budgets
from foretell.logic.evictions import eviction
from foretell.logic.forecast import forecast
from foretell.model.changes import Apply, Change, Wait, change_from_json
from foretell.model.cluster import Cluster
from foretell.model.objects import BudgetStatus, Pod
from tests.builders import Document, budget, cluster, daemonset, nodes, owned_by, pod, settled, statefulset

APP = {"app": "web"}
FIVE = statefulset(replicas=5)


def status(*documents: Document | list[Document]) -> tuple[int, int, int, int]:
    """What the one budget of a settled cluster allows, and its healthy, desired and expected pods."""
    (found,) = settled(*documents).budgets
    numbers = found.status
    return (
        numbers.disruptions_allowed,
        numbers.current_healthy,
        numbers.desired_healthy,
        numbers.expected_pods,
    )


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({"minAvailable": 2}, (3, 5, 2, 5), id="number-as-floor"),
        pytest.param({"minAvailable": "50%"}, (2, 5, 3, 5), id="percentage-as-floor-rounds-up"),
        pytest.param({"maxUnavailable": 1}, (1, 5, 4, 5), id="number-as-ceiling"),
        pytest.param({"maxUnavailable": "50%"}, (3, 5, 2, 5), id="percentage-as-ceiling-rounds-up"),
        pytest.param({"maxUnavailable": 9}, (5, 5, 0, 5), id="ceiling-above-all"),
        pytest.param({"minAvailable": 9}, (0, 5, 9, 5), id="floor-above-all"),
        pytest.param({"maxUnavailable": 0}, (0, 5, 5, 5), id="never"),
    ],
)
def test_a_budget_counts_its_pods(spec: dict[str, Any], expected: tuple[int, int, int, int]) -> None:
    assert status(nodes(1), FIVE, budget("web", APP, **spec)) == expected


def test_a_budget_without_a_selector_covers_no_pod() -> None:
    assert status(nodes(1), FIVE, budget("web", None, minAvailable=1)) == (0, 0, 1, 0)


def test_a_budget_with_an_empty_selector_covers_every_pod_of_its_namespace() -> None:
    elsewhere = pod("bare", "n1")
    elsewhere["metadata"]["namespace"] = "other"
    bare = pod("bare", "n1")
    assert status(nodes(1), bare, elsewhere, FIVE, budget("all", {}, minAvailable=1)) == (5, 6, 1, 6)


def test_bare_pods_have_no_scale() -> None:
    """PB-3: a ceiling is reckoned from the replicas that controllers want; bare pods are passed over."""
    bare = pod("bare", "n1", labels=APP)
    assert status(nodes(1), bare, budget("web", APP, maxUnavailable=1)) == (0, 1, 0, 0)


def test_terminating_and_unready_pods_are_not_healthy() -> None:
    pods = [
        pod("fine", "n1", labels=APP),
        pod("unready", "n1", labels=APP, ready=False),
        pod("going", "n1", labels=APP, terminating=True),
    ]
    (counted,) = counted_budgets(cluster(nodes(1), pods, budget("web", APP, minAvailable=1)))
    assert (counted.status.current_healthy, counted.status.expected_pods) == (1, 3)


def stale(spec: dict[str, Any]) -> Cluster:
    """A budget over daemon pods whose status says that a disruption is allowed."""
    document = budget("agent", {"app": "agent"}, **spec)
    document["status"] = {
        "disruptionsAllowed": 1,
        "currentHealthy": 2,
        "desiredHealthy": 1,
        "expectedPods": 2,
    }
    return settled(nodes(2), daemonset(), document)


@pytest.mark.parametrize(
    "spec", [{"maxUnavailable": 1}, {"minAvailable": "50%"}], ids=["number", "percentage"]
)
def test_a_ceiling_over_daemon_pods_allows_nothing(spec: dict[str, Any]) -> None:
    """PB-3: a DaemonSet has no scale, so that the controller fails safe."""
    (found,) = stale(spec).budgets
    assert found.status.disruptions_allowed == 0


def test_a_number_as_the_floor_counts_daemon_pods_as_well() -> None:
    (found,) = stale({"minAvailable": 1}).budgets
    assert msgspec.structs.replace(found.status, conditions=()) == BudgetStatus(
        disruptions_allowed=1, current_healthy=2, desired_healthy=1, expected_pods=2
    )


def test_budgets_that_are_right_are_left_alone() -> None:
    before = settled(nodes(1), FIVE, budget("web", APP, maxUnavailable=1))
    assert counted_budgets(before) == []


def test_several_budgets_for_one_pod_are_an_error() -> None:
    before = settled(nodes(1), FIVE, *(budget(name, APP, maxUnavailable=2) for name in ("b", "a")))
    allowed, told = eviction(before, before.all(Pod)[0])
    assert not allowed
    assert told is not None
    assert told.name == "a"


CLONES: Document = {
    "apiVersion": "apps.kruise.io/v1alpha1", "kind": "CloneSet",
    "metadata": {"name": "web", "namespace": "default", "uid": "clones"}, "spec": {"replicas": 3},
}  # fmt: skip


def cloned() -> Cluster:
    """Pods of a kind that no controller of the forecast knows, under a budget of half of its replicas."""
    owner = {**owned_by("CloneSet", "web"), "apiVersion": "apps.kruise.io/v1alpha1", "uid": "clones"}
    pods = [pod(f"web-{number}", "n1", labels=APP, owner=owner) for number in range(3)]
    return cluster(nodes(1), CLONES, pods, budget("web", APP, minAvailable="50%"))


def grown(*, to: int) -> Change:
    """The clones ask for other replicas."""
    return Apply(object={**CLONES, "spec": {"replicas": to}})


def test_a_budget_is_counted_anew_when_an_owner_asks_for_other_replicas() -> None:
    """No pod changes by that, and neither does the budget itself."""
    story = forecast(cloned(), [Wait(seconds=1), grown(to=6)], resync=False)
    (found,) = story.after.budgets
    assert (found.status.desired_healthy, found.status.expected_pods) == (3, 6)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"label": {"pod": "web-0", "labels": {"app": None}}}, id="a-pod-leaves"),
        pytest.param({"podStatus": {"pod": "web-0", "phase": "Running", "ready": False}}, id="unready"),
        pytest.param({"deletePod": {"pod": "web-0", "grace": 0}}, id="a-pod-is-gone"),
        pytest.param(
            {"patch": {"kind": "PodDisruptionBudget", "name": "web", "with": {"spec": {"minAvailable": 1}}}},
            id="another-bound",
        ),
        pytest.param(
            {
                "patch": {
                    "kind": "PodDisruptionBudget",
                    "name": "web",
                    "with": {"spec": {"selector": {"matchLabels": {"app": "db"}}}},
                }
            },
            id="another-selector",
        ),
        pytest.param({"apply": budget("other", APP, minAvailable=1)}, id="another-budget"),
        pytest.param({"apply": pod("web-9", "n1", labels=APP)}, id="another-pod"),
    ],
)
def test_a_budget_is_counted_anew_when_what_it_sees_changes(change: Document) -> None:
    story = forecast(cloned(), [Wait(seconds=1), change_from_json(change)], resync=False)
    before = forecast(cloned(), [], resync=False).after
    assert counted_budgets(story.after) == []
    assert story.after.budgets != before.budgets


def test_pods_of_a_deployment_count_by_its_replicas() -> None:
    """PB-3, PB-6: the scale is that of the ReplicaSet's Deployment."""
    spec = {**statefulset("front")["spec"], "replicas": 3}
    kept = {key: spec[key] for key in ("replicas", "selector", "template")}
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "spec": kept}
    meta = {
        "name": "front-1", "namespace": "default", "labels": {"app": "front"},
        "ownerReferences": [owned_by("Deployment", "front")],
    }  # fmt: skip
    replicas = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": meta, "spec": kept}
    deployment["metadata"] = {"name": "front", "namespace": "default"}
    pods = [
        pod(f"front-1-{number}", "n1", labels={"app": "front"}, owner=owned_by("ReplicaSet", "front-1"))
        for number in range(3)
    ]
    told = budget("front", {"app": "front"}, maxUnavailable=1)
    assert status(nodes(1), deployment, replicas, pods, told) == (1, 3, 2, 3)
