"""The desired pod set of 100 DaemonSets on 5,000 nodes, against two plain ways to the same answer.

python benchmarks/bench_desired.py [--nodes 5000] [--daemonsets 100]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from time import perf_counter

from clusters import cluster

from foretell.logic.desired import desired
from foretell.model.cluster import Cluster
from foretell.model.objects import DaemonSet, Node


def by_loop(state: Cluster) -> int:
    """How many pairs a straightforward double loop finds, for what these clusters use of tolerations."""
    return sum(wanted(daemonset, node) for daemonset in state.daemonsets for node in state.nodes)


def wanted(daemonset: DaemonSet, node: Node) -> bool:
    """Whether a DaemonSet wants a pod on a node."""
    spec = daemonset.spec.template.spec
    if any(node.labels.get(key) != value for key, value in spec.node_selector.items()):
        return False
    return all(
        any(t.operator == "Exists" and t.key in ("", taint.key) for t in spec.tolerations)
        for taint in node.spec.taints
    )


def timed(work: Callable[[], int], runs: int) -> tuple[float, int]:
    """The least of the seconds that some runs took, and the result."""
    least, result = float("inf"), 0
    for _ in range(runs):
        began = perf_counter()
        result = work()
        least = min(least, perf_counter() - began)
    return least, result


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--nodes", type=int, default=5000)
    parser.add_argument("--daemonsets", type=int, default=100)
    options = parser.parse_args()
    state = cluster(options.nodes, options.daemonsets)
    grouped, pairs = timed(lambda: len(desired(state)), runs=5)
    listed, _ = timed(lambda: len(list(desired(state))), runs=3)
    naive, same = timed(lambda: len(desired(state, grouped=False)), runs=1)
    loop, also = timed(lambda: by_loop(state), runs=1)
    assert pairs == same == also, (pairs, same, also)
    print(f"{options.daemonsets} DaemonSets on {options.nodes} nodes: {pairs} desired pods")
    for name, seconds in (
        ("counts and membership, alike nodes grouped", grouped),
        ("the same, every pair listed", listed),
        ("the same rules over every node by itself", naive),
        ("a double loop in Python", loop),
    ):
        print(f"  {name:<45} {seconds * 1000:9.1f} ms   x{seconds / grouped:.1f}")


if __name__ == "__main__":
    main()
