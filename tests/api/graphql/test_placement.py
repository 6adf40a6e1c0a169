"""Where pods could go, and what is told of those that wait."""

from __future__ import annotations

import json
from typing import Any

import pytest

from foretell.api.access.roles import LOCAL, Grant, Principal, Role
from foretell.api.solver.limits import Limits
from tests import builders as b
from tests.api.graphql.asked import Api, start

ROOM = {"cpu": "4", "memory": "8Gi", "pods": "10"}
TOLD = """podName namespace nodeName sentence feasibleCount tieCount preempts { nodeName victims } totalCount
  nodes { nodeName node { name } feasible points said reasons { reason about words } }"""
BEST = """pending pendingAtLeast greedyPending crowding proven coarse podCount
  assignments { podName namespace nodeName }"""
CPU = {"resources": {"requests": {"cpu": "2"}}}


def waiting(name: str, **spec: Any) -> b.Document:
    """A pod that waits for a node."""
    return b.pod(name, phase="Pending", ready=False, **spec)


def asking(cpu: str) -> list[b.Document]:
    """The containers of a pod that asks for so much."""
    return [{"name": "main", "image": "x:1", "resources": {"requests": {"cpu": cpu}}}]


@pytest.fixture(scope="module")
def tight(api: Api) -> str:
    """Three nodes with little room: one is tainted, one has a more important pod, and several pods wait."""
    high = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": "high"},
            "value": 1000}  # fmt: skip
    return api.made(b.cluster(
        b.node("n1", b.taint("gpu", "NoSchedule"), allocatable=ROOM),
        b.node("n2", labels={"disk": "ssd"}, allocatable=ROOM), b.node("n3", allocatable=ROOM),
        high, b.pod("fills", "n3", containers=asking("3"), priority=0),
        waiting("small", containers=asking("500m")),
        waiting("large", containers=asking("3500m")),
        waiting("vip", containers=asking("2"), priority=1000, priorityClassName="high",
                nodeSelector={"disk": "none"}),
        waiting("gated", schedulingGates=[{"name": "example.com/quota"}]),
    ))  # fmt: skip


def placement(api: Api, cluster: str, arguments: str, fields: str = TOLD, **variables: str) -> dict[str, Any]:
    """What is told of a pod's placement."""
    head = ", ".join(f"${name}: String!" for name in variables)
    call = f'cluster(name: "{cluster}") {{ placement({arguments}) {{ {fields} }} }}'
    query = f"query{f'({head})' if head else ''} {{ {call} }}"
    found: dict[str, Any] = api.ask(query, LOCAL, **variables)["cluster"]["placement"]
    return found


def test_nodes_that_would_take_a_pod_come_first_then_the_others_with_every_reason(
    api: Api, tight: str
) -> None:
    told = placement(api, tight, 'pod: "small"')
    assert (told["podName"], told["nodeName"], told["sentence"], told["preempts"]) == (
        "small", "n2", None, None,
    )  # fmt: skip
    assert (told["feasibleCount"], told["tieCount"], told["totalCount"]) == (2, 1, 3)
    assert [(row["nodeName"], row["feasible"]) for row in told["nodes"]] == [
        ("n2", True), ("n3", True), ("n1", False),
    ]  # fmt: skip
    assert told["nodes"][0]["points"] > told["nodes"][1]["points"]
    assert told["nodes"][2] == {
        "nodeName": "n1", "node": {"name": "n1"}, "feasible": False, "points": None,
        "said": ["node(s) had untolerated taint(s)"],
        "reasons": [{"reason": "taint", "about": "gpu:NoSchedule",
                     "words": "untolerated taint gpu:NoSchedule"}],
    }  # fmt: skip


def test_a_pod_that_fits_nowhere_has_the_schedulers_sentence(api: Api, tight: str) -> None:
    told = placement(api, tight, 'pod: "vip", feasible: false')
    assert told["sentence"].startswith("0/3 nodes are available: ")
    assert (told["nodeName"], told["totalCount"]) == (None, 3)
    assert placement(api, tight, 'pod: "vip", feasible: true')["nodes"] == []


