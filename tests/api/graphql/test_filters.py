"""Filters of lists: each alone, several together, and what can't be understood."""

from __future__ import annotations

from itertools import combinations

import pytest

from foretell.api.graphql.selecting import with_fields
from foretell.model.documents import from_document
from tests import builders as b
from tests.api.graphql.asked import Api

NO_LABEL_SELECTOR = "is no label selector: expected such as app=web,tier!=db,env in (a,b),!old"
WEB = [f"web-{n}" for n in (0, 1, 10, 11, 2, 3, 4, 5, 6, 7, 8, 9)]


def names(api: Api, cluster: str, field: str, arguments: str) -> list[str]:
    """The names of a list's rows."""
    rows = f"it: {field}({arguments}, first: 100) {{ totalCount nodes {{ name }} }}"
    it = api.ask(f'{{ cluster(name: "{cluster}") {{ {rows} }} }}')["cluster"]["it"]
    assert it["totalCount"] == len(it["nodes"])
    return [row["name"] for row in it["nodes"]]


@pytest.mark.parametrize(
    ("field", "arguments", "expected"),
    [
        pytest.param("nodes", 'labelSelector: "zone=b"', ["n4", "n5", "n6"], id="label"),
        pytest.param("nodes", 'labelSelector: "zone!=b"', ["n1", "n2", "n3"], id="no such label"),
        pytest.param("nodes", 'labelSelector: "gpu"', ["n5"], id="has a label"),
        pytest.param("nodes", 'labelSelector: "zone in (a, b), !gpu"',
                     ["n1", "n2", "n3", "n4", "n6"], id="set"),
        pytest.param("nodes", 'labelSelector: "zone notin (a),gpu==yes"', ["n5"], id="outside of a set"),
        pytest.param("nodes", 'fieldSelector: "spec.unschedulable=true"', ["n6"], id="cordoned"),
        pytest.param("nodes", 'fieldSelector: "metadata.name!=n1,spec.unschedulable=false"',
                     ["n2", "n3", "n4", "n5"], id="fields"),
        pytest.param("pods", 'namespace: "shop"', ["db-0", "db-1"], id="namespace"),
        pytest.param("pods", 'namespace: "nowhere"', [], id="no namespace"),
        pytest.param("pods", 'owner: "sts/web"', WEB, id="owner"),
        pytest.param("pods", 'owner: "StatefulSet/web"', WEB, id="owner by kind"),
        pytest.param("pods", 'owner: "sts/none"', [], id="no owner"),
        pytest.param("pods", "phase: FAILED", ["broken"], id="phase"),
        pytest.param("pods", "phase: PENDING", ["waiting"], id="pending"),
        pytest.param("pods", "phase: UNKNOWN", [], id="no phase"),
        pytest.param("pods", 'fieldSelector: "spec.nodeName="', ["waiting"], id="unbound"),
        pytest.param("pods", 'fieldSelector: "status.phase==Failed"', ["broken"], id="phase as a field"),
        pytest.param("pods", 'node: "nowhere"', [], id="no node"),
        pytest.param("pods", 'node: "n3", labelSelector: "app=web"', ["web-0", "web-2", "web-6"], id="node"),
        pytest.param("pods", 'node: "n3", labelSelector: "app=web", fieldSelector: "metadata.name!=web-2", '
                     'owner: "sts/web", phase: RUNNING, namespace: "default"', ["web-0", "web-6"], id="all"),
        pytest.param("workloads", "kind: DAEMON_SET", ["agent", "gpu"], id="kind"),
        pytest.param("workloads", 'labelSelector: "tier=back"', ["db"], id="workloads by label"),
        pytest.param("workloads", 'namespace: "shop", kind: DAEMON_SET', [], id="kind elsewhere"),
        pytest.param("workloads", 'fieldSelector: "status.replicas=2"', ["db"], id="field of a kind"),
        pytest.param("claims", 'phase: "Bound", fieldSelector: "metadata.name=data-web-3"',
                     ["data-web-3"], id="claim"),
        pytest.param("claims", 'phase: "Lost"', [], id="no claim"),
        pytest.param("claims", 'fieldSelector: "spec.storageClassName!=fast"', [], id="class"),
        pytest.param("services", 'namespace: "default"', ["front", "web"], id="services"),
        pytest.param("services", 'fieldSelector: "spec.clusterIP=None"', ["web", "db"], id="headless"),
    ],
)  # fmt: skip
def test_a_filter_shows_what_it_says(
    api: Api, sample: str, field: str, arguments: str, expected: list[str]
) -> None:
    """Rows stay in the order of namespaces and names."""
    assert names(api, sample, field, arguments) == expected


