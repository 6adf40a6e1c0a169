"""A long roll-out on a large cluster is held against policies: each by itself, then the whole library.

python benchmarks/bench_check.py [--nodes 1000] [--workloads 20] [--at-once 10]
"""

from __future__ import annotations

import argparse
from time import perf_counter

from clusters import cluster

from foretell.logic.forecast import forecast
from foretell.logic.policy.judging import judge
from foretell.logic.policy.sources import library, read_policies
from foretell.model.changes import SetImage
from foretell.model.forecast import Forecast
from foretell.model.policy import Limits

PATIENT = Limits(seconds=3600.0, memory=8 * 2**30)


def judged(name: str, policies: tuple[str, ...], story: Forecast) -> None:
    """Judge, and print how long it took."""
    began = perf_counter()
    report = judge(read_policies(policies), story, limits=PATIENT)
    seconds = perf_counter() - began
    print(f"  {name:<24} {seconds:7.2f} s   {len(report.findings):6,} findings")


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--nodes", type=int, default=1000)
    parser.add_argument("--workloads", type=int, default=20)
    parser.add_argument("--at-once", type=int, default=10)
    options = parser.parse_args()
    settled = forecast(cluster(options.nodes, options.workloads, max_unavailable=options.at_once)).after
    began = perf_counter()
    story = forecast(settled, [SetImage(kind="DaemonSet", name="daemon-000", image="agent:2")])
    print(
        f"{options.nodes:,} nodes, {options.workloads} DaemonSets, {len(settled.pods):,} pods; "
        f"a roll-out in {len(story.waves):,} waves, forecast in {perf_counter() - began:.2f} s"
    )
    for name in library():
        judged(name, (name,), story)
    judged("all of them", library(), story)


if __name__ == "__main__":
    main()
