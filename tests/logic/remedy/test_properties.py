"""Remedies against brute force: each one holds, none is cheaper, and all that are as cheap are found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import combinations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from foretell.logic.gates import default_gates
from foretell.logic.remedy.search import Search, remedy
from foretell.logic.remedy.trial import Bench
from foretell.logic.remedy.weighing import Candidate
from foretell.model.cluster import Cluster
from foretell.model.forecast import Assumptions
from foretell.model.meta import Key
from foretell.model.reading import read
from foretell.model.remedy import (
    Drained,
    EditPattern,
    Goal,
    RunsOn,
    Schedulable,
    Spared,
    Unstuck,
)
from tests import builders as b
from tests.builders import Document

NODES = ("n1", "n2", "n3")
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_SOMETIMES = st.integers(0, 2).map(lambda number: number == 0)


@st.composite
def templates(draw: st.DrawFn) -> Document:
    """What pods ask of nodes: often too much."""
    spec: Document = {}
    if draw(_SOMETIMES):
        spec["nodeSelector"] = {"disk": "ssd"}
    if draw(_SOMETIMES):
        zone = {"key": "zone", "operator": draw(st.sampled_from(["In", "NotIn"])), "values": ["a"]}
        terms = {"nodeSelectorTerms": [{"matchExpressions": [zone]}]}
        spec["affinity"] = {"nodeAffinity": {_REQUIRED: terms}}
    if draw(_SOMETIMES):
        spec["tolerations"] = [b.tolerate("maintenance", "NoSchedule")]
    if draw(_SOMETIMES):
        spec["requests"] = {"cpu": draw(st.sampled_from(["500m", "2"]))}
    return spec


@st.composite
def situations(draw: st.DrawFn) -> tuple[str, Goal]:
    """A small cluster, as JSON, and a goal that it may or may not meet."""
    documents: list[Document] = []
    nodes = NODES[: draw(st.integers(1, 3))]
    for name in nodes:
        labels = {"zone": draw(st.sampled_from("ab")), **({"disk": "ssd"} if draw(st.booleans()) else {})}
        taints = [b.taint("maintenance", draw(st.sampled_from(["NoSchedule", "NoExecute"])))]
        cordon: Document = {"unschedulable": True} if draw(_SOMETIMES) else {}
        size = {"cpu": "1", "memory": "1Gi", "pods": "10"}
        documents.append(
            b.node(name, *(taints if draw(_SOMETIMES) else []), labels=labels, allocatable=size, **cordon)
        )
    kind = draw(st.sampled_from(["DaemonSet", "StatefulSet", "Deployment"]))
    template = draw(templates())
    if kind == "DaemonSet":
        documents.append(b.daemonset("web", pod=template))
    elif kind == "StatefulSet":
        documents.append(b.statefulset("web", draw(st.integers(1, 2)), pod=template))
    else:
        documents.append(b.deployment("web", draw(st.integers(1, 2)), pod=template))
    if draw(st.booleans()):
        documents.append(b.budget("web", {"app": "web"}, minAvailable=draw(st.integers(1, 2))))
    key, node = Key(kind, "default", "web"), draw(st.sampled_from(nodes))
    goal = draw(
        st.sampled_from([
            RunsOn(workload=key, nodes=(node,)), RunsOn(workload=key), Schedulable(thing=key),
            Unstuck(workload=key), Drained(node=node), Spared(node=node, key="fire", effect="NoExecute"),
        ])
    )  # fmt: skip
    return json.dumps(documents), goal


def searched(cluster: Cluster, goal: Goal) -> Search:
    """A search for a goal that doesn't hold."""
    bench = Bench(cluster, Assumptions(), default_gates())
    stands = bench.tried(goal, ())
    assume(not stands.met)
    return Search(bench, goal, stands)


def subsets(candidates: tuple[Candidate, ...], most: int) -> Iterator[tuple[int, tuple[Candidate, ...]]]:
    """All sets of edits that cost no more, with their costs."""
    for size in range(1, len(candidates) + 1):
        for some in combinations(candidates, size):
            cost = sum(one.edit.cost for one in some)
            if cost <= most:
                yield cost, some


_DEAREST = 11


@settings(max_examples=40, deadline=None)
@given(situations())
def test_remedies_are_the_cheapest_sets_of_edits_that_do(situation: tuple[str, Goal]) -> None:
    """Brute force over all sets of the same edits finds the same ones."""
    text, goal = situation
    cluster = b.after(read(json.loads(text)))
    search = searched(cluster, goal)
    assume(len(search.candidates) <= 8)
    remedies, complete = search.run(limit=1000, tries=1000)
    most = remedies[0].cost if remedies else _DEAREST
    doing: dict[int, set[frozenset[str]]] = {}
    for cost, some in subsets(search.candidates, most):
        trial = search.trial([one.term for one in some])
        if trial is not None and trial.met:
            doing.setdefault(cost, set()).add(frozenset(f"{one.edit}" for one in some))
    assert complete
    found = {frozenset(f"{edit}" for edit in one.edits) for one in remedies}
    assert found == doing.get(min(doing), set()) if doing else not found


@settings(max_examples=20, deadline=None)
@given(situations(), st.sampled_from(["taint", "toleration", "cordon", "selector"]))
def test_conflicts_are_smallest(situation: tuple[str, Goal], kind: str) -> None:
    """A prohibition that is part of the only conflict stands alone against some remedy by the rules."""
    text, goal = situation
    cluster = b.after(read(json.loads(text)))
    never = [EditPattern(kind="Node", text="node/*"), EditPattern(edit=kind, text=kind)]
    found = remedy(cluster, goal, never=never)
    assume(len(found.conflicts) == 1)
    (conflict,) = found.conflicts
    for barred in (one.never for one in conflict if one.never):
        assert remedy(cluster, goal, never=[p for p in never if p.text != barred]).conflicts == ()
