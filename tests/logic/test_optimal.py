"""The best placement of a batch against every placement that there is, on small clusters."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations, product

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from foretell.logic.optimal import best_placement
from foretell.model.placement import Best
from tests.builders import Document
from tests.logic.scheduling_oracle import PLUGINS, nearness
from tests.logic.scheduling_strategies import Scene, newcomers, scenes

# By pod of the batch the node that it gets, if any.
Places = tuple[Document | None, ...]


@dataclass(frozen=True)
class Batch:
    """A scene with the pods that wait in it, some of them alike."""

    scene: Scene
    pods: tuple[Document, ...]

    def best(self) -> Best:
        """What is found to be best."""
        others = [each for each in self.scene.documents if each["metadata"]["name"] != "new"]
        return best_placement(Scene(json.dumps([*others, *self.pods])).cluster)


@dataclass(frozen=True)
class Moment(Scene):
    """A scene in which other pods of the batch have been placed."""

    placed: Sequence[Document]
    looked_at: Document
    fixed: Sequence[Document]

    @property
    def nodes(self) -> list[Document]:
        """The nodes."""
        return list(self.fixed)

    @property
    def guests(self) -> list[Document]:
        """The pods on nodes, the looked at one apart."""
        return list(self.placed)

    @property
    def newcomer(self) -> Document:
        """The pod that is looked at."""
        return self.looked_at


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    """Up to four pods of one or two kinds that wait beside a few nodes."""
    scene = draw(scenes(most=3, guests=3))
    kinds = draw(st.lists(newcomers(), min_size=1, max_size=2))
    pods = [
        {**kind, "metadata": {**kind["metadata"], "name": f"new-{place}-{number}"}}
        for place, kind in enumerate(kinds)
        for number in range(draw(st.integers(1, 2)))
    ]
    return Batch(scene, tuple(pods))


def _bound(batch: Batch, places: Places) -> list[tuple[Document, Document]]:
    """The placed pods of the batch, as they are on their nodes."""
    return [
        ({**pod, "spec": {**pod["spec"], "nodeName": node["metadata"]["name"]}}, node)
        for pod, node in zip(batch.pods, places, strict=True)
        if node is not None
    ]


def _stands(batch: Batch, places: Places) -> bool:
    """Whether all bounds hold at the end, and in some order each pod finds whom it must be near."""
    nodes, guests = batch.scene.nodes, batch.scene.guests
    bound = _bound(batch, places)
    for pod, node in bound:
        others = [*guests, *(other for other, _ in bound if other is not pod)]
        moment = Moment("", others, pod, nodes)
        if any(ask(moment, node) for _, ask in PLUGINS if ask is not nearness):
            return False
    return any(_in_order(nodes, guests, order) for order in permutations(bound))


def _in_order(
    nodes: list[Document], guests: list[Document], order: Sequence[tuple[Document, Document]]
) -> bool:
    there = list(guests)
    for pod, node in order:
        if nearness(Moment("", there, pod, nodes), node):
            return False
        there.append(pod)
    return True


def _crowding(batch: Batch, places: Places) -> int:
    """How many pairs of alike pods share a node."""
    kinds = [json.dumps([pod["spec"], pod["metadata"].get("labels")], sort_keys=True) for pod in batch.pods]
    together = Counter(
        (kind, node["metadata"]["name"]) for kind, node in zip(kinds, places, strict=True) if node is not None
    )
    return sum(count * (count - 1) // 2 for count in together.values())


def _least(batch: Batch) -> tuple[int, int]:
    """How few stay pending and how crowded it then gets, of all placements that stand."""
    every = product([None, *batch.scene.nodes], repeat=len(batch.pods))
    return min((p.count(None), _crowding(batch, p)) for p in every if _stands(batch, p))


@settings(max_examples=150)
@given(batches())
def test_no_placement_is_better_than_the_best_one(batch: Batch) -> None:
    best, least = batch.best(), _least(batch)
    event("proven" if best.proven else "one pod after the other gets further")
    assert (best.pending, best.crowding) <= least
    assert (best.pending, best.crowding) == least or not best.proven


@settings(max_examples=150)
@given(batches())
def test_all_bounds_hold_at_the_end_of_a_proven_placement(batch: Batch) -> None:
    best = batch.best()
    assume(best.proven)
    nodes = {node["metadata"]["name"]: node for node in batch.scene.nodes}
    found = {one.pod: nodes.get(one.node) for one in best.assignments}
    assert _stands(batch, tuple(found[pod["metadata"]["name"]] for pod in batch.pods))


@given(batches())
def test_one_pod_after_the_other_never_gets_further_than_the_best_placement(batch: Batch) -> None:
    best = batch.best()
    assert best.pending_at_least <= best.pending <= best.greedy_pending
