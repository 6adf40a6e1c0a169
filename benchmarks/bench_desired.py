"""The desired pod set of 100 DaemonSets on 5,000 nodes, against two plain ways to the same answer.

python benchmarks/bench_desired.py [--nodes 5000] [--daemonsets 100]
"""

from __future__ import annotations

import argparse
import sys

from clusters import cluster
from comparison import compared
from tables import HEADS, line


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--nodes", type=int, default=5000)
    parser.add_argument("--daemonsets", type=int, default=100)
    options = parser.parse_args()
    print(HEADS["desired"])
    rows = compared(cluster(options.nodes, options.daemonsets), rounds=5)
    for row in rows:
        print(line("desired", row))
    if not all(row["agrees"] for row in rows):
        sys.exit("the ways do not come to the same answer")


if __name__ == "__main__":
    main()
