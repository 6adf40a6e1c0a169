"""Changes: each is made as the API server or kubectl would, or refused without a trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from foretell.logic.carried import moment_of
from foretell.logic.edits import edit
from foretell.logic.forecast import forecast
from foretell.model.changes import (
    AddTaint,
    Apply,
    Change,
    Cordon,
    Delete,
    DeletePod,
    Drain,
    Evict,
    Patch,
    RemoveTaint,
    Restart,
    Scale,
    SetAnnotations,
    SetImage,
    SetLabels,
    SetNodeReady,
    SetPodStatus,
    Uncordon,
    Undo,
)
from foretell.model.cluster import Cluster
from foretell.model.errors import NotFoundError, RejectedError
from foretell.model.forecast import Assumptions, Outcome
from foretell.model.meta import Object
from foretell.model.objects import DaemonSet, Node, PersistentVolumeClaim, Pod, StatefulSet
from tests.builders import (
    Document,
    after,
    budget,
    daemonset,
    node,
    nodes,
    plan,
    pod,
    settled,
    statefulset,
    taint,
    waiting,
)

WEB: dict[str, Any] = {"kind": "StatefulSet", "name": "web"}
AGENT: dict[str, Any] = {"kind": "DaemonSet", "name": "agent"}


def changed(before: Cluster, *changes: Change) -> Cluster:
    """A cluster right after changes, before any controller has acted."""
    for change in changes:
        one = edit(before, change, moment_of(before))
        before = before.replaced(one.puts, one.drops)
    return before


def names(there: Cluster) -> list[str]:
    """The names of all pods."""
    return [pod.name for pod in there.pods]


# --- drains, evictions and budgets ---


def test_a_drain_evicts_all_but_daemon_pods() -> None:
    before = settled(nodes(2), daemonset(), statefulset(replicas=1), pod("bare", "n2"))
    story = forecast(before, [Drain(node="n1"), Drain(node="n2")])
    assert plan(story, binds=True) == ["1 create web-0: missing"]
    assert "bare" not in names(story.after)
    assert [(answer.pod, answer.allowed) for answer in story.answers] == [("web-0", True), ("bare", True)]


def test_a_drain_goes_as_far_as_budgets_allow() -> None:
    before = settled(nodes(1), statefulset(), budget("web", {"app": "web"}, maxUnavailable=1))
    story = forecast(before, [Apply(object=node("n2")), Drain(node="n1")])
    assert [(answer.pod, answer.allowed, answer.budget) for answer in story.answers] == [
        ("web-0", True, "web"),
        ("web-1", False, "web"),
        ("web-2", False, "web"),
    ]
    assert plan(story) == ["1 create web-0: missing"]
    assert waiting(story) == [f"Pod/web-{ordinal}: PodDisruptionBudget/web budget" for ordinal in (1, 2)]


def test_evictions_in_a_row_are_charged_at_once() -> None:
    before = settled(nodes(1), statefulset(parallel=True), budget("web", {"app": "web"}, minAvailable="34%"))
    story = forecast(before, [Evict(pod=f"web-{ordinal}") for ordinal in range(3)])
    assert [answer.allowed for answer in story.answers] == [True, False, False]


def test_an_unready_pod_is_evicted_while_enough_others_are_healthy() -> None:
    before = settled(nodes(1), statefulset(), budget("web", {"app": "web"}, minAvailable=2))
    unready = after(before, SetPodStatus(pod="web-2", phase="Running", ready=False), never_ready=("web-2",))
    story = forecast(unready, [Evict(pod="web-2"), Evict(pod="web-1")], Assumptions(never_ready=("web-2",)))
    assert [answer.allowed for answer in story.answers] == [True, False]


def test_controllers_do_not_ask_budgets() -> None:
    """C-12: neither roll-outs nor scale-downs nor taints are held up."""
    before = settled(nodes(2), statefulset(replicas=2), budget("web", {"app": "web"}, maxUnavailable=0))
    story = forecast(before, [SetImage(**WEB, image="web:2"), Scale(**WEB, replicas=1)])
    assert plan(story)[1:] == [
        "0 delete web-1: scaled-down",
        "1 delete web-0: outdated",
        "2 create web-0: missing",
    ]


def test_budgets_are_counted_again_as_pods_come_and_go() -> None:
    before = settled(nodes(1), statefulset(), budget("web", {"app": "web"}, maxUnavailable=1))
    (counted,) = forecast(before, [Scale(**WEB, replicas=5)]).after.budgets
    status = counted.status
    assert (status.expected_pods, status.desired_healthy, status.current_healthy) == (5, 4, 5)
    assert status.disruptions_allowed == 1


# --- deletions ---


@pytest.mark.parametrize("name", ["agent", "web"])
@pytest.mark.parametrize("cascade", ["Background", "Foreground"])
def test_a_deleted_workload_takes_its_pods_along(name: str, cascade: Any) -> None:
    before = settled(nodes(1), daemonset(), statefulset(replicas=2, claims=["data"]))
    kind = "DaemonSet" if name == "agent" else "StatefulSet"
    story = forecast(before, [Delete(kind=kind, name=name, cascade=cascade)])
    assert [pod for pod in names(story.after) if pod.startswith(name)] == []
    assert [w.name for w in story.after.workloads] == [other for other in ("agent", "web") if other != name]
    assert [revision.name.rpartition("-")[0] for revision in story.after.revisions] != [name]
    assert len(story.after.all(PersistentVolumeClaim)) == 2


def test_in_the_foreground_the_owner_goes_last() -> None:
    before = settled(nodes(1), statefulset(replicas=1))
    story = forecast(before, [Delete(**WEB, cascade="Foreground")])
    assert [(len(state.statefulsets), len(state.pods)) for state in story.states] == [(1, 1)]
    assert (story.after.statefulsets, story.after.pods) == ((), ())


def test_claims_go_with_the_set_where_the_policy_says_so() -> None:
    policy: Document = {"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete"}}
    before = settled(nodes(1), statefulset(replicas=2, claims=["data"], **policy))
    assert forecast(before, [Delete(**WEB)]).after.claims == ()


def test_orphans_are_adopted_by_a_workload_that_comes_back() -> None:
    before = settled(nodes(1), statefulset(replicas=2))
    orphaned = after(before, Delete(**WEB, cascade="Orphan"))
    assert [pod.metadata.owner_references for pod in orphaned.pods] == [(), ()]
    story = forecast(orphaned, [Apply(object=statefulset(replicas=2, image="web:2"))])
    assert plan(story) == [
        "0 patch revision of web: adopted",
        "0 create revision 2 of web: new-template",
        "0 patch web-0: adopted",
        "0 patch web-1: adopted",
        "0 delete web-1: outdated",
        "1 create web-1: missing",
        "2 delete web-0: outdated",
        "3 create web-0: missing",
    ]


def test_a_bare_pod_that_is_adopted_beside_another_is_deleted_if_it_is_the_younger() -> None:
    before = settled(nodes(1), daemonset())
    bare = Apply(object=pod("bare", "n1", labels={"app": "agent"}))
    assert [line.partition(" ")[2] for line in plan(forecast(before, [bare]))] == [
        "patch agent@n1: adopted",
        "delete agent@n1: duplicate",
    ]


@pytest.mark.parametrize(("grace", "moments"), [(None, 1), (0, 0)], ids=["with-grace", "at-once"])
def test_a_pod_that_is_deleted_goes_after_its_grace(grace: int | None, moments: int) -> None:
    story = forecast(settled(nodes(1), statefulset(replicas=1)), [DeletePod(pod="web-0", grace=grace)])
    assert plan(story) == [f"{moments} create web-0: missing"]


def test_a_claim_that_is_in_use_stays_until_its_pod_goes() -> None:
    before = settled(nodes(1), statefulset(replicas=1, claims=["data"]))
    gone = Delete(kind="PersistentVolumeClaim", name="data-web-0")
    story = forecast(before, [gone])
    assert [(claim.name, claim.terminating) for claim in story.after.claims] == [("data-web-0", True)]
    again = forecast(story.after, [Scale(**WEB, replicas=0)])
    assert again.after.claims == ()


# --- roll-outs by kubectl ---


@pytest.mark.parametrize("to_revision", [0, 1])
def test_undo_brings_an_old_template_back(to_revision: int) -> None:
    before = settled(nodes(1), daemonset())
    rolled = after(before, SetImage(**AGENT, image="agent:2"))
    story = forecast(rolled, [Undo(**AGENT, to_revision=to_revision)])
    assert plan(story) == [
        "0 update revision 3 of agent: rolled-back",
        "0 delete agent@n1: outdated",
        "1 create agent@n1: missing",
    ]
    (workload,) = story.after.all(DaemonSet)
    assert workload.spec.template == before.daemonsets[0].spec.template


def test_undo_to_the_present_template_changes_nothing() -> None:
    before = after(settled(nodes(1), daemonset()), SetImage(**AGENT, image="agent:2"))
    assert plan(forecast(before, [Undo(**AGENT, to_revision=2)])) == []


def test_a_restart_marks_the_template() -> None:
    story = forecast(settled(nodes(1), statefulset(replicas=1)), [Restart(**WEB, at="2026-02-03T04:05:06Z")])
    (pod_after,) = story.after.all(Pod)
    assert pod_after.metadata.annotations == {"kubectl.kubernetes.io/restartedAt": "2026-02-03T04:05:06Z"}


def test_an_image_may_be_set_by_container() -> None:
    two = {"containers": [{"name": "main", "image": "a:1"}, {"name": "side", "image": "b:1"}]}
    before = settled(nodes(1), statefulset(replicas=1, pod=two))
    changed = after(before, SetImage(**WEB, image="b:2", container="side"))
    (workload,) = changed.all(StatefulSet)
    assert [container.image for container in workload.spec.template.spec.containers] == ["a:1", "b:2"]


def test_the_generation_counts_changes_of_the_spec() -> None:
    before = settled(nodes(1), statefulset(replicas=1))
    once = after(
        before, Scale(**WEB, replicas=2), SetLabels(**WEB, labels={"a": "b"}), Scale(**WEB, replicas=2)
    )
    generations = [there.statefulsets[0].metadata.generation for there in (before, once)]
    assert generations[1] - generations[0] in (0, 1)
    assert once.statefulsets[0].status.observed_generation == generations[1]


# --- labels and annotations ---


@pytest.mark.parametrize(
    ("named", "find"),
    [
        pytest.param({"node": "n1"}, lambda there: there.nodes[0], id="node"),
        pytest.param({"pod": "web-0"}, lambda there: there.find(Pod, "web-0", "default"), id="pod"),
        pytest.param({"pod": "agent@n1"}, lambda there: _of(there, "agent"), id="pod-of-owner-on-node"),
        pytest.param(WEB, lambda there: there.statefulsets[0], id="workload"),
    ],
)
def test_labels_and_annotations_are_set_and_removed_alike(
    named: dict[str, str], find: Callable[[Cluster], Object]
) -> None:
    marks: dict[str, str | None] = {"a": "1", "b": "2"}
    before = settled(nodes(1), daemonset(), statefulset(replicas=1))
    found = [
        find(changed(before, first, second)).metadata
        for first, second in (
            (SetLabels(**named, labels=marks), SetLabels(**named, labels={"a": None, "b": "3"})),
            (
                SetAnnotations(**named, annotations=marks),
                SetAnnotations(**named, annotations={"a": None, "b": "3"}),
            ),
        )
    ]
    assert [found[0].labels.get(key) for key in "ab"] == [None, "3"]
    assert [found[1].annotations.get(key) for key in "ab"] == [None, "3"]
    assert found[0].generation == found[1].generation == find(before).metadata.generation


def _of(there: Cluster, owner: str) -> Pod:
    """The one pod of an owner."""
    (found,) = (p for p in there.pods if p.metadata.controller and p.metadata.controller.name == owner)
    return found


def test_an_annotation_moves_no_controller() -> None:
    before = settled(nodes(1), daemonset(), statefulset(replicas=1))
    story = forecast(before, [SetAnnotations(**WEB, annotations={"a": "1"})])
    assert (story.waves, story.verdict.outcome) == ((), Outcome.SETTLED)
    assert story.after.statefulsets[0].metadata.annotations["a"] == "1"


# --- nodes ---


def test_a_new_node_is_ready_and_gets_its_daemon_pods() -> None:
    """A person who adds one gives no status: the node's own agent would."""
    manifest = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n2"}}
    story = forecast(settled(nodes(1), daemonset()), [Apply(object=manifest)])
    assert [line for line in plan(story) if "agent@n2" in line] == ["0 create agent@n2: missing"]
    assert [(c.type, c.status) for c in story.after.nodes[1].status.conditions] == [("Ready", "True")]
    assert [p.ready for p in story.after.pods_on("n2")] == [True]


