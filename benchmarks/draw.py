"""Draws the curves of docs/performance.md from the suite's JSON file.

python benchmarks/draw.py benchmarks/measured.json docs
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from charts import Curve, chart

Row = dict[str, Any]
GOAL = 2000
"""Bytes of memory that a pod is to take at most."""


def times(rows: list[Row], answer: str, way: str) -> list[tuple[float, float]]:
    """Nodes and the least milliseconds of one way to one answer."""
    return [
        (row["nodes"], row["times"][way]["least_ms"])
        for row in rows
        if row["answer"] == answer and way in row["times"]
    ]


def desired_chart(rows: list[Row]) -> str:
    """The time for the desired pod set, by nodes."""
    daemonsets, statefulsets = rows[0]["daemonsets"], rows[0]["statefulsets"]
    curves = [
        Curve("Foretell, counts", times(rows, "counts", "foretell")),
        Curve("Foretell, every pair", times(rows, "pairs", "foretell")),
        Curve("rules over every node", times(rows, "counts", "naive")),
        Curve("double loop in Python", times(rows, "counts", "loop")),
    ]
    title = f"The desired pods of {daemonsets} DaemonSets and {statefulsets} StatefulSets"
    return chart(title, "nodes", "milliseconds", curves)


def memory_chart(rows: list[Row]) -> str:
    """The memory of a read cluster, by pods."""
    curves = [
        Curve("a read cluster", [(row["pods"], row["resident_bytes"] / 1e6) for row in rows]),
        Curve(
            f"{GOAL:,} bytes a pod", [(row["pods"], row["pods"] * GOAL / 1e6) for row in rows], dashed=True
        ),
    ]
    return chart("The memory that a read cluster takes", "pods", "megabytes", curves)


def main() -> None:
    """Draw what has been measured."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("measured", type=Path)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    found = json.loads(options.measured.read_text())
    for section, draw in (("growth", desired_chart), ("memory", memory_chart)):
        if found.get(section):
            name = "desired" if section == "growth" else section
            (options.folder / f"growth-{name}.svg").write_text(draw(found[section]))


if __name__ == "__main__":
    main()
