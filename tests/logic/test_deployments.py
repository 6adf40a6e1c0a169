"""Deployments from the first ReplicaSet to the last: rolled out, paused, sized, put back, cleaned up."""

from __future__ import annotations

from typing import Any

import pytest

from foretell.logic.edits import edit
from foretell.logic.forecast import forecast
from foretell.model.changes import (
    Change,
    Delete,
    Patch,
    Pause,
    Restart,
    Resume,
    Scale,
    SetImage,
    SetLabels,
    Undo,
    Wait,
)
from foretell.model.cluster import Cluster
from foretell.model.errors import RejectedError
from foretell.model.forecast import Assumptions, Outcome, Reason
from foretell.model.objects import Deployment, ReplicaSet
from tests.builders import Document, after, cluster, deployment, nodes, plan, settled, waiting

REVISION = "deployment.kubernetes.io/revision"
PAUSE, RESUME = Pause(kind="Deployment", name="web"), Resume(kind="Deployment", name="web")
RESTART = Restart(kind="Deployment", name="web", at="2026-01-01T00:00:00Z")
NEVER_READY = Assumptions(never_ready=("web-*",))


def image(tag: int) -> SetImage:
    """The Deployment's image."""
    return SetImage(kind="Deployment", name="web", image=f"web:{tag}")


def scale(to: int) -> Scale:
    """The Deployment's replicas."""
    return Scale(kind="Deployment", name="web", replicas=to)


def patch(**spec: Any) -> Patch:
    """Another specification."""
    return Patch(kind="Deployment", name="web", with_={"spec": spec})


def web(there: Cluster) -> Deployment:
    """The Deployment."""
    found = there.find(Deployment, "web", "default")
    assert found is not None
    return found


def sets(there: Cluster) -> list[tuple[str, int]]:
    """The image and the size of each ReplicaSet, in the order of their revisions."""
    ordered = sorted(there.replicasets, key=lambda each: int(each.metadata.annotations[REVISION]))
    return [(each.spec.template.spec.containers[0].image, each.spec.replicas or 0) for each in ordered]


def condition(there: Cluster, kind: str) -> str:
    """Status and reason of a condition of the Deployment."""
    return next(f"{c.status} {c.reason}" for c in web(there).status.conditions if c.type == kind)


def start(replicas: int = 4, **spec: Any) -> Cluster:
    """A Deployment whose pods are all available."""
    return settled(nodes(2), deployment(replicas=replicas, **spec))


# --- roll-outs ---


def test_a_new_deployment_makes_a_set_with_all_pods() -> None:
    story = forecast(cluster(nodes(1), deployment(replicas=2)))
    [made] = story.after.replicasets
    assert plan(story) == [
        "0 create set of 2 for web: new-template",
        *[f"0 create pod of {made.name}: missing"] * 2,
    ]
    assert story.verdict.outcome is Outcome.SETTLED


def test_a_set_is_called_and_labelled_after_the_hash_of_its_template() -> None:
    there = start(1)
    [made] = there.replicasets
    hashed = made.name.removeprefix("web-")
    assert made.labels == {"app": "web", "pod-template-hash": hashed}
    assert made.spec.selector is not None
    assert made.spec.selector.match_labels == made.labels
    assert [pod.labels for pod in there.pods] == [made.labels]
    owner = made.metadata.controller
    assert owner is not None
    assert (owner.kind, owner.name, owner.block_owner_deletion) == ("Deployment", "web", True)


def test_a_set_remembers_what_its_deployment_wanted() -> None:
    before = cluster(nodes(1), {**deployment(), "metadata": {"name": "web", "annotations": {"note": "x"}}})
    [made] = forecast(before).after.replicasets
    assert made.metadata.annotations == {
        "deployment.kubernetes.io/desired-replicas": "3",
        "deployment.kubernetes.io/max-replicas": "4",
        REVISION: "1",
        "note": "x",
    }


def test_a_name_that_another_set_has_is_not_taken_again() -> None:
    there = start(1)
    [made] = there.replicasets
    spec: Document = {"template": {"spec": {"containers": [{"name": "main", "image": "web:9"}]}}}
    changed = Patch(kind="ReplicaSet", name=made.name, with_={"spec": spec})
    story = forecast(there, [changed, RESTART, image(2), image(1)])
    assert len({each.name for each in story.after.replicasets}) == len(story.after.replicasets)
    assert story.verdict.outcome is Outcome.SETTLED


