"""ReplicaSets from the first pod to the last: made, adopted, released, replaced, put in order, let go."""

from __future__ import annotations

from typing import Any

import pytest

from foretell.logic.forecast import forecast
from foretell.model.changes import (
    AddTaint,
    Change,
    Delete,
    DeletePod,
    Drain,
    Evict,
    Scale,
    SetImage,
    SetLabels,
    SetPodStatus,
)
from foretell.model.cluster import Cluster
from foretell.model.forecast import Assumptions, Outcome, Verb
from foretell.model.objects import Pod, ReplicaSet
from tests.builders import (
    Document,
    budget,
    cluster,
    condition,
    node,
    nodes,
    owned_by,
    plan,
    pod,
    replicaset,
    settled,
    taint,
    waiting,
)

WEB = {"app": "web"}
OWN = owned_by("ReplicaSet", "web")
SETTLED = settled(nodes(2), replicaset())


def scale(to: int) -> Scale:
    """The ReplicaSet's replicas."""
    return Scale(kind="ReplicaSet", name="web", replicas=to)


def there(after: Cluster) -> ReplicaSet:
    """The ReplicaSet."""
    found = after.find(ReplicaSet, "web", "default")
    assert found is not None
    return found


def standing(after: Cluster) -> list[str]:
    """The names of the pods that the ReplicaSet controls and that aren't terminating."""
    owned = after.owned_by(there(after).metadata.uid)
    return [thing.name for thing in owned if isinstance(thing, Pod) and not thing.terminating]


def old(
    name: str, on: str = "n1", *, since: str = "2026-01-01T00:00:00Z", uid: str = "", **more: Any
) -> Document:
    """A pod of the ReplicaSet that has been ready since a moment."""
    made = pod(name, on, labels=WEB, owner=OWN, **more)
    made["metadata"] |= {"uid": uid or f"uid-{name}"}
    made["status"]["conditions"] = [condition("Ready", str(more.get("ready", True)), since)]
    return made


def test_a_new_set_makes_all_of_its_pods_at_once() -> None:
    story = forecast(cluster(nodes(2), replicaset()))
    assert plan(story) == ["0 create pod of web: missing"] * 3
    assert story.verdict.outcome is Outcome.SETTLED


def test_its_pods_are_named_after_it_and_follow_its_template() -> None:
    first = next(thing for thing in SETTLED.pods)
    assert first.name.startswith("web-")
    assert len({thing.name for thing in SETTLED.pods}) == 3
    assert first.labels == WEB
    assert [(owner.kind, owner.name, owner.controller) for owner in first.metadata.owner_references] == [
        ("ReplicaSet", "web", True)
    ]


def test_the_part_of_a_long_name_that_fits_is_kept() -> None:
    name = "a" * 70
    after = settled(nodes(1), replicaset(name, 1))
    assert len(after.pods[0].name) == 63


def test_its_status_counts_its_pods() -> None:
    status = there(SETTLED).status
    counted = (
        status.replicas,
        status.fully_labeled_replicas,
        status.ready_replicas,
        status.available_replicas,
    )
    assert (*counted, status.terminating_replicas) == (3, 3, 3, 3, 0)


def test_no_more_than_five_hundred_pods_are_made_in_a_sync_but_all_in_a_wave() -> None:
    story = forecast(cluster(nodes(1), replicaset(replicas=1100, pod={"nodeSelector": {"none": "x"}})))
    assert len(story.waves[0].actions) == 1100


def test_pods_without_an_owner_are_adopted_before_others_are_made() -> None:
    story = forecast(cluster(nodes(1), pod("stray", "n1", labels=WEB), replicaset(replicas=2)))
    assert plan(story) == ["0 patch pod of web: adopted", "0 create pod of web: missing"]


def test_a_stray_that_is_one_too_many_is_adopted_and_one_pod_goes() -> None:
    story = forecast(SETTLED, [SetLabels(kind="Pod", name=SETTLED.pods[0].name, labels={"app": "x"})])
    assert plan(story) == ["0 patch " + SETTLED.pods[0].name + ": released", "0 create pod of web: missing"]
    back = forecast(story.after, [SetLabels(kind="Pod", name=SETTLED.pods[0].name, labels=dict(WEB))])
    assert [action.verb for action in back.actions] == [Verb.PATCH, Verb.DELETE]
    assert len(standing(back.after)) == 3


@pytest.mark.parametrize(
    ("change", "assume"),
    [
        pytest.param(DeletePod(pod="one"), {"never_gone": ("one",)}, id="terminating"),
        pytest.param(SetPodStatus(pod="one", phase="Failed", ready=False), {}, id="failed"),
        pytest.param(SetPodStatus(pod="one", phase="Succeeded", ready=False), {}, id="succeeded"),
        pytest.param(Evict(pod="one"), {"never_gone": ("one",)}, id="evicted"),
        pytest.param(Delete(kind="Pod", name="one", grace=0), {}, id="gone"),
    ],
)
def test_a_pod_that_is_lost_is_replaced_at_once(change: Change, assume: dict[str, Any]) -> None:
    before = settled(nodes(2), old("one"), replicaset(replicas=1))
    story = forecast(before, [change], Assumptions(**assume))
    assert "0 create pod of web: missing" in plan(story)
    assert story.waves[0].turn == 0


