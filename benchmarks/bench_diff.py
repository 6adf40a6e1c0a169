"""The diff of 20 DaemonSets on 5,000 nodes with all of their pods: made at once, and moved on over changes.

python benchmarks/bench_diff.py [--nodes 5000] [--daemonsets 20]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from statistics import median
from time import perf_counter
from typing import TypeVar

from populated import populated

from foretell.logic.divergence import DiffState
from foretell.logic.edits import edit
from foretell.model.changes import AddTaint, Change, SetImage, SetPodStatus
from foretell.model.cluster import Cluster

T = TypeVar("T")
RUNS = 15


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """The seconds that some work took, and what came of it."""
    began = perf_counter()
    result = work()
    return perf_counter() - began, result


def moves(state: DiffState, changes: Sequence[Change]) -> Iterator[tuple[float, DiffState]]:
    """The seconds that each change takes until its diff is there, and the state then."""
    for change in changes:
        before = state.cluster
        one = edit(before, change, before.moment)
        after = before.replaced(one.puts, one.drops)
        keys = [*(put.key for put in one.puts), *one.drops]
        seconds, state = timed(lambda: _seen(state.moved(after, keys)))  # noqa: B023 - called at once
        yield seconds, state


def _seen(state: DiffState) -> DiffState:
    """The state, with its first page listed."""
    assert len(state.diff[:100]) <= 100
    return state


def taints(cluster: Cluster) -> list[Change]:
    """A taint on each of some nodes."""
    return [AddTaint(node=node.name, key="k", effect="NoSchedule") for node in cluster.nodes[:RUNS]]


def failures(cluster: Cluster) -> list[Change]:
    """A pod that isn't ready any more on each of some nodes."""
    pods = [cluster.pods_on(node.name)[0] for node in cluster.nodes[-RUNS:]]
    return [SetPodStatus(pod=pod.name, namespace=pod.namespace, phase="Running", ready=False) for pod in pods]


def new_templates(cluster: Cluster) -> list[Change]:
    """A new image for every DaemonSet, which outdates all pods."""
    return [
        SetImage(kind="DaemonSet", name=each.name, namespace=each.namespace, image="agent:2")
        for each in cluster.daemonsets
    ]


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--nodes", type=int, default=5000)
    parser.add_argument("--daemonsets", type=int, default=20)
    options = parser.parse_args()
    cluster = populated(options.nodes, options.daemonsets)
    rows: list[tuple[str, float]] = []

    def told(name: str, found: Iterator[tuple[float, DiffState]]) -> DiffState:
        steps = list(found)
        rows.append((name, median(seconds for seconds, _ in steps)))
        return steps[-1][1]

    whole, settled = timed(lambda: _seen(DiffState.of(cluster)))
    tainted = told("moved on over a taint", moves(settled, taints(cluster)))
    told("moved on over a pod that isn't ready", moves(settled, failures(cluster)))
    outdated = told("moved on over a new template", moves(settled, new_templates(cluster)))
    told("moved on over a taint, all pods outdated", moves(outdated, taints(cluster)))
    anew, same = timed(lambda: _seen(DiffState.of(outdated.cluster)))
    assert same.diff == outdated.diff
    assert tainted.diff == DiffState.of(tainted.cluster).diff
    listed, _ = timed(lambda: list(outdated.diff))
    print(f"{options.daemonsets} DaemonSets on {options.nodes} nodes: {len(cluster.pods)} pods")
    for name, seconds in (
        ("made at once, nothing amiss", whole),
        (f"made at once, {len(same.diff)} pods outdated", anew),
        *rows,
        ("all differences listed", listed),
    ):
        print(f"  {name:<45} {seconds * 1000:9.1f} ms   x{whole / seconds:.0f}")


if __name__ == "__main__":
    main()