ROLL_OUTS = [
    pytest.param(3, {}, [(3, 1), (2, 2), (1, 3), (0, 3)], id="quarters-of-three"),
    pytest.param(4, {}, [(3, 2), (1, 4), (0, 4)], id="quarters-of-four"),
    pytest.param(2, {"maxSurge": 0, "maxUnavailable": 1}, [(1, 1), (0, 2)], id="none-more"),
    pytest.param(2, {"maxSurge": "100%", "maxUnavailable": 0}, [(2, 2), (0, 2)], id="all-more"),
    pytest.param(2, {"maxSurge": 0, "maxUnavailable": "100%"}, [(0, 2)], id="all-fewer"),
    pytest.param(
        4, {"maxSurge": "0%", "maxUnavailable": "10%"}, [(3, 1), (2, 2), (1, 3), (0, 4)], id="fence"
    ),
]


@pytest.mark.parametrize(("replicas", "rolling", "sizes"), ROLL_OUTS)
def test_a_roll_out_goes_in_steps(replicas: int, rolling: Document, sizes: list[tuple[int, int]]) -> None:
    """The sizes of the old and the new set after each wave in which the Deployment acts."""
    story = forecast(start(replicas, rolling=rolling), [image(2)])
    assert [tuple(size for _, size in sets(state)) for state in story.states] == sizes


def test_recreate_makes_new_pods_only_when_the_old_ones_are_gone() -> None:
    story = forecast(start(2, strategy="Recreate"), [image(2)])
    old, new = sorted(story.after.replicasets, key=lambda each: each.metadata.annotations[REVISION])
    assert plan(story) == [
        "0 update set of 0 for web: outdated",
        *[f"0 delete pod of {old.name}: scaled-down"] * 2,
        "1 create set of 2 for web: new-template",
        *[f"1 create pod of {new.name}: missing"] * 2,
    ]


def test_recreate_waits_for_a_pod_that_does_not_go() -> None:
    there = start(1, strategy="Recreate")
    story = forecast(there, [image(2)], Assumptions(never_gone=("web-*",)))
    assert story.verdict.outcome is Outcome.STUCK
    assert "Deployment/web: pod of " + there.replicasets[0].name + " pod-terminating" in waiting(story)


def test_a_template_that_changes_in_mid_roll_out_rolls_over() -> None:
    stuck = after(start(), image(2), never_ready=("web-*",))
    story = forecast(stuck, [image(3)])
    assert sets(story.after) == [("web:1", 0), ("web:2", 0), ("web:3", 4)]
    assert story.verdict.outcome is Outcome.SETTLED


def test_a_template_that_changes_at_no_replicas_makes_an_empty_set() -> None:
    story = forecast(start(0), [image(2)])
    assert plan(story) == ["0 create set of 0 for web: new-template"]


def test_a_restart_rolls_all_pods() -> None:
    story = forecast(start(2), [RESTART])
    assert sets(story.after) == [("web:1", 0), ("web:1", 2)]


# --- sizes ---


def test_another_size_is_given_to_the_only_set() -> None:
    story = forecast(start(), [scale(6)])
    assert plan(story)[0] == "0 update set of 6 for web: resized"
    assert sets(story.after) == [("web:1", 6)]


def test_in_mid_roll_out_sets_grow_in_proportion() -> None:
    stuck = after(start(10), image(2), never_ready=("web-*",))
    assert sets(stuck) == [("web:1", 8), ("web:2", 5)]
    assert sets(forecast(stuck, [scale(14)], NEVER_READY).after) == [("web:1", 11), ("web:2", 7)]


def test_a_paused_deployment_is_sized_but_does_not_roll_out() -> None:
    story = forecast(start(), [PAUSE, image(2), scale(6)])
    assert sets(story.after) == [("web:1", 6)]
    assert "Deployment/web: Deployment/web paused" in waiting(story)
    assert condition(story.after, "Progressing") == "Unknown DeploymentPaused"


