"""What is found in the orders that are looked at is what all orders have in common, and what some have."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path

import clingo
import pytest
from hypothesis import assume as suppose
from hypothesis import given, settings

from foretell.api.traces import read_trace
from foretell.logic.carried import moment_of
from foretell.logic.forecast import forecast
from foretell.logic.orders.exploring import every_order
from foretell.logic.orders.readiness import readiness
from foretell.logic.orders.sure import orders
from foretell.logic.solve import RULES
from foretell.model import statements as s
from foretell.model.changes import SetImage, change_from_json
from foretell.model.cluster import Cluster
from foretell.model.documents import from_document
from foretell.model.errors import NotFoundError
from foretell.model.forecast import Assumptions, Forecast, Outcome, Verb
from foretell.model.meta import Key
from foretell.model.orders import ChoiceKind, Holds
from tests import builders as b
from tests.builders import Document
from tests.logic.golden import CASES
from tests.logic.orders_oracle import Case, actions_of, cases, every_way, sum_of, summed

MOST = 25
"""Scenarios with more orders than this take brute force too long."""
AGENT, SHOP = Key("DaemonSet", "default", "agent"), Key("Deployment", "default", "shop")
WEB = Key("Pod", "default", "web-0")
NEW_IMAGE = SetImage(kind="DaemonSet", name="agent", image="agent:2")
STATEMENTS: tuple[s.Statement, ...] = (
    s.Settles(), s.Settles(within=3), s.Keeps(workload=AGENT, pods=2), s.Keeps(workload=SHOP, pods=1),
    s.Spreads(workload=SHOP, nodes=2), s.GetsReady(workload=AGENT, within=4),
)  # fmt: skip


@given(cases())
@settings(max_examples=10)
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
@settings(max_examples=5)
def test_the_order_of_a_forecast_is_the_first_one(case: Case) -> None:
    cluster, (changes, assume) = case.cluster, case.asked
    first, told = orders(cluster, changes, assume, orders=1).first, forecast(cluster, changes, assume)
    assert first.waves == told.waves
    assert first.verdict == told.verdict
    assert first.after == told.after


# --- against other ways of finding orders ---


APART = [
    b.node("n1", labels={"disk": "ssd"}), b.node("n2", b.taint("spot", "PreferNoSchedule")),
    b.node("n3", allocatable={"cpu": "4", "pods": "9"}),
]  # fmt: skip
"""Nodes that differ in what a daemon pod doesn't mind."""


@pytest.mark.parametrize(
    "rolling", [{"maxUnavailable": 1}, {"maxUnavailable": 0, "maxSurge": 1}], ids=["gaps", "surge"]
)
def test_forecasts_under_other_names_of_nodes_are_the_orders(rolling: Document) -> None:
    """Nodes are gone through by name: other names give another order, and all names all orders."""
    documents = [*APART, b.daemonset(rolling=rolling)]
    ways = every_way(b.settled(documents), [NEW_IMAGE], Assumptions(), most=MOST)
    assert ways is not None
    told = []
    for names in permutations(("n1", "n2", "n3")):
        new = dict(zip(("n1", "n2", "n3"), names, strict=True))
        text = json.dumps(documents)
        for old, name in new.items():
            text = text.replace(f'"{old}"', f'"~{name}"')
        story = forecast(b.settled(json.loads(text.replace("~", ""))), [NEW_IMAGE])
        told.append(actions_of(story, {name: old for old, name in new.items()}))
    assert sorted(told) == sorted(actions_of(way.forecast, {}) for way in ways)


TRACES = Path(__file__).parents[1] / "conformance" / "traces"


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("seed/seed-daemonset", 1), ("daemonset/ds-hostport-rolling", 1), ("daemonset/ds-minready-surge", 1),
        ("daemonset/ds-node-gone-rollout", 3), ("daemonset/ds-surge-1", 1), ("daemonset/ds-ru-selector", 1),
        ("daemonset/ds-orphan-readopt-old", 4), ("daemonset/ds-surge-tainted", 2),
    ],
)  # fmt: skip
def test_an_order_that_was_recorded_is_among_the_orders(name: str, step: int) -> None:
    """A real control plane took another one than a forecast does, node by node."""
    recorded = read_trace(TRACES / f"{name}.json.gz").steps[step]
    cluster = Cluster(from_document(item) for item in recorded.before["items"])
    changes = [change_from_json(change) for change in recorded.changes]
    ways = every_way(
        cluster, changes, recorded.assume, most=MOST,
        patience=recorded.quiet, resync=False, now=moment_of(cluster) + recorded.quiet,
    )  # fmt: skip
    assert ways is not None
    nodes = [
        sorted(a["node"] for a in wave.actions if a["verb"] == "delete" and a["kind"] == "Pod")
        for wave in recorded.waves
    ]
    found = [_deleted(way.forecast) for way in ways]
    assert list(filter(None, nodes)) in found
    assert list(filter(None, nodes)) != found[0]


