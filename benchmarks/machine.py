"""The machine that figures are from."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

_CPUS = Path("/proc/cpuinfo")


def machine() -> dict[str, str | int]:
    """Cores, processor, memory and versions, and the day."""
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        "cpu": cpu_model(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "clingo": version("clingo"),
        "foretell": version("foretell"),
        "day": datetime.now(UTC).date().isoformat(),
    }


def cpu_model() -> str:
    """The processor as the kernel names it, or else as Python does."""
    if _CPUS.exists():
        for line in _CPUS.read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or "unknown"
