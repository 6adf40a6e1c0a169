"""The desired pod set: which pods should exist, by the rules alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from msgspec.structs import replace

from foretell.logic.desired import desired
from foretell.logic.desired_facts import desired_facts
from foretell.logic.gates import default_gates, gates_with
from foretell.model.changes import Delete
from foretell.model.cluster import Cluster
from foretell.model.forecast import DesiredPod
from foretell.model.meta import Key
from tests.builders import after, cluster, daemonset, node, nodes, settled, statefulset, taint, tolerate
from tests.logic.strategies import Scenario, scenarios

AGENT = Key("DaemonSet", "default", "agent")
WEB = Key("StatefulSet", "default", "web")


def test_a_daemonset_wants_a_pod_on_each_node_that_lets_it() -> None:
    there = cluster(
        node("n1"), node("n2", taint("gpu", "NoSchedule")), node("n3", unschedulable=True), daemonset()
    )
    assert desired(there).nodes_of(AGENT) == ("n1", "n3")


def test_a_statefulset_wants_its_ordinals() -> None:
    there = cluster(statefulset(replicas=2, ordinals={"start": 5}))
    assert [(pod.ordinal, pod.name) for pod in desired(there)] == [(5, "web-5"), (6, "web-6")]


def test_pods_come_by_workload_then_node_or_ordinal() -> None:
    there = cluster(nodes(2), daemonset("log"), daemonset(), statefulset(replicas=2))
    told = [(pod.owner, pod.node or pod.ordinal) for pod in desired(there)]
    assert told == [("agent", "n1"), ("agent", "n2"), ("log", "n1"), ("log", "n2"), ("web", 0), ("web", 1)]


ON_N1 = DesiredPod(kind="DaemonSet", namespace="default", owner="agent", node="n1")
WEB_0 = DesiredPod(kind="StatefulSet", namespace="default", owner="web", ordinal=0)


@pytest.mark.parametrize(
    ("pod", "there"),
    [
        pytest.param(ON_N1, True, id="node"),
        pytest.param(replace(ON_N1, node="n9"), False, id="no-node"),
        pytest.param(WEB_0, True, id="ordinal"),
        pytest.param(replace(WEB_0, name="web-0"), True, id="named"),
        pytest.param(replace(WEB_0, name="web-1"), False, id="misnamed"),
        pytest.param(replace(WEB_0, namespace="other"), False, id="elsewhere"),
        pytest.param("web-0", False, id="no-pod"),
    ],
)
def test_a_pod_is_desired_or_not(pod: object, *, there: bool) -> None:
    assert (pod in desired(cluster(nodes(1), daemonset(), statefulset(replicas=1)))) is there


def test_a_workload_that_is_being_deleted_wants_nothing() -> None:
    before = settled(nodes(1), daemonset(), statefulset(replicas=1))
    held = {"never_gone": ("*",)}
    deletions = [Delete(kind=kind, name=name, cascade="Foreground") for kind, _, name in (AGENT, WEB)]
    going = after(before, *deletions, **held)
    assert [desired(going).count(key) for key in (AGENT, WEB)] == [0, 0]


def test_a_daemonset_that_selects_everything_wants_nothing() -> None:
    document = daemonset()
    document["spec"] = {**document["spec"], "selector": {}}
    wanted = desired(cluster(nodes(1), document))
    assert (wanted.workloads, len(wanted)) == ((AGENT,), 0)


def test_counting_lists_no_pod() -> None:
    wanted = desired(cluster(nodes(500), daemonset(), daemonset("log"), statefulset(replicas=7)))
    assert (len(wanted), wanted.count(AGENT), wanted.count(WEB)) == (1007, 500, 7)
    assert repr(wanted) == "Desired(1007 pods of 3 workloads)"


@pytest.mark.parametrize(("on", "count"), [(True, 1), (False, 0)], ids=["gate-on", "gate-off"])
def test_gates_decide_what_is_tolerated(count: int, *, on: bool) -> None:
    more = {"key": "age", "operator": "Gt", "value": "9", "effect": "NoSchedule"}
    there = cluster(node("n1", taint("age", "NoSchedule", "10")), daemonset(pod={"tolerations": [more]}))
    gates = gates_with("1.36", {"TaintTolerationComparisonOperators": on})
    assert desired(there, gates=gates).count(AGENT) == count


def test_a_toleration_of_everything_wants_pods_everywhere() -> None:
    there = cluster(
        node("n1", taint("a"), taint("b", "NoSchedule")), daemonset(pod={"tolerations": [tolerate()]})
    )
    assert desired(there).nodes_of(AGENT) == ("n1",)


def test_alike_sets_and_tolerations_that_no_node_calls_for_are_told_once() -> None:
    spot = {"tolerations": [tolerate("spot")]}
    there = cluster(
        nodes(3), node("n4", taint("gpu")), daemonset(), daemonset("log", pod=spot),
        *(statefulset(name, replicas=2) for name in ("a", "b", "c")), statefulset("d", replicas=3),
    )  # fmt: skip
    facts = desired_facts(there, default_gates(), grouped=True)
    assert [facts.text.count(f"\n{told}(") for told in ("statefulset", "daemon_shape", "node")] == [2, 1, 2]
    assert list(desired(there)) == list(desired(there, grouped=False))


# --- reasons ---


def because(state: Cluster, node_name: str) -> list[str]:
    """Why a daemon pod should be on a node, in words."""
    pod = DesiredPod(kind="DaemonSet", namespace="default", owner="agent", node=node_name)
    return [f"{each.reason} {each.key}".rstrip() for each in desired(state).reasons(pod)]


def test_a_desired_pod_says_why_it_is_owed() -> None:
    """By no wish at all, by a selector, and in spite of each taint that is tolerated."""
    plain = cluster(
        node("n1"), node("n2", taint("gpu", "NoSchedule")), daemonset(pod={"tolerations": [tolerate("gpu")]})
    )
    assert because(plain, "n1") == ["any-node"]
    assert because(plain, "n2") == ["any-node", "tolerates gpu"]
    choosy = cluster(node("n1", labels={"disk": "ssd"}), daemonset(pod={"nodeSelector": {"disk": "ssd"}}))
    assert because(choosy, "n1") == ["selected"]


def test_a_taint_that_the_controller_lets_its_pods_tolerate_is_told_too() -> None:
    cordoned = taint("node.kubernetes.io/unschedulable", "NoSchedule")
    assert because(cluster(node("n1", cordoned), daemonset()), "n1") == [
        "any-node",
        "tolerates node.kubernetes.io/unschedulable",
    ]


def test_a_pod_that_should_not_be_has_no_reasons() -> None:
    state = cluster(node("n1", taint("gpu", "NoSchedule")), daemonset())
    assert because(state, "n1") == []


def test_an_ordinal_is_owed_within_the_replicas() -> None:
    state = cluster(statefulset(replicas=1))
    assert [each.reason for each in desired(state).reasons(WEB_0)] == ["within-replicas"]


def test_a_node_that_is_left_out_says_every_reason() -> None:
    """Alike nodes each for itself, in order."""
    state = cluster(
        [node(name, taint("gpu", "NoSchedule", "a")) for name in ("n2", "n1")],
        node("n3", labels={"disk": "ssd"}),
        daemonset(pod={"nodeSelector": {"disk": "ssd"}}),
    )
    told = [
        (left.node, [(each.reason, each.key, each.value, each.effect) for each in left.reasons])
        for left in desired(state).left_out(AGENT)
    ]
    reasons = [("node-selector", "", "", ""), ("taint", "gpu", "a", "NoSchedule")]
    assert told == [("n1", reasons), ("n2", reasons)]


@given(scenarios())
def test_every_node_is_either_wanted_for_reasons_or_left_out_for_reasons(scenario: Scenario) -> None:
    """No pair of a DaemonSet and a node is left unexplained."""
    state = scenario.cluster
    wanted = desired(state)
    for daemonset_ in state.daemonsets:
        owed = set(wanted.nodes_of(daemonset_.key))
        assert all(wanted.reasons(pod) for pod in wanted.of(daemonset_.key))
        left = {each.node for each in wanted.left_out(daemonset_.key)}
        if not daemonset_.terminating:
            assert owed | left == {each.name for each in state.nodes}
        assert not owed & left


@given(scenarios())
def test_reasons_for_alike_nodes_are_those_of_each_by_itself(scenario: Scenario) -> None:
    grouped, single = desired(scenario.cluster), desired(scenario.cluster, grouped=False)
    assert [grouped.reasons(pod) for pod in grouped] == [single.reasons(pod) for pod in single]
    for workload in grouped.workloads:
        assert list(grouped.left_out(workload)) == list(single.left_out(workload))