def test_a_more_important_pod_drives_others_off(api: Api, tight: str) -> None:
    manifest = {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "urgent"},
        "spec": {"priorityClassName": "high", "containers": asking("3"), "affinity": {"nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchFields": [
                {"key": "metadata.name", "operator": "In", "values": ["n3"]}]}]}}}},
    }  # fmt: skip
    told = placement(api, tight, "manifest: $m", m=json.dumps(manifest))
    assert told["preempts"] == {"nodeName": "n3", "victims": ["fills"]}
    assert told["nodeName"] is None


def test_the_next_pod_of_a_workload_is_placed_before_it_is_there(api: Api, tight: str) -> None:
    manifest = json.dumps(b.deployment("shop", pod={"nodeSelector": {"disk": "ssd"}}))
    told = placement(api, tight, "manifest: $m", m=manifest)
    assert (told["podName"], told["nodeName"]) == ("shop-*", "n2")


def test_a_pod_is_named_by_its_id_as_well(api: Api, tight: str) -> None:
    query = f'{{ cluster(name: "{tight}") {{ object(name: "pod/large") {{ id }} }} }}'
    number = api.ask(query)["cluster"]["object"]["id"]
    assert placement(api, tight, f'id: "{number}"') == placement(api, tight, 'pod: "large"')


def test_verdicts_are_paged_with_cursors(api: Api, tight: str) -> None:
    fields = "totalCount pageInfo { hasNextPage endCursor } edges { cursor node { nodeName } }"
    first = placement(api, tight, 'pod: "small", first: 2', fields)
    assert first["pageInfo"]["hasNextPage"] is True
    after = first["pageInfo"]["endCursor"]
    rest = placement(api, tight, f'pod: "small", first: 2, after: "{after}"', fields)
    assert [edge["node"]["nodeName"] for edge in first["edges"] + rest["edges"]] == ["n2", "n3", "n1"]
    assert rest["pageInfo"]["hasNextPage"] is False
    query = f'{{ cluster(name: "{tight}") {{ placement(pod: "large", after: "{after}") {{ totalCount }} }} }}'
    assert api.refused(query)[0] == "INVALID"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        pytest.param("", "INVALID", "one of id, pod and manifest", id="nothing"),
        pytest.param('pod: "small", manifest: "x"', "INVALID", "one of id, pod", id="two-pods"),
        pytest.param('pod: ""', "INVALID", "pod is empty", id="no-name"),
        pytest.param('pod: "absent"', "NOT_FOUND", 'pods "absent" not found', id="unknown-pod"),
        pytest.param('pod: "small", node: "n9"', "INVALID", "no node 'n9'", id="unknown-node"),
        pytest.param('id: "x"', "INVALID", "is no id", id="no-id"),
        pytest.param('manifest: "kind: ["', "MALFORMED", "the manifests", id="no-yaml"),
        pytest.param(
            'manifest: "apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: x}"',
            "MALFORMED", "expected a pod or a workload", id="no-pods",
        ),
        pytest.param(
            'manifest: "apiVersion: v1\\nkind: Pod\\nmetadata: {name: x}\\nspec: {containers: []}"',
            "REJECTED", "spec.containers: Required", id="refused",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_in_a_sentence(
    api: Api, tight: str, arguments: str, code: str, says: str
) -> None:
    given = f"({arguments})" if arguments else ""
    query = f'{{ cluster(name: "{tight}") {{ placement{given} {{ totalCount }} }} }}'
    told, message = api.refused(query)
    assert told == code
    assert says in message


def test_a_pod_of_another_namespace_is_looked_for_there(api: Api, sample: str) -> None:
    assert placement(api, sample, 'pod: "db-0", namespace: "shop"', "namespace podName pod { name }") == {
        "namespace": "shop", "podName": "db-0", "pod": {"name": "db-0"},
    }  # fmt: skip


def test_the_best_placement_tells_every_pod_and_what_is_proven(api: Api, tight: str) -> None:
    told = api.ask(f'{{ cluster(name: "{tight}") {{ bestPlacement(seconds: 5) {{ {BEST} }} }} }}')
    best = told["cluster"]["bestPlacement"]
    assert (best["proven"], best["pending"], best["pendingAtLeast"], best["podCount"]) == (True, 1, 1, 3)
    nodes = {one["podName"]: one["nodeName"] for one in best["assignments"]}
    assert (nodes["large"], nodes["vip"]) == ("n2", None)
    assert nodes["small"] in ("n2", "n3")


def test_the_best_placement_of_some_pods_leaves_the_others_out(api: Api, tight: str) -> None:
    query = f'{{ cluster(name: "{tight}") {{ bestPlacement(pods: ["pod/small"]) {{ {BEST} }} }} }}'
    assert [one["podName"] for one in api.ask(query)["cluster"]["bestPlacement"]["assignments"]] == ["small"]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        pytest.param("seconds: 0", "INVALID", "more than 0 and at most 10", id="no-time"),
        pytest.param("seconds: 3600", "INVALID", "more than 0 and at most 10", id="an-hour"),
        pytest.param("pods: []", "INVALID", "0 pods: expected 1", id="no-pods"),
        pytest.param('pods: ["absent"]', "NOT_FOUND", 'pods "absent" not found', id="unknown-pod"),
    ],
)
def test_a_best_placement_that_cannot_be_asked_is_refused(
    api: Api, tight: str, arguments: str, code: str, says: str
) -> None:
    query = f'{{ cluster(name: "{tight}") {{ bestPlacement({arguments}) {{ pending }} }} }}'
    told, message = api.refused(query)
    assert told == code
    assert says in message