def test_a_new_node_takes_pods_that_had_no_room() -> None:
    before = after(
        settled(node("n1", taint("k", "NoSchedule")), statefulset(replicas=0)), Scale(**WEB, replicas=1)
    )
    manifest = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n2"}}
    assert [p.spec.node_name for p in before.pods] == [""]
    assert [p.spec.node_name for p in after(before, Apply(object=manifest)).pods] == ["n2"]


def test_a_node_that_is_applied_again_keeps_its_conditions() -> None:
    manifest = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1", "labels": {"disk": "ssd"}}}
    before = settled(node("n1", ready="Unknown"))
    (there,) = changed(before, Apply(object=manifest)).nodes
    assert there.labels["disk"] == "ssd"
    assert there.status.conditions == before.nodes[0].status.conditions


def test_the_pods_of_a_deleted_node_go_and_those_of_sets_come_back_elsewhere() -> None:
    before = settled(nodes(1), daemonset(), statefulset(replicas=1))
    more = after(before, Apply(object=node("n2")))
    story = forecast(more, [Delete(kind="Node", name="n1")])
    assert "0 delete agent@n1: node-gone" in plan(story)
    assert sorted((p.spec.node_name, p.ready) for p in story.after.pods) == [("n2", True)] * 2


def test_a_taint_replaces_the_one_of_its_key_and_effect() -> None:
    first, second = (AddTaint(node="n1", key="gpu", value=value, effect="NoSchedule") for value in ("a", "b"))
    changed = after(settled(nodes(1)), first, second, AddTaint(node="n1", key="gpu", effect="NoExecute"))
    assert [(t.key, t.value, t.effect) for t in changed.nodes[0].spec.taints] == [
        ("gpu", "b", "NoSchedule"),
        ("gpu", "", "NoExecute"),
    ]


