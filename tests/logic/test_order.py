"""The order of a wave's actions is total, and by what people look for first."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from foretell.logic.order import in_order, natural
from foretell.model.forecast import Action, Reason, Verb


def action(
    verb: Verb, name: str, kind: str = "Pod", owner: str | None = None, node: str | None = None
) -> Action:
    """An action of some controller."""
    return Action(verb=verb, kind=kind, name=name, owner=owner, node=node, by=("b",), reason=Reason.MISSING)


IN_ORDER = [
    action(Verb.CREATE, "data-web-0", "PersistentVolumeClaim"),
    action(Verb.DELETE, "bare"),
    action(Verb.CREATE, "agent-1", "ControllerRevision", "DaemonSet/agent"),
    action(Verb.CREATE, "agent-x", owner="DaemonSet/agent", node="n1"),
    action(Verb.CREATE, "agent-a", owner="DaemonSet/agent", node="n2"),
    action(Verb.DELETE, "agent-y", owner="DaemonSet/agent", node="n1"),
    action(Verb.CREATE, "shop-b", "ReplicaSet", "Deployment/shop"),
    action(Verb.UPDATE, "shop-a", "ReplicaSet", "Deployment/shop"),
    action(Verb.UPDATE, "shop-b", "ReplicaSet", "Deployment/shop"),
    action(Verb.CREATE, "shop-b-x", owner="ReplicaSet/shop-b"),
    action(Verb.PATCH, "web-9", owner="StatefulSet/web"),
    action(Verb.CREATE, "web-2", owner="StatefulSet/web"),
    action(Verb.CREATE, "web-10", owner="StatefulSet/web"),
]


@given(st.randoms(use_true_random=False))
def test_actions_come_by_owner_kind_verb_node_and_number(shuffling: random.Random) -> None:
    actions = list(IN_ORDER)
    shuffling.shuffle(actions)
    assert list(in_order(actions)) == IN_ORDER


def test_a_deletion_by_several_is_one_action() -> None:
    mine = action(Verb.DELETE, "agent-x", owner="DaemonSet/agent")
    theirs = Action(verb=Verb.DELETE, kind="Pod", name="agent-x", by=("a",), reason=Reason.NO_EXECUTE)
    (merged,) = in_order([mine, theirs])
    assert (merged.by, merged.owner, merged.reason) == (("a", "b"), "DaemonSet/agent", Reason.MISSING)


def test_a_pod_that_is_made_twice_in_a_wave_is_told_twice() -> None:
    assert len(in_order([action(Verb.CREATE, "web-0")] * 2)) == 2


@given(st.lists(st.integers(0, 10**9)))
def test_numbers_in_names_count_by_value(numbers: list[int]) -> None:
    names = [f"web-{number}" for number in numbers]
    assert sorted(names, key=natural) == [f"web-{number}" for number in sorted(numbers)]
