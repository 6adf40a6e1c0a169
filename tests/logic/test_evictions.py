"""The eviction API: its answers in the order in which it decides, and what it writes."""

from __future__ import annotations

from typing import Any

import pytest

from foretell.logic.evictions import evicted, rulings
from foretell.logic.forecast import forecast
from foretell.model.changes import Evict, Patch
from foretell.model.cluster import Cluster
from foretell.model.forecast import EvictionAnswer
from foretell.model.objects import Pod, PodDisruptionBudget
from tests.builders import Document, budget, cluster, daemonset, nodes, pod, settled

APP = {"app": "web"}
VIOLATES = "Cannot evict pod as it would violate the pod's disruption budget."
FORBIDDEN = 'poddisruptionbudget.policy "web" is forbidden: '
SEVERAL = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."


def guarded(status: Document, generation: int = 1, **spec: Any) -> Document:
    """A budget with the numbers that the disruption controller has reported."""
    document = budget("web", APP, **(spec or {"minAvailable": 2}))
    document["metadata"]["generation"] = generation
    return {**document, "status": {"observedGeneration": 1, "disruptionsAllowed": 0, **status}}


def health(healthy: int, desired: int, allowed: int = 0, **more: Any) -> Document:
    """The numbers of a budget."""
    return {
        "currentHealthy": healthy, "desiredHealthy": desired, "disruptionsAllowed": allowed,
        "expectedPods": healthy, **more,
    }  # fmt: skip


def failed(message: str) -> Document:
    """The condition of a budget that could not be counted."""
    return {"type": "DisruptionAllowed", "status": "False", "reason": "SyncFailed", "message": message}


READY, UNREADY = pod("web-0", "n1", labels=APP), pod("web-0", "n1", labels=APP, ready=False)
PENDING, FAILED = (pod("web-0", "n1", labels=APP, phase=phase) for phase in ("Pending", "Failed"))
BLOCKED = health(2, 2)


def answered(*documents: Document) -> EvictionAnswer:
    """The answer to an eviction of web-0."""
    there = cluster(*documents)
    (ruling,) = rulings(there, [there.all(Pod)[0]])
    return ruling.answer


@pytest.mark.parametrize(
    ("documents", "code", "message"),
    [
        pytest.param([PENDING, guarded(BLOCKED)], 201, "", id="pending"),
        pytest.param([FAILED, guarded(BLOCKED)], 201, "", id="failed"),
        pytest.param(
            [pod("web-0", "n1", labels=APP, terminating=True), guarded(BLOCKED)], 201, "", id="terminating"
        ),
        pytest.param([READY], 201, "", id="no-budget"),
        pytest.param([READY, budget("none", None, minAvailable=1)], 201, "", id="budget-without-a-selector"),
        pytest.param([READY, budget("a", APP), budget("b", {})], 500, SEVERAL, id="several-budgets"),
        pytest.param(
            [PENDING, budget("a", APP), budget("b", {})], 201, "",
            id="pending-under-several-budgets",
        ),
        pytest.param(
            [UNREADY, guarded(health(0, 2), minAvailable=2, unhealthyPodEvictionPolicy="AlwaysAllow")],
            201, "", id="unready-always-allowed",
        ),
        pytest.param([UNREADY, guarded(health(2, 2))], 201, "", id="unready-with-a-healthy-budget"),
        pytest.param(
            [UNREADY, guarded(health(1, 2))], 429,
            f"{VIOLATES} The disruption budget web needs 2 healthy pods and has 1 currently",
            id="unready-with-an-unhealthy-budget",
        ),
        pytest.param(
            [UNREADY, guarded(health(0, 0))], 429,
            f"{VIOLATES} The disruption budget web needs 0 healthy pods and has 0 currently",
            id="unready-with-nothing-desired",
        ),
        pytest.param(
            [READY, guarded(health(9, 2, 7), 2)], 429,
            f"{VIOLATES} The disruption budget web is still being processed by the server.",
            id="budget-has-changed",
        ),
        pytest.param(
            [READY, guarded(health(2, 2, -1))], 403, f"{FORBIDDEN}pdb disruptions allowed is negative",
            id="negative",
        ),
        pytest.param(
            [READY, guarded(health(9, 2, 7, disruptedPods={
                f"web-{n}": "2026-01-01T00:00:00Z" for n in range(2001)}))],
            403, f"{FORBIDDEN}DisruptedPods map too big - too many evictions not confirmed by PDB controller",
            id="too-many-unconfirmed",
        ),
        pytest.param(
            [READY, guarded(health(2, 2))], 429,
            f"{VIOLATES} The disruption budget web needs 2 healthy pods and has 2 currently", id="exhausted",
        ),
        pytest.param(
            [READY, guarded(health(3, 2))], 429,
            f"{VIOLATES} The disruption budget web does not allow evicting pods currently", id="none-left",
        ),
        pytest.param(
            [READY, guarded(health(9, 2, conditions=[failed("no scale")]))], 429,
            f"{VIOLATES} The disruption budget web does not allow evicting pods currently because it failed "
            "sync: no scale",
            id="sync-failed",
        ),
        pytest.param([READY, guarded(health(3, 2, 1))], 201, "", id="allowed"),
    ],
)  # fmt: skip
def test_answers_have_the_servers_code_and_words(documents: list[Document], code: int, message: str) -> None:
    answer = answered(*documents)
    assert (answer.code, answer.message, answer.allowed) == (code, message, code == 201)


