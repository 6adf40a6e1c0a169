"""Sure and possible: what holds in whichever order the control plane chooses, and what in some."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from foretell.logic.carried import moment_of
from foretell.logic.orders.exploring import MOST_ORDERS, MOST_SECONDS, every_order
from foretell.logic.orders.statements import check_names, nodes_of
from foretell.logic.orders.summing import Sum
from foretell.model.changes import Change
from foretell.model.cluster import Cluster
from foretell.model.forecast import Assumptions
from foretell.model.orders import Orders
from foretell.model.statements import GetsReady, Statement


def orders(
    cluster: Cluster,
    changes: Iterable[Change | Mapping[str, Any]] = (),
    assume: Assumptions | Mapping[str, Any] | None = None,
    horizon: int | None = None,
    *,
    sure: Iterable[Statement] = (),
    orders: int = MOST_ORDERS,
    seconds: float = MOST_SECONDS,
    patience: float | None = None,
    gates: frozenset[str] | None = None,
    resync: bool = True,
    now: float | None = None,
) -> Orders:
    """What holds in every order in which the control plane may act after the changes, and what in some.

    It is asked as `forecast` is, and limited as `every_order` is. Of each statement in `sure` it is told in
    which orders it holds, and the shortest one in which it doesn't. Raises NotFoundError where one is about
    something that is never there, and whatever `forecast` raises.
    """
    statements = tuple(sure)
    exploration = every_order(
        cluster, changes, assume, horizon, orders=orders, seconds=seconds,
        apart=nodes_of(statements, cluster),
        timed=[each.workload for each in statements if isinstance(each, GetsReady)],
        patience=patience, gates=gates, resync=resync, now=now,
    )  # fmt: skip
    total = Sum(cluster, moment_of(cluster) if now is None else now, statements)
    for order in exploration:
        if total.first is None:
            check_names(statements, order.forecast)
        total.take(order)
    return total.told(exploration.likeness, exploration.number, complete=exploration.complete)
