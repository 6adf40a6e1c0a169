"""Remedies in a large cluster: goals about daemon pods, Deployments, drains and roll-outs, and what has none.

python benchmarks/bench_remedy.py [nodes] [workloads]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter

from clusters import cluster as daemonic

from foretell.logic.forecast import forecast
from foretell.logic.remedy.remedies import remedy
from foretell.model.cluster import Cluster
from foretell.model.documents import from_document
from foretell.model.forecast import Assumptions
from foretell.model.meta import Key
from foretell.model.remedy import (
    Drained,
    EditPattern,
    Goal,
    Remedies,
    RunsOn,
    Schedulable,
    Spared,
    Unstuck,
)

BROKEN = Assumptions(never_ready=("shop-001-*",))
"""What is assumed of the roll-out that gets stuck."""


def deployment(number: int, *, cpu: str = "100m", image: str = "shop:1") -> dict[str, object]:
    """One Deployment of ten replicas."""
    name = f"shop-{number:03}"
    container = {"name": "main", "image": image, "resources": {"requests": {"cpu": cpu}}}
    return {
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": name, "namespace": "default", "uid": name, "generation": 1},
        "spec": {
            "replicas": 10, "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}},
        },
    }  # fmt: skip


def budget(number: int) -> dict[str, object]:
    """A budget that spares no pod of a Deployment."""
    name = f"shop-{number:03}"
    return {
        "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
        "metadata": {"name": name, "namespace": "default", "uid": f"budget-{name}", "generation": 1},
        "spec": {"maxUnavailable": 0, "selector": {"matchLabels": {"app": name}}},
    }  # fmt: skip


def populated(nodes: int, workloads: int) -> Cluster:
    """A settled cluster of DaemonSets and as many Deployments, one of which a budget guards."""
    half = workloads // 2
    documents = [*map(deployment, range(half)), budget(1)]
    return forecast(daemonic(nodes, workloads - half).replaced(map(from_document, documents))).after


def measured(name: str, work: Callable[[], Remedies], runs: int = 3) -> None:
    """Run something several times; print how long it took and what was found."""
    taken: list[float] = []
    answers: list[Remedies] = []
    for _ in range(runs):
        began = perf_counter()
        answers.append(work())
        taken.append(perf_counter() - began)
    found = answers[-1]
    what = "holds" if found.holds else f"{len(found.remedies)} found, {found.tried} tried"
    print(f"{name:<44} first {taken[0]:6.2f} s, median {median(taken):6.2f} s   {what}", flush=True)


def asked(
    cluster: Cluster, goal: Goal, *never: EditPattern, assume: Assumptions | None = None
) -> Callable[[], Remedies]:
    """The search for a goal's remedies."""
    return lambda: remedy(cluster, goal, (), assume, never=never)


def main() -> None:
    """Measure, and print a table."""
    nodes, workloads = map(int, sys.argv[1:3] or ("1000", "20"))
    cluster = populated(nodes, workloads)
    print(f"{nodes:,} nodes, {workloads:,} workloads, {len(cluster.pods):,} pods")
    agent, shop = Key("DaemonSet", "default", "daemon-002"), Key("Deployment", "default", "shop-001")
    busy = next(pod.spec.node_name for pod in cluster.pods if pod.name.startswith("shop-001"))
    measured("a DaemonSet on one node", asked(cluster, RunsOn(workload=agent, nodes=("node-00002",))))
    measured("a DaemonSet on all nodes", asked(cluster, RunsOn(workload=agent)))
    ruled_out = EditPattern(edit="toleration", text="toleration"), EditPattern(kind="Node", text="node/*")
    measured("a DaemonSet on all nodes, ruled out", asked(cluster, RunsOn(workload=agent), *ruled_out))
    too_large = from_document(deployment(0, cpu="40"))
    crowded = forecast(cluster.replaced([too_large])).after
    measured("a Deployment that asks for too much", asked(crowded, Schedulable(thing=too_large.key)))
    measured("a drain that a budget holds", asked(cluster, Drained(node=busy)))
    measured("no pod lost to a taint", asked(cluster, Spared(node=busy, key="fire")))
    image = from_document(deployment(1, image="shop:broken"))
    broken = forecast(cluster.replaced([image]), (), BROKEN).after
    measured("a roll-out that is stuck", asked(broken, Unstuck(workload=shop), assume=BROKEN))


if __name__ == "__main__":
    main()
