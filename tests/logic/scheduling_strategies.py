"""Random small clusters with a pending pod, for the laws of the scheduler."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from foretell.logic.question import Question
from foretell.logic.solve import solve
from foretell.logic.standing import Standing
from foretell.logic.vocabulary import Argument
from foretell.model.cluster import Cluster
from foretell.model.objects import Pod
from foretell.model.reading import read
from tests import builders as b
from tests.builders import Document

HOST, ZONE = "kubernetes.io/hostname", "zone"
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


@dataclass(frozen=True)
class Scene:
    """A cluster in which the pod `new` waits for a node, as JSON."""

    objects: str

    @property
    def documents(self) -> list[Document]:
        """The manifests."""
        found: list[Document] = json.loads(self.objects)
        return found

    @property
    def cluster(self) -> Cluster:
        """The cluster."""
        return read(self.documents)

    @property
    def nodes(self) -> list[Document]:
        """The nodes."""
        return [each for each in self.documents if each["kind"] == "Node"]

    @property
    def guests(self) -> list[Document]:
        """The pods that are on nodes."""
        return [each for each in self.documents if each["kind"] == "Pod" and "nodeName" in each["spec"]]

    @property
    def newcomer(self) -> Document:
        """The pod that waits."""
        return next(each for each in self.documents if each["metadata"]["name"] == "new")


def newcomer_of(cluster: Cluster) -> Pod:
    """The pod that waits."""
    return next(pod for pod in cluster.pods if pod.name == "new")


@dataclass(frozen=True)
class Table:
    """What each node has to say of the pod: its reasons against it, or its points."""

    refusals: dict[str, frozenset[Argument]]
    points: dict[str, int]

    @property
    def feasible(self) -> set[str]:
        """The nodes that say nothing against it."""
        return {node for node, reasons in self.refusals.items() if not reasons}


def table_of(cluster: Cluster, *, grouped: bool) -> Table:
    """The table of the pod's placement, from nodes told by the class or each by itself."""
    question = Question(cluster, Standing(), apart=True)
    if not grouped:
        question.shapes.node_names |= {node.name for node in cluster.nodes}
    asked = question.about(newcomer_of(cluster))
    answer = solve(("place.lp",), asked.text)
    told: dict[str, set[Argument]] = {name: set() for name in asked.members}
    for node, _, reason in answer.get("refuses", ()):
        told[str(node)].add(reason)
    scores = {str(node): points for node, _, points in answer.get("score", ()) if isinstance(points, int)}
    members = asked.members.items()
    return Table(
        {name: frozenset(told[first]) for first, names in members for name in names},
        {name: scores[first] for first, names in members if first in scores for name in names},
    )


def choice_of(cluster: Cluster) -> str:
    """The node that the scheduler gives the pod; empty where it gives it none."""
    asked = Question(cluster, Standing()).about(newcomer_of(cluster))
    return next((str(node) for _, node in solve(("schedule.lp",), asked.text).get("binds", ())), "")


# --- parts ---

TAINTS = (
    b.taint("gpu", "NoSchedule"), b.taint("gpu", "NoExecute", "yes"), b.taint("spot", "PreferNoSchedule"),
)  # fmt: skip
TOLERATIONS = (
    b.tolerate("gpu"), b.tolerate("gpu", "NoSchedule"), b.tolerate(),
    {"key": "gpu", "operator": "Equal", "value": "yes"}, b.tolerate("node.kubernetes.io/unschedulable"),
)  # fmt: skip
APPS = ("a", "b")
_RARELY = st.integers(0, 4).map(lambda number: number == 4)
_HALF = st.booleans()


def _expressions() -> st.SearchStrategy[Document]:
    key = st.sampled_from([ZONE, "disk", "size"])
    several = st.builds(
        lambda key, operator, values: {"key": key, "operator": operator, "values": values},
        key, st.sampled_from(["In", "NotIn"]),
        st.lists(st.sampled_from(["a", "b", "ssd"]), min_size=1, max_size=2),
    )  # fmt: skip
    none = st.builds(
        lambda key, operator: {"key": key, "operator": operator},
        key,
        st.sampled_from(["Exists", "DoesNotExist"]),
    )
    number = st.builds(
        lambda operator, value: {"key": "size", "operator": operator, "values": [str(value)]},
        st.sampled_from(["Gt", "Lt"]), st.integers(1, 3),
    )  # fmt: skip
    return st.one_of(several, none, number)


def _node_terms() -> st.SearchStrategy[list[Document]]:
    term = st.builds(lambda found: {"matchExpressions": found}, st.lists(_expressions(), max_size=2))
    return st.lists(term, min_size=1, max_size=2)


