"""Runs of moments that differ in little: what they share is told once, the rest is switched on and off.

Grounding rules over all facts is what costs, so it is done once a run.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from foretell.logic.policy.covers import Covers
from foretell.logic.policy.moments import Moment, Names, distinct, existed, facts_of_moment, moments_of
from foretell.logic.policy.pace import Pace
from foretell.logic.policy.telling import TELLERS, facts_of
from foretell.model.cluster import Cluster
from foretell.model.forecast import Forecast
from foretell.model.meta import Key, Object

Facts = tuple[str, ...]
_NONE: Facts = ()


class Run(NamedTuple):
    """Some moments: the facts of all of them, those of some, and which of these hold in each."""

    moments: tuple[Moment, ...]
    shared: frozenset[str]
    varying: Facts
    states: tuple[tuple[int, ...], ...]


class _Told:
    """The facts of objects, brought up to date from moment to moment."""

    def __init__(self, told: tuple[str, ...], paths: frozenset[str] | None) -> None:
        self._predicates = [name for name in told if name in TELLERS or name == "field"]
        self._paths = paths
        self._covers = Covers() if "covers" in told else None
        self._last: Cluster | None = None
        self.facts: dict[Key, Facts] = {}

    def move(self, cluster: Cluster) -> dict[Key, Facts]:
        """Go on to a cluster; what is told otherwise than before, by objects."""
        renewed = self._covers is not None and self._covers.renew(cluster)
        if self._last is None or renewed:
            keys = {thing.key for thing in cluster} | self.facts.keys()
        else:
            keys = set(cluster.differing(self._last))
        self._last = cluster
        changed: dict[Key, Facts] = {}
        for key in sorted(keys):
            thing = cluster.get(key)
            facts = _NONE if thing is None else self._of(thing)
            if facts != self.facts.get(key, _NONE):
                changed[key] = self.facts[key] = facts
        return changed

    def _of(self, thing: Object) -> Facts:
        covered = self._covers.facts(thing) if self._covers else ()
        return distinct(chain(facts_of(thing, self._predicates, self._paths), covered))


def runs_of(
    forecast: Forecast, told: tuple[str, ...], paths: frozenset[str] | None, sorts: frozenset[str], pace: Pace
) -> Iterator[Run]:
    """The runs of a forecast's moments of some sorts, as far as these predicates tell them apart."""
    names: Names = frozenset(told)
    always = distinct(existed(forecast)) if "existed" in names else _NONE
    telling = _Told(told, paths)
    growing: _Growing | None = None
    for moment in moments_of(forecast, sorts):
        changed = telling.move(moment.cluster)
        besides = distinct(facts_of_moment(moment, forecast, names))
        if growing is None or not growing.takes(moment, changed, besides, pace.most):
            if growing is not None:
                yield growing.run(always)
            growing = _Growing(moment, dict(telling.facts), besides)
    if growing is not None:
        yield growing.run(always)


class _Growing:
    """A run that may take further moments."""

    def __init__(self, moment: Moment, facts: dict[Key, Facts], besides: Facts) -> None:
        self._moments, self._facts = [moment], facts
        # By moment and object what isn't as in the first one; and what no object tells.
        self._differs: list[dict[Key, Facts]] = [{}]
        self._besides = [besides]
        self._seen, self._always = set(besides), frozenset(besides)

    def takes(self, moment: Moment, changed: dict[Key, Facts], besides: Facts, most: int) -> bool:
        """Take a moment, by what has changed since the last one, unless more than so much would vary."""
        seen, always = self._seen.union(besides), self._always.intersection(besides)
        for key, facts in changed.items():
            seen.update(set(facts) ^ set(self._facts.get(key, _NONE)))
        if len(seen - always) > most:
            return False
        self._seen, self._always = seen, always
        self._moments.append(moment)
        self._differs.append({**self._differs[-1], **changed})
        self._besides.append(besides)
        return True

    def run(self, always: Facts) -> Run:
        """The run as it is."""
        keys = set().union(*self._differs)
        states = [
            set(chain(besides, *(differs.get(key, self._facts.get(key, _NONE)) for key in keys)))
            for differs, besides in zip(self._differs, self._besides, strict=True)
        ]
        common = set.intersection(*states)
        varying = tuple(sorted(set().union(*states) - common))
        places = {fact: place for place, fact in enumerate(varying)}
        kept = [facts for key, facts in self._facts.items() if key not in keys and facts]
        return Run(
            moments=tuple(self._moments),
            shared=frozenset(chain(always, common, *kept)),
            varying=varying,
            states=tuple(tuple(sorted(places[fact] for fact in state - common)) for state in states),
        )
