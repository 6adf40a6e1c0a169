"""Laws of budgets, evictions and drains, over random clusters."""

from __future__ import annotations

import json
from contextlib import suppress
from fractions import Fraction
from math import ceil
from typing import Any

from hypothesis import given, note
from hypothesis import strategies as st

from foretell.logic.disruption import counted, counted_budgets
from foretell.logic.evictions import evicted
from foretell.logic.forecast import forecast
from foretell.logic.simulation import Simulation
from foretell.model.changes import Drain, change_from_json
from foretell.model.cluster import Cluster
from foretell.model.errors import RejectedError
from foretell.model.forecast import Assumptions, Outcome
from foretell.model.objects import Pod
from foretell.model.reading import read
from tests import builders as b
from tests.builders import Document
from tests.logic.strategies import FEW, HALF

WEB, NODES = {"app": "web"}, ("n1", "n2", "n3")

bounds = st.one_of(st.integers(0, 6), st.integers(0, 100).map(lambda share: f"{share}%"))
budget_specs = st.one_of(
    st.builds(lambda bound: {"minAvailable": bound}, bounds),
    st.builds(lambda bound: {"maxUnavailable": bound}, bounds),
    st.just({}),
).flatmap(
    lambda spec: st.sampled_from([spec, {**spec, "unhealthyPodEvictionPolicy": "AlwaysAllow"}])
)  # fmt: skip
selectors = st.sampled_from([
    None, {}, {"matchLabels": WEB}, {"matchLabels": {"app": "db"}},
    {"matchExpressions": [{"key": "app", "operator": "In", "values": ["web", "db"]}]},
    {"matchExpressions": [{"key": "app", "operator": "Exists"}]},
    {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["db"]}]},
    {"matchLabels": WEB, "matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]},
])  # fmt: skip
OWNERS: dict[str, Document | None] = {
    "": None,
    "web": b.owned_by("StatefulSet", "web"),
    "db": b.owned_by("StatefulSet", "db"),
    "front-1": b.owned_by("ReplicaSet", "front-1"),
    "alone": b.owned_by("ReplicaSet", "alone"),
    "agent": b.owned_by("DaemonSet", "agent"),
}
OFTEN = ("", "web", "db", *("front-1", "alone") * 4, "agent")
"""Owners of pods; those whose pods stay as they are occur most, and one that fails budgets rarely."""


def workload(kind: str, name: str, replicas: int, owner: Document | None = None) -> Document:
    """A workload that asks for replicas."""
    template = b.statefulset(name)["spec"]["template"]
    meta: Document = {"name": name, "namespace": "default", **({"ownerReferences": [owner]} if owner else {})}
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": meta, "spec": spec}


@st.composite
def guarded(draw: st.DrawFn, budgets: int = 3) -> list[Document]:
    """Pods of all sorts on three nodes, what owns them, and budgets."""
    numbers = st.integers(0, 6)
    documents = [
        *(b.node(name) for name in NODES),
        b.statefulset("web", draw(numbers)), b.statefulset("db", draw(numbers)),
        workload("Deployment", "front", draw(numbers)),
        workload("ReplicaSet", "front-1", draw(numbers), b.owned_by("Deployment", "front")),
        workload("ReplicaSet", "alone", draw(numbers)), b.daemonset("agent"),
    ]  # fmt: skip
    for number in range(draw(st.integers(0, 8))):
        labels = draw(st.sampled_from([{}, WEB, {"app": "db"}, {**WEB, "tier": "front"}]))
        documents.append(
            b.pod(
                f"pod-{number}", draw(st.sampled_from(NODES)), labels=labels, ready=draw(st.booleans()),
                phase=draw(st.sampled_from(["Running", "Running", "Running", "Pending", "Failed"])),
                terminating=draw(st.integers(0, 4)) == 0, owner=OWNERS[draw(st.sampled_from(OFTEN))],
            )
        )  # fmt: skip
    for number in range(draw(st.integers(1, budgets))):
        document = b.budget(f"budget-{number}", None, **draw(budget_specs))
        selector = draw(selectors)
        document["spec"] |= {} if selector is None else {"selector": selector}
        documents.append(document)
    return documents


# --- the oracle: budgets as the documentation of PodDisruptionBudgets has them ---


def selected(selector: Document | None, labels: dict[str, str]) -> bool:
    """Whether a label selector selects labels."""
    if selector is None:
        return False
    if any(labels.get(key) != value for key, value in selector.get("matchLabels", {}).items()):
        return False
    for each in selector.get("matchExpressions", ()):
        value, values = labels.get(each["key"]), each.get("values", ())
        meets = {
            "In": value in values, "NotIn": value not in values,
            "Exists": value is not None, "DoesNotExist": value is None,
        }  # fmt: skip
        if not meets[each["operator"]]:
            return False
    return True


