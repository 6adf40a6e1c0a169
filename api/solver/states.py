"""The states that a worker knows: clusters with changes made to them, and what was derived of them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

import msgspec

from foretell.api.solver.questions import Base
from foretell.api.store.store import Store
from foretell.api.telling.making import made
from foretell.logic.carried import latest_stamp, moment_of
from foretell.logic.desired import Desired, desired
from foretell.logic.divergence import DiffState
from foretell.logic.forecast import forecast
from foretell.logic.gates import gates_with
from foretell.model.changes import change_from_json
from foretell.model.cluster import Cluster
from foretell.model.placement import Placing
from foretell.model.reading import read

T = TypeVar("T")
_REMEMBERED = 4
"""How many states of each sort are kept; those of large clusters take hundreds of megabytes."""


class Recent(Generic[T]):
    """The values that were made last, by key."""

    def __init__(self, most: int = _REMEMBERED) -> None:
        self._most, self._values = most, OrderedDict[Hashable, T]()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of a key, made if it isn't known any more."""
        if key not in self._values:
            self._values[key] = make()
        self._values.move_to_end(key)
        while len(self._values) > self._most:
            self._values.popitem(last=False)
        return self._values[key]

    def known(self, key: Hashable) -> T | None:
        """The value of a key, if it is known."""
        return self._values.get(key)


class States:
    """Clusters and what was derived of them, over the revisions of a store.

    A state's moment is its now: no object of it mentions a later one, which is seen to whenever one is made.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._clusters = Recent[Cluster]()
        self._diffs = Recent[DiffState]()
        self._desired = Recent[Desired]()
        self._placings = Recent[Placing]()
        self._latest: dict[Hashable, Base] = {}

    def gates(self, base: Base) -> frozenset[str]:
        """The feature gates that are on in a state."""
        return gates_with(base.kubernetes, base.gates)

    def cluster(self, base: Base) -> Cluster:
        """The cluster of a state; raises RejectedError for a refused change, and what the store raises."""
        if not base.changes and not base.document and base.advance is None:
            return self._store.load(base.cluster, base.revision)
        return self._clusters.get(_key(base), lambda: self._made(base))

    def _made(self, base: Base) -> Cluster:
        if base.advance is not None:
            before = self.cluster(msgspec.structs.replace(base, advance=None))
            assume, waves = base.advance.assume, base.advance.waves
            story = forecast(before, (), assume, waves=waves, gates=self.gates(base), now=before.moment)
            return story.after
        if not base.changes:
            cluster = read(base.document)
            return cluster.at(moment_of(cluster))
        before = self.cluster(msgspec.structs.replace(base, changes=()))
        changes = map(change_from_json, base.changes)
        after, _ = made(before, changes, self.gates(base), before.moment)
        fresh = (thing for key in before.differing(after) if (thing := after.get(key)) is not None)
        return after.at(max([before.moment, *map(latest_stamp, fresh)]))

    def desired(self, base: Base) -> Desired:
        """The desired pod set of a state."""
        return self._desired.get(_key(base), lambda: desired(self.cluster(base), gates=self.gates(base)))

    def diff(self, base: Base) -> DiffState:
        """Desired against actual; after small changes only what they concern is derived anew."""
        known = self._diffs.get(_key(base), lambda: self._diffed(base))
        self._latest[_line(base)] = base
        return known

    def placing(self, base: Base, about: Hashable, make: Callable[[], Placing]) -> Placing:
        """What the scheduler would do with a pod of a state, made if it isn't known any more."""
        return self._placings.get((_key(base), about), make)

    def _diffed(self, base: Base) -> DiffState:
        after = self.cluster(base)
        latest = self._latest.get(_line(base))
        before = None if latest is None else self._diffs.known(_key(latest))
        if before is None:
            return DiffState.of(after, gates=self.gates(base))
        return before.moved(after, before.cluster.differing(after))


def _key(base: Base) -> bytes:
    return msgspec.json.encode(base)


def _line(base: Base) -> Hashable:
    """What states that are made from each other have in common."""
    return base.cluster, base.document, base.kubernetes, tuple(sorted(base.gates.items()))
