"""All orders by brute force: every way at every turning, no node taken for another, no state for known."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from foretell.logic.carried import moment_of
from foretell.logic.forecast import accompanied
from foretell.logic.orders.choices import Choices
from foretell.logic.orders.likeness import Likeness
from foretell.logic.orders.rooms import manager_of
from foretell.logic.orders.summing import Sum
from foretell.model.changes import Change, change_from_json
from foretell.model.cluster import Cluster
from foretell.model.forecast import Assumptions, Forecast
from foretell.model.objects import Node
from foretell.model.orders import Order, Orders
from foretell.model.statements import Statement
from tests import builders as b
from tests.builders import Document


@dataclass(frozen=True)
class Case:
    """A cluster, as it is written or once it has settled, changes and assumptions."""

    objects: str
    played: bool
    changes: str
    assume: str

    @property
    def cluster(self) -> Cluster:
        """The cluster before the changes."""
        there = b.cluster(json.loads(self.objects))
        return b.after(there) if self.played else there

    @property
    def asked(self) -> tuple[list[Change], Assumptions]:
        """The changes and the assumptions."""
        changes = [change_from_json(each) for each in json.loads(self.changes)]
        return changes, Assumptions(**json.loads(self.assume))


KINDS: tuple[Document, ...] = (
    {}, {}, {"allocatable": {"cpu": "2", "pods": "4"}}, {"labels": {"disk": "ssd"}},
    {"allocatable": {"cpu": "1", "pods": "3"}, "labels": {"disk": "ssd"}},
)  # fmt: skip
BOUNDS: tuple[Document, ...] = (
    {"maxUnavailable": 1}, {"maxUnavailable": 2}, {"maxUnavailable": 0, "maxSurge": 1},
)  # fmt: skip
PODS: tuple[Document, ...] = ({}, {"requests": {"cpu": "500m"}}, {"nodeSelector": {"disk": "ssd"}})
ASSUMPTIONS: tuple[Document, ...] = (
    {}, {}, {"never_ready": ["agent@n2"]}, {"never_start": ["agent@n3"]}, {"never_ready": ["shop-*"]},
    {"dead_nodes": ["n1"]},
)  # fmt: skip


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Two to four nodes of a few kinds, workloads on them, and what may set these in motion."""
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=2))
    chosen = [draw(st.sampled_from(kinds)) for _ in range(draw(st.integers(3, 4)))]
    documents = [b.node(f"n{number}", **kind) for number, kind in enumerate(chosen, start=1)]
    names = [each["metadata"]["name"] for each in documents]
    changes: list[Document] = []
    daemons = draw(st.booleans())
    if daemons:
        pod = draw(st.sampled_from(PODS[:2]))
        documents.append(b.daemonset(rolling=draw(st.sampled_from(BOUNDS)), pod=pod))
        changes.append({"image": {"kind": "DaemonSet", "name": "agent", "image": "agent:2"}})
        # Pods that rest on some of the nodes.
        guests = draw(st.lists(st.sampled_from(names), max_size=2, unique=True))
        documents += [b.pod(f"rests-{node}", node, **draw(st.sampled_from(PODS[:2]))) for node in guests]
    if not daemons or draw(st.booleans()):
        shop = {"kind": "Deployment", "name": "shop"}
        documents.append(b.deployment("shop", draw(st.integers(1, 2)), pod=draw(st.sampled_from(PODS))))
        changes += draw(st.sampled_from([
            [], [{"image": {**shop, "image": "shop:2"}}], [{"scale": {**shop, "replicas": 3}}],
            [{"scale": {**shop, "replicas": 1}}],
        ]))  # fmt: skip
    if draw(st.booleans()) and not daemons:
        documents.append(b.statefulset("web", draw(st.integers(1, 2)), pod=draw(st.sampled_from(PODS))))
    changes += draw(st.sampled_from([
        [], [], [{"drain": {"node": "n1"}}], [{"cordon": {"node": names[-1]}}],
        [{"taint": {"node": names[-1], "key": "down", "effect": "NoExecute"}}],
    ]))  # fmt: skip
    return Case(
        json.dumps(documents), daemons or draw(st.booleans()), json.dumps(changes),
        json.dumps(draw(st.sampled_from(ASSUMPTIONS))),
    )  # fmt: skip


class Unpruned(Choices):
    """Goes every way to its end."""

    def _join(self, mark: Hashable) -> None:
        """No state is known."""


def told_apart(cluster: Cluster) -> Likeness:
    """Every node and every pod told by its name."""
    names = [key.name for key in cluster.keys(Node)]
    return Likeness(cluster, apart=names, busy={manager_of(pod) for pod in cluster.pods})


def every_way(
    cluster: Cluster, changes: Iterable[Change], assume: Assumptions, *, most: int, **options: Any
) -> list[Order] | None:
    """Every order, asked for with these options; None where there are more than so many."""
    wanted = tuple(changes)
    found: list[Order] = []
    path: tuple[int, ...] | None = ()
    while path is not None:
        if len(found) == most:
            return None
        choices = Unpruned(told_apart(cluster), path)
        told = accompanied(cluster, wanted, assume, **options, choices=choices)
        taken = tuple(choice for turning in choices.turnings for choice in turning.choices)
        found.append(Order(forecast=told, choices=taken, whole=True))
        path = choices.next_path
    return found


def summed(cluster: Cluster, found: Iterable[Order], statements: Iterable[Statement]) -> dict[str, object]:
    """What all of these orders have in common, and what some have."""
    total = Sum(cluster, moment_of(cluster), tuple(statements))
    for order in found:
        total.take(order)
    return sum_of(total.told(told_apart(cluster), 1, complete=True))


def sum_of(found: Orders) -> dict[str, object]:
    """What was found, without examples and without how many orders there were."""
    return {
        "ends": {
            (end.outcome, frozenset((o.workload, o.why) for o in end.obstacles)): end.holds
            for end in found.ends
        },
        "waves": found.waves, "seconds": found.seconds, "lowest": found.lowest,
        "gone": {each.pod: each.holds for each in found.gone},
        "placed": found.placed,
        "statements": [each.holds for each in found.assured],
    }  # fmt: skip


def actions_of(told: Forecast, names: Mapping[str, str]) -> list[list[str]]:
    """What is done to whom, wave by wave, with pods by owner and node, some nodes by other names."""
    return [
        sorted(f"{a.verb} {a.kind} {a.owner} {names.get(a.node or '', a.node)}" for a in wave.actions)
        for wave in told.waves
    ]
