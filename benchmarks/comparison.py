"""The desired pod set by Foretell, by the same rules over every node, and by a double loop in Python.

The rules go over every node in two ways: `naive` tells DaemonSets that ask for the same once, and each node
by itself; `plain` shares nothing, as one would who writes facts and reads atoms by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

from loop import Place, by_loop
from plain import by_plain_rules
from timing import interleaved, ratio, summary

from foretell.logic.desired import Desired, desired
from foretell.model.cluster import Cluster
from foretell.model.documents import from_document, to_document
from foretell.model.forecast import DesiredPod
from foretell.model.meta import Key

Pair = tuple[Key, Place]
PROBES = 100
"""Of so many pods it is asked whether they should exist, beside all counts."""


def place_of(pod: DesiredPod) -> Place:
    """The node or the ordinal of a pod that should exist."""
    return pod.ordinal if pod.ordinal is not None else pod.node or ""


def probes(state: Cluster) -> list[DesiredPod]:
    """Pods of some workloads on some nodes, which should exist or not."""
    chance = Random("probes")
    nodes, daemonsets = state.nodes, state.daemonsets
    return [
        DesiredPod(kind=key.kind, namespace=key.namespace, owner=key.name, node=chance.choice(nodes).name)
        for key in (chance.choice(daemonsets).key for _ in range(PROBES))
    ]


def counted(found: Desired, asked: Sequence[DesiredPod]) -> tuple[dict[Key, int], int]:
    """How many pods each workload wants, and how many of some pods should exist."""
    return {key: found.count(key) for key in found.workloads}, sum(pod in found for pod in asked)


def counted_by_loop(state: Cluster, asked: Sequence[DesiredPod]) -> tuple[dict[Key, int], int]:
    """The same by the double loop."""
    found = by_loop(state, set)
    counts = {key: len(places) for key, places in found.items()}
    return counts, sum(place_of(pod) in found[pod.workload] for pod in asked)


def counted_by_plain_rules(state: Cluster, asked: Sequence[DesiredPod]) -> tuple[dict[Key, int], int]:
    """The same by the plain rules."""
    found = {key: set(places) for key, places in by_plain_rules(state).items()}
    counts = {key: len(places) for key, places in found.items()}
    return counts, sum(place_of(pod) in found[pod.workload] for pod in asked)


def listed_by_plain_rules(state: Cluster) -> list[Pair]:
    """Every pair as plain tuples, by the plain rules."""
    return [(key, place) for key, places in by_plain_rules(state).items() for place in places]


def listed_by_loop(state: Cluster) -> list[Pair]:
    """Every pair of a workload and a node or an ordinal, as plain tuples, by the double loop."""
    return [(key, place) for key, places in by_loop(state, list).items() for place in places]


def variants(state: Cluster, rounds: int, mark: str) -> Iterator[Cluster]:
    """The cluster again and again, each time with another taint on one node that keeps no pod off.

    Questions that were asked before are answered from memory; these have not been.
    """
    document = to_document(state.nodes[0])
    for number in range(rounds):
        taint = {"key": "example.com/round", "value": f"{mark}-{number}", "effect": "PreferNoSchedule"}
        spec = {**document.get("spec", {})}
        changed = state.replaced(
            [from_document({**document, "spec": {**spec, "taints": [*spec.get("taints", ()), taint]}})]
        )
        # Sorted here, so that it is in nobody's time.
        assert len(changed.nodes) == len(state.nodes)
        assert len(changed.daemonsets) == len(state.daemonsets)
        yield changed


Way = Callable[[Cluster, Sequence[DesiredPod]], object]
WAYS: dict[str, dict[str, Way]] = {
    "counts": {
        "foretell": lambda state, asked: counted(desired(state), asked),
        "naive": lambda state, asked: counted(desired(state, grouped=False), asked),
        "plain": counted_by_plain_rules,
        "loop": counted_by_loop,
    },
    "pairs": {
        "foretell": lambda state, _: list(desired(state)),
        "naive": lambda state, _: list(desired(state, grouped=False)),
        "plain": lambda state, _: listed_by_plain_rules(state),
        "loop": lambda state, _: listed_by_loop(state),
    },
}
"""Ways to the counts with membership, and to every pair listed."""
GROUNDED = ("naive", "plain")
"""The ways that go over every node by the rules."""


def compared(
    state: Cluster, *, rounds: int = 7, seconds: float = 10.0, most_pairs: int = 5_000_000
) -> list[dict[str, Any]]:
    """Times and ratios for counts with membership, and for every pair listed, of one cluster.

    The rules are grounded over every node only if there are no more than `most_pairs` pairs of DaemonSets
    and nodes.
    """
    asked = probes(state)
    pairs = len(state.nodes) * len(state.daemonsets)
    grounded = pairs <= most_pairs
    reason = f"{pairs:,} pairs to ground are more than {most_pairs:,}"
    agrees, pods = agreement(state, asked, grounded=grounded)
    rows = []
    for answer, ways in WAYS.items():
        works = {name: _asking(way, asked) for name, way in ways.items() if grounded or name not in GROUNDED}
        taken = interleaved(works, variants(state, rounds, answer), seconds)
        rows.append({
            "nodes": len(state.nodes), "daemonsets": len(state.daemonsets),
            "statefulsets": len(state.statefulsets), "pods": pods,
            "answer": answer, "agrees": agrees, "rounds": {name: len(some) for name, some in taken.items()},
            "times": {name: summary(some) for name, some in taken.items()},
            "ratios": {
                name: ratio(some, taken["foretell"]) for name, some in taken.items() if name != "foretell"
            },
            "skipped": {} if grounded else dict.fromkeys(GROUNDED, reason),
        })  # fmt: skip
    return rows


def _asking(way: Way, asked: Sequence[DesiredPod]) -> Callable[[Cluster], object]:
    return lambda state: way(state, asked)


def agreement(state: Cluster, asked: Sequence[DesiredPod], *, grounded: bool) -> tuple[bool, int]:
    """Whether all ways come to the same counts, memberships and pairs; and how many pods should exist."""
    found = desired(state)
    expected, numbers = set(listed_by_loop(state)), counted_by_loop(state, asked)
    answers = [found, desired(state, grouped=False)] if grounded else [found]
    agrees = all(
        counted(one, asked) == numbers and {(pod.workload, place_of(pod)) for pod in one} == expected
        for one in answers
    )
    return agrees and (not grounded or set(listed_by_plain_rules(state)) == expected), len(expected)
