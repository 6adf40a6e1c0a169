"""The exploration: one order after the other, until none is left that could differ, or a limit is reached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from time import monotonic
from typing import Any

from foretell.logic.forecast import accompanied, resumed
from foretell.logic.orders.choices import Choices, Milestone
from foretell.logic.orders.likeness import Likeness
from foretell.logic.orders.rooms import manager_of, only_pinned
from foretell.model.changes import Change, change_from_json
from foretell.model.cluster import Cluster
from foretell.model.forecast import Assumptions, Forecast, Verb, assumptions_from_json
from foretell.model.meta import Key
from foretell.model.objects import Pod
from foretell.model.orders import Order

MOST_ORDERS = 1_000
"""How many orders are looked at, where nothing else is asked for."""
MOST_SECONDS = 30.0
"""For how long orders are looked at, where nothing else is asked for."""


class Exploration(Iterable[Order]):
    """The orders of a forecast, each as soon as it is derived; the first is the one that a forecast takes.

    When they have been gone through, `complete` says whether those were all, and `number` how many they were;
    some may have been told twice, as what has to be told apart shows on the way. A limit is looked at between
    two orders, so that there is always one at least.
    """

    def __init__(
        self,
        cluster: Cluster,
        changes: Iterable[Change],
        assume: Assumptions,
        options: Mapping[str, Any],
        *,
        orders: int,
        seconds: float,
        apart: Iterable[str],
        timed: Iterable[Key],
    ) -> None:
        self.cluster, self.changes, self.assume, self.options = cluster, tuple(changes), assume, options
        self.orders, self.seconds = orders, seconds
        self.apart, self.timed = frozenset(apart), frozenset(timed)
        self.busy: frozenset[Key] = frozenset()
        self.roaming = False
        self.complete = False
        self.number = 0
        self.likeness = self._likeness()

    def _likeness(self) -> Likeness:
        return Likeness(
            self.cluster, self.changes, self.assume, apart=self.apart, timed=self.timed, busy=self.busy,
            roaming=self.roaming,
        )  # fmt: skip

    def __iter__(self) -> Iterator[Order]:
        """Go through the orders, in the same sequence each time."""
        deadline = monotonic() + self.seconds
        choices = Choices(self.likeness)
        first = self._order(choices)
        looked = self.number = 1
        yield first
        if not self._mind(first.forecast) and choices.next_path is None:
            self.complete = choices.complete
            return
        while True:
            # The first order has been told; it is gone through once more for the states that it comes by.
            choices = Choices(self.likeness)
            self._order(choices)
            self.number = 1
            while (path := choices.next_path) is not None:
                if looked >= self.orders or monotonic() >= deadline:
                    return
                choices, milestone = choices.after(path)
                order = self._order(choices, milestone)
                looked, self.number = looked + 1, self.number + 1
                yield order
                if self._mind(order.forecast):
                    break
            else:
                self.complete = choices.complete
                return

    def _order(self, choices: Choices, since: Milestone | None = None) -> Order:
        """The order of these choices, gone on with from a milestone if there is one."""
        if since is None:
            told = accompanied(self.cluster, self.changes, self.assume, **self.options, choices=choices)
        else:
            simulation = since.simulation.copy()
            simulation.choices = choices
            told = resumed(self.cluster, simulation, self.options["horizon"], since.seen)
        taken = tuple(choice for turning in choices.turnings for choice in turning.choices)
        return Order(forecast=told, choices=taken, whole=not choices.joined)

    def _mind(self, told: Forecast) -> bool:
        """Mind what happens in an order that wasn't expected; False if all of it was.

        Pods are told by their names whose workload does something to such (daemon pods by their nodes), and
        nodes by all that the scheduler looks at once it places others than daemon pods.
        """
        found = {
            manager_of(pod)
            for action in told.actions
            if action.kind == "Pod"
            and isinstance(pod := self.cluster.get(Key("Pod", action.namespace, action.name)), Pod)
        }
        more = frozenset(key for key in found if key.kind != "DaemonSet") - self.busy
        roaming = not only_pinned(told.after) or any(
            action.kind == "Pod" and action.verb in (Verb.CREATE, Verb.BIND)
            and not (action.owner or "").startswith("DaemonSet/")
            for action in told.actions
        )  # fmt: skip
        if not more and roaming <= self.roaming:
            return False
        self.busy, self.roaming = self.busy | more, self.roaming or roaming
        self.likeness = self._likeness()
        return True


def every_order(
    cluster: Cluster,
    changes: Iterable[Change | Mapping[str, Any]] = (),
    assume: Assumptions | Mapping[str, Any] | None = None,
    horizon: int | None = None,
    *,
    orders: int = MOST_ORDERS,
    seconds: float = MOST_SECONDS,
    apart: Iterable[str] = (),
    timed: Iterable[Key] = (),
    patience: float | None = None,
    gates: frozenset[str] | None = None,
    resync: bool = True,
    now: float | None = None,
) -> Exploration:
    """Every order in which the control plane may do what it does after the changes, as a forecast each.

    It is asked as `forecast` is. Orders that differ only by nodes that nothing tells apart are told once, and
    one that comes by a state that an earlier one came by, too, is told up to there; so each state that any
    order comes by is in one of them. Nodes in `apart` are told from all others, and of workloads in `timed`
    since when their pods are ready. No more than so many `orders` are looked at, and none is begun after so
    many `seconds`.
    """
    return Exploration(
        cluster,
        [change_from_json(change) if isinstance(change, Mapping) else change for change in changes],
        assumptions_from_json(assume) if isinstance(assume, Mapping) else assume or Assumptions(),
        {"horizon": horizon, "patience": patience, "gates": gates, "resync": resync, "now": now},
        orders=orders, seconds=seconds, apart=apart, timed=timed,
    )  # fmt: skip