def _selectors() -> st.SearchStrategy[Document | None]:
    label = st.builds(lambda app: {"matchLabels": {"app": app}}, st.sampled_from(APPS))
    expression = st.builds(
        lambda operator, values: {
            "matchExpressions": [{"key": "app", "operator": operator, "values": values}]
        },
        st.sampled_from(["In", "NotIn"]), st.lists(st.sampled_from([*APPS, "c"]), min_size=1, max_size=2),
    )  # fmt: skip
    exists: Document = {"matchExpressions": [{"key": "app", "operator": "Exists"}]}
    return st.one_of(label, label, label, expression, st.sampled_from([None, {}, exists]))


@st.composite
def _pod_terms(draw: st.DrawFn) -> Document:
    term: Document = {"topologyKey": draw(st.sampled_from([HOST, ZONE]))}
    selector = draw(_selectors())
    if selector is not None:
        term["labelSelector"] = selector
    if draw(_RARELY):
        term["namespaces"] = draw(st.sampled_from([["other"], ["default", "other"]]))
    elif draw(_RARELY):
        term["namespaceSelector"] = draw(
            st.sampled_from([{}, {"matchLabels": {"team": "x"}}, {"matchLabels": {"team": "y"}}])
        )
    return term


@st.composite
def _affinities(draw: st.DrawFn) -> Document:
    found: Document = {}
    for side in ("podAffinity", "podAntiAffinity"):
        if draw(_RARELY):
            found[side] = {REQUIRED: draw(st.lists(_pod_terms(), min_size=1, max_size=2))}
    return found


@st.composite
def _preferences(draw: st.DrawFn) -> Document:
    found: Document = {}
    weighted = st.builds(
        lambda weight, term: {"weight": weight, "podAffinityTerm": term}, st.integers(1, 100), _pod_terms()
    )
    for side in ("podAffinity", "podAntiAffinity"):
        if draw(_RARELY):
            found[side] = {PREFERRED: draw(st.lists(weighted, min_size=1, max_size=2))}
    return found


def _merged(one: Document, other: Document) -> Document:
    return {side: {**one.get(side, {}), **other.get(side, {})} for side in sorted({*one, *other})}


@st.composite
def _constraints(draw: st.DrawFn) -> Document:
    found: Document = {
        "topologyKey": draw(st.sampled_from([HOST, ZONE])), "maxSkew": draw(st.integers(1, 2)),
        "whenUnsatisfiable": draw(st.sampled_from(["DoNotSchedule", "DoNotSchedule", "ScheduleAnyway"])),
    }  # fmt: skip
    selector = draw(_selectors())
    if selector is not None:
        found["labelSelector"] = selector
    if found["whenUnsatisfiable"] == "DoNotSchedule" and draw(_RARELY):
        found["minDomains"] = draw(st.integers(1, 3))
    for policy in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
        if draw(_RARELY):
            found[policy] = draw(st.sampled_from(["Honor", "Ignore"]))
    return found


def _requests(draw: st.DrawFn) -> dict[str, str]:
    found: dict[str, str] = {}
    if draw(_HALF):
        found["cpu"] = draw(st.sampled_from(["0", "500m", "1", "2", "5"]))
    if draw(_RARELY):
        found["memory"] = draw(st.sampled_from(["512Mi", "1Gi", "3Gi"]))
    if draw(_RARELY):
        found["example.com/gpu"] = "1"
    return found


@st.composite
def _nodes(draw: st.DrawFn, name: str) -> Document:
    labels = {HOST: name} if draw(st.integers(0, 5)) else {}
    if draw(st.integers(0, 5)):
        labels[ZONE] = draw(st.sampled_from(["a", "b"]))
    if draw(_RARELY):
        labels["disk"] = "ssd"
    if draw(_RARELY):
        labels["size"] = draw(st.sampled_from(["1", "2", "3", "large"]))
    taints = [draw(st.sampled_from(TAINTS))] if draw(_RARELY) else []
    cordon: Document = {"unschedulable": True} if draw(_RARELY) else {}
    allocatable: Document = {"cpu": draw(st.sampled_from(["2", "4"])), "memory": "2Gi", "pods": 4}
    if draw(_RARELY):
        allocatable["example.com/gpu"] = "1"
    return b.node(name, *taints, labels=labels, allocatable=allocatable, **cordon)


def _class(name: str, value: int, **more: str) -> Document:
    meta = {"name": name}
    return {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": meta,
        "value": value,
        **more,
    }


