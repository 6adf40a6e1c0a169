"""Snapshots in memory: the latest that were used, as many as their objects allow."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from typing import NamedTuple

from foretell.model.cluster import Cluster

_OVERHEAD = 64
"""What a snapshot counts for besides its objects, so that empty ones can't fill the memory either."""

REVISIONS = 32
"""How many snapshots of one cluster are kept at most: one that changes all the time doesn't need them all."""


class Place(NamedTuple):
    """A revision of a cluster."""

    cluster_id: int
    number: int


class Snapshots:
    """Keeps snapshots until there are too many, of objects or of a cluster's revisions.

    Those that were not used for longest go first; the newest is kept however large it is.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[Place, Cluster] = OrderedDict()
        self._numbers: dict[int, OrderedDict[int, None]] = {}  # of each cluster, the latest used last
        self._weight = 0
        self._made: dict[Place, Future[Cluster]] = {}

    def get(self, place: Place) -> Cluster | None:
        """The snapshot of a revision, if it is kept."""
        with self._lock:
            return self._get(place)

    def before(self, place: Place) -> tuple[int, Cluster] | None:
        """The nearest earlier revision of the cluster that is kept."""
        with self._lock:
            numbers = [n for n in self._numbers.get(place.cluster_id, ()) if n < place.number]
            return (max(numbers), self._kept[place._replace(number=max(numbers))]) if numbers else None

    def get_or_make(self, place: Place, make: Callable[[], Cluster]) -> Cluster:
        """The snapshot of a revision; threads that want the same wait for the one that makes it."""
        mine: Future[Cluster] = Future()
        with self._lock:
            if (kept := self._get(place)) is not None:
                return kept
            coming = self._made.setdefault(place, mine)
        if coming is not mine:
            return coming.result()
        try:
            made = make()
            self.put(place, made)
        except BaseException as error:
            mine.set_exception(error)
            raise
        else:
            mine.set_result(made)
            return made
        finally:
            with self._lock:
                del self._made[place]

    def put(self, place: Place, cluster: Cluster) -> None:
        """Keep a snapshot."""
        with self._lock:
            self._drop(place)
            self._kept[place] = cluster
            self._weight += len(cluster) + _OVERHEAD
            numbers = self._numbers.setdefault(place.cluster_id, OrderedDict())
            numbers[place.number] = None
            if len(numbers) > REVISIONS:
                self._drop(Place(place.cluster_id, next(iter(numbers))))
            while self._weight > self._most and len(self._kept) > 1:
                self._drop(next(iter(self._kept)))

    def forget(self, cluster_id: int) -> None:
        """Keep nothing of a cluster any more."""
        with self._lock:
            for number in tuple(self._numbers.get(cluster_id, ())):
                self._drop(Place(cluster_id, number))

    def size(self) -> tuple[int, int]:
        """How many snapshots are kept, and of how many objects."""
        with self._lock:
            return len(self._kept), self._weight - len(self._kept) * _OVERHEAD

    def _get(self, place: Place) -> Cluster | None:
        kept = self._kept.get(place)
        if kept is not None:
            self._kept.move_to_end(place)
            self._numbers[place.cluster_id].move_to_end(place.number)
        return kept

    def _drop(self, place: Place) -> None:
        dropped = self._kept.pop(place, None)
        if dropped is None:
            return
        self._weight -= len(dropped) + _OVERHEAD
        numbers = self._numbers[place.cluster_id]
        del numbers[place.number]
        if not numbers:
            del self._numbers[place.cluster_id]