@pytest.mark.parametrize(("effect", "left"), [("NoSchedule", 1), ("", 0)], ids=["one", "every-effect"])
def test_a_taint_is_taken_off_by_its_effect_or_every_one(effect: str, left: int) -> None:
    before = settled(nodes(1))
    both = [AddTaint(node="n1", key="gpu", effect=each) for each in ("NoSchedule", "NoExecute")]
    changed = after(before, *both, RemoveTaint(node="n1", key="gpu", effect=effect))
    assert len(changed.nodes[0].spec.taints) == left


def test_a_cordon_keeps_new_pods_off_but_daemon_pods() -> None:
    before = settled(nodes(2), daemonset(), statefulset(replicas=1))
    changes: list[Change] = [Cordon(node="n1"), DeletePod(pod="agent@n1"), DeletePod(pod="web-0")]
    assert plan(forecast(before, changes), binds=True) == [
        "1 create agent@n1: missing",
        "1 bind agent@n1: feasible",
        "1 create web-0: missing",
        "1 bind web-0 on n2: feasible",
    ]


def test_after_an_uncordon_nothing_moves_back() -> None:
    drained = after(settled(nodes(2), statefulset(replicas=1)), Drain(node="n1"))
    story = forecast(drained, [Uncordon(node="n1")])
    assert plan(story) == []
    assert [there.spec.taints for there in story.after.all(Node)] == [(), ()]


