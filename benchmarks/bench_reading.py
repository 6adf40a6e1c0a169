"""Measures how long a dump of a large cluster takes to read: of 100 MB, less than two seconds."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from time import perf_counter

from dump import write_dump

from foretell.model.reading import read

MEGABYTES = 100
ROUNDS = 3


def main() -> None:
    """Read a dump a few times and print the shortest time."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dump.json"
        count = write_dump(path, MEGABYTES)
        times = []
        for _ in range(ROUNDS):
            start = perf_counter()
            cluster = read(path)
            times.append(perf_counter() - start)
            del cluster
    sys.stdout.write(f"{count} objects, {MEGABYTES} MB: {min(times):.2f} s\n")


if __name__ == "__main__":
    main()