def _deleted(told: Forecast) -> list[list[str]]:
    """The nodes whose pods are deleted, wave by wave."""
    waves = (
        sorted(a.node or "" for a in wave.actions if a.verb is Verb.DELETE and a.kind == "Pod")
        for wave in told.waves
    )
    return list(filter(None, waves))


@pytest.mark.parametrize(
    ("rolling", "missing"),
    [
        pytest.param({"maxUnavailable": 1}, 1, id="one"),
        pytest.param({"maxUnavailable": "50%"}, 2, id="half"),
        pytest.param({"maxUnavailable": 0, "maxSurge": 2}, 0, id="surge"),
    ],
)
def test_in_no_order_more_daemon_pods_are_missing_than_may_be(rolling: Document, missing: int) -> None:
    cluster = b.settled(APART, b.node("n4", labels={"disk": "ssd"}), b.daemonset(rolling=rolling))
    told = list(every_order(cluster, [NEW_IMAGE], apart=["n1", "n2", "n3", "n4"]))
    assert len(told) > 1
    states = [state for order in told for state in order.forecast.states]
    assert max(4 - readiness(state, AGENT, 0).ready for state in states) == missing


# --- by hand ---

SIZE = {"cpu": "1", "pods": "9"}
LUCK = b.cluster(
    b.node("n1", labels={"disk": "ssd"}, allocatable=SIZE), b.node("n2", allocatable=SIZE),
    b.deployment("small", 1, pod={"requests": {"cpu": "500m"}}),
    b.deployment("tall", 1, pod={"requests": {"cpu": "1"}, "nodeSelector": {"disk": "ssd"}}),
)  # fmt: skip
"""The small pod may be put where the tall one has its only place."""
SMALL, TALL = Key("Deployment", "default", "small"), Key("Deployment", "default", "tall")


def test_what_a_lot_decides_is_possible_and_not_sure() -> None:
    found = orders(LUCK)
    assert found.complete
    assert {end.outcome: end.holds for end in found.ends} == {
        Outcome.STUCK: Holds.SOME, Outcome.SETTLED: Holds.SOME,
    }  # fmt: skip
    assert {each.subject: (each.sure, each.possible) for each in found.placed} == {
        SMALL: ((), ("n1", "n2")), TALL: ((), ("n1",)),
    }  # fmt: skip
    assert [(choice.kind, choice.about, choice.nodes) for choice in found.choices] == [
        (ChoiceKind.QUEUE, (SMALL, TALL), ()),
        (ChoiceKind.TIE, (SMALL,), ("n1", "n2")),
    ]


@pytest.mark.parametrize(
    ("statement", "holds"),
    [
        pytest.param(s.Settles(), Holds.SOME, id="settles"),
        pytest.param(s.Keeps(workload=SMALL, pods=0), Holds.EVERY, id="keeps"),
        pytest.param(s.Keeps(workload=SMALL, pods=1), Holds.NONE, id="keeps-what-is-not-there-yet"),
        pytest.param(s.GetsReady(workload=SMALL, within=1), Holds.EVERY, id="ready"),
        pytest.param(s.GetsReady(workload=SMALL, within=0), Holds.NONE, id="ready-too-early"),
        pytest.param(s.GetsReady(workload=TALL, within=60), Holds.SOME, id="ready-in-some"),
        pytest.param(s.Spreads(workload=TALL, nodes=1), Holds.SOME, id="spreads"),
        pytest.param(s.Spreads(workload=SMALL, nodes=2), Holds.NONE, id="spreads-too-far"),
    ],
)
def test_a_statement_holds_in_these_orders(statement: s.Statement, holds: Holds) -> None:
    (assured,) = orders(LUCK, sure=[statement]).assured
    assert assured.holds is holds
    assert (assured.counterexample is None) == (holds is Holds.EVERY)


def test_a_counterexample_ends_with_the_wave_that_breaks_the_statement() -> None:
    cluster = b.settled(b.nodes(3), b.daemonset(rolling={"maxUnavailable": 2}))
    (assured,) = orders(cluster, [NEW_IMAGE], sure=[s.Keeps(workload=AGENT, pods=2)]).assured
    assert assured.holds is Holds.NONE
    assert assured.counterexample is not None
    assert len(assured.counterexample.waves) == 1


def test_pods_that_stay_and_go_are_told_by_their_names() -> None:
    cluster = b.settled(b.nodes(3), b.daemonset())
    pods = sorted(cluster.pods, key=lambda pod: pod.spec.node_name)
    broken = Assumptions(never_ready=("agent@n3",))
    found = orders(cluster, [NEW_IMAGE], broken, sure=[s.Goes(pod=pod.key) for pod in pods])
    holds = {pod.spec.node_name: each.holds for pod, each in zip(pods, found.assured, strict=True)}
    assert holds == {"n1": Holds.SOME, "n2": Holds.SOME, "n3": Holds.EVERY}
    (stays,) = orders(cluster, [NEW_IMAGE], broken, sure=[s.Stays(pod=pods[0].key)]).assured
    assert stays.holds is Holds.SOME


