"""What the clients of a soak have seen: how long answers took, what they were told, what went wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple


class Memory(NamedTuple):
    """What the processes have in memory, in MiB, so many seconds after the beginning."""

    second: float
    servers: float
    workers: float


@dataclass
class Watched:
    """What a subscriber has seen of a cluster: the numbers of its revisions, as they came."""

    cluster: str
    transport: str
    numbers: list[int] = field(default_factory=list)

    @property
    def newest(self) -> int:
        """The newest revision that it has seen; the first one it knows."""
        return self.numbers[-1] if self.numbers else 1


@dataclass
class Ledger:
    """The book that all clients of a soak keep together.

    `acknowledged` are the reasons of mutations by cluster and revision, `unstored` those of mutations that
    were told a conflict or were dry runs. `down` are the ports of servers that were killed.
    """

    seconds: dict[str, list[float]] = field(default_factory=dict)
    acknowledged: dict[tuple[str, int], str] = field(default_factory=dict)
    unstored: set[str] = field(default_factory=set)
    conflicts: int = 0
    broken: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    watched: list[Watched] = field(default_factory=list)
    memory: list[Memory] = field(default_factory=list)
    down: set[int] = field(default_factory=set)
    stopping: bool = False

    def took(self, kind: str, seconds: float) -> None:
        """An answer came after so long."""
        self.seconds.setdefault(kind, []).append(seconds)

    def acknowledge(self, cluster: str, number: int, why: str) -> None:
        """A mutation was told that it has made a revision."""
        if (cluster, number) in self.acknowledged:
            self.faults[f"{cluster}: revision {number} was acknowledged twice"] += 1
        self.acknowledged[cluster, number] = why

    def newest(self, cluster: str) -> int:
        """The newest revision that was acknowledged."""
        return max((number for name, number in self.acknowledged if name == cluster), default=1)
