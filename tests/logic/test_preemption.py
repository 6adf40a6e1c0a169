"""Preemption: who has to go so that a more important pod gets room, and why nobody does."""

from __future__ import annotations

from typing import Any

import pytest

from foretell.logic.preemption import Preemption, preempted
from foretell.logic.sentences import NO_VICTIMS
from foretell.logic.standing import Standing
from foretell.model.objects import Pod
from tests.builders import Document, budget, cluster, node, pod

CLASSES: list[Document] = [
    {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": name},
        "value": value,
    }
    for name, value in (("low", 1), ("middle", 5), ("high", 10))
]
ONE_CORE = {"cpu": "1", "pods": 9}
TWO_CORES = {"cpu": "2", "pods": 9}


def guest(name: str, on: str, rank: str = "low", cpu: str = "1", started: int = 0, **more: Any) -> Document:
    """A pod that runs since so many seconds after the hour."""
    made = pod(name, on, requests={"cpu": cpu}, priorityClassName=rank, **more)
    made["status"]["startTime"] = f"2026-01-01T00:00:{started:02}Z"
    return made


def newcomer(cpu: str = "1", **more: Any) -> Document:
    """A pod of high priority that waits."""
    return pod("new", phase="Pending", ready=False, requests={"cpu": cpu}, priorityClassName="high", **more)


def asked(*documents: Document, nominated: str = "") -> Preemption:
    """Whom the newcomer drives off; `nominated` is a pod that another node's room is held for."""
    before = cluster(*documents, CLASSES)
    (new,) = (found for found in before.pods if found.name == "new")
    held: dict[str, list[Pod]] = {}
    if nominated:
        held = {"n1": [found for found in before.pods if found.name == nominated]}
    return preempted(before, Standing(), (), held, new, [each.name for each in before.nodes])


def gone(found: Preemption) -> tuple[str, list[str]]:
    """The node, and the names of those that have to go."""
    return found.node, [each.name for each in found.pods]


@pytest.mark.parametrize(
    ("guests", "expected"),
    [
        pytest.param(
            [guest("a", "n1", "middle"), guest("b", "n2", "low")],
            ("n2", ["b"]),
            id="the-least-important-highest-victim",
        ),
        pytest.param(
            [guest("a", "n1", cpu="500m"), guest("b", "n1", cpu="500m"), guest("c", "n2")],
            ("n2", ["c"]),
            id="the-least-sum",
        ),
        pytest.param(
            [guest("a", "n1", started=1), guest("b", "n2", started=2)], ("n2", ["b"]), id="the-youngest"
        ),
        pytest.param([guest("a", "n1"), guest("b", "n2")], ("n1", ["a"]), id="the-first-of-equal-nodes"),
        pytest.param(
            [guest("a", "n1", "high"), guest("b", "n2", "middle")], ("n2", ["b"]), id="none-as-important"
        ),
        pytest.param(
            [guest("a", "n1", terminating=True), guest("b", "n2", "middle")],
            ("n1", ["a"]),
            id="one-that-goes-already",
        ),
    ],
)
def test_the_node_with_the_least_loss_is_emptied(guests: list[Document], expected: object) -> None:
    nodes = [node(name, allocatable=ONE_CORE) for name in ("n1", "n2")]
    assert gone(asked(*nodes, *guests, newcomer())) == expected


@pytest.mark.parametrize(
    ("guests", "expected"),
    [
        pytest.param([guest("a", "n1", "middle"), guest("b", "n1", "low")], ["b"], id="the-more-important"),
        pytest.param(
            [guest("a", "n1", started=2), guest("b", "n1", started=1)], ["a"], id="the-one-that-is-older"
        ),
        pytest.param(
            [guest("a", "n1", "middle", "2"), guest("b", "n1", "low", "0")], ["a"], id="whoever-fits-beside"
        ),
    ],
)
def test_of_a_node_some_are_let_back(guests: list[Document], expected: list[str]) -> None:
    found = asked(node("n1", allocatable=TWO_CORES), *guests, newcomer())
    assert gone(found) == ("n1", expected)


def allowing(name: str, number: int, **labels: str) -> Document:
    """A budget that allows so many disruptions."""
    made = budget(name, labels or None, minAvailable=1)
    return {**made, "status": {"disruptionsAllowed": number}}


def test_whom_a_budget_speaks_for_is_let_back_first() -> None:
    guests = [guest("a", "n1", labels={"app": "kept"}), guest("b", "n1", "middle")]
    there = node("n1", allocatable=TWO_CORES)
    assert gone(asked(there, *guests, newcomer())) == ("n1", ["a"])
    assert gone(asked(there, *guests, allowing("keep", 0, app="kept"), newcomer())) == ("n1", ["b"])


def test_a_budget_is_broken_where_nothing_else_helps() -> None:
    there = [node("n1", allocatable=ONE_CORE), guest("a", "n1", labels={"app": "kept"})]
    assert gone(asked(*there, allowing("keep", 0, app="kept"), newcomer())) == ("n1", ["a"])


def test_a_budget_without_a_selector_speaks_for_nobody() -> None:
    guests = [guest("a", "n1", labels={"app": "kept"}), guest("b", "n1", "middle")]
    found = asked(node("n1", allocatable=TWO_CORES), *guests, allowing("keep", 0), newcomer())
    assert gone(found) == ("n1", ["a"])


@pytest.mark.parametrize(
    ("guests", "phrase"),
    [
        pytest.param([], NO_VICTIMS, id="an-empty-node"),
        pytest.param([guest("a", "n1", "high")], NO_VICTIMS, id="none-less-important"),
        pytest.param(
            [guest("a", "n1", "high"), guest("b", "n1", cpu="0")], "Insufficient cpu", id="too-little-freed"
        ),
    ],
)
def test_a_node_that_is_not_emptied_says_why(guests: list[Document], phrase: str) -> None:
    found = asked(node("n1", allocatable=ONE_CORE), *guests, newcomer("1"))
    assert (gone(found), found.phrases) == (("", []), [phrase])


def test_room_that_is_held_for_as_important_a_pod_is_not_there() -> None:
    other = {**newcomer(), "metadata": {"name": "held", "namespace": "default"}}
    there = [node("n1", allocatable=ONE_CORE), guest("a", "n1")]
    found = asked(*there, newcomer(), other, nominated="held")
    assert (found.node, found.phrases) == ("", ["Insufficient cpu"])
