"""The sum of orders: what all of them have in common, and what only some have."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from foretell.logic.orders.likeness import Likeness
from foretell.logic.orders.readiness import Ready, lowered, newly_placed, wanted_of
from foretell.logic.orders.rooms import manager_of
from foretell.logic.orders.statements import broken, is_gone
from foretell.model.cluster import Cluster
from foretell.model.forecast import Forecast
from foretell.model.meta import Key
from foretell.model.objects import Node, Pod
from foretell.model.orders import (
    Assured,
    Choice,
    End,
    Gone,
    Holds,
    Lowest,
    Order,
    Orders,
    Placed,
    Span,
)
from foretell.model.statements import Statement

Cases = dict[Hashable, int]
"""In how many orders each of several things is so."""


@dataclass
class Sum:
    """Takes whole orders one by one; those that join an earlier one end as that one does.

    Nodes that are alike are one to it: what happens on one of them in an order happens on each other of them
    in another order.
    """

    before: Cluster
    began: float
    statements: Sequence[Statement]
    whole: int = 0
    first: Forecast | None = None
    ends: dict[Hashable, tuple[int, Forecast]] = field(default_factory=dict)
    waves: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    lows: dict[Key, list[Ready]] = field(default_factory=dict)
    wanted: dict[Key, int] = field(default_factory=dict)
    gone: dict[Key, int] = field(default_factory=dict)
    placed: dict[Key, dict[str, int]] = field(default_factory=dict)
    choices: dict[Choice, None] = field(default_factory=dict)
    kept: list[int] = field(default_factory=list)
    shortest: list[Forecast | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with no order in which any statement holds."""
        self.kept = [0 for _ in self.statements]
        self.shortest = [None for _ in self.statements]

    def take(self, order: Order) -> None:
        """Take an order into account."""
        self.choices.update(dict.fromkeys(order.choices))
        if not order.whole:
            return
        told = order.forecast
        self.whole += 1
        self.first = self.first or told
        obstacles = frozenset((o.namespace, o.workload, o.why) for o in told.verdict.obstacles)
        end = (told.verdict.outcome, obstacles)
        count, example = self.ends.get(end, (0, told))
        self.ends[end] = (count + 1, example)
        self.waves.append(len(told.waves))
        self.seconds.append(told.after.moment - self.began)
        self._take_lows(told)
        for key in told.after.differing(self.before):
            if isinstance(self.before.get(key), Pod) and is_gone(key, self.before, told.after):
                self.gone[key] = self.gone.get(key, 0) + 1
        for subject, nodes in newly_placed(self.before, told.after).items():
            counts = self.placed.setdefault(subject, {})
            counts.update((node, counts.get(node, 0) + 1) for node in nodes)
        for place, statement in enumerate(self.statements):
            self._take_statement(place, statement, told)

    def _take_lows(self, told: Forecast) -> None:
        for key, least in lowered({}, self.before, self.began, (*told.states, told.after)).items():
            self.lows.setdefault(key, []).append(least)
            self.wanted[key] = max(self.wanted.get(key, 0), wanted_of(told.after, key))

    def _take_statement(self, place: int, statement: Statement, told: Forecast) -> None:
        number = broken(statement, told, self.began)
        if number is None:
            self.kept[place] += 1
            return
        shortest = self.shortest[place]
        if shortest is None or number < len(shortest.waves):
            self.shortest[place] = told if number == len(told.waves) else told.cut_after(number)

    # --- what comes of it ---

    def told(self, likeness: Likeness, number: int, *, complete: bool) -> Orders:
        """What holds in every order, and what in some, so many having been looked at."""
        assert self.first is not None
        lows = [
            Lowest(
                workload=key,
                wanted=self.wanted[key],
                ready=_span([each.ready for each in found]),
                available=_span([each.available for each in found]),
            )
            for key, found in sorted(self.lows.items())
        ]
        assured = [
            Assured(statement=each, holds=self._holds(kept, complete=complete), counterexample=shortest)
            for each, kept, shortest in zip(self.statements, self.kept, self.shortest, strict=True)
        ]
        return Orders(
            number=number,
            complete=complete,
            first=self.first,
            ends=tuple(
                End(
                    outcome=example.verdict.outcome, obstacles=example.verdict.obstacles,
                    holds=self._holds(count, complete=complete), example=example,
                )
                for count, example in self.ends.values()
            ),
            waves=_span(self.waves),
            seconds=_span(self.seconds),
            lowest=tuple(lows),
            gone=tuple(self._gone(likeness, complete=complete)),
            placed=tuple(self._spots(likeness)),
            choices=tuple(self.choices),
            assured=tuple(assured),
        )  # fmt: skip

    def _holds(self, count: int, *, complete: bool) -> Holds:
        if 0 < count < self.whole:
            return Holds.SOME
        if not complete:
            return Holds.UNKNOWN
        return Holds.EVERY if count else Holds.NONE

    def _gone(self, likeness: Likeness, *, complete: bool) -> Iterable[Gone]:
        """The pods that go, and those like them."""
        like: dict[Hashable, list[Pod]] = {}
        going: dict[Hashable, list[int]] = {}
        for pod in self.before.pods:
            identity = _identity(likeness, pod)
            like.setdefault(identity, []).append(pod)
            going.setdefault(identity, []).append(self.gone.get(pod.key, 0))
        for identity, pods in like.items():
            counts = going[identity]
            if not any(counts):
                continue
            count = self.whole if min(counts) == self.whole else max(1, min(counts))
            holds = Holds.SOME if min(counts) < self.whole else self._holds(count, complete=complete)
            for pod in pods:
                owner = pod.metadata.controller
                yield Gone(
                    pod=pod.key, owner=f"{owner.kind}/{owner.name}" if owner else None,
                    node=pod.spec.node_name, holds=holds,
                )  # fmt: skip

    def _spots(self, likeness: Likeness) -> Iterable[Placed]:
        """Where new pods are, and where they are in other orders that are like these."""
        like: dict[Hashable, list[str]] = {}
        for key in sorted(self.before.keys(Node)):
            like.setdefault(likeness.begun(key.name), []).append(key.name)
        for subject, counts in sorted(self.placed.items()):
            sure: set[str] = set()
            possible = set(counts)
            for names in like.values():
                found = [counts.get(name, 0) for name in names]
                possible.update(names if any(found) else ())
                sure.update(names if min(found) == self.whole else ())
            yield Placed(subject=subject, sure=tuple(sorted(sure)), possible=tuple(sorted(possible)))


def _identity(likeness: Likeness, pod: Pod) -> Hashable:
    """What a pod has in common with those that are like it on nodes that are alike."""
    if pod.metadata.controller is None or manager_of(pod) in likeness.busy:
        return pod.key
    return (manager_of(pod), likeness.begun(pod.spec.node_name or pod.pinned_to), likeness.pod(pod))


def _span(numbers: Sequence[float]) -> Span:
    return Span(min(numbers), max(numbers))
