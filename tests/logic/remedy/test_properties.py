"""Remedies against brute force: each one holds, none is cheaper, and all that are as cheap are found."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from foretell.api.cli.change_options import CHANGES
from foretell.api.cli.notation_back import option_of
from foretell.logic.gates import default_gates
from foretell.logic.remedy.remedies import remedy
from foretell.logic.remedy.search import Search
from foretell.logic.remedy.trial import Bench
from foretell.logic.remedy.weighing import Candidate
from foretell.model.changes import Change, SetImage
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

READERS = {row.name: row.reader for row in CHANGES}
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
        some = {"key": "maintenance", "operator": "Equal", "value": "a"}
        spec["tolerations"] = [draw(st.sampled_from([some, b.tolerate("maintenance", "NoExecute", 30)]))]
    if draw(_SOMETIMES):
        spec["requests"] = {"cpu": draw(st.sampled_from(["400m", "700m", "2"]))}
    return spec


class Situation(NamedTuple):
    """A small cluster, as JSON, and a goal; a broken one has a new image whose pods never get ready."""

    objects: str
    goal: Goal
    broken: bool = False

    def bench(self) -> Bench:
        """Where trials start from: when all has come to rest."""
        cluster = b.after(read(json.loads(self.objects)))
        if not self.broken:
            return Bench(cluster, Assumptions(), default_gates())
        never = ("web-*", "web@*")
        (workload,) = (each for each in cluster.workloads if each.metadata.controller is None)
        image = SetImage(kind=workload.kind, name="web", image="web:broken")
        start = b.after(cluster, image, never_ready=never)
        return Bench(start, Assumptions(never_ready=never), default_gates())

    def search(self) -> Search:
        """The search, where the goal doesn't hold."""
        bench = self.bench()
        stands = bench.tried(self.goal, ())
        assume(not stands.met)
        return Search(bench, self.goal, stands)


@st.composite
def node_lists(draw: st.DrawFn, trouble: st.SearchStrategy[bool]) -> list[Document]:
    """Up to three nodes, some of them with trouble."""
    documents = []
    for name in NODES[: draw(st.integers(1, 3))]:
        labels = {"zone": draw(st.sampled_from("ab")), **({"disk": "ssd"} if draw(st.booleans()) else {})}
        effects, values = st.sampled_from(["NoSchedule", "NoExecute"]), st.sampled_from(["", "", "a", "b"])
        taints = [b.taint("maintenance", draw(effects), draw(values))]
        cordon: Document = {"unschedulable": True} if draw(trouble) else {}
        size = {"cpu": "1", "memory": "1Gi", "pods": "10"}
        documents.append(
            b.node(name, *(taints if draw(trouble) else []), labels=labels, allocatable=size, **cordon)
        )
    return documents


def workload(draw: st.DrawFn, kind: str, template: Document) -> Document:
    """A workload of the name `web`."""
    if kind == "DaemonSet":
        strategy = "OnDelete" if draw(_SOMETIMES) else "RollingUpdate"
        return b.daemonset("web", pod=template, strategy=strategy)
    if kind == "StatefulSet":
        return b.statefulset("web", draw(st.integers(1, 3)), pod=template, parallel=draw(st.booleans()))
    return b.deployment("web", draw(st.integers(1, 3)), pod=template)


KINDS = st.sampled_from(["DaemonSet", "StatefulSet", "Deployment"])


@st.composite
def misplaced(draw: st.DrawFn) -> Situation:
    """A goal about where pods are, or stay."""
    documents, kind = draw(node_lists(_SOMETIMES)), draw(KINDS)
    documents.append(workload(draw, kind, draw(templates())))
    key, node = Key(kind, "default", "web"), draw(st.sampled_from(documents[:-1]))["metadata"]["name"]
    fire = Spared(node=node, key="fire", effect="NoExecute")
    goals = [
        RunsOn(workload=key, nodes=(node,)), RunsOn(workload=key), Schedulable(thing=key),
        Unstuck(workload=key), fire,
    ]  # fmt: skip
    return Situation(json.dumps(documents), draw(st.sampled_from(goals)))


