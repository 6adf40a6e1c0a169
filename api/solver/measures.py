"""What a pool tells about itself: counts, and an observation of each task, for metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Cause(StrEnum):
    """Why a worker was replaced; a closed set.

    After its share of tasks, for the growth of its memory, at the limit of time or memory, since nobody
    waited any more for what it did, and since it ended by itself.
    """

    TASKS = "tasks"
    GROWTH = "growth"
    TIME = "time"
    MEMORY = "memory"
    CANCELLED = "cancelled"
    LOST = "lost"


class End(StrEnum):
    """How a task ended; a closed set.

    Done, refused by the handler (a ForetellError), failed on the handler's own account, at the limit of time
    or memory, with its worker lost, left by who had asked for it, or without any worker.
    """

    DONE = "done"
    REFUSED = "refused"
    FAULT = "fault"
    TIME = "time"
    MEMORY = "memory"
    LOST = "lost"
    CANCELLED = "cancelled"
    BUSY = "busy"


@dataclass(frozen=True)
class Observation:
    """One task that has ended: for how many seconds it waited for a worker, and was worked on."""

    task: str
    end: End
    waited: float
    worked: float


Observer = Callable[[Observation], None]


@dataclass(frozen=True)
class Stats:
    """A pool at this moment, and what it has done since it began.

    `size` is how many workers there should be, `idle` and `busy` are those that there are, `starting` those
    to come; `waiting` counts tasks in the queue. `started` counts workers, `recycled` those replaced, by
    cause; `tasks` counts those that got a worker.
    """

    size: int
    idle: int
    busy: int
    starting: int
    waiting: int
    started: int
    recycled: Mapping[Cause, int]
    tasks: int

    @property
    def timeouts(self) -> int:
        """Tasks that were ended at the limit of time, with their worker."""
        return self.recycled[Cause.TIME]

    @property
    def memory_kills(self) -> int:
        """Tasks that were ended at the limit of memory, with their worker."""
        return self.recycled[Cause.MEMORY]