# --- refusals ---

REFUSED: list[tuple[Change, type[RejectedError], str]] = [
    (Cordon(node="n9"), NotFoundError, 'nodes "n9" not found'),
    (DeletePod(pod="agent@n9"), NotFoundError, 'pods "agent@n9" not found'),
    (Scale(kind="StatefulSet", name="db", replicas=1), NotFoundError, 'statefulsets.apps "db" not found'),
    (SetAnnotations(node="n9", annotations={"a": "b"}), NotFoundError, 'nodes "n9" not found'),
    (
        SetAnnotations(node="n1", annotations={"a b": "c"}),
        RejectedError,
        'metadata.annotations: Invalid value: "a b"',
    ),
    (Scale(**WEB, replicas=-1), RejectedError, "spec.replicas: Invalid value: -1"),
    (Patch(**WEB, with_={"spec": {"serviceName": "other"}}), RejectedError, "updates to statefulset spec"),
    (SetImage(**WEB, image="a", container="side"), RejectedError, 'unable to find container named "side"'),
    (Undo(**WEB), RejectedError, "no last revision to roll back to"),
    (Undo(**WEB, to_revision=7), RejectedError, "unable to find specified revision 7"),
    (Undo(kind="Node", name="n1"), RejectedError, "no rollbacker has been implemented for Node"),
    (RemoveTaint(node="n1", key="gpu"), RejectedError, 'taint "gpu" not found'),
    (AddTaint(node="n1", key="gpu", effect="Sometimes"), RejectedError, 'Unsupported value: "Sometimes"'),
]