@st.composite
def guarded(draw: st.DrawFn) -> Situation:
    """A drain of a node whose pods a budget may hold, or that find no other."""
    documents = draw(node_lists(st.integers(0, 5).map(lambda number: number == 0)))
    template: Document = {"requests": {"cpu": "700m"}} if draw(_SOMETIMES) else {}
    kind = draw(st.sampled_from(["StatefulSet", "Deployment"]))
    bounds = st.sampled_from([{"minAvailable": 1}, {"minAvailable": 2}, {"maxUnavailable": 0}])
    documents += [workload(draw, kind, template), b.budget("web", {"app": "web"}, **draw(bounds))]
    if draw(_SOMETIMES):
        documents.append(b.pod("bare", "n1"))
    return Situation(json.dumps(documents), Drained(node="n1"))


@st.composite
def broken(draw: st.DrawFn) -> Situation:
    """A roll-out of an image that doesn't work."""
    documents, kind = [b.node(name) for name in NODES[: draw(st.integers(1, 3))]], draw(KINDS)
    documents.append(workload(draw, kind, {}))
    return Situation(json.dumps(documents), Unstuck(workload=Key(kind, "default", "web")), broken=True)


def subsets(candidates: tuple[Candidate, ...], most: int) -> Iterator[tuple[int, tuple[Candidate, ...]]]:
    """All sets of edits that cost no more, with their costs."""
    for size in range(1, len(candidates) + 1):
        for some in combinations(candidates, size):
            cost = sum(one.edit.cost for one in some)
            if cost <= most:
                yield cost, some


_DEAREST = 9
"""Where no remedy is found none is looked for by brute force that costs more."""


@settings(max_examples=30, deadline=None)
@given(st.one_of(misplaced(), misplaced(), guarded(), broken()))
def test_remedies_are_the_cheapest_sets_of_edits_that_do(situation: Situation) -> None:
    """Brute force over all sets of the same edits finds the same ones."""
    search = situation.search()
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
    assert found == (doing[min(doing)] if doing else set())


@settings(max_examples=30, deadline=None)
@given(st.one_of(misplaced(), guarded(), broken()))
def test_what_is_printed_makes_the_goal_true(situation: Situation) -> None:
    """The changes of a remedy, read back from the options that are printed, are those that were tried.

    A plan of them, for which all controllers look at everything, has as many waves.
    """
    bench = situation.bench()
    found = remedy(bench.start, situation.goal, (), bench.assume)
    for one in found.remedies:
        again = tuple(read_back(option_of(change, "default")) for change in one.changes)
        assert again == one.changes
        assert bench.tried(situation.goal, again).met
        assert one.renewed or one.waves == len(bench.story(again).waves)


def read_back(option: str) -> Change:
    """The change that an option stands for, as it is typed in a shell."""
    name, text = shlex.split(option)
    return READERS[name.removeprefix("--")](text)


@settings(max_examples=20, deadline=None)
@given(misplaced(), st.sampled_from(["taint", "toleration", "cordon", "selector"]))
def test_nothing_of_a_conflict_can_be_spared(situation: Situation, kind: str) -> None:
    """Without any one of its prohibitions the only conflict is none, and some edits might do."""
    bench = situation.bench()
    never = [EditPattern(kind="Node", text="node/*"), EditPattern(edit=kind, text=kind)]
    found = remedy(bench.start, situation.goal, (), bench.assume, never=never)
    barred = {one.never for conflict in found.conflicts for one in conflict if one.never}
    for text in barred if len(found.conflicts) == 1 else ():
        others = [pattern for pattern in never if pattern.text != text]
        assert remedy(bench.start, situation.goal, (), bench.assume, never=others).conflicts == ()