def test_a_budget_of_another_namespace_has_no_say() -> None:
    elsewhere = guarded(BLOCKED)
    elsewhere["metadata"]["namespace"] = "other"
    assert answered(READY, elsewhere).allowed


def test_a_status_that_contradicts_itself_is_taken_as_it_is() -> None:
    """More healthy pods than are expected, and fewer than desired at once."""
    odd = guarded({"currentHealthy": 99, "desiredHealthy": -5, "expectedPods": 1, "disruptionsAllowed": 1})
    assert answered(READY, odd).allowed


def test_an_odd_status_is_counted_anew() -> None:
    odd = guarded({"currentHealthy": 99, "desiredHealthy": -5, "expectedPods": 1, "disruptionsAllowed": -3})
    (found,) = settled(nodes(1), READY, odd).budgets
    numbers = found.status
    assert (numbers.current_healthy, numbers.desired_healthy, numbers.expected_pods) == (1, 2, 1)
    assert numbers.disruptions_allowed == 0


def test_a_series_of_evictions_takes_what_the_budget_allows() -> None:
    """The pod that isn't ready is charged to nothing, wherever it stands in the series."""
    pods = [pod(f"web-{number}", "n1", labels=APP, ready=number != 1) for number in range(5)]
    there = cluster(pods, guarded(health(4, 2, 2)))
    edit = evicted(there, there.all(Pod), 0)
    assert [answer.allowed for answer in edit.answers] == [True, True, True, False, False]
    (left,) = [put for put in edit.puts if isinstance(put, PodDisruptionBudget)]
    assert left.status.disruptions_allowed == 0
    assert set(left.status.disrupted_pods) == {"web-0", "web-2"}


def test_an_evicted_pod_says_so() -> None:
    there = cluster(READY)
    (put,) = evicted(there, there.all(Pod), 0).puts
    assert isinstance(put, Pod)
    assert [(c.status, c.reason) for c in put.status.conditions if c.type == "DisruptionTarget"] == [
        ("True", "EvictionByEvictionAPI")
    ]


def remembering(pods: list[Document]) -> Cluster:
    """A budget whose status remembers the eviction of web-0 at the first moment of 2026."""
    return cluster(nodes(1), pods, guarded(health(2, 1, 0, disruptedPods={"web-0": "2026-01-01T00:00:00Z"}),
                                           minAvailable=1))  # fmt: skip


@pytest.mark.parametrize(
    ("terminating", "wait", "remembered"),
    [
        pytest.param(False, 0, ["web-0"], id="awaited"),
        pytest.param(True, 0, [], id="terminating"),
        pytest.param(False, 200, [], id="given-up"),
    ],
)
def test_the_status_remembers_evicted_pods_until_they_go(
    terminating: bool, wait: int, remembered: list[str]
) -> None:
    """PB-4: a pod that is awaited to go isn't healthy for two minutes."""
    going = pod("web-0", "n1", labels=APP, terminating=terminating)
    before = remembering([going, pod("web-1", "n1", labels=APP)])
    story = forecast(before, assume={"neverGone": ["web-0"]}, now=1767225600.0, patience=wait)
    (found,) = story.after.budgets
    assert list(found.status.disrupted_pods) == remembered
    healthy = 1 if remembered or terminating else 2
    assert found.status.current_healthy == healthy


def test_a_budget_that_fails_to_sync_says_why() -> None:
    """PB-3: daemon pods have no scale."""
    there = settled(nodes(1), daemonset(), budget("agent", {"app": "agent"}, maxUnavailable=1))
    (condition,) = there.budgets[0].status.conditions
    assert (condition.type, condition.status, condition.reason, condition.message) == (
        "DisruptionAllowed", "False", "SyncFailed",
        "daemonsets.apps does not implement the scale subresource",
    )  # fmt: skip
    story = forecast(there, [Evict(pod="agent@n1")])
    assert story.answers[0].message.endswith("because it failed sync: " + condition.message)


def test_a_budget_that_was_changed_just_now_is_asked_in_vain() -> None:
    there = settled(nodes(1), READY, pod("web-1", "n1", labels=APP), budget("web", APP, minAvailable=2))
    loosened = Patch(kind="PodDisruptionBudget", name="web", with_={"spec": {"minAvailable": 1}})
    stored = Patch(kind="PodDisruptionBudget", name="web", with_={"metadata": {"generation": 1}})
    said = [answer.code for answer in forecast(there, [stored, loosened, Evict(pod="web-0")]).answers]
    assert said == [429]


def test_a_budget_that_was_never_counted_is_counted_before_anything_is_asked() -> None:
    """A state that was written by hand has no numbers yet."""
    pods = [pod(f"web-{number}", "n1", labels=APP) for number in range(2)]
    before = cluster(nodes(1), pods, budget("web", APP, minAvailable=1))
    story = forecast(before, [Evict(pod="web-0"), Evict(pod="web-1")])
    assert [answer.allowed for answer in story.answers] == [True, False]
