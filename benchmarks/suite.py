"""Answers compared and timed, growth, memory and forecasts in one table and one JSON file.

python benchmarks/suite.py [--nodes 10,100,1000,5000,50000] [--only desired,memory] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import forecasts
from comparison import compared
from fleet import fleet
from machine import machine
from memory import measured
from tables import HEADS, factor_line, line

Row = dict[str, Any]
WORKLOADS = {10: (10, 10), 100: (30, 50), 1000: (60, 200), 5000: (100, 500), 50_000: (200, 1000)}
"""DaemonSets and StatefulSets of clusters up to so many nodes."""
STEADY = (100, 500)
"""The same, where nothing but the nodes is to grow."""


def workloads(nodes: int) -> tuple[int, int]:
    """How many DaemonSets and StatefulSets a cluster of so many nodes has."""
    return next((some for size, some in WORKLOADS.items() if nodes <= size), WORKLOADS[50_000])


def compare(options: argparse.Namespace, *, steady: bool) -> Iterator[Row]:
    """Foretell against other ways to the same answer, by size."""
    for nodes in options.nodes:
        state = fleet(nodes, *(STEADY if steady else workloads(nodes)))
        yield from compared(
            state, rounds=options.rounds, seconds=options.limit / 10, most_pairs=options.most_pairs
        )


def factors(rows: list[Row]) -> list[Row]:
    """How many times as long each size takes as the one before, by answer, for Foretell."""
    found = []
    for answer in ("counts", "pairs"):
        some = [row for row in rows if row["answer"] == answer]
        for before, after in pairwise(some):
            old, new = before["times"]["foretell"], after["times"]["foretell"]
            found.append({
                "answer": answer, "from_nodes": before["nodes"], "to_nodes": after["nodes"],
                "median": round(new["median_ms"] / old["median_ms"], 2),
                "least": round(new["least_ms"] / old["least_ms"], 2),
            })  # fmt: skip
    return found


def remember(options: argparse.Namespace) -> Iterator[Row]:
    """Memory of a read cluster, by size, as long as there are no more pods than wanted."""
    for nodes in options.nodes:
        if nodes * options.pods_per_node <= options.most_pods:
            yield measured(nodes, min(STEADY[0], workloads(nodes)[0]), options.pods_per_node)


def foretell(options: argparse.Namespace) -> Iterator[Row]:
    """Whole forecasts, each under the limit."""
    nodes = options.forecast_nodes
    yield from forecasts.taints(nodes, options.daemonsets, options.taints, options.limit)
    yield forecasts.rollout(nodes, "10%", options.limit)
    yield forecasts.rollout(nodes, 1, options.limit)
    yield forecasts.ordered_update(options.replicas, options.limit)


SECTIONS: dict[str, Callable[[argparse.Namespace], Iterator[Row]]] = {
    "desired": lambda options: compare(options, steady=False),
    "growth": lambda options: compare(options, steady=True),
    "memory": remember,
    "forecasts": foretell,
}


def numbers(text: str) -> list[int]:
    """Numbers with commas between them."""
    return [int(part) for part in text.split(",")]


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = made.add_argument
    add("--only", default=",".join(SECTIONS), help="which sections (all)")
    add("--nodes", type=numbers, default=list(WORKLOADS), help="sizes, with commas between them")
    add("--rounds", type=int, default=7, help="how often each way is timed at most (7)")
    add(
        "--limit",
        type=float,
        default=120.0,
        help="seconds for a forecast; a tenth of it for all rounds of a comparison (120)",
    )
    add("--most-pairs", type=int, default=5_000_000, help="pairs to ground naively at most (5,000,000)")
    add("--pods-per-node", type=int, default=30, help="pods on a node of a read cluster, up to 110 (30)")
    add("--most-pods", type=int, default=150_000, help="pods of a read cluster at most (150,000)")
    add("--forecast-nodes", type=int, default=5000, help="nodes of the forecasts' clusters (5,000)")
    add("--daemonsets", type=int, default=100, help="DaemonSets where one node is tainted (100)")
    add("--taints", type=int, default=20, help="how many nodes are tainted, one by one (20)")
    add("--replicas", type=int, default=1000, help="replicas of the ordered update (1,000)")
    add("--json", type=Path, help="the file to write; sections that aren't measured stay as they are in it")
    return made


def main() -> None:
    """Measure, print, write; fails if any answer is another one than the loop's."""
    options = parser().parse_args()
    file: Path | None = options.json
    found: dict[str, Any] = json.loads(file.read_text()) if file and file.exists() else {}
    found["machine"] = machine()
    print(", ".join(f"{name} {value}" for name, value in found["machine"].items()))
    for section in options.only.split(","):
        print(f"\n{HEADS[section]}", flush=True)
        found[section] = []
        for row in SECTIONS[section](options):
            found[section].append(row)
            print(line(section, row), flush=True)
            if file:
                file.write_text(json.dumps(found, indent=1) + "\n")
        if section == "growth":
            found["factors"] = factors(found[section])
            print(*map(factor_line, found["factors"]), sep="\n", flush=True)
    if file:
        file.write_text(json.dumps(found, indent=1) + "\n")
    rows = [*found.get("desired", ()), *found.get("growth", ())]
    if not all(row["agrees"] for row in rows):
        sys.exit("the ways do not come to the same answer")


if __name__ == "__main__":
    main()
