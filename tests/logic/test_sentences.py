"""The scheduler's sentences are put together as the scheduler does, and read again."""

from __future__ import annotations

import pytest

from foretell.logic.sentences import (
    ABSTAINING,
    GATED,
    NO_NODES,
    is_futile,
    phrase_of,
    plugin_of,
    plugins_in,
    preemption_text,
    sentence,
)
from foretell.logic.vocabulary import Argument, Term

CORDONED, FAR, SKEW = Term("cordoned"), Term("far", ("term-0",)), Term("skew", ("term-1",))
CPU, PODS = Term("insufficient", ("cpu",)), Term("insufficient", ("pods",))
TAINT, OTHER_TAINT = (Term("taint", (key, "", "NoSchedule")) for key in ("gpu", "spot"))
REASONS = (
    "not_named", "cordoned", "node_name", "node_selector", "node_affinity", "port_taken", "claim_in_use",
    "volume_elsewhere", "no_volume", "volume_zone",
)  # fmt: skip
EVERY: list[Argument] = [
    *map(Term, REASONS), FAR, SKEW, CPU, PODS, TAINT,
    *(Term(name, ("term-0",)) for name in ("keyless", "too_near", "kept_away")),
]  # fmt: skip
FUTILE: list[Argument] = [
    Term("names_conflict"), Term("claim_unbound"),
    *(Term(name, ("default/data",)) for name in ("claim_missing", "claim_leaving")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("reasons", "said"),
    [
        pytest.param({"n1": [CORDONED]}, "0/1 nodes are available: 1 node(s) were unschedulable.", id="one"),
        pytest.param(
            {"n1": [CORDONED], "n2": [CORDONED]},
            "0/2 nodes are available: 2 node(s) were unschedulable.",
            id="alike-reasons-are-counted",
        ),
        pytest.param(
            {"n1": [CPU, PODS], "n2": [CPU]},
            "0/2 nodes are available: 1 Too many pods, 2 Insufficient cpu.",
            id="every-shortage-of-a-node",
        ),
        pytest.param(
            {"n1": [TAINT, OTHER_TAINT]},
            "0/1 nodes are available: 1 node(s) had untolerated taint(s).",
            id="several-taints-of-a-node-count-once",
        ),
        pytest.param(
            {**{f"n{number}": [CORDONED] for number in range(10)}, "a": [CPU], "b": [CPU]},
            "0/12 nodes are available: 10 node(s) were unschedulable, 2 Insufficient cpu.",
            id="sorted-as-texts",
        ),
        pytest.param({}, NO_NODES, id="no-nodes"),
        pytest.param(
            {"n1": [Term("names_conflict")], "n2": [Term("names_conflict")]},
            "0/2 nodes are available: pod affinity terms conflict. not found",
            id="futile",
        ),
        pytest.param(
            {"n1": [Term("claim_missing", ("default/data",))]},
            '0/1 nodes are available: persistentvolumeclaim "data" not found. not found',
            id="a-claim-is-named-without-its-namespace",
        ),
    ],
)
def test_each_first_reason_of_each_node_is_counted(reasons: dict[str, list[Argument]], said: str) -> None:
    assert sentence(len(reasons), reasons, "") == said


def test_what_preemption_gave_comes_last() -> None:
    said = sentence(1, {"n1": [CORDONED]}, ABSTAINING["never"])
    suffix = " no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never."
    assert said == f"0/1 nodes are available: 1 node(s) were unschedulable.{suffix}"


@pytest.mark.parametrize(
    ("unhelped", "phrases", "said"),
    [
        pytest.param(3, [], "3 Preemption is not helpful for scheduling", id="no-node-is-helped"),
        pytest.param(
            2,
            ["No preemption victims found for incoming pod"],
            "1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling",
            id="one-has-no-victims",
        ),
        pytest.param(
            1,
            ["Insufficient cpu", "Insufficient cpu"],
            "1 Preemption is not helpful for scheduling, 2 Insufficient cpu",
            id="too-little-would-be-freed",
        ),
    ],
)
def test_preemption_accounts_for_every_node(unhelped: int, phrases: list[str], said: str) -> None:
    assert preemption_text(3, unhelped, phrases) == f"0/3 nodes are available: {said}"


@pytest.mark.parametrize("reason", EVERY, ids=str)
def test_each_reason_is_read_again_as_its_plugin(reason: Argument) -> None:
    assert plugins_in(sentence(1, {"n1": [reason]}, ABSTAINING["never"])) == {plugin_of(reason)}
    assert not is_futile(reason)


@pytest.mark.parametrize("reason", FUTILE, ids=str)
def test_each_futile_reason_is_read_again_as_its_plugin(reason: Argument) -> None:
    assert plugins_in(sentence(1, {"n1": [reason]}, "")) == {plugin_of(reason)}
    assert is_futile(reason)


def test_several_plugins_are_read_from_one_sentence() -> None:
    reasons: dict[str, list[Argument]] = {"n1": [CORDONED], "n2": [CPU, PODS], "n3": [FAR], "n4": [SKEW]}
    text = sentence(4, reasons, preemption_text(4, 4, []))
    assert plugins_in(text) == {
        "NodeUnschedulable", "NodeResourcesFit", "InterPodAffinity", "PodTopologySpread",
    }  # fmt: skip


def test_what_preemption_says_names_no_plugin() -> None:
    """The shortage behind the comma is the emptied node's, and nobody has to be tried again for it."""
    text = sentence(1, {"n1": [CORDONED]}, preemption_text(1, 0, ["Insufficient cpu"]))
    assert plugins_in(text) == {"NodeUnschedulable"}


@pytest.mark.parametrize("text", ["", GATED, NO_NODES, "somebody else's words: 1 node(s) were unschedulable"])
def test_other_sentences_name_no_plugin(text: str) -> None:
    assert plugins_in(text) == frozenset()


def test_phrases_tell_shortages_by_their_resource() -> None:
    assert [phrase_of(reason) for reason in (CPU, PODS)] == ["Insufficient cpu", "Too many pods"]
