"""What the controllers keep in mind between rounds and no object says: timers, back-offs, losses."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from foretell.logic.seen import Seen
from foretell.logic.stacks import Stacks
from foretell.model.meta import Key


@dataclass
class Memory:
    """What controllers remember; all moments are in seconds since the epoch.

    `evictions` says when a pod's toleration ends, `back_offs` how long the last back-off of a DaemonSet on
    a node was and when it began, `lost` since when a node that pods are bound to has been gone, `looks` when
    a workload's controller looks again by itself, `retries` after how many seconds it
    last tried again what had failed, `job_failures` how many pods of a Job have failed in a row and when the
    last one did, `schedules_until` up to when the schedules of CronJobs are followed, `began` when the
    forecast did, `collector` when the pod collector looks again, and `owners` the uids whose dependents the
    garbage collector minds. `spent` and `serial` keep names and uids apart, `seen` and `stacks` spare the
    telling of what has been told.
    """

    evictions: dict[Key, float] = field(default_factory=dict)
    back_offs: dict[tuple[Key, int, str], tuple[int, float]] = field(default_factory=dict)
    lost: dict[str, float] = field(default_factory=dict)
    looks: dict[Key, float] = field(default_factory=dict)
    owners: set[str] = field(default_factory=set)
    touched: set[Key] = field(default_factory=set)
    retries: dict[Key, int] = field(default_factory=dict)
    job_failures: dict[Key, tuple[int, float]] = field(default_factory=dict)
    schedules_until: float = math.inf
    began: float = math.inf
    collector: float | None = None
    spent: set[Key] = field(default_factory=set)
    serial: int = 0
    seen: Seen = field(default_factory=Seen)
    stacks: Stacks = field(default_factory=Stacks)

    def copy(self) -> Memory:
        """Another memory of the same, to ask what-if."""
        return replace(
            self, touched=set(self.touched), looks=dict(self.looks), evictions=dict(self.evictions)
        )

    def apart(self) -> Memory:
        """Another memory of the same, to go another way; what is only kept to spare work is shared."""
        return replace(
            self,
            evictions=self.evictions.copy(), back_offs=self.back_offs.copy(), lost=self.lost.copy(),
            looks=self.looks.copy(), owners=self.owners.copy(), touched=self.touched.copy(),
            retries=self.retries.copy(), job_failures=self.job_failures.copy(), spent=self.spent.copy(),
        )  # fmt: skip

    def next_timer(self, now: float, *, retries: bool) -> float | None:
        """When something happens by itself after a moment, if anything does; repeated tries needn't count."""
        looks = (
            moment
            for key, moment in self.looks.items()
            if (retries or key not in self.retries) and self._followed(key, moment)
        )
        moments = [*looks, *self.evictions.values()]
        moments += [] if self.collector is None else [self.collector]
        return min((moment for moment in moments if moment > now), default=None)

    def due(self, now: float) -> set[Key]:
        """The workloads and pods whose moment has come."""
        books = (self.looks, self.evictions)
        return {
            key
            for book in books
            for key, moment in book.items()
            if moment <= now and self._followed(key, moment)
        }

    def _followed(self, key: Key, moment: float) -> bool:
        """Whether a timer is waited for: a schedule never ends, so it is only followed for a while."""
        return key.kind != "CronJob" or moment <= self.schedules_until
