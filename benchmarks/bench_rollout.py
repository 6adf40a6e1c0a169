"""Whole forecasts on a large cluster: pods on all nodes, a roll-out at 10 %, a taint.

python benchmarks/bench_rollout.py [--nodes 5000]
"""

from __future__ import annotations

import argparse
from time import perf_counter

from clusters import cluster

from foretell.logic.forecast import forecast
from foretell.model.changes import AddTaint, Change, SetImage
from foretell.model.cluster import Cluster
from foretell.model.forecast import Forecast


def told(name: str, state: Cluster, *changes: Change) -> Forecast:
    """Forecast, and print how long it took."""
    began = perf_counter()
    story = forecast(state, changes)
    seconds = perf_counter() - began
    waves, actions = len(story.waves), len(story.actions)
    print(f"  {name:<32} {seconds:6.2f} s   {waves:3} waves   {actions:6} actions")
    return story


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--nodes", type=int, default=5000)
    options = parser.parse_args()
    print(f"one DaemonSet on {options.nodes} nodes")
    settled = told("its pods are created", cluster(options.nodes, 1, max_unavailable="10%")).after
    told("a new image at 10 %", settled, SetImage(kind="DaemonSet", name="daemon-000", image="agent:2"))
    told("a taint on one node", settled, AddTaint(node="node-00000", key="maintenance", effect="NoExecute"))


if __name__ == "__main__":
    main()