def scale(pod: Document, documents: list[Document]) -> tuple[str, int | None] | None:
    """The controller that a pod counts for and its replicas; None where it has none, or that has no scale."""
    owners = pod["metadata"].get("ownerReferences")
    if not owners:
        return None
    found = {(each["kind"], each["metadata"]["name"]): each for each in documents}
    owner = found[owners[0]["kind"], owners[0]["name"]]
    above = owner["metadata"].get("ownerReferences")
    if above:
        owner = found[above[0]["kind"], above[0]["name"]]
    name = f"{owner['kind']}/{owner['metadata']['name']}"
    return name, None if owner["kind"] == "DaemonSet" else owner["spec"]["replicas"]


def part(bound: int | str, whole: int) -> int:
    """A number, or a share of a whole, rounded up."""
    return bound if isinstance(bound, int) else ceil(Fraction(int(bound[:-1]), 100) * whole)


def expected_numbers(budget: Document, documents: list[Document]) -> tuple[int, int, int, int] | None:
    """What a budget reports; None where it fails to sync."""
    spec = budget["spec"]
    pods = [
        each for each in documents
        if each["kind"] == "Pod" and selected(spec.get("selector"), each["metadata"]["labels"])
    ]  # fmt: skip
    healthy = sum(
        each["status"]["conditions"][0]["status"] == "True" and "deletionTimestamp" not in each["metadata"]
        for each in pods
    )
    scales = dict(found for each in pods if (found := scale(each, documents)))
    least, most = spec.get("minAvailable"), spec.get("maxUnavailable")
    if isinstance(least, int):
        expected, desired = len(pods), least
    elif least is None and most is None:
        expected, desired = 0, 0
    elif None in scales.values():
        return None
    else:
        expected = sum(number or 0 for number in scales.values())
        desired = part(least, expected) if least is not None else max(0, expected - part(most or 0, expected))
    allowed = max(0, healthy - desired) if expected > 0 else 0
    return allowed, healthy, desired, expected


@given(guarded())
def test_budgets_count_as_the_documentation_says(documents: list[Document]) -> None:
    there = read(json.loads(json.dumps(documents)))
    found = {each.name: each for each in there.budgets} | {each.name: each for each in counted_budgets(there)}
    for document in documents:
        if document["kind"] == "PodDisruptionBudget":
            status = found[document["metadata"]["name"]].status
            numbers = (status.disruptions_allowed, status.current_healthy, status.desired_healthy,
                       status.expected_pods)  # fmt: skip
            wanted = expected_numbers(document, documents)
            if wanted is None:
                assert numbers[0] == 0
                assert [each.reason for each in status.conditions] == ["SyncFailed"]
            else:
                assert numbers == wanted


# --- evictions ---


def well(pod: Pod) -> bool:
    """Whether a pod counts as healthy."""
    return pod.ready and not pod.terminating


def broken(before: Cluster, after: Cluster, budget: Document, documents: list[Document]) -> bool:
    """Whether a budget has lost healthy pods and is below what it desires."""
    selector = budget["spec"].get("selector")
    healthy = [
        sum(well(pod) for pod in there.pods if selected(selector, dict(pod.labels)))
        for there in (before, after)
    ]
    numbers = expected_numbers(budget, documents)
    return numbers is not None and healthy[1] < healthy[0] and healthy[1] < numbers[2]


@given(guarded(budgets=2), st.randoms(use_true_random=False))
def test_no_series_of_evictions_takes_a_budget_below_what_it_desires(
    documents: list[Document], random: Any
) -> None:
    """Unless the pods that go are pending or have ended, which are asked about by no budget."""
    before = read(json.loads(json.dumps(documents)))
    before = before.replaced(counted_budgets(before))
    pods = [pod for pod in before.pods if pod.phase == "Running"]
    random.shuffle(pods)
    change = evicted(before, pods, 0)
    after = before.replaced(change.puts, change.drops)
    note(str(change.answers))
    assert not any(
        broken(before, after, each, documents) for each in documents if each["kind"] == "PodDisruptionBudget"
    )


@given(guarded(budgets=2))
def test_a_series_is_answered_as_its_evictions_are_one_by_one(documents: list[Document]) -> None:
    before = read(json.loads(json.dumps(documents)))
    before = before.replaced(counted_budgets(before))
    at_once = evicted(before, before.pods, 0)
    there, answers = before, []
    for pod in before.pods:
        one = evicted(there, [pod], 0)
        there = there.replaced(one.puts, one.drops)
        answers += one.answers
    assert [(each.pod, each.allowed, each.code) for each in at_once.answers] == [
        (each.pod, each.allowed, each.code) for each in answers
    ]
    assert before.replaced(at_once.puts, at_once.drops) == there


