"""What should be there and why, and how what is there differs."""

from __future__ import annotations

from typing import Any

import pytest

from tests import builders as b
from tests.api.graphql.asked import Api

DIFF = "{ totalCount counts { missing surplus outdated unhealthy misplaced } nodes { %s } }"
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def amiss(api: Api) -> str:
    """A cluster with a difference of every sort: DaemonSets, a StatefulSet, and nodes that have changed."""
    state = b.settled(
        b.nodes(4), b.daemonset("agent"), b.daemonset("logs", pod={"nodeSelector": {"logs": "yes"}}),
        b.statefulset("web", 3),
    )  # fmt: skip
    name = api.made(state)
    api.mutate("label", name, '{kind: "node", name: "n1", pairs: [{key: "logs", value: "yes"}]}')
    api.mutate("reconcile", name)
    # Missing, outdated, surplus, unhealthy, misplaced: in this order.
    api.mutate("deletePod", name, '{pod: "agent@n2", graceSeconds: 0}')
    api.mutate("setImage", name, '{kind: "sts", name: "web", image: "web:2"}')
    api.mutate("scale", name, '{kind: "sts", name: "web", replicas: 2}')
    api.mutate("setPodStatus", name, '{pod: "web-1", phase: "Running", ready: false}')
    api.mutate("label", name, '{kind: "node", name: "n1", pairs: [{key: "logs"}]}')
    api.mutate("taint", name, '{node: "n3", key: "later", effect: NO_SCHEDULE}')
    return name


def rows(api: Api, cluster: str, arguments: str = "", fields: str = "difference detail owner") -> Rows:
    """The rows of the diff."""
    query = f'{{ cluster(name: "{cluster}") {{ diff(first: 100{arguments}) {DIFF.replace("%s", fields)} }} }}'
    found = api.ask(query)["cluster"]["diff"]
    assert found["totalCount"] == len(found["nodes"])
    nodes: Rows = found["nodes"]
    return nodes


def test_every_sort_of_difference_is_told_with_what_it_is_about(api: Api, amiss: str) -> None:
    """Workloads in order, then nodes or ordinals."""
    fields = "difference detail owner nodeName ordinal podName pod { name } node { name } workload { name }"
    found = rows(api, amiss, fields=fields)
    told = [
        (row["difference"], row["owner"], row["nodeName"] if row["ordinal"] is None else row["ordinal"])
        for row in found
    ]
    assert told == [
        ("MISSING", "DaemonSet/agent", "n2"),
        ("MISPLACED", "DaemonSet/agent", "n3"),
        ("SURPLUS", "DaemonSet/logs", "n1"),
        ("OUTDATED", "StatefulSet/web", 0),
        ("OUTDATED", "StatefulSet/web", 1),
        ("UNHEALTHY", "StatefulSet/web", 1),
        ("SURPLUS", "StatefulSet/web", 2),
    ]
    for row in found:
        assert row["workload"] == {"name": row["owner"].partition("/")[2]}
        assert (row["pod"] is None) is (row["podName"] is None) is (row["difference"] == "MISSING")
        assert row["node"] == ({"name": row["nodeName"]} if row["nodeName"] else None)
        assert row["detail"]


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        pytest.param(", only: [MISSING]", 1, id="one sort"),
        pytest.param(", only: [SURPLUS, OUTDATED]", 4, id="two sorts"),
        pytest.param(", only: [OUTDATED, OUTDATED]", 2, id="one sort twice"),
        pytest.param(', workload: "ds/agent"', 2, id="workload"),
        pytest.param(', workload: "ds/agent", namespace: "other"', 0, id="workload elsewhere"),
        pytest.param(', workload: "ds/none"', 0, id="no workload"),
        pytest.param(', node: "n1", only: [SURPLUS], workload: "ds/logs"', 1, id="all"),
        pytest.param(', node: "none"', 0, id="no node"),
    ],
)
def test_filters_of_the_diff_leave_its_counts_alone(api: Api, amiss: str, arguments: str, count: int) -> None:
    """The counts tell of everything, the rows of what is asked for."""
    assert len(rows(api, amiss, arguments)) == count
    counts = "counts { missing surplus outdated unhealthy misplaced }"
    query = f'{{ cluster(name: "{amiss}") {{ diff(first: 1{arguments}) {{ {counts} }} }} }}'
    assert api.ask(query)["cluster"]["diff"]["counts"] == {
        "missing": 1, "surplus": 2, "outdated": 2, "unhealthy": 1, "misplaced": 1,
    }  # fmt: skip


def test_the_diff_of_a_workload_is_its_part_of_the_whole(api: Api, amiss: str) -> None:
    """Whichever way it is asked for, and with the same cursors."""
    fields = "{ totalCount edges { cursor node { owner difference ordinal } } }"
    query = f"""{{ cluster(name: "{amiss}") {{ whole: diff(workload: "sts/web", only: [OUTDATED]) {fields}
      object(name: "sts/web") {{ ... on Workload {{ part: diff(only: [OUTDATED]) {fields} }} }} }} }}"""
    found = api.ask(query)["cluster"]
    assert found["whole"] == found["object"]["part"]
    assert found["whole"]["totalCount"] == 2