def test_a_paused_deployment_in_mid_roll_out_grows_in_proportion() -> None:
    stuck = after(start(), image(2), never_ready=("web-*",))
    paused = after(stuck, PAUSE, never_ready=("web-*",))
    assert sets(paused) == [("web:1", 3), ("web:2", 2)]
    assert sets(forecast(paused, [scale(8)], NEVER_READY).after) == [("web:1", 6), ("web:2", 4)]


def test_a_resumed_deployment_rolls_out_once_to_the_last_template() -> None:
    paused = after(start(), PAUSE, image(2), image(3))
    story = forecast(paused, [RESUME])
    assert sets(story.after) == [("web:1", 0), ("web:3", 4)]
    assert story.verdict.outcome is Outcome.SETTLED


def test_a_deployment_that_is_made_paused_makes_no_set() -> None:
    assert plan(forecast(cluster(nodes(1), deployment(paused=True)))) == []


# --- history ---


def test_a_template_that_is_back_has_its_set_used_again() -> None:
    rolled = after(start(2), image(2))
    [first] = [each for each in rolled.replicasets if each.metadata.annotations[REVISION] == "1"]
    story = forecast(rolled, [image(1)])
    assert Reason.ROLLED_BACK in {action.reason for action in story.actions}
    back = story.after.find(ReplicaSet, first.name, "default")
    assert back is not None
    assert back.metadata.annotations[REVISION] == "3"
    assert back.metadata.annotations["deployment.kubernetes.io/revision-history"] == "1"
    assert web(story.after).metadata.annotations[REVISION] == "3"


def test_sets_beyond_the_history_limit_go_when_the_roll_out_is_complete() -> None:
    rolled = after(start(2, revisionHistoryLimit=1), image(2))
    assert sets(rolled) == [("web:1", 0), ("web:2", 2)]
    assert sets(forecast(rolled, [image(3)]).after) == [("web:2", 0), ("web:3", 2)]


def test_sets_beyond_the_limit_stay_while_the_roll_out_is_stuck() -> None:
    rolled = after(start(2, revisionHistoryLimit=0), image(2), never_ready=("web-*",))
    assert sets(rolled) == [("web:1", 2), ("web:2", 1)]


def test_a_raised_min_ready_seconds_reaches_only_the_new_set() -> None:
    rolled = after(start(2), image(2))
    story = forecast(rolled, [patch(minReadySeconds=5)])
    seconds = {
        each.metadata.annotations[REVISION]: each.spec.min_ready_seconds for each in story.after.replicasets
    }
    assert seconds == {"1": 0, "2": 5}


def test_an_annotation_is_copied_to_the_new_set() -> None:
    change = Patch(kind="Deployment", name="web", with_={"metadata": {"annotations": {"note": "x"}}})
    story = forecast(start(2), [change])
    assert plan(story) == ["0 update set of 2 for web: follows"]
    assert story.after.replicasets[0].metadata.annotations["note"] == "x"


def test_a_set_that_is_selected_no_longer_is_let_go_and_another_made() -> None:
    there = start(2)
    [made] = there.replicasets
    story = forecast(there, [SetLabels(kind="ReplicaSet", name=made.name, labels={"app": "loose"})])
    assert f"0 patch set for {made.name}: released" in plan(story)
    assert len(story.after.replicasets) == 2
    assert len(story.after.pods) == 4


def test_an_orphaned_set_is_adopted_by_a_deployment_of_the_same_template() -> None:
    left = after(start(2), Delete(kind="Deployment", name="web", cascade="Orphan"))
    story = forecast(cluster_of(left, deployment(replicas=2)))
    assert [action.reason for action in story.actions] == [Reason.ADOPTED]


def cluster_of(there: Cluster, document: Document) -> Cluster:
    """The cluster with one object more."""
    [made] = cluster(document).all(Deployment)
    return there.replaced([made])


@pytest.mark.parametrize("cascade", ["Background", "Foreground", "Orphan"])
def test_a_deleted_deployment_takes_all_along_or_leaves_all(cascade: Any) -> None:
    story = forecast(start(2), [Delete(kind="Deployment", name="web", cascade=cascade)])
    kept = cascade == "Orphan"
    assert (len(story.after.replicasets), len(story.after.pods)) == ((1, 2) if kept else (0, 0))
    assert story.after.deployments == ()