def test_alike_nodes_are_looked_at_once() -> None:
    cluster = b.settled(b.nodes(6), b.daemonset())
    found = orders(cluster, [NEW_IMAGE])
    assert (found.number, found.complete) == (1, True)
    assert {choice.about for choice in found.choices} == {(AGENT,)}
    assert {gone.holds for gone in found.gone} == {Holds.EVERY}


def test_nodes_without_room_for_a_second_daemon_pod_are_told_apart() -> None:
    """A surge gets stuck on n2, where another pod rests; whose turn has come by then is open."""
    half: Document = {"requests": {"cpu": "500m"}}
    cluster = b.settled(
        [b.node(name, allocatable=SIZE) for name in ("n1", "n2", "n3")], b.pod("rests", "n2", **half),
        b.daemonset(rolling={"maxUnavailable": 0, "maxSurge": 1}, pod=half),
    )  # fmt: skip
    ways = every_way(cluster, [NEW_IMAGE], Assumptions(), most=MOST)
    assert ways is not None
    found = orders(cluster, [NEW_IMAGE])
    assert sum_of(found) == summed(cluster, ways, ())
    assert [end.outcome for end in found.ends] == [Outcome.STUCK]
    assert found.waves.least < found.waves.most


def test_a_node_that_a_statement_names_is_like_no_other() -> None:
    cluster = b.cluster(b.nodes(3), b.deployment("shop", 1))
    on = [s.Spreads(workload=SHOP, nodes=1)]
    assert orders(cluster, sure=on).number == 1
    found = orders(b.cluster(b.nodes(3), b.statefulset("web", 1)), sure=[s.IsOn(pod=WEB, node="n2")])
    assert [each.holds for each in found.assured] == [Holds.SOME]


def test_where_not_all_orders_are_looked_at_nothing_is_sure() -> None:
    cluster = b.settled(b.node("n1", labels={"a": "b"}), b.nodes(5)[1:], b.daemonset())
    found = orders(LUCK, orders=1, sure=[s.Settles(), s.Keeps(workload=SMALL, pods=0)])
    assert (found.number, found.complete) == (1, False)
    assert [each.holds for each in found.assured] == [Holds.UNKNOWN, Holds.UNKNOWN]
    assert found.assured[0].counterexample is not None
    assert orders(cluster, [NEW_IMAGE], seconds=0).complete


def test_a_cluster_that_leaves_no_choice_has_one_order() -> None:
    found = orders(b.cluster(b.nodes(1), b.statefulset()))
    assert (found.number, found.complete, found.choices) == (1, True, ())


def test_preemption_draws_among_those_whose_loss_is_the_same() -> None:
    important = {
        "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": "high"},
        "value": 9,
    }  # fmt: skip
    guests = [b.pod(f"low-{node}", node, requests={"cpu": "1"}) for node in ("n1", "n2")]
    high = b.pod("high", phase="Pending", ready=False, requests={"cpu": "1"}, priorityClassName="high")
    there = [b.node(name, allocatable=SIZE) for name in ("n1", "n2")]
    cluster = b.cluster(important, there, guests, high)
    found = orders(cluster)
    assert {gone.pod.name: gone.holds for gone in found.gone} == {
        "low-n1": Holds.SOME, "low-n2": Holds.SOME,
    }  # fmt: skip
    assert {choice.kind for choice in found.choices} == {ChoiceKind.PREEMPTION}


@pytest.mark.parametrize(
    "statement",
    [
        s.Keeps(workload=Key("DaemonSet", "default", "other"), pods=1),
        s.Stays(pod=WEB),
        s.IsOn(pod=WEB, node="n9"),
    ],
    ids=["workload", "pod", "node"],
)
def test_a_statement_about_what_is_never_there_is_refused(statement: s.Statement) -> None:
    with pytest.raises(NotFoundError, match="a statement is about"):
        orders(b.cluster(b.nodes(2), b.statefulset("web", 1)), sure=[statement])


# --- one round by plain clingo ---


@pytest.mark.parametrize(
    ("mode", "pods"), [("brave", ["a1", "a2", "a3"]), ("cautious", [])], ids=["possible", "sure"]
)
def test_clingo_tells_what_a_round_may_do_and_what_it_does_in_any_case(mode: str, pods: list[str]) -> None:
    """Any two of three pods go."""
    control = clingo.Control([f"--enum-mode={mode}", "0"])
    control.load(str(CASES / "orders" / "any-first" / "case.lp"))
    control.load(str(RULES / "orders.lp"))
    control.ground([("base", [])])
    with control.solve(yield_=True) as handle:
        *_, last = [model.symbols(shown=True) for model in handle]
    assert sorted(atom.arguments[1].string for atom in last if atom.name == "deletes") == pods
