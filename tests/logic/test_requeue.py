"""Waiting pods are tried again when what has happened gives hope to a plugin that rejected them."""

from __future__ import annotations

from typing import Any

import pytest

from foretell.logic.requeue import concerns_scheduler, requeued, sentence_of
from foretell.logic.sentences import GATED, NO_NODES, phrase_of
from foretell.logic.vocabulary import Term
from foretell.model.cluster import Cluster
from foretell.model.meta import Object
from tests.builders import Document, claim, cluster, node, pod, taint

LARGE, SMALL = {"cpu": "4", "pods": 9}, {"cpu": "1", "pods": 9}
AWAY: dict[str, Any] = {
    "podAntiAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": [
            {"topologyKey": "zone", "labelSelector": {"matchLabels": {"app": "rival"}}}
        ]
    }
}


def said(*phrases: str) -> str:
    """A sentence about these."""
    return f"0/1 nodes are available: {', '.join(f'1 {phrase}' for phrase in phrases)}."


def waiting(text: str, **spec: Any) -> Document:
    """A pod about which this has been said."""
    made = pod("waits", phase="Pending", ready=False, requests={"cpu": "2"}, **spec)
    reason = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": text}
    made["status"]["conditions"] = [reason] if text else []
    return made


def one(document: Document | None) -> Object | None:
    """A single object."""
    return None if document is None else next(iter(cluster(document)))


def tried(waits: Document, *news: tuple[Document | None, Document | None]) -> bool:
    """Whether the pod is tried again."""
    there: Cluster = cluster(waits)
    return bool(requeued(there, [(one(old), one(new)) for old, new in news], there.pods))


CORDONED, UNTOLERATED, ROOM, RIVAL = (
    phrase_of(reason)
    for reason in (
        Term("cordoned"), Term("taint", ("gpu", "", "NoSchedule")), Term("insufficient", ("cpu",)),
        Term("too_near", ("term-0",)),
    )
)  # fmt: skip
OPEN, SHUT = node("n1", allocatable=LARGE), node("n1", allocatable=LARGE, unschedulable=True)
TAINTED, LITTLE = node("n1", taint("gpu", "NoSchedule"), allocatable=LARGE), node("n1", allocatable=SMALL)
GUEST, RIVAL_THERE = pod("guest", "n1"), pod("rival", "n1", labels={"app": "rival"})


@pytest.mark.parametrize(
    ("phrase", "news", "expected"),
    [
        pytest.param(CORDONED, (SHUT, OPEN), True, id="uncordoned"),
        pytest.param(CORDONED, (TAINTED, OPEN), False, id="another-plugin-has-rejected-it"),
        pytest.param(UNTOLERATED, (TAINTED, OPEN), True, id="untainted"),
        pytest.param(UNTOLERATED, (SHUT, OPEN), False, id="uncordoned-but-it-was-a-taint"),
        pytest.param(ROOM, (None, OPEN), True, id="a-large-node-joins"),
        pytest.param(ROOM, (None, LITTLE), False, id="a-small-node-joins"),
        pytest.param(ROOM, (LITTLE, OPEN), True, id="a-node-grows"),
        pytest.param(ROOM, (OPEN, LITTLE), False, id="a-node-shrinks"),
        pytest.param(ROOM, (OPEN, None), False, id="a-node-goes"),
        pytest.param(ROOM, (GUEST, None), True, id="a-guest-goes"),
        pytest.param(ROOM, (None, GUEST), False, id="a-guest-comes"),
        pytest.param(ROOM, (GUEST, {**GUEST, "status": {"phase": "Failed"}}), True, id="a-guest-ends"),
        pytest.param(ROOM, (claim("data"), claim("data")), False, id="news-of-claims"),
        pytest.param(NO_NODES, (None, OPEN), True, id="the-first-node-joins"),
    ],
)
def test_news_that_give_hope_move_the_pod(phrase: str, news: Any, *, expected: bool) -> None:
    text = phrase if phrase == NO_NODES else said(phrase)
    assert tried(waiting(text), news) is expected


@pytest.mark.parametrize(
    ("news", "expected"),
    [
        pytest.param((RIVAL_THERE, None), True, id="the-rival-goes"),
        pytest.param((GUEST, None), False, id="another-goes"),
        pytest.param((RIVAL_THERE, pod("rival", "n1")), True, id="it-loses-its-label"),
        pytest.param((RIVAL_THERE, {**RIVAL_THERE, "status": {"phase": "Running"}}), False, id="it-stays"),
    ],
)  # fmt: skip
def test_who_keeps_away_from_a_rival_waits_for_it_to_go(news: Any, *, expected: bool) -> None:
    assert tried(waiting(said(RIVAL), affinity=AWAY), news) is expected


@pytest.mark.parametrize(
    ("port", "expected"),
    [
        pytest.param({"host_port": 80}, True, id="it-had-the-port"),
        pytest.param({"host_port": 81}, False, id="it-had-another"),
        pytest.param({}, False, id="it-had-none"),
    ],
)
def test_who_waits_for_a_port_waits_for_a_guest_that_has_it(port: Any, *, expected: bool) -> None:
    text = said(phrase_of(Term("port_taken")))
    assert tried(waiting(text, host_port=80), (pod("guest", "n1", **port), None)) is expected


def test_one_plugin_that_hopes_is_enough() -> None:
    assert tried(waiting(said(CORDONED, ROOM)), (GUEST, None))


def test_of_a_pod_that_was_never_tried_nothing_is_known() -> None:
    assert not tried(waiting(""), (SHUT, OPEN))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(None, OPEN, True, id="a-node"),
        pytest.param(OPEN, None, True, id="a-node-that-goes"),
        pytest.param(None, GUEST, True, id="a-guest"),
        pytest.param(None, pod("bare", phase="Pending"), False, id="a-pod-without-a-node"),
        pytest.param(None, claim("data"), True, id="a-claim"),
    ],
)
def test_what_happens_on_nodes_concerns_the_scheduler(
    old: Document | None, new: Document | None, *, expected: bool
) -> None:
    assert concerns_scheduler(one(old), one(new)) is expected


def test_the_sentence_is_what_was_said_of_a_pod_that_has_no_node() -> None:
    (gated,) = cluster(waiting(GATED)).pods
    (bound,) = cluster(GUEST).pods
    assert (sentence_of(gated), sentence_of(bound)) == (GATED, "")
