"""A node of a large cluster is drained: what its budgets say, and the whole forecast.

python benchmarks/bench_drain.py [nodes] [pods]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter

from guarded import guarded

from foretell.logic.concerned import Concerned
from foretell.logic.disruption import counted, counted_budgets
from foretell.logic.evictions import evicted
from foretell.logic.forecast import forecast
from foretell.model.changes import Drain
from foretell.model.cluster import Cluster

NODE = "node-0000"


def measured(name: str, work: Callable[[], object], runs: int = 5) -> None:
    """Run something several times, and print how long it took."""
    taken = []
    for _ in range(runs):
        began = perf_counter()
        work()
        taken.append(perf_counter() - began)
    print(f"{name:<52} first {taken[0] * 1e3:8.1f} ms, median {median(taken) * 1e3:8.1f} ms")


def recounted(before: Cluster) -> Callable[[], object]:
    """What the disruption controller does after the node's pods have been evicted."""
    change = evicted(before, before.pods_on(NODE), before.moment)
    after = before.replaced(change.puts, change.drops)

    def work() -> object:
        concerned = Concerned(before)
        concerned.budgets(before)
        began = perf_counter()
        for put in change.puts:
            concerned.note(before.get(put.key), put)
        counted(after, concerned.budgets(after), before.moment)
        return perf_counter() - began

    return work


def main() -> None:
    """Measure, and print a table."""
    nodes, pods = map(int, sys.argv[1:3] or ("1000", "20000"))
    cluster = guarded(nodes, pods)
    print(
        f"{nodes:,} nodes, {pods:,} pods, {len(cluster.budgets):,} budgets; "
        f"{len(cluster.pods_on(NODE))} pods on the node"
    )
    measured("all budgets counted", lambda: counted_budgets(cluster))
    settled = cluster.replaced(counted_budgets(cluster))
    victims = settled.pods_on(NODE)
    measured(f"{len(victims)} evictions answered", lambda: evicted(settled, victims, settled.moment))
    measured("budgets counted after them", recounted(settled))
    drain = Drain(node=NODE, kubectl=True)
    measured("the forecast of the drain", lambda: forecast(settled, [drain], resync=False), 3)


if __name__ == "__main__":
    main()