@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    REFUSED,
    ids=lambda value: type(value).__name__ if isinstance(value, Change) else None,
)
def test_a_change_is_refused_in_the_servers_words(
    change: Change, error: type[RejectedError], sentence: str
) -> None:
    before = settled(nodes(1), statefulset(replicas=1))
    with pytest.raises(error, match=sentence.replace(".", r"\.")):
        forecast(before, [change])


def test_a_refusal_leaves_nothing_behind() -> None:
    before = settled(nodes(2), statefulset(replicas=1))
    untouched = forecast(before, []).after
    with pytest.raises(RejectedError):
        forecast(before, [Scale(**WEB, replicas=3), Cordon(node="n9")])
    assert forecast(before, []).after == untouched
    assert before.statefulsets[0].spec.replicas == 1


# --- nodes that fail ---


def test_a_silent_node_loses_its_pods_after_five_minutes_but_for_daemon_pods() -> None:
    before = settled(nodes(3), daemonset(), statefulset(replicas=2))
    story = forecast(before, [SetNodeReady(node="n1", status="Unknown")], Assumptions(dead_nodes=("n1",)))
    assert plan(story, times=True) == ["0 300s delete web-0: toleration-ended"]
    assert [(t.key, t.effect) for t in story.after.nodes[0].spec.taints] == [
        ("node.kubernetes.io/unreachable", "NoExecute"),
        ("node.kubernetes.io/unreachable", "NoSchedule"),
    ]
    assert waiting(story) == ["StatefulSet/web: Pod/web-0 pod-terminating"]


def test_a_node_that_comes_back_frees_its_pods() -> None:
    before = settled(nodes(3), daemonset(), statefulset(replicas=2))
    silent = after(before, SetNodeReady(node="n1", status="Unknown"), dead_nodes=("n1",))
    story = forecast(silent, [SetNodeReady(node="n1", status="True")])
    assert plan(story) == ["1 create web-0: missing"]
    assert story.after.nodes[0].spec.taints == ()
    assert story.verdict.outcome is Outcome.SETTLED


@pytest.mark.parametrize(
    ("silent", "evicted"),
    [
        pytest.param(["n1"], True, id="one-of-five"),
        pytest.param(["n1", "n2"], True, id="two-of-five"),
        pytest.param(["n1", "n2", "n3"], False, id="three-of-five"),
        pytest.param(["n1", "n2", "n3", "n4", "n5"], False, id="all"),
    ],
)
def test_a_disrupted_zone_is_not_emptied(silent: list[str], *, evicted: bool) -> None:
    before = settled(nodes(5), pod("bare", "n1"))
    story = forecast(before, [SetNodeReady(node=name, status="Unknown") for name in silent])
    assert (plan(story) == ["0 delete bare: toleration-ended"]) is evicted


def test_one_zone_of_several_may_be_emptied_as_a_whole() -> None:
    zones = [
        node(f"n{number}", labels={"topology.kubernetes.io/zone": f"z{number % 2}"}) for number in range(6)
    ]
    before = settled(zones, pod("bare", "n1"))
    story = forecast(before, [SetNodeReady(node=f"n{number}", status="Unknown") for number in (1, 3, 5)])
    assert plan(story) == ["0 delete bare: toleration-ended"]


def test_daemon_pods_are_not_made_where_a_node_is_not_ready() -> None:
    before = settled(node("n1", ready="False"), node("n2"))
    assert plan(forecast(before, [Apply(object=daemonset())]))[1:] == ["0 create agent@n2: missing"]