# --- drains ---


@FEW
@given(guarded(), st.booleans())
def test_a_drain_that_settles_leaves_daemon_pods_alone(documents: list[Document], force: bool) -> None:
    before = read(json.loads(json.dumps(documents)))
    story = forecast(before, [Drain(node="n1", kubectl=True, ignore_daemonsets=True, force=force)])
    if story.verdict.outcome is Outcome.SETTLED:
        # What its DaemonSet has let go of since was still its own when the node was drained.
        first = {pod.name: pod for pod in before.pods}
        left = [first.get(pod.name, pod) for pod in story.after.pods_on("n1") if pod.spec.node_name]
        owners = [pod.metadata.controller for pod in left]
        assert [owner.kind if owner else "" for owner in owners] == ["DaemonSet"] * len(owners)


@FEW
@given(guarded())
def test_a_drain_comes_to_an_end_and_says_what_it_waits_for(documents: list[Document]) -> None:
    """Whatever is left of what it set out to remove is named by an obstacle."""
    before = read(json.loads(json.dumps(documents)))
    story = forecast(before, [Drain(node="n1", kubectl=True, ignore_daemonsets=True, force=True)])
    waiting = {each.workload for each in story.verdict.obstacles} | {
        each.on for each in story.verdict.obstacles
    }
    there = {pod.name: pod for pod in before.pods}
    left = {
        f"Pod/{pod.name}" for pod in story.after.pods_on("n1")
        if pod.spec.node_name and pod.name in there and pod.metadata.uid == there[pod.name].metadata.uid
        and not (pod.metadata.controller and pod.metadata.controller.kind == "DaemonSet")
    }  # fmt: skip
    assert left <= waiting


# --- counting what is concerned ---


WORKLOADS = (
    ("StatefulSet", "web"), ("StatefulSet", "db"), ("Deployment", "front"), ("ReplicaSet", "front-1"),
    ("ReplicaSet", "alone"), ("DaemonSet", "agent"),
)  # fmt: skip
edits = st.one_of(
    st.builds(
        lambda which, to: {"scale": {"kind": which[0], "name": which[1], "replicas": to}},
        st.sampled_from(WORKLOADS[:-1]), st.integers(0, 5),
    ),
    st.builds(
        lambda which, how: {"delete": {"kind": which[0], "name": which[1], "cascade": how}},
        st.sampled_from(WORKLOADS), st.sampled_from(["Background", "Orphan", "Foreground"]),
    ),
    st.builds(
        lambda number, app: {"label": {"pod": f"pod-{number}", "labels": {"app": app}}},
        st.integers(0, 7), st.sampled_from(["web", "db", None]),
    ),
    st.builds(
        lambda number, ready: {"podStatus": {"pod": f"pod-{number}", "phase": "Running", "ready": ready}},
        st.integers(0, 7), st.booleans(),
    ),
    st.builds(
        lambda number, spec: {"apply": {**b.budget(f"budget-{number}", WEB, **spec)}},
        st.integers(0, 4), st.sampled_from([{"minAvailable": 1}, {"maxUnavailable": "50%"}]),
    ),
    st.builds(lambda number: {"evict": {"pod": f"pod-{number}"}}, st.integers(0, 7)),
    st.builds(
        lambda node, kubectl: {"drain": {"node": node, "kubectl": kubectl, "force": True}},
        st.sampled_from(NODES), st.booleans(),
    ),
    st.just({"delete": {"kind": "PodDisruptionBudget", "name": "budget-0"}}),
)  # fmt: skip


@HALF
@given(guarded(), st.lists(edits, max_size=4))
def test_counting_the_concerned_is_as_good_as_counting_all(
    documents: list[Document], changes: list[Document]
) -> None:
    """After every change and every step of a forecast no budget's numbers are out of date."""
    there = read(json.loads(json.dumps(documents)))
    simulation = Simulation(there, Assumptions(), frozenset(), 1767225600.0, None)
    simulation.look_around(acting=True)
    for change in [None, *changes]:
        if change is not None:
            with suppress(RejectedError):
                simulation.change(change_from_json(change))
        for _ in range(3):
            simulation.act()
            stale = counted(simulation.cluster, simulation.cluster.budgets, simulation.now).changed
            assert stale == []
            if not simulation.turn_world():
                break