# --- progress ---


def test_the_status_sums_up_the_sets() -> None:
    status = web(after(start(), image(2), never_ready=("web-*",))).status
    numbers = (status.replicas, status.updated_replicas, status.ready_replicas, status.available_replicas)
    assert (*numbers, status.unavailable_replicas) == (5, 2, 3, 3, 2)


def test_a_complete_roll_out_is_available() -> None:
    assert condition(start(), "Progressing") == "True NewReplicaSetAvailable"
    assert condition(start(), "Available") == "True MinimumReplicasAvailable"


def test_a_roll_out_times_out_once_and_the_forecast_ends() -> None:
    story = forecast(start(2, progressDeadlineSeconds=30), [image(2)], NEVER_READY)
    assert condition(story.after, "Progressing") == "False ProgressDeadlineExceeded"
    assert "Deployment/web: Deployment/web deadline-exceeded" in waiting(story)


def test_a_deadline_that_is_not_waited_for_is_not_over() -> None:
    story = forecast(start(2), [image(2)], NEVER_READY, patience=5)
    assert condition(story.after, "Progressing") == "True ReplicaSetUpdated"


def test_a_roll_out_goes_on_after_its_deadline() -> None:
    late = after(start(2, progressDeadlineSeconds=30), image(2), never_ready=("web-*",))
    story = forecast(late)
    assert story.verdict.outcome is Outcome.SETTLED
    assert condition(story.after, "Progressing") == "True NewReplicaSetAvailable"


def test_a_deployment_of_many_ready_seconds_takes_its_time() -> None:
    story = forecast(start(1, minReadySeconds=60), [image(2)])
    assert [wave.at for wave in story.waves] == [0, 61]


# --- commands ---


def test_undo_puts_the_template_before_back() -> None:
    rolled = after(after(start(2), image(2)), image(3))
    assert sets(forecast(rolled, [Undo(kind="Deployment", name="web")]).after)[-1] == ("web:2", 2)
    assert sets(forecast(rolled, [Undo(kind="Deployment", name="web", to_revision=1)]).after)[-1] == (
        "web:1",
        2,
    )


def test_undo_to_the_present_template_changes_nothing() -> None:
    rolled = after(start(2), image(2))
    assert plan(forecast(rolled, [Undo(kind="Deployment", name="web", to_revision=2)])) == []


REFUSED: list[Any] = [
    pytest.param(
        [PAUSE, RESTART],
        'error: deployments.apps "web" can\'t restart paused deployment (run rollout resume first)',
        id="restart-paused",
    ),
    pytest.param([PAUSE, PAUSE], 'error: deployments.apps "web" is already paused', id="pause-paused"),
    pytest.param([RESUME], 'error: deployments.apps "web" is not paused', id="resume-running"),
    pytest.param(
        [Undo(kind="Deployment", name="web")],
        'error: no rollout history found for deployment "web"',
        id="undo-the-first",
    ),
    pytest.param(
        [Undo(kind="Deployment", name="web", to_revision=7)],
        "error: unable to find specified revision 7 in history",
        id="undo-to-nothing",
    ),
    pytest.param(
        [image(2), Wait(seconds=1), PAUSE, Undo(kind="Deployment", name="web")],
        "error: you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume'"
        " and try again",
        id="undo-paused",
    ),
    pytest.param(
        [scale(-1)], "spec.replicas: Invalid value: -1: must be greater than or equal to 0", id="scale"
    ),
]


@pytest.mark.parametrize(("changes", "sentence"), REFUSED)
def test_commands_are_refused_as_kubectl_does(changes: list[Change], sentence: str) -> None:
    with pytest.raises(RejectedError) as caught:
        forecast(start(1), changes)
    assert str(caught.value).endswith(sentence)


def test_only_deployments_are_paused_and_a_set_is_not_restarted() -> None:
    there = start(1)
    [made] = there.replicasets
    told = []
    for kind in (Pause, Resume, Restart):
        with pytest.raises(RejectedError) as caught:
            edit(there, kind(kind="ReplicaSet", name=made.name), 0.0)
        told.append(str(caught.value).partition(f'"{made.name}" ')[2])
    assert told == ["pausing is not supported", "resuming is not supported", "restarting is not supported"]
