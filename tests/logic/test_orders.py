"""What is found in the orders that are looked at is what all orders have in common, and what some have."""

from __future__ import annotations

from hypothesis import assume as suppose
from hypothesis import given, settings

from foretell.logic.forecast import forecast
from foretell.logic.orders.sure import orders
from foretell.model import statements as s
from foretell.model.meta import Key
from tests.logic.orders_oracle import Case, cases, every_way, sum_of, summed

MOST = 40
"""Scenarios with more orders than this take brute force too long."""
AGENT, SHOP = Key("DaemonSet", "default", "agent"), Key("Deployment", "default", "shop")
STATEMENTS: tuple[s.Statement, ...] = (
    s.Settles(), s.Settles(within=3), s.Keeps(workload=AGENT, pods=2), s.Keeps(workload=SHOP, pods=1),
    s.Spreads(workload=SHOP, nodes=2), s.GetsReady(workload=AGENT, within=4),
)  # fmt: skip


@given(cases())
@settings(max_examples=20)
def test_what_is_sure_and_possible_is_what_brute_force_finds(case: Case) -> None:
    cluster, (changes, assume) = case.cluster, case.asked
    ways = every_way(cluster, changes, assume, most=MOST)
    suppose(ways is not None and len(ways) > 1)
    assert ways is not None
    statements = [each for each in STATEMENTS if _is_there(each, case)]
    found = orders(cluster, changes, assume, sure=statements)
    assert found.complete
    assert sum_of(found) == summed(cluster, ways, statements)


def _is_there(statement: s.Statement, case: Case) -> bool:
    """Whether the workload that a statement is about is among the objects."""
    workload = getattr(statement, "workload", None)
    return workload is None or f'"kind": "{workload.kind}"' in case.objects


@given(cases())
@settings(max_examples=20)
def test_the_order_of_a_forecast_is_the_first_one(case: Case) -> None:
    cluster, (changes, assume) = case.cluster, case.asked
    first, told = orders(cluster, changes, assume, orders=1).first, forecast(cluster, changes, assume)
    assert first.waves == told.waves
    assert first.verdict == told.verdict
    assert first.after == told.after