@pytest.mark.parametrize("field", ['placement(pod: "small") { totalCount }', "bestPlacement { pending }"])
def test_placements_need_a_planner(api: Api, tight: str, field: str) -> None:
    viewer = Principal("eve", (Grant("*", Role.VIEWER),))
    code, _ = api.refused(f'{{ cluster(name: "{tight}") {{ {field} }} }}', who=viewer)
    assert code == "FORBIDDEN"


def test_a_gated_pod_is_placed_nowhere_though_nodes_would_take_it(api: Api, tight: str) -> None:
    told = placement(api, tight, 'pod: "gated"')
    assert (told["nodeName"], told["feasibleCount"]) == (None, 2)
    assert told["sentence"] == "Scheduling is blocked due to non-empty scheduling gates"
    query = f'{{ cluster(name: "{tight}") {{ bestPlacement(pods: ["gated"]) {{ {BEST} }} }} }}'
    best = api.ask(query)["cluster"]["bestPlacement"]
    assert (best["pending"], best["proven"], best["assignments"][0]["nodeName"]) == (1, True, None)


def test_pods_tell_what_the_scheduler_said_of_them(api: Api, tight: str) -> None:
    name = api.copied(tight)
    api.mutate("reconcile", name)
    fields = "name unschedulable nominatedNodeName schedulingGates"
    query = f'{{ cluster(name: "{name}") {{ pods(first: 20) {{ nodes {{ {fields} }} }} }} }}'
    pods = {row.pop("name"): row for row in api.ask(query)["cluster"]["pods"]["nodes"]}
    assert pods["small"] == {"unschedulable": None, "nominatedNodeName": None, "schedulingGates": []}
    assert pods["vip"]["unschedulable"].startswith("0/3 nodes are available: ")
    assert pods["gated"]["schedulingGates"] == ["example.com/quota"]


def test_the_search_ends_within_the_limit_of_a_task(tmp_path_factory: pytest.TempPathFactory) -> None:
    """However long is asked for, half of a worker's time is left to all else."""
    pods = [waiting(f"w{n}", containers=asking(f"{300 + 7 * n}m")) for n in range(40)]
    state = b.cluster([b.node(f"n{n}", allocatable=ROOM) for n in range(5)], pods)
    for api in start(str(tmp_path_factory.mktemp("short")), workers=1, limits=Limits(seconds=8.0)):
        name = api.made(state)
        field = "bestPlacement(seconds: 10) { podCount }"
        told = api.ask(f'{{ cluster(name: "{name}") {{ {field} }} }}')
        assert told["cluster"]["bestPlacement"]["podCount"] == 40
