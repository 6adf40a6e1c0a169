"""Every order of a few forecasts: how many there are, and how long they take beside one forecast.

python benchmarks/bench_orders.py [--nodes 10]
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from time import perf_counter
from typing import Any

from foretell.logic.forecast import forecast
from foretell.logic.orders.exploring import every_order
from foretell.model.changes import Change, SetImage
from foretell.model.cluster import Cluster
from foretell.model.reading import read

IMAGE = SetImage(kind="DaemonSet", name="agent", image="agent:2")


def node(number: int) -> dict[str, Any]:
    """A node with room."""
    return {
        "apiVersion": "v1", "kind": "Node", "metadata": {"name": f"node-{number:03}"},
        "status": {"allocatable": {"cpu": "8", "memory": "16Gi", "pods": "110"}},
    }  # fmt: skip


def workload(kind: str, name: str, **spec: Any) -> dict[str, Any]:
    """A DaemonSet or a Deployment whose pods ask for a little."""
    requests = {"cpu": "100m", "memory": "64Mi"}
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": [{"name": "main", "image": f"{name}:1", "resources": {"requests": requests}}]},
    }
    return {
        "apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "namespace": "default"},
        "spec": {"selector": {"matchLabels": {"app": name}}, "template": template, **spec},
    }  # fmt: skip


def rolling(nodes: int) -> Cluster:
    """A DaemonSet on so many nodes, on which other pods rest, no two alike."""
    others = [workload("Deployment", f"shop-{number}", replicas=number) for number in range(1, 5)]
    return forecast(read([*map(node, range(nodes)), workload("DaemonSet", "agent"), *others])).after


def measure(name: str, state: Cluster, changes: Sequence[Change], apart: Sequence[str] = ()) -> None:
    """Go through the orders, and print how long that took."""
    began = perf_counter()
    waves = len(forecast(state, changes).waves)
    once = perf_counter() - began
    began = perf_counter()
    exploration = every_order(state, changes, apart=apart, orders=100_000, seconds=600)
    for _ in exploration:
        pass
    seconds = perf_counter() - began
    each = seconds / exploration.number * 1000
    print(
        f"  {name:<44} {exploration.number:6} orders   {seconds:7.2f} s   {each:7.1f} ms each"
        f"   {seconds / once:6.1f} times one forecast ({waves} waves)"
    )


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--nodes", type=int, default=10)
    nodes = parser.parse_args().nodes
    print("every order")
    measure(f"a roll-out on {nodes} nodes with other pods", rolling(nodes), [IMAGE])
    names = [f"node-{number:03}" for number in range(6)]
    measure("a roll-out on 6 nodes, each told by its name", rolling(6), [IMAGE], names)
    shop = workload("Deployment", "shop", replicas=3)
    measure("3 pods on 3 alike nodes", read([*map(node, range(3)), shop]), ())
    search = workload("Deployment", "search", replicas=2)
    measure("3 pods and 2 others on 4 alike nodes", read([*map(node, range(4)), shop, search]), ())


if __name__ == "__main__":
    main()