def _of_class(priority: int) -> Document:
    """What a pod of a priority has in its specification, once by its class and once as admitted."""
    return {"priorityClassName": f"class-{priority}", "priority": priority}


STATES: tuple[dict[str, Any], ...] = (
    {},
    {},
    {},
    {"terminating": True},
    {"phase": "Succeeded", "ready": False},
)


@st.composite
def _guests(draw: st.DrawFn, name: str, nodes: list[str]) -> Document:
    spec: Document = _of_class(draw(st.sampled_from([0, 0, 5, 20])))
    if affinity := draw(_affinities()):
        spec["affinity"] = _merged(affinity, draw(_preferences()))
    if requests := _requests(draw):
        spec["requests"] = requests
    if draw(_RARELY):
        spec["host_port"] = 80
    labels = {"app": draw(st.sampled_from(APPS))} if draw(st.integers(0, 5)) else {}
    made = b.pod(name, draw(st.sampled_from(nodes)), labels=labels, **draw(st.sampled_from(STATES)), **spec)
    if draw(_RARELY):
        made["metadata"]["namespace"] = "other"
    if draw(_HALF):
        made["status"]["startTime"] = f"2026-01-01T00:00:0{draw(st.integers(0, 3))}Z"
    return made


@st.composite
def newcomers(draw: st.DrawFn) -> Document:
    """A pod that waits, and asks for this and that."""
    spec: Document = _of_class(10)
    affinity = _merged(draw(_affinities()), draw(_preferences()))
    if draw(_RARELY):
        affinity["nodeAffinity"] = {REQUIRED: {"nodeSelectorTerms": draw(_node_terms())}}
    if affinity:
        spec["affinity"] = affinity
    if requests := _requests(draw):
        spec["requests"] = requests
    if draw(_RARELY):
        spec["host_port"] = 80
    if draw(_RARELY):
        spec["nodeSelector"] = {"disk": "ssd"}
    if draw(_HALF):
        spec["tolerations"] = [draw(st.sampled_from(TOLERATIONS))]
    if draw(_HALF):
        spec["topologySpreadConstraints"] = draw(
            st.lists(
                _constraints(), min_size=1, max_size=2,
                unique_by=lambda each: (each["topologyKey"], each["whenUnsatisfiable"]),
            )
        )  # fmt: skip
    labels = {"app": draw(st.sampled_from(APPS))} if draw(st.integers(0, 5)) else {}
    made = b.pod("new", labels=labels, phase="Pending", ready=False, **spec)
    made["metadata"]["creationTimestamp"] = "2026-01-02T00:00:00Z"
    return made


SURROUNDINGS: tuple[Document, ...] = (
    *(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {"team": team}}}
        for name, team in (("default", "x"), ("other", "y"))
    ),
    *(_class(f"class-{value}", value) for value in (0, 5, 10, 20)),
    _class("never", 10, preemptionPolicy="Never"),
)


@st.composite
def scenes(draw: st.DrawFn, most: int = 5, guests: int = 6) -> Scene:
    """A few nodes, the pods on them, and the pod that waits."""
    names = [f"n{number}" for number in range(1, draw(st.integers(1, most)) + 1)]
    nodes = [draw(_nodes(name)) for name in names]
    there = [draw(_guests(f"guest-{number}", names)) for number in range(draw(st.integers(0, guests)))]
    return Scene(json.dumps([*SURROUNDINGS, *nodes, *there, draw(newcomers())]))


@st.composite
def crowds(draw: st.DrawFn) -> Scene:
    """The same with so many pods on the nodes that the one that waits finds no room."""
    scene = draw(scenes(most=4, guests=8))
    for document in (documents := scene.documents):
        if document["kind"] == "Node":
            document["status"]["allocatable"] |= {"cpu": "2", "pods": 3}
            document["spec"].pop("unschedulable", None)
        elif document["kind"] == "Pod":
            cpu = draw(st.sampled_from(["500m", "1", "1"]))
            document["spec"]["containers"][0]["resources"] = {"requests": {"cpu": cpu}}
    return Scene(json.dumps(documents))


def several(scene: Scene, count: int) -> Scene:
    """The same with so many pods that wait, all alike, and that drive nobody off."""
    newcomer = scene.newcomer
    newcomer["spec"] |= {"priorityClassName": "never", "preemptionPolicy": "Never"}
    others = [each for each in scene.documents if each["metadata"]["name"] != "new"]
    names = ["new", *(f"new-{number}" for number in range(2, count + 1))]
    made = [{**newcomer, "metadata": {**newcomer["metadata"], "name": name}} for name in names]
    return Scene(json.dumps([*others, *made]))
