"""Servers to measure: `foretell serve` as a process, and what it and its workers have in memory."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from clusters import cluster
from populated import populated

from foretell.model.writing import dump_pieces

_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)")
_MEBIBYTE = 2**20


@dataclass(frozen=True)
class Server:
    """A running server: its port and its process."""

    port: int
    process: subprocess.Popen[str]

    def resident(self) -> tuple[float, list[float]]:
        """What the server and each of its workers have in memory, in MiB."""
        return resident(self.process.pid), [resident(pid) for pid in children(self.process.pid)]

    def kill(self) -> None:
        """End the server without any warning."""
        self.process.kill()
        self.process.wait()


@contextmanager
def serving(store: str, *options: str, log: Path | None = None) -> Iterator[Server]:
    """`foretell serve` on a free port, until the end of the block; its log goes to a file or nowhere."""
    program = str(Path(sys.executable).parent / "foretell")
    command = [program, "serve", "--store", store, "--port", "0", *options]
    with open(log or os.devnull, "a") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
    assert process.stdout is not None
    try:
        found = next((match for line in process.stdout if (match := _ADDRESS.search(line))), None)
        if found is None:
            raise RuntimeError(f"the server ended with {process.wait()}")
        yield Server(int(found[1]), process)
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        process.stdout.close()


def resident(pid: int) -> float:
    """What a process has in memory, in MiB; nothing if it has ended."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / _MEBIBYTE


def children(pid: int) -> list[int]:
    """The processes that a process has started, oldest first."""
    found: list[int] = []
    for task in sorted(Path(f"/proc/{pid}/task").glob("*/children")):
        try:
            found += map(int, task.read_text().split())
        except OSError:
            continue  # the thread has just ended
    return sorted(found)


def write_populated(path: Path, nodes: int, daemonsets: int) -> Path:
    """Write the dump of a settled cluster with all of its daemon pods."""
    with path.open("wb") as file:
        file.writelines(dump_pieces(populated(nodes, daemonsets)))
    return path


def write_empty(path: Path, nodes: int, daemonsets: int) -> Path:
    """Write the dump of a cluster without pods."""
    with path.open("wb") as file:
        file.writelines(dump_pieces(cluster(nodes, daemonsets)))
    return path
