"""What is known in memory of the clusters: fresh while a watch hears of every change."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from foretell.api.store.source import Report
from foretell.api.store.values import ClusterInfo

_DELETED = 10_000
"""How many deleted clusters are remembered, so that late news don't bring them back."""


class Event(NamedTuple):
    """A cluster's newest revision, 0 when it was deleted."""

    name: str
    head: int


class Infos:
    """The newest that was heard of each cluster, from whomever; what is older than that is passed over.

    Every method that takes news gives the events that they are.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, ClusterInfo] = {}
        self._deleted: dict[int, None] = {}
        self._learned: dict[int, int] = {}
        self._count = 0
        self._fresh = False

    def get(self, name: str) -> ClusterInfo | None:
        """A cluster, if it is known and the knowledge is fresh."""
        with self._lock:
            return self._known.get(name) if self._fresh else None

    def learn(self, info: ClusterInfo) -> tuple[Event, ...]:
        """A cluster is at this revision."""
        with self._lock:
            return self._learn(info)

    def advance(self, cluster_id: int, name: str, head: int, objects: int) -> tuple[Event, ...] | None:
        """A cluster has come to this revision; None if more has to be known of it."""
        with self._lock:
            known = self._known.get(name)
            if known is None or known.id != cluster_id:
                return () if cluster_id in self._deleted else None
            return self._learn(replace(known, head=head, objects=objects))

    def forget(self, cluster_id: int, name: str) -> tuple[Event, ...]:
        """A cluster is deleted."""
        with self._lock:
            return self._forget(cluster_id, name)

    def count(self) -> int:
        """How much was learned so far: to be asked before all is read for `refresh`."""
        with self._lock:
            return self._count

    def refresh(self, infos: Iterable[ClusterInfo], since: int, *, report: Report) -> tuple[Event, ...]:
        """These were all clusters at some time after `since`; from now on the knowledge is fresh."""
        with self._lock:
            events: list[Event] = []
            there = set()
            for info in infos:
                there.add(info.id)
                events += self._learn(info)
            for known in list(self._known.values()):
                if known.id not in there and self._learned[known.id] <= since:
                    events += self._forget(known.id, known.name)
            self._fresh = True
            if report is Report.NONE:
                return ()
            if report is Report.ALL:
                gone = [event for event in events if not event.head]
                events = gone + [Event(info.name, info.head) for info in self._known.values()]
            return tuple(events)

    def lost(self) -> None:
        """From now on changes may be missed."""
        with self._lock:
            self._fresh = False

    def _learn(self, info: ClusterInfo) -> tuple[Event, ...]:
        known = self._known.get(info.name)
        if info.id in self._deleted or (known and (known.id, known.head) >= (info.id, info.head)):
            return ()
        if known and known.id != info.id:
            self._forget(known.id, known.name)
        self._known[info.name] = info
        self._count += 1
        self._learned[info.id] = self._count
        return (Event(info.name, info.head),)

    def _forget(self, cluster_id: int, name: str) -> tuple[Event, ...]:
        self._deleted[cluster_id] = None
        if len(self._deleted) > _DELETED:
            del self._deleted[next(iter(self._deleted))]
        self._learned.pop(cluster_id, None)
        known = self._known.get(name)
        if known is None or known.id != cluster_id:
            return ()
        del self._known[name]
        return (Event(name, 0),)