def test_after_the_controllers_have_worked_nothing_is_missing_or_outdated(api: Api, amiss: str) -> None:
    """But a pod may stay where none would be put."""
    name = api.copied(amiss)
    api.mutate("reconcile", name)
    assert [(row["difference"], row["owner"]) for row in rows(api, name)] == [
        ("MISPLACED", "DaemonSet/agent")
    ]


REASONS = "reasons { reason taint { key value effect } }"


def test_a_desired_pod_says_why_it_should_exist(api: Api, sample: str) -> None:
    """Daemon pods by node, others by ordinal; with the pods that are there for them."""
    query = f"""{{ cluster(name: "{sample}") {{ desiredPods(first: 100) {{ totalCount nodes {{
      owner namespace nodeName ordinal name {REASONS} node {{ name }} pods {{ name }} }} }} }} }}"""
    found = api.ask(query)["cluster"]["desiredPods"]
    assert found["totalCount"] == 5 + 1 + 12 + 2
    by_place = {(row["owner"], row["nodeName"], row["ordinal"]): row for row in found["nodes"]}
    on_cordoned = by_place["DaemonSet/agent", "n6", None]
    assert [reason["reason"] for reason in on_cordoned["reasons"]] == ["any-node", "tolerates"]
    assert on_cordoned["reasons"][1]["taint"]["key"] == "node.kubernetes.io/unschedulable"
    assert by_place["DaemonSet/gpu", "n5", None]["reasons"] == [{"reason": "selected", "taint": None}]
    web = by_place["StatefulSet/web", None, 10]
    assert (web["name"], web["pods"], web["node"]) == ("web-10", [{"name": "web-10"}], None)
    assert web["reasons"] == [{"reason": "within-replicas", "taint": None}]
    assert {row["namespace"] for row in found["nodes"] if row["owner"].endswith("/db")} == {"shop"}
    for row in found["nodes"]:
        assert len(row["pods"]) == 1
        assert row["node"] == ({"name": row["nodeName"]} if row["nodeName"] else None)


def test_a_node_that_is_left_out_says_every_reason(api: Api, sample: str) -> None:
    """Not only the first."""
    name = api.copied(sample)
    api.mutate("taint", name, '{node: "n3", key: "slow", value: "yes", effect: NO_EXECUTE}')
    api.mutate("taint", name, '{node: "n3", key: "old", effect: NO_SCHEDULE}')
    query = f"""{{ cluster(name: "{name}") {{
      leftOut(node: "n3") {{ nodes {{ owner nodeName {REASONS} node {{ name }} workload {{ name }} }} }}
      object(name: "node/n3") {{ ... on ClusterNode {{
        leftOut {{ nodes {{ owner }} }} desiredPods {{ totalCount }} }} }}
      other: object(name: "ds/gpu") {{ ... on DaemonSet {{ leftOut {{ totalCount }} }} }} }} }}"""
    found = api.ask(query)["cluster"]
    agent, gpu = found["leftOut"]["nodes"]
    assert (agent["owner"], agent["node"], agent["workload"]) == (
        "DaemonSet/agent",
        {"name": "n3"},
        {"name": "agent"},
    )
    taints = [(r["reason"], r["taint"] and (r["taint"]["key"], r["taint"]["value"], r["taint"]["effect"]))
              for r in agent["reasons"]]  # fmt: skip
    assert sorted(taints) == [
        ("taint", ("old", "", "NoSchedule")),
        ("taint", ("slow", "yes", "NoExecute")),
    ]
    assert len(gpu["reasons"]) == 3
    assert {reason["reason"] for reason in gpu["reasons"]} == {"taint", "node-selector"}
    assert found["object"]["leftOut"]["nodes"] == [{"owner": "DaemonSet/agent"}, {"owner": "DaemonSet/gpu"}]
    assert found["object"]["desiredPods"]["totalCount"] == 0
    assert found["other"]["leftOut"]["totalCount"] == 5


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        pytest.param('workload: "ds/agent"', 5, id="daemonset"),
        pytest.param('workload: "sts/db", namespace: "shop"', 2, id="namespace"),
        pytest.param('workload: "sts/db"', 0, id="elsewhere"),
        pytest.param('workload: "svc/web"', 0, id="no workload"),
        pytest.param('node: "n5"', 2, id="node"),
        pytest.param('node: "n5", workload: "ds/gpu"', 1, id="both"),
        pytest.param('node: "none"', 0, id="no node"),
    ],
)
def test_desired_pods_are_filtered_by_workload_and_node(
    api: Api, sample: str, arguments: str, count: int
) -> None:
    """Nodes concern daemon pods alone."""
    query = f'{{ cluster(name: "{sample}") {{ desiredPods({arguments}) {{ totalCount }} }} }}'
    assert api.ask(query)["cluster"]["desiredPods"]["totalCount"] == count


def test_an_older_revision_has_its_own_desired_pods_and_diff(api: Api, amiss: str) -> None:
    """However the cluster has changed since."""
    fields = "{ diff { totalCount } desiredPods { totalCount } }"
    query = (
        f'{{ old: cluster(name: "{amiss}", revision: 3) {fields} new: cluster(name: "{amiss}") {fields} }}'
    )
    assert api.ask(query) == {
        "old": {"diff": {"totalCount": 0}, "desiredPods": {"totalCount": 4 + 1 + 3}},
        "new": {"diff": {"totalCount": 7}, "desiredPods": {"totalCount": 3 + 0 + 2}},
    }
