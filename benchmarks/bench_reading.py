"""Measures how a dump of a large cluster is read: megabytes a second, and memory for each pod that is kept.

python benchmarks/bench_reading.py --megabytes 100 1000
"""

from __future__ import annotations

import argparse
import gc
import re
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from dump import write_dump

from foretell.model.cluster import Cluster
from foretell.model.reading import read

ROUNDS = 3


def memory() -> int:
    """What this process has in memory, in bytes, but for a file's pages that Linux can drop; 0 elsewhere."""
    status = Path("/proc/self/status")
    found = re.search(r"RssAnon:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return int(found[1]) * 1024 if found else 0


def measured(path: Path) -> str:
    """The first reading shows the memory, the fastest one the speed."""
    gc.collect()
    before = memory()
    times: list[float] = []
    cluster = Cluster()
    each = 0.0
    for _ in range(ROUNDS):
        del cluster
        start = perf_counter()
        cluster = read(path)
        times.append(perf_counter() - start)
        each = each or (memory() - before) / len(cluster.pods)
    size = path.stat().st_size / 1e6
    return (
        f"{size:.0f} MB, {len(cluster)} objects, {len(cluster.pods)} pods: {min(times):.2f} s, "
        f"{size / min(times):.0f} MB/s, {each:.0f} bytes a pod"
    )


def main() -> None:
    """Write a dump of each size, read it a few times, print a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, nargs="+", default=[100])
    for megabytes in parser.parse_args().megabytes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "dump.json"
            write_dump(path, megabytes)
            sys.stdout.write(f"{measured(path)}\n")


if __name__ == "__main__":
    main()
