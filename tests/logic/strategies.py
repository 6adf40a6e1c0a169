"""Random clusters with workloads and pods in any state, and random changes of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from unittest.mock import patch

from hypothesis import reject, settings
from hypothesis import strategies as st

from foretell.logic.facts import facts_of
from foretell.logic.forecast import forecast
from foretell.model.changes import Change, change_from_json
from foretell.model.cluster import Cluster
from foretell.model.errors import RejectedError
from foretell.model.forecast import Assumptions, Forecast
from foretell.model.reading import read
from tests import builders as b
from tests.builders import Document

HALF = settings(max_examples=settings().max_examples // 2)
FEW = settings(max_examples=settings().max_examples // 4)
"""For properties whose every example costs one forecast, or several."""


@dataclass(frozen=True)
class Scenario:
    """A cluster, changes and assumptions as JSON, so that it can be told, remembered and repeated."""

    objects: str
    changes: str = "[]"
    assume: str = "{}"

    @property
    def cluster(self) -> Cluster:
        """The cluster before the changes."""
        return read(json.loads(self.objects))

    def told(self) -> tuple[list[Change], Assumptions]:
        """The changes and the assumptions."""
        return [change_from_json(each) for each in json.loads(self.changes)], Assumptions(
            **json.loads(self.assume)
        )


def story_of(scenario: Scenario) -> Forecast:
    """The forecast of a scenario; one whose changes the API server refuses is no example."""
    try:
        return forecast(scenario.cluster, *scenario.told())
    except RejectedError:
        reject()


@contextmanager
def one_by_one() -> Iterator[None]:
    """Have the rules told of everything by itself, of nothing as standing for others."""
    apart = partial(facts_of, grouped=False)
    with patch("foretell.logic.diff.facts_of", apart), patch("foretell.logic.verdict.facts_of", apart):
        yield


# --- nodes ---

TAINTS = (
    b.taint("maintenance", "NoSchedule"),
    b.taint("maintenance", "NoExecute"),
    b.taint("gpu", "NoSchedule", "yes"),
    b.taint("spot", "PreferNoSchedule"),
)
TOLERATIONS = (
    b.tolerate("maintenance", "NoSchedule"),
    b.tolerate("maintenance", "NoExecute"),
    b.tolerate("maintenance", "NoExecute", 30),
    b.tolerate("gpu"),
    b.tolerate(),
    {"key": "gpu", "operator": "Equal", "value": "no"},
)
_RARELY = st.integers(0, 9).map(lambda number: number == 9)
_OFTEN = st.integers(0, 3).map(bool)


def _some(choices: tuple[Document, ...], most: int) -> st.SearchStrategy[list[Document]]:
    return st.lists(st.sampled_from(choices), max_size=most, unique_by=lambda each: json.dumps(each))


@st.composite
def node_lists(draw: st.DrawFn, most: int = 5) -> list[Document]:
    """Nodes n1, n2, … with labels, taints, a cordon or a condition here and there."""
    found = []
    for index in range(1, draw(st.integers(1, most)) + 1):
        labels = {"zone": draw(st.sampled_from("ab"))}
        labels |= {"disk": "ssd"} if draw(st.booleans()) else {}
        taints = draw(_some(TAINTS, 2)) if draw(_RARELY) or draw(_RARELY) else []
        ready = "False" if draw(_RARELY) else "True"
        cordon: Document = {"unschedulable": True} if draw(_RARELY) else {}
        found.append(b.node(f"n{index}", *taints, labels=labels, ready=ready, **cordon))
    return found


# --- workloads ---


@st.composite
def templates(draw: st.DrawFn) -> Document:
    """What pods ask of nodes."""
    spec: Document = {"tolerations": draw(_some(TOLERATIONS, 2))} if draw(st.booleans()) else {}
    spec |= {"nodeSelector": {"disk": "ssd"}} if draw(_RARELY) else {}
    if draw(_RARELY):
        zone = {"key": "zone", "operator": draw(st.sampled_from(["In", "NotIn"])), "values": ["a"]}
        terms = {"nodeSelectorTerms": [{"matchExpressions": [zone]}]}
        spec["affinity"] = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}
    return spec


BOUNDS: tuple[Document, ...] = (
    {"maxUnavailable": 1},
    {"maxUnavailable": 2},
    {"maxUnavailable": "50%"},
    {"maxUnavailable": 0, "maxSurge": 1},
    {"maxUnavailable": 0, "maxSurge": "50%"},
)


@st.composite
def daemonsets(draw: st.DrawFn, name: str) -> Document:
    """A DaemonSet."""
    seconds: Document = {"minReadySeconds": 10} if draw(_RARELY) else {}
    if draw(_RARELY):
        return b.daemonset(name, pod=draw(templates()), strategy="OnDelete", **seconds)
    return b.daemonset(name, pod=draw(templates()), rolling=draw(st.sampled_from(BOUNDS)), **seconds)


@st.composite
def statefulsets(draw: st.DrawFn, name: str) -> Document:
    """A StatefulSet."""
    policies = st.sampled_from(["Retain", "Delete"])
    spec: Document = {"minReadySeconds": 10} if draw(_RARELY) else {}
    spec |= {"ordinals": {"start": 2}} if draw(_RARELY) else {}
    spec["persistentVolumeClaimRetentionPolicy"] = {
        "whenDeleted": draw(policies),
        "whenScaled": draw(policies),
    }
    return b.statefulset(
        name, draw(st.integers(0, 4)), pod=draw(templates()), parallel=draw(st.booleans()),
        claims=["data"] if draw(_RARELY) else [], partition=draw(st.sampled_from([None, 0, 0, 2])), **spec,
    )  # fmt: skip


# --- pods ---

STATES: tuple[dict[str, Any], ...] = (
    {},
    {},
    {},
    {"ready": False},
    {"phase": "Pending", "ready": False},
    {"phase": "Failed", "ready": False},
    {"terminating": True},
)


def _aged(workload: Document, image: str) -> Document:
    """The workload with another image, as it was before."""
    template = workload["spec"]["template"]
    container = {**template["spec"]["containers"][0], "image": image}
    spec = {**template["spec"], "containers": [container]}
    return {**workload, "spec": {**workload["spec"], "template": {**template, "spec": spec}}}


@st.composite
def lives(draw: st.DrawFn, workload: Document, nodes: list[str]) -> list[Document]:
    """The revisions and pods of a workload that has lived for a while; none where it is new."""
    if draw(_RARELY):
        return []
    old, new = b.revision(_aged(workload, "app:0"), 1), b.revision(workload, 2)
    revisions = [old, new] if draw(_OFTEN) else [old]
    pods: list[Document] = []
    name = workload["metadata"]["name"]
    if workload["kind"] == "DaemonSet":
        for to in (*nodes, *(["gone"] if draw(_RARELY) else [])):
            for serial in range(draw(st.sampled_from([0, 1, 1, 1, 1, 2]))):
                state = dict(draw(st.sampled_from(STATES)))
                if state.get("phase") == "Pending":
                    state["bound"] = draw(st.booleans())
                pods.append(
                    b.daemon_pod(
                        workload, f"{name}-{to}-{serial}", to, draw(st.sampled_from(revisions)), **state
                    )
                )
        return [*revisions, *pods]
    start = workload["spec"].get("ordinals", {}).get("start", 0)
    for ordinal in range(start, start + workload["spec"]["replicas"] + 2):
        if draw(_OFTEN):
            state = dict(draw(st.sampled_from(STATES)))
            on = (
                ""
                if state.get("phase") == "Pending" and draw(st.booleans())
                else draw(st.sampled_from(nodes))
            )
            pods.append(b.ordinal_pod(workload, ordinal, on, draw(st.sampled_from(revisions)), **state))
    workload["status"] = {"currentRevision": old["metadata"]["name"], "currentReplicas": len(pods)}
    claims = [
        volume["persistentVolumeClaim"]["claimName"]
        for pod in pods
        for volume in pod["spec"].get("volumes", ())
    ]
    return [*revisions, *pods, *map(b.claim, claims)]


# --- all together ---

BUDGETS: tuple[dict[str, Any], ...] = (
    {"maxUnavailable": 1},
    {"minAvailable": "50%"},
    {"minAvailable": 2, "unhealthyPodEvictionPolicy": "AlwaysAllow"},
)


@st.composite
def clusters(draw: st.DrawFn) -> list[Document]:
    """A cluster with a few nodes, workloads and their pods."""
    documents = draw(node_lists())
    names = [each["metadata"]["name"] for each in documents]
    for name in ("agent", "driver")[: draw(st.sampled_from([0, 1, 1, 2]))]:
        workload = draw(daemonsets(name))
        documents += [workload, *draw(lives(workload, names))]
    for name in ("web", "db")[: draw(st.sampled_from([0, 1, 1, 2]))]:
        workload = draw(statefulsets(name))
        documents += [workload, *draw(lives(workload, names))]
        if draw(_RARELY):
            documents.append(b.pod(f"{name}-9", draw(st.sampled_from(names)), labels={"app": name}))
        if draw(_RARELY):
            documents.append(b.budget(name, {"app": name}, **draw(st.sampled_from(BUDGETS))))
    if draw(_RARELY):
        documents.append(b.pod("bare", draw(st.sampled_from(names)), labels={"app": "agent"}))
    storage = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": "fast"},
        "provisioner": "x",
    }
    return [*documents, storage]


@st.composite
def changes(draw: st.DrawFn, documents: list[Document]) -> list[Document]:
    """Up to three changes of what is there, as JSON."""
    nodes = [each["metadata"]["name"] for each in documents if each["kind"] == "Node"]
    workloads = [each for each in documents if each["kind"] in ("DaemonSet", "StatefulSet")]
    pods = [each["metadata"]["name"] for each in documents if each["kind"] == "Pod"]
    some_node = st.sampled_from(nodes)
    choices = [
        st.builds(lambda node: {"cordon": {"node": node}}, some_node),
        st.builds(lambda node: {"drain": {"node": node}}, some_node),
        st.builds(lambda node: {"delete": {"kind": "Node", "name": node}}, some_node),
        st.builds(
            lambda node, to: {"nodeReady": {"node": node, "status": to}},
            some_node,
            st.sampled_from(["True", "False", "Unknown"]),
        ),
        st.builds(
            lambda node, disk: {"label": {"node": node, "labels": {"disk": disk}}},
            some_node,
            st.sampled_from(["ssd", None]),
        ),
        st.builds(lambda node, taint: {"taint": {"node": node, **taint}}, some_node, st.sampled_from(TAINTS)),
    ]
    if workloads:
        some = st.sampled_from([(each["kind"], each["metadata"]["name"]) for each in workloads])
        choices += [
            st.builds(lambda w: {"image": {"kind": w[0], "name": w[1], "image": "app:9"}}, some),
            st.builds(lambda w: {"restart": {"kind": w[0], "name": w[1]}}, some),
            st.builds(
                lambda w, cascade: {"delete": {"kind": w[0], "name": w[1], "cascade": cascade}},
                some, st.sampled_from(["Background", "Foreground", "Orphan"]),
            ),
        ]  # fmt: skip
    if sets := [each["metadata"]["name"] for each in workloads if each["kind"] == "StatefulSet"]:
        choices.append(
            st.builds(
                lambda name, to: {"scale": {"kind": "StatefulSet", "name": name, "replicas": to}},
                st.sampled_from(sets), st.integers(0, 5),
            )
        )  # fmt: skip
    if pods:
        some_pod = st.sampled_from(pods)
        choices += [
            st.builds(lambda pod: {"deletePod": {"pod": pod}}, some_pod),
            st.builds(lambda pod: {"evict": {"pod": pod}}, some_pod),
            st.builds(lambda pod: {"podStatus": {"pod": pod, "phase": "Running", "ready": False}}, some_pod),
        ]
    return draw(st.lists(st.one_of(choices), max_size=3))


ASSUMPTIONS: tuple[Document, ...] = (
    {}, {}, {}, {}, {"never_ready": ("web-*", "agent@n1")}, {"never_gone": ("*-1", "driver@*")},
    {"never_start": ("db-0", "agent@n2")}, {"dead_nodes": ("n1",)}, {"unbound_claims": ("data-web-1",)},
)  # fmt: skip


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """A cluster, changes and assumptions."""
    documents = draw(clusters())
    change = draw(changes(documents))
    return Scenario(json.dumps(documents), json.dumps(change), json.dumps(draw(st.sampled_from(ASSUMPTIONS))))


@st.composite
def crowded(draw: st.DrawFn) -> Scenario:
    """A cluster in which workloads may select the same pods; without changes."""
    documents = draw(clusters())
    if draw(st.booleans()):
        for document in documents:
            if document["kind"] in ("DaemonSet", "StatefulSet"):
                document["spec"] |= {"selector": {"matchLabels": {"app": "agent"}}}
            elif document["kind"] == "Pod":
                document["metadata"]["labels"]["app"] = "agent"
                # What nobody owns may have been there before, or have come after.
                stamp = draw(st.sampled_from(["2025-12-31T00:00:00Z", "2026-01-01T00:00:00Z"]))
                document["metadata"]["creationTimestamp"] = stamp
    return Scenario(json.dumps(documents))
