"""Every reason why not: what all nodes of a large cluster say of one pod, and what becomes of it.

python benchmarks/bench_place.py [nodes] [pods]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

from guarded import guarded

from foretell.logic.optimal import best_placement
from foretell.logic.placing import placing
from foretell.model.cluster import Cluster
from foretell.model.documents import from_document
from foretell.model.objects import Pod

ZONED: dict[str, Any] = {
    "topologySpreadConstraints": [
        {
            "maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule",
            "labelSelector": {"matchLabels": {"app": "app-0007"}},
        }
    ]
}  # fmt: skip
APART: dict[str, Any] = {
    "affinity": {
        "podAntiAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": [
                {"topologyKey": "zone", "labelSelector": {"matchLabels": {"app": "app-0007"}}}
            ]
        }
    }
}


def newcomer(name: str, cpu: str = "500m", **spec: Any) -> Pod:
    """A pending pod of no workload."""
    pod = from_document({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": "default", "labels": {"app": "app-0007"}},
        "spec": {
            "containers": [{"name": "main", "image": "app:1", "resources": {"requests": {"cpu": cpu}}}],
            **spec,
        },
    })  # fmt: skip
    assert isinstance(pod, Pod)
    return pod


def measured(name: str, work: Callable[[], object], runs: int = 5) -> None:
    """Run something several times, and print how long it took."""
    taken = []
    for _ in range(runs):
        began = perf_counter()
        work()
        taken.append(perf_counter() - began)
    print(f"{name:<52} first {taken[0] * 1e3:8.1f} ms, median {median(taken) * 1e3:8.1f} ms")


def told(cluster: Cluster, pod: Pod) -> Callable[[], object]:
    """The whole table of a pod's placement."""
    return lambda: placing(cluster, pod)


def main() -> None:
    """Measure, and print a table."""
    nodes, pods = map(int, sys.argv[1:3] or ("1000", "20000"))
    cluster = guarded(nodes, pods)
    print(f"{nodes:,} nodes, {pods:,} pods")
    # Indexes are made once for a snapshot and carried over to later ones.
    cluster.occupied_nodes()
    measured("a pod that asks for room alone", told(cluster, newcomer("plain")))
    measured("a pod that fits nowhere", told(cluster, newcomer("huge", "64")))
    measured("a pod that is spread over zones", told(cluster, newcomer("zoned", **ZONED)))
    measured("a pod that keeps away from others", told(cluster, newcomer("apart", **APART)))
    few = guarded(10, 200)
    batch = [newcomer(f"batch-{number}", f"{500 + 250 * (number % 5)}m") for number in range(40)]
    waiting = few.replaced(batch)
    measured(
        "40 pods placed together on 10 nodes, at most 5 s", lambda: best_placement(waiting, seconds=5), 1
    )


if __name__ == "__main__":
    main()
