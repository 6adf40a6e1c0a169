"""Whole processes: `foretell plan` on the tutorial and `foretell --help`, against an empty Python process.

python benchmarks/bench_plan.py
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

TUTORIAL = Path(__file__).resolve().parent.parent / "examples" / "tutorial"
FORETELL = str(Path(sys.executable).parent / "foretell")
STATE = ["--state", str(TUTORIAL / "cluster.yaml")]
COMMANDS = {
    "an empty Python process": [sys.executable, "-c", "pass"],
    "foretell --help": [FORETELL, "--help"],
    "foretell plan daemonset.yaml": [FORETELL, "plan", str(TUTORIAL / "daemonset.yaml"), *STATE],
    "foretell plan statefulset.yaml": [FORETELL, "plan", str(TUTORIAL / "statefulset.yaml"), *STATE],
}


def seconds(command: list[str], runs: int = 7) -> list[float]:
    """How long a command took, run by run, after one run that doesn't count."""
    taken = []
    for _ in range(runs + 1):
        began = perf_counter()
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
        taken.append(perf_counter() - began)
    return taken[1:]


def main() -> None:
    """Measure, and print a table."""
    first = 0.0
    for name, command in COMMANDS.items():
        taken = seconds(command)
        first = first or median(taken)
        least, middle = min(taken), median(taken)
        print(f"{name:<32} least {least:.3f} s, median {middle:.3f} s   x{middle / first:.1f}")


if __name__ == "__main__":
    main()
