"""Policies in every order: what they say of each way in which the control plane may act."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from foretell.logic.orders.exploring import MOST_ORDERS, MOST_SECONDS, every_order
from foretell.logic.policy.judging import court_of
from foretell.logic.policy.vetted import Ready
from foretell.model.changes import Change
from foretell.model.cluster import Cluster
from foretell.model.forecast import Assumptions, Forecast
from foretell.model.meta import Key
from foretell.model.objects import Node
from foretell.model.policy import Limits, Policy, Report

# By these words a policy tells nodes apart that nothing else does: where pods are, and what is written.
_TELLING = frozenset({"annotation", "bound", "field"})
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')


def judge_orders(
    cluster: Cluster,
    policies: Iterable[Policy],
    changes: Iterable[Change | Mapping[str, Any]] = (),
    assume: Assumptions | Mapping[str, Any] | None = None,
    horizon: int | None = None,
    *,
    orders: int = MOST_ORDERS,
    seconds: float = MOST_SECONDS,
    patience: float | None = None,
    gates: frozenset[str] | None = None,
    resync: bool = True,
    constants: Mapping[str, str | int] | None = None,
    limits: Limits | None = None,
    caller: Callable[[Forecast], Callable[[Key], str]] = lambda _: str,
) -> Report:
    """What policies say in whichever order the control plane acts.

    Orders are looked at as `every_order` does, which limits them, and each is judged as by `judge`; `caller`
    says how objects of a forecast are called. An order that goes on as an earlier one did is judged up to
    there, so that what a policy says of the number of a wave may not be said of all that come later.
    """
    with court_of(policies, constants=constants, limits=limits) as court:
        exploration = every_order(
            cluster, changes, assume, horizon, orders=orders, seconds=seconds,
            apart=_apart(cluster, court.ready), patience=patience, gates=gates, resync=resync,
        )  # fmt: skip
        for order in exploration:
            court.hear(order.forecast, caller(order.forecast), whole=order.whole)
        return msgspec.structs.replace(
            court.report(), orders=exploration.number, complete=exploration.complete
        )


def _apart(cluster: Cluster, ready: Iterable[Ready]) -> Iterator[str]:
    """The nodes that policies can tell from others: by where pods are, or by a name that they mention."""
    for policy in ready:
        telling = not _TELLING.isdisjoint(policy.told)
        mentioned = {name.rpartition("/")[2] for name in _TEXT.findall(policy.text)}
        for key in sorted(cluster.keys(Node)):
            pods = (pod.name for pod in cluster.pods_on(key.name))
            if telling or key.name in mentioned or not mentioned.isdisjoint(pods):
                yield key.name
