"""Of pods that fitted nowhere the reasons of all nodes add up to what the real scheduler said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from foretell.api.replay import read_trace
from foretell.logic.gates import DEFAULT_VERSION, gates_with
from foretell.logic.why.nodes import refusals
from foretell.model.cluster import Cluster
from foretell.model.documents import from_document
from foretell.model.explanation import Code, Ground
from foretell.model.objects import Pod

TRACES = Path(__file__).parent / "traces"
NAMES = [
    str(path.relative_to(TRACES)).removesuffix(".json.gz")
    for folder in ("scheduling", "mixed")
    for path in sorted((TRACES / folder).glob("*.json.gz"))
]

_SELECTOR = "node(s) didn't match Pod's node affinity/selector"
# The filters in the order in which the scheduler asks them, and what it says of a node for each code.
FILTERS: tuple[dict[Code, str], ...] = (
    {Code.NOT_NAMED: "node(s) didn't satisfy plugin(s) [NodeAffinity]"},
    {Code.CORDONED: "node(s) were unschedulable"},
    {Code.NODE_NAME: "node(s) didn't match the requested node name"},
    {Code.TAINT: "node(s) had untolerated taint(s)"},
    {Code.NODE_SELECTOR: _SELECTOR, Code.NODE_AFFINITY: _SELECTOR},
    {Code.PORT_TAKEN: "node(s) didn't have free ports for the requested pod ports"},
    {Code.INSUFFICIENT: "Insufficient {}"},
    {
        Code.CLAIM_IN_USE: "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access "
        "mode already in-use by another pod"
    },
    {
        Code.VOLUME_ELSEWHERE: "node(s) didn't match PersistentVolume's node affinity",
        Code.NO_VOLUME: "node(s) didn't find available persistent volumes to bind",
    },
    {Code.VOLUME_ZONE: "node(s) had no available volume zone"},
    {
        Code.KEYLESS: "node(s) didn't match pod topology spread constraints (missing required label)",
        Code.SKEW: "node(s) didn't match pod topology spread constraints",
    },
    {Code.FAR: "node(s) didn't match pod affinity rules"},
    {Code.TOO_NEAR: "node(s) didn't match pod anti-affinity rules"},
    {Code.KEPT_AWAY: "node(s) didn't satisfy existing pods anti-affinity rules"},
)
# What is amiss with the pod itself, before any node is looked at.
OF_THE_POD = {
    Code.NAMES_CONFLICT: "pod affinity terms conflict",
    Code.CLAIM_MISSING: 'persistentvolumeclaim "{}" not found',
    Code.CLAIM_LEAVING: 'persistentvolumeclaim "{}" is being deleted',
    Code.CLAIM_UNBOUND: "pod has unbound immediate PersistentVolumeClaims",
}


class Spoken(NamedTuple):
    """A pod, and what the scheduler has said of it: the part before preemption."""

    step: int
    cluster: Cluster
    pod: Pod
    said: str
    gates: frozenset[str]


def spoken(name: str) -> Iterator[Spoken]:
    """Each sentence in the first state that has it: later ones may be others than that it is about."""
    heard: set[tuple[str, str]] = set()
    trace = read_trace(TRACES / f"{name}.json.gz")
    gates = gates_with(trace.kubernetes or DEFAULT_VERSION, dict.fromkeys(trace.gates, True))
    for number, step in enumerate(trace.steps):
        cluster = Cluster(from_document(item) for item in step.before["items"])
        for pod in cluster.pods:
            for one in pod.status.conditions:
                if one.type != "PodScheduled" or one.reason != "Unschedulable":
                    continue
                if (pod.metadata.uid, one.message) not in heard:
                    heard.add((pod.metadata.uid, one.message))
                    said = one.message.partition(" no new claims")[0].removesuffix(". not found")
                    yield Spoken(number, cluster, pod, said.rstrip("."), gates)


def sentence_of(told: Spoken) -> str:
    """The sentence that the reasons of all nodes add up to."""
    groups = refusals(told.cluster, told.pod, told.gates).groups
    phrases: Counter[str] = Counter()
    for group in groups:
        for phrase in phrases_of(group.grounds):
            phrases[phrase] += len(group.nodes)
    head = f"0/{len(told.cluster.nodes)} nodes are available: "
    for group in groups:
        for ground in group.grounds:
            if ground.code in OF_THE_POD:
                return head + OF_THE_POD[Code(ground.code)].format(ground.about)
    return head + ", ".join(sorted(f"{count} {phrase}" for phrase, count in phrases.items()))


def phrases_of(grounds: tuple[Ground, ...]) -> set[str]:
    """What the scheduler says of a node: the phrases of the first filter that fails."""
    for phrases in FILTERS:
        found = [ground for ground in grounds if ground.code in phrases]
        if found:
            return {
                "Too many pods"
                if (one.code, one.about) == (Code.INSUFFICIENT, "pods")
                else phrases[Code(one.code)].format(one.about)
                for one in found
            }
    return set()


# Where the state was another already when it was recorded: the scheduler spoke in the midst of a step, and
# what came after it in that step changed what nodes say. By trace, step and pod.
OVERTAKEN = {
    ("scheduling/sched-resources", 3, "gpu-user-2"): "the pod fill-a filled a node right after that",
    ("scheduling/sched-resources", 3, "mem-600-2"): "the pod fill-a filled a node right after that",
    (
        "scheduling/sched-finished-pods",
        5,
        "near-finished",
    ): "another pod came to the node right after that",
}


@pytest.mark.parametrize("name", NAMES)
def test_the_reasons_of_all_nodes_add_up_to_what_the_scheduler_said(name: str) -> None:
    differing = {(name, told.step, told.pod.name) for told in spoken(name) if sentence_of(told) != told.said}
    assert differing == {place for place in OVERTAKEN if place[0] == name}


def test_a_trace_has_many_sentences_to_hold_reasons_against() -> None:
    assert len(list(spoken("scheduling/sched-resources"))) > 10
