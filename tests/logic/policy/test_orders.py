"""Policies in every order: what is found in any order is found, and said to be so where it isn't in each."""

from __future__ import annotations

import pytest
from hypothesis import assume as suppose
from hypothesis import given, settings

from foretell.logic.forecast import forecast
from foretell.logic.policy.judging import court_of, judge
from foretell.logic.policy.orders import judge_orders
from foretell.model.changes import SetImage
from foretell.model.policy import Report
from tests import builders as b
from tests.logic.orders_oracle import Case, cases, every_way
from tests.logic.policy.policies import PATIENT, policy, told

MOST = 12
"""Scenarios with more orders than this take brute force too long."""
NEW_IMAGE = SetImage(kind="DaemonSet", name="agent", image="agent:2")
# By how many pods there are, by where they are, and by how it ends.
FEW = "deny(few, Workload, only(Count)) :- serving(Workload, Count), Count < 2."
BARE = """
deny(bare, Node) :- node(Node), not served(Node).
served(Node) :- bound(Pod, Node), serves(Pod).
"""
UNSETTLED = 'warn(unsettled, it) :- verdict(Outcome), Outcome != "settled".'

SIZE = {"cpu": "1", "pods": "9"}
LUCK = b.cluster(
    b.node("n1", labels={"disk": "ssd"}, allocatable=SIZE), b.node("n2", allocatable=SIZE),
    b.deployment("small", 1, pod={"requests": {"cpu": "500m"}}),
    b.deployment("tall", 1, pod={"requests": {"cpu": "1"}, "nodeSelector": {"disk": "ssd"}}),
)  # fmt: skip
"""The small pod may be put where the tall one has its only place."""


def found(report: Report) -> set[tuple[str, str, str]]:
    """What was found, without when."""
    return {(each.policy, each.subject, each.message) for each in report.findings}


@given(cases())
@settings(max_examples=4)
@pytest.mark.parametrize("rules", [FEW, BARE, UNSETTLED], ids=["how-many", "where", "how-it-ends"])
def test_what_is_found_is_what_brute_force_finds_in_any_order(rules: str, case: Case) -> None:
    cluster, (changes, assume) = case.cluster, case.asked
    ways = every_way(cluster, changes, assume, most=MOST)
    suppose(ways is not None and len(ways) > 1)
    assert ways is not None
    each = []
    for way in ways:
        with court_of([policy(rules)], limits=PATIENT) as court:
            court.hear(way.forecast, str)
            each.append(found(court.report()))
    report = judge_orders(cluster, [policy(rules)], changes, assume, limits=PATIENT)
    assert report.complete
    assert found(report) == set.union(*each)
    sure = {(one.policy, one.subject, one.message) for one in report.findings if one.every}
    assert sure <= set.intersection(*each)


def test_what_only_bad_luck_brings_about_is_found() -> None:
    report = judge_orders(LUCK, [policy(UNSETTLED)])
    assert told(report) == ["warn unsettled it @ end"]
    assert [finding.every for finding in report.findings] == [False]
    assert report.complete


def test_what_is_so_in_every_order_is_said_to_be() -> None:
    report = judge_orders(b.settled(b.nodes(3), b.daemonset()), [policy(FEW.replace("2", "3"))], [NEW_IMAGE])
    assert told(report) == ["deny few DaemonSet/agent: only(2) @ 1-6"]
    assert [finding.every for finding in report.findings] == [True]


def test_a_node_that_a_policy_names_is_like_no_other() -> None:
    cluster = b.settled(b.nodes(3), b.daemonset())
    rules = 'deny(gap, it) :- wave(1), bound(Pod, node("n3")), terminating(Pod).'
    assert told(judge_orders(cluster, [policy(rules)], [NEW_IMAGE])) == ["deny gap it @ 1"]
    # Nodes are gone through by name where nothing else is asked for.
    assert told(judge([policy(rules)], forecast(cluster, [NEW_IMAGE]))) == []


def test_where_not_all_orders_are_looked_at_it_is_said() -> None:
    report = judge_orders(LUCK, [policy(UNSETTLED)], orders=1)
    assert (report.orders, report.complete) == (1, False)


def test_one_forecast_alone_is_no_order() -> None:
    report = judge([policy(FEW)], forecast(LUCK))
    assert (report.orders, report.complete) == (0, True)
    assert all(finding.every for finding in report.findings)