def test_a_pod_that_has_failed_is_left_where_it_is() -> None:
    before = settled(nodes(1), old("one"), replicaset(replicas=1))
    story = forecast(before, [SetPodStatus(pod="one", phase="Failed", ready=False)])
    assert story.after.find(Pod, "one", "default") is not None
    assert story.verdict.outcome is Outcome.SETTLED


def test_pods_that_always_fail_end_the_forecast() -> None:
    story = forecast(cluster(nodes(1), replicaset(replicas=1)), (), Assumptions(fails=("web-*",)))
    assert story.verdict.outcome is Outcome.CUT


def test_a_changed_template_changes_no_pod() -> None:
    assert plan(forecast(SETTLED, [SetImage(kind="ReplicaSet", name="web", image="web:2")])) == []


@pytest.mark.parametrize("cascade", ["Background", "Foreground", "Orphan"])
def test_a_deleted_set_takes_its_pods_along_or_leaves_them(cascade: Any) -> None:
    story = forecast(SETTLED, [Delete(kind="ReplicaSet", name="web", cascade=cascade)])
    assert story.after.replicasets == ()
    assert len(story.after.pods) == (3 if cascade == "Orphan" else 0)


VICTIMS = [
    pytest.param([old("a"), old("b", "", phase="Pending", ready=False)], "b", id="unplaced"),
    pytest.param([old("a", ready=False), old("b", phase="Pending", ready=False)], "b", id="not-started"),
    pytest.param([old("a"), old("b", ready=False)], "b", id="not-ready"),
    pytest.param([old("a"), old("b", since="2026-01-01T00:00:59Z")], "b", id="ready-later"),
    pytest.param([old("a", uid="2"), old("b", uid="1")], "b", id="smaller-uid"),
    pytest.param(
        [old("a", uid="1"), old("b", uid="2", since="2025-12-31T23:59:58Z")],
        "a",
        id="ready-for-about-as-long",
    ),
]


@pytest.mark.parametrize(("pods", "victim"), VICTIMS)
def test_the_right_pod_goes_first(pods: list[Document], victim: str) -> None:
    before = cluster(nodes(1), pods, replicaset(replicas=1), pod("clock", "n1"), node("later"))
    story = forecast(before, now=1767225660.0)
    assert [action.name for action in story.actions if action.verb is Verb.DELETE] == [victim]


def test_the_cost_of_a_deletion_counts() -> None:
    cheap, dear, odd = old("a"), old("b"), old("c")
    for made, cost in ((cheap, "-1"), (dear, "10"), (odd, "+5")):
        made["metadata"]["annotations"] = {"controller.kubernetes.io/pod-deletion-cost": cost}
    story = forecast(cluster(nodes(1), cheap, dear, odd, replicaset(replicas=1)))
    assert standing(story.after) == ["b"]


def test_a_set_without_a_deployment_ignores_crowds() -> None:
    pods = [old("a", uid="3"), old("b", uid="2"), old("c", "n2", uid="1")]
    story = forecast(cluster(nodes(2), pods, replicaset(replicas=2)))
    assert standing(story.after) == ["a", "b"]


def test_a_drain_evicts_its_pods_as_far_as_a_budget_allows() -> None:
    before = settled(nodes(1), replicaset(replicas=2), budget("web", WEB, minAvailable=1))
    story = forecast(before, [Drain(node="n1")])
    assert [answer.allowed for answer in story.answers] == [True, False]


def test_a_taint_drives_off_its_pods_at_once_and_others_are_made() -> None:
    before = settled(node("n1"), replicaset(replicas=2))
    story = forecast(before, [AddTaint(node="n1", key="off", effect="NoExecute")])
    assert plan(story) == [
        *["0 create pod of web: missing"] * 2,
        *["0 delete pod of web: no-execute"] * 2,
    ]
    assert waiting(story) == ["ReplicaSet/web: pod of web pod-unplaced"] * 2


def test_pods_that_tolerate_a_taint_for_a_while_go_then() -> None:
    for_a_while = {"key": "off", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 30}
    before = settled(node("n1"), replicaset(replicas=2, pod={"tolerations": [for_a_while]}))
    story = forecast(before, [AddTaint(node="n1", key="off", effect="NoExecute")], horizon=1)
    assert "0 30s delete pod of web: toleration-ended" in plan(story, times=True)


def test_pods_of_a_node_that_is_gone_are_replaced_when_the_collector_comes() -> None:
    before = settled(node("n1"), node("n2", taint("x", "NoSchedule")), replicaset(replicas=1))
    story = forecast(before, [Delete(kind="Node", name="n1")])
    assert [action.verb for action in story.actions] == [Verb.CREATE, Verb.DELETE]


def test_scaling_up_and_down_again_ends_where_it_began() -> None:
    up = forecast(SETTLED, [scale(5)])
    down = forecast(up.after, [scale(3)])
    assert len(standing(up.after)) == 5
    assert len(standing(down.after)) == 3
    assert there(down.after).status.replicas == 3