def test_revisions_are_filtered_by_owner_and_number(api: Api, sample: str) -> None:
    """The name says whose they are, the number which."""
    owned = names(api, sample, "revisions", 'owner: "ds/agent"')
    assert [name.rpartition("-")[0] for name in owned] == ["agent", "agent"]
    newest = names(api, sample, "revisions", 'owner: "ds/agent", fieldSelector: "revision=2"')
    assert len(newest) == 1
    assert newest[0] in owned
    assert names(api, sample, "revisions", 'namespace: "shop"')[0].startswith("db-")
    assert len(names(api, sample, "revisions", 'labelSelector: "app in (web, gpu)"')) == 2


FILTERS = {
    "namespace": 'namespace: "default"',
    "labelSelector": 'labelSelector: "app in (web, agent)"',
    "fieldSelector": 'fieldSelector: "metadata.name!=web-3"',
    "owner": 'owner: "sts/web"',
    "node": 'node: "n3"',
    "phase": "phase: RUNNING",
}


@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_filters_together_show_what_each_of_them_shows(api: Api, sample: str, count: int) -> None:
    """Every combination of so many is the intersection."""
    alone = {name: names(api, sample, "pods", text) for name, text in FILTERS.items()}
    for some in combinations(FILTERS, count):
        expected = [name for name in alone[some[0]] if all(name in alone[other] for other in some[1:])]
        assert names(api, sample, "pods", ", ".join(FILTERS[name] for name in some)) == expected


def test_pods_of_a_workload_and_of_a_node_are_filtered_too(api: Api, sample: str) -> None:
    """By labels, fields, phase and namespace."""
    query = """query($c: String!) { cluster(name: $c) {
      workload: object(name: "sts/web") { ... on Workload {
        one: pods(fieldSelector: "metadata.name=web-3") { nodes { name } }
        none: pods(phase: FAILED) { nodes { name } }
        all: pods(labelSelector: "app=web") { totalCount } } }
      node: object(name: "node/n3") { ... on ClusterNode {
        shop: pods(namespace: "shop") { totalCount }
        web: pods(labelSelector: "app=web", namespace: "default") { nodes { name } } } } } }"""
    found = api.ask(query, c=sample)["cluster"]
    assert found["workload"] == {
        "one": {"nodes": [{"name": "web-3"}]},
        "none": {"nodes": []},
        "all": {"totalCount": 12},
    }
    assert [pod["name"] for pod in found["node"]["web"]["nodes"]] == ["web-0", "web-2", "web-6"]


@pytest.mark.parametrize(
    ("field", "arguments", "argument", "sentence"),
    [
        pytest.param("pods", 'labelSelector: "a b"', "labelSelector",
                     f"'a b' {NO_LABEL_SELECTOR}", id="label"),
        pytest.param("pods", 'labelSelector: "a in (b"', "labelSelector",
                     f"'a in (b' {NO_LABEL_SELECTOR}", id="set"),
        pytest.param("nodes", 'fieldSelector: "spec.unschedulable"', "fieldSelector",
                     "'spec.unschedulable' is no field selector: "
                     "expected such as status.phase=Running,metadata.name!=a", id="field"),
        pytest.param("nodes", 'fieldSelector: "status.phase=Running"', "fieldSelector",
                     "field status.phase can't be selected by: "
                     "expected one of metadata.name, metadata.namespace, metadata.uid, spec.unschedulable",
                     id="field of another kind"),
        pytest.param("pods", 'owner: "web"', "owner",
                     "'web' names no object: expected KIND/NAME, such as sts/web", id="owner"),
        pytest.param("pods", 'owner: "stateful/web"', "owner",
                     "unknown kind 'stateful': did you mean statefulset?", id="owner's kind"),
        pytest.param("desiredPods", 'workload: "web"', "workload",
                     "'web' names no object: expected KIND/NAME, such as sts/web", id="workload"),
        pytest.param("diff", 'workload: "/"', "workload",
                     "'/' names no object: expected KIND/NAME, such as sts/web", id="nothing"),
    ],
)  # fmt: skip
def test_a_filter_that_can_not_be_understood_is_refused(
    api: Api, sample: str, field: str, arguments: str, argument: str, sentence: str
) -> None:
    """With what was expected, and the argument's name."""
    query = f'{{ cluster(name: "{sample}") {{ {field}({arguments}) {{ totalCount }} }} }}'
    (error,) = api.run(api.told(query))["errors"]
    assert error["message"] == sentence
    assert error["extensions"] == {"code": "INVALID", "argument": [argument]}


def test_a_pods_address_is_found_in_what_it_was_read_from() -> None:
    document = b.pod("web-0")
    pod = from_document({**document, "status": {**document["status"], "podIP": "10.0.0.7"}})
    found = [
        all(test(pod) for test in with_fields(f"status.podIP={address}", "Pod"))
        for address in ("10.0.0.7", "10.0.0.8")
    ]
    assert found == [True, False]
