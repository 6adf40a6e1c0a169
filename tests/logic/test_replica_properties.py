"""Laws that hold of every forecast of ReplicaSets and Deployments, whatever state they are in."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretell.logic.forecast import forecast
from foretell.logic.simulation import Simulation
from foretell.model.changes import Scale, SetImage
from foretell.model.cluster import Cluster
from foretell.model.forecast import Forecast, Outcome, Verb
from foretell.model.meta import Key, Object
from foretell.model.objects import Deployment, Pod, ReplicaSet
from tests import builders as b
from tests.builders import Document
from tests.logic.strategies import FEW, HALF, TAINTS, Scenario, one_by_one, story_of

WEB = "web"
IMAGES = ("web:1", "web:2", "web:3")
MOMENTS = ("2026-01-01T00:00:00Z", "2026-01-01T00:00:30Z", "2026-01-01T00:00:31Z", "2026-01-01T00:00:58Z")
BOUNDS: tuple[Document, ...] = (
    {},
    {"maxSurge": 1, "maxUnavailable": 0},
    {"maxSurge": 0, "maxUnavailable": 1},
    {"maxSurge": "50%", "maxUnavailable": "50%"},
    {"maxSurge": "10%", "maxUnavailable": "10%"},
    {"maxSurge": 0, "maxUnavailable": "100%"},
    {"maxSurge": 3, "maxUnavailable": 2},
)
STATES: tuple[dict[str, Any], ...] = (
    {}, {}, {}, {"ready": False}, {"phase": "Pending", "ready": False}, {"phase": "Failed", "ready": False},
    {"terminating": True},
)  # fmt: skip
ASSUMPTIONS: tuple[Document, ...] = (
    {}, {}, {"never_ready": ("web-*",)}, {"never_start": ("web-*",)}, {"never_gone": ("*-1",)},
    {"fails": ("web-*",)}, {"dead_nodes": ("n1",)},
)  # fmt: skip


# --- random sets and pods ---


@st.composite
def nodes(draw: st.DrawFn) -> list[Document]:
    """Up to three nodes, with a taint here and there."""
    taints = st.lists(st.sampled_from(TAINTS), max_size=1)
    return [b.node(f"n{index}", *draw(taints)) for index in range(1, draw(st.integers(1, 3)) + 1)]


@st.composite
def pods(draw: st.DrawFn, owner: str, labels: dict[str, str], on: list[str]) -> list[Document]:
    """Pods of a ReplicaSet in any state."""
    found = []
    for serial in range(draw(st.integers(0, 6))):
        state = draw(st.sampled_from(STATES))
        place = "" if state.get("phase") == "Pending" and draw(st.booleans()) else draw(st.sampled_from(on))
        made = b.pod(
            f"{owner}-{serial}", place, labels=labels, owner=b.owned_by("ReplicaSet", owner), **state
        )
        meta, status = made["metadata"], made["status"]
        meta |= {"generateName": f"{owner}-", "creationTimestamp": draw(st.sampled_from(MOMENTS[:2]))}
        meta |= {"uid": f"{draw(st.integers(0, 9))}-{owner}-{serial}"}
        if cost := draw(st.sampled_from(["", "", "-1", "7", "x"])):
            meta["annotations"] = {"controller.kubernetes.io/pod-deletion-cost": cost}
        status["conditions"][0]["lastTransitionTime"] = draw(st.sampled_from(MOMENTS))
        if restarts := draw(st.sampled_from([0, 0, 2])):
            status["containerStatuses"] = [{"name": "main", "restartCount": restarts}]
        found.append(made)
    return found


@st.composite
def bare_sets(draw: st.DrawFn) -> list[Document]:
    """A ReplicaSet without a Deployment, with pods in any state and strays near it."""
    documents = draw(nodes())
    on = [each["metadata"]["name"] for each in documents]
    seconds: Document = {"minReadySeconds": 20} if draw(st.booleans()) else {}
    documents.append(b.replicaset(WEB, draw(st.integers(0, 5)), **seconds))
    documents += draw(pods(WEB, {"app": WEB}, on))
    if draw(st.booleans()):
        documents.append(b.pod("stray", draw(st.sampled_from(on)), labels={"app": WEB}))
    return documents


@st.composite
def deployments(draw: st.DrawFn) -> list[Document]:
    """A Deployment with up to three ReplicaSets, in the midst of anything."""
    documents = draw(nodes())
    on = [each["metadata"]["name"] for each in documents]
    strategy = draw(st.sampled_from(["RollingUpdate", "RollingUpdate", "RollingUpdate", "Recreate"]))
    rolling = draw(st.sampled_from(BOUNDS)) if strategy == "RollingUpdate" else {}
    spec: Document = {"revisionHistoryLimit": draw(st.integers(0, 2))}
    spec |= {"paused": True} if draw(st.integers(0, 5)) == 0 else {}
    spec |= {"minReadySeconds": 20} if draw(st.integers(0, 5)) == 0 else {}
    web = b.deployment(
        WEB,
        draw(st.integers(0, 5)),
        image=draw(st.sampled_from(IMAGES)),
        rolling=rolling,
        strategy=strategy,
        **spec,
    )
    documents.append(web)
    for number, image in enumerate(IMAGES[: draw(st.integers(0, 3))], start=1):
        name = f"{WEB}-{number}"
        labels = {"app": WEB, "pod-template-hash": str(number)}
        made = b.replicaset(name, draw(st.integers(0, 4)), image=image)
        made["metadata"] |= {
            "labels": labels, "ownerReferences": [b.owned_by("Deployment", WEB)],
            "creationTimestamp": draw(st.sampled_from(MOMENTS[:2])),
            "annotations": {"deployment.kubernetes.io/revision": str(number)},
        }  # fmt: skip
        if draw(st.booleans()):
            sizes = draw(st.sampled_from([(3, 4), (5, 7), (2, 0)]))
            for key, size in zip(("desired", "max"), sizes, strict=True):
                made["metadata"]["annotations"][f"deployment.kubernetes.io/{key}-replicas"] = str(size)
        made["spec"] |= {"selector": {"matchLabels": labels}}
        made["spec"]["template"]["metadata"]["labels"] = labels
        made["status"] = {"replicas": draw(st.integers(0, 4)), "availableReplicas": draw(st.integers(0, 4))}
        documents += [made, *draw(pods(name, labels, on))]
    return documents


@st.composite
def changes(draw: st.DrawFn, documents: list[Document]) -> list[Document]:
    """Up to two changes of the workload, its nodes or pods."""
    kind = "Deployment" if any(each["kind"] == "Deployment" for each in documents) else "ReplicaSet"
    whom = {"kind": kind, "name": WEB}
    choices: list[Document] = [
        {"drain": {"node": "n1"}},
        {"cordon": {"node": "n1"}},
        {"taint": {"node": "n1", "key": "maintenance", "effect": "NoExecute"}},
        {"delete": {"kind": "Node", "name": "n1"}},
        *({"scale": {**whom, "replicas": size}} for size in (0, 1, 3, 7)),
        *({"image": {**whom, "image": image}} for image in (*IMAGES, "web:4")),
        *({"delete": {**whom, "cascade": cascade}} for cascade in ("Background", "Foreground", "Orphan")),
    ]
    if kind == "Deployment":
        choices += [{"pause": whom}, {"resume": whom}, {"undo": whom}, {"restart": {**whom, "at": "now"}}]
    return draw(st.lists(st.sampled_from(choices), max_size=2))


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """A cluster with a ReplicaSet or a Deployment, changes and assumptions."""
    documents = draw(st.one_of(bare_sets(), deployments()))
    change = draw(changes(documents))
    return Scenario(json.dumps(documents), json.dumps(change), json.dumps(draw(st.sampled_from(ASSUMPTIONS))))


# --- every forecast ---


@HALF
@given(scenarios())
def test_alike_pods_told_once_or_one_by_one_give_the_same_forecast(scenario: Scenario) -> None:
    grouped = story_of(scenario)
    with one_by_one():
        single = story_of(scenario)
    assert grouped.waves == single.waves
    assert grouped.verdict == single.verdict
    assert grouped.after == single.after


@HALF
@given(scenarios())
def test_a_settled_cluster_is_at_rest_and_as_it_is_wanted(scenario: Scenario) -> None:
    story = story_of(scenario)
    assert (story.verdict.outcome is Outcome.STUCK) == (
        bool(story.verdict.obstacles) and not story.verdict.note
    )
    if story.verdict.outcome is Outcome.SETTLED:
        assert b.plan(forecast(story.after), binds=True) == []
        for each in story.after.replicasets:
            if not each.terminating:
                assert len(standing(story.after, each)) == each.spec.replicas
                assert each.status.replicas == each.spec.replicas
        for workload in story.after.deployments:
            if not workload.terminating and not workload.spec.paused:
                as_it_is_wanted(story.after, workload)


def as_it_is_wanted(there: Cluster, workload: Deployment) -> None:
    """Only the new set has pods, as many as are wanted; no more old sets are there than the limit allows."""
    [*old, new] = sorted(sets_of(there, workload), key=lambda each: bool(each.spec.replicas))
    assert [each.spec.replicas for each in old] == [0] * len(old)
    assert new.spec.replicas == workload.spec.replicas
    if workload.spec.replicas:
        wanted = workload.spec.template.spec.containers[0].image
        assert new.spec.template.spec.containers[0].image == wanted
    assert len(old) <= (workload.spec.revision_history_limit or 0)
    status = workload.status
    assert status.replicas == status.updated_replicas == status.available_replicas == workload.spec.replicas


def standing(there: Cluster, workload: ReplicaSet) -> list[Pod]:
    """The pods that a set counts on."""
    owned = (pod for _, pod in there.owned_pods(workload.metadata.uid))
    return [pod for pod in owned if not pod.terminating and not pod.finished]


def sets_of(there: Cluster, workload: Deployment) -> list[ReplicaSet]:
    """The ReplicaSets of a Deployment."""
    owned = there.owned_by(workload.metadata.uid)
    return [thing for thing in owned if isinstance(thing, ReplicaSet)]


@FEW
@given(bare_sets())
def test_pods_go_in_one_order(documents: list[Document]) -> None:
    """Which pods go when fewer are wanted are those that go when more are, and others."""
    before = b.settled(documents)
    [workload] = before.replicasets
    gone: set[str] = set()
    for size in range(workload.spec.replicas or 0, -1, -1):
        story = forecast(before, [Scale(kind="ReplicaSet", name=WEB, replicas=size)], patience=0)
        now = {action.name for action in story.actions if action.verb is Verb.DELETE and action.kind == "Pod"}
        assert gone <= now
        assert len(now) == (workload.spec.replicas or 0) - size
        gone = now


# --- roll-outs ---


class Watched(Simulation):
    """A simulation that keeps every state in mind."""

    seen: list[Cluster]

    def commit(self, objects: Iterable[tuple[Key, Object | None]]) -> bool:
        """Write objects, and keep the state."""
        changed = super().commit(objects)
        Watched.seen.append(self.cluster)
        return changed


def watched(before: Cluster, change: SetImage) -> tuple[Forecast, list[Cluster]]:
    """The forecast of a change, and every state on the way."""
    Watched.seen = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("foretell.logic.forecast.Simulation", Watched)
        story = forecast(before, [change])
    return story, Watched.seen


def resolved(bound: int | str | None, total: int, *, up: bool) -> int:
    """A bound as a number."""
    if isinstance(bound, str):
        return -(-int(bound[:-1]) * total // 100) if up else int(bound[:-1]) * total // 100
    return bound or 0


@FEW
@given(st.integers(1, 12), st.sampled_from(BOUNDS), st.sampled_from([0, 10]))
def test_a_roll_out_never_leaves_its_bounds(replicas: int, rolling: Document, seconds: int) -> None:
    before = b.settled(b.nodes(2), b.deployment(WEB, replicas, rolling=rolling, minReadySeconds=seconds))
    story, states = watched(before, SetImage(kind="Deployment", name=WEB, image="web:2"))
    bounds = {"maxSurge": "25%", "maxUnavailable": "25%", **rolling}
    surge = resolved(bounds["maxSurge"], replicas, up=True)
    missable = min(replicas, resolved(bounds["maxUnavailable"], replicas, up=False)) or int(not surge)
    for state in states:
        [workload] = state.deployments
        sets = sets_of(state, workload)
        assert sum(each.spec.replicas or 0 for each in sets) <= replicas + surge
        ready = [pod for each in sets for pod in standing(state, each) if pod.ready]
        assert len(ready) >= replicas - missable
    assert story.verdict.outcome is Outcome.SETTLED
