"""Objects: the ways between them, their interfaces, manifests, and trees."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from foretell.model.cluster import Cluster
from tests import builders as b
from tests.api import shops
from tests.api.graphql.asked import Api


def test_ways_lead_from_a_node_over_pods_and_owners_to_revisions_and_back(api: Api, sample: str) -> None:
    """Node, pods, owner, revisions, pods, node."""
    query = """query($c: String!) { cluster(name: $c) { object(name: "node/n3") { ... on ClusterNode {
      pods(labelSelector: "app=web", first: 5) { nodes { name
        node { name }
        owner { __typename id kind name }
        workload { __typename id name revisions(first: 2) { nodes { number
          pods(first: 20) { nodes { name node { name } revision { number } } } } } }
        revision { name workload { name } owner { name } }
        claims { name workload { name } pods { name } }
        services { name } } } } } } }"""
    pods = api.ask(query, c=sample)["cluster"]["object"]["pods"]["nodes"]
    assert [pod["name"] for pod in pods] == ["web-0", "web-2", "web-6"]
    for pod in pods:
        name = pod["name"]
        assert pod["node"] == {"name": "n3"}
        assert (pod["owner"]["__typename"], pod["owner"]["kind"]) == ("StatefulSet", "StatefulSet")
        assert pod["owner"]["id"] == pod["workload"]["id"]
        (revision,) = pod["workload"]["revisions"]["nodes"]
        assert {"name": name, "node": {"name": "n3"}, "revision": {"number": 1}} in revision["pods"]["nodes"]
        assert pod["revision"]["workload"] == pod["revision"]["owner"] == {"name": "web"}
        assert pod["claims"] == [
            {"name": f"data-{name}", "workload": {"name": "web"}, "pods": [{"name": name}]}
        ]
        assert pod["services"] == [{"name": "front"}, {"name": "web"}]


def test_pods_of_a_revision_are_those_that_were_made_from_it(api: Api, sample: str) -> None:
    """After a roll-out the older revision has none."""
    query = """query($c: String!) { cluster(name: $c) { object(name: "ds/agent") { ... on Workload {
      revisions { nodes { number template pods { totalCount } } } } } } }"""
    revisions = api.ask(query, c=sample)["cluster"]["object"]["revisions"]["nodes"]
    found = {r["number"]: (r["pods"]["totalCount"], "image: agent:2" in r["template"]) for r in revisions}
    assert found == {1: (0, False), 2: (5, True)}


def test_a_service_leads_to_its_pods_and_stateful_sets(api: Api, sample: str) -> None:
    """A headless one has no address, but names for pods."""
    query = """query($c: String!) { cluster(name: $c) { services { nodes {
      name namespace headless clusterIP selector { key value }
      pods(first: 1) { totalCount nodes { dnsName } } statefulSets { name service { name } } } } } }"""
    front, web, db = api.ask(query, c=sample)["cluster"]["services"]["nodes"]
    assert (front["headless"], front["clusterIP"], front["statefulSets"]) == (False, "10.0.0.7", [])
    assert (web["headless"], web["clusterIP"]) == (True, "None")
    assert web["statefulSets"] == [{"name": "web", "service": {"name": "web"}}]
    assert web["selector"] == [{"key": "app", "value": "web"}]
    assert (front["pods"]["totalCount"], web["pods"]["totalCount"], db["pods"]["totalCount"]) == (12, 12, 2)
    assert web["pods"]["nodes"] == [{"dnsName": "web-0.web.default.svc.cluster.local"}]


def test_workloads_are_seen_through_their_interface_and_as_their_type(api: Api, sample: str) -> None:
    """What both have in common, and what each has for itself."""
    query = """query($c: String!) { cluster(name: $c) { workloads { nodes {
      __typename name desired ready updated available images updateStrategy minReadySeconds
      matchLabels { key value } observedGeneration generation
      ... on DaemonSet { desiredNumberScheduled currentNumberScheduled numberMisscheduled maxUnavailable }
      ... on StatefulSet { replicas currentPods podManagementPolicy partition start claims { totalCount }
        currentRevision updateRevision } } } } }"""
    agent, gpu, web, db = api.ask(query, c=sample)["cluster"]["workloads"]["nodes"]
    assert (agent["__typename"], gpu["name"]) == ("DaemonSet", "gpu")
    assert (agent["desired"], agent["ready"], agent["updated"], agent["images"]) == (5, 5, 5, ["agent:2"])
    assert agent["desiredNumberScheduled"] == agent["currentNumberScheduled"] == 5
    assert agent["observedGeneration"] == agent["generation"]
    assert (web["replicas"], web["currentPods"], web["podManagementPolicy"]) == (12, 12, "Parallel")
    assert web["claims"]["totalCount"] == 12
    assert db["currentRevision"] == db["updateRevision"] != ""
    assert db["matchLabels"] == [{"key": "app", "value": "db"}]


EVERY = """
  name namespace kind apiVersion uid generation createdAt deletedAt ageSeconds
  labels { key value } label(key: "app") annotations { key value } owner { kind } owns { kind name }
"""


@pytest.mark.parametrize(
    ("name", "form"),
    [
        pytest.param("node/n1", "ClusterNode", id="node"),
        pytest.param("pod/web-0", "Pod", id="pod"),
        pytest.param("sts/web", "StatefulSet", id="statefulset"),
        pytest.param("ds/agent", "DaemonSet", id="daemonset"),
        pytest.param("pvc/data-web-0", "PersistentVolumeClaim", id="claim"),
        pytest.param("svc/web", "Service", id="service"),
        pytest.param("cm/settings", "OtherObject", id="unknown kind"),
        pytest.param("sc/fast", "OtherObject", id="storage class"),
        pytest.param("pdb/web", "PodDisruptionBudget", id="budget"),
    ],
)
def test_every_kind_has_what_all_objects_have(api: Api, sample: str, name: str, form: str) -> None:
    """Whatever type it is of."""
    query = f'{{ cluster(name: "{sample}") {{ object(name: "{name}") {{ __typename {EVERY} }} }} }}'
    found = api.ask(query)["cluster"]["object"]
    assert found["__typename"] == form
    assert found["name"] == name.partition("/")[2]
    assert found["namespace"] == (None if name.startswith(("node/", "sc/")) else "default")
    assert found["uid"]


def test_an_object_that_is_not_there_is_null(api: Api, sample: str) -> None:
    """Neither under this name nor in another namespace."""
    query = f"""{{ cluster(name: "{sample}") {{ a: object(name: "sts/none") {{ id }}
      b: object(name: "sts/db") {{ id }} c: object(name: "sts/db", namespace: "shop") {{ name }} }} }}"""
    assert api.ask(query)["cluster"] == {"a": None, "b": None, "c": {"name": "db"}}


@pytest.mark.parametrize(
    ("name", "form"),
    [
        pytest.param("deploy/shop", "Deployment", id="deployment"),
        pytest.param(f"rs/shop-{shops.OLD}", "ReplicaSet", id="replicaset"),
        pytest.param("job/import", "Job", id="job"),
        pytest.param("cj/nightly", "CronJob", id="cronjob"),
        pytest.param("pdb/old", "PodDisruptionBudget", id="budget"),
    ],
)
def test_what_makes_others_has_what_all_objects_have_and_is_found_by_its_id(
    api: Api, shop: str, name: str, form: str
) -> None:
    """Its type among it."""
    found = api.ask(f'{{ cluster(name: "{shop}") {{ object(name: "{name}") {{ __typename id {EVERY} }} }} }}')
    thing = found["cluster"]["object"]
    assert (thing["__typename"], thing["kind"], thing["name"]) == (form, form, name.partition("/")[2])
    again = api.ask(f'{{ node(id: "{thing["id"]}") {{ __typename id }} }}')["node"]
    assert again == {"__typename": form, "id": thing["id"]}


def manifests(api: Api, cluster: str, format: str) -> list[str]:
    """The manifests of all objects that lists and edges reach, but of pods that controllers made."""
    rows = f"(first: 100) {{ nodes {{ owner {{ id }} manifest(format: {format}) }} }}"
    fields = ("nodes", "pods", "workloads", "claims", "revisions", "services")
    found = api.ask(
        f'{{ cluster(name: "{cluster}") {{ {" ".join(f"{field}{rows}" for field in fields)} '
        f'cm: object(name: "cm/settings") {{ manifest(format: {format}) }} '
        f'pdb: object(name: "pdb/web") {{ manifest(format: {format}) }} '
        f'sc: object(name: "sc/fast") {{ manifest(format: {format}) }} }} }}'
    )["cluster"]
    shown = [
        row["manifest"]
        for field in fields
        for row in found[field]["nodes"]
        if field != "pods" or row["owner"] is None
    ]
    return [*shown, *(found[name]["manifest"] for name in ("cm", "pdb", "sc"))]


@pytest.mark.parametrize("format", ["YAML", "JSON"])
def test_every_manifest_can_be_applied_again_and_changes_nothing(api: Api, sample: str, format: str) -> None:
    """All objects together: kubectl says `unchanged` of each, and the next revision puts nothing."""
    name = api.copied(sample)
    every = manifests(api, name, format)
    text = "---\n".join(every)
    if format == "JSON":
        items = [msgspec.json.decode(one) for one in every]
        text = msgspec.json.encode({"apiVersion": "v1", "kind": "List", "items": items}).decode()
    applied = api.mutate(
        "apply", name, "{manifests: $m}", more="made: revision { putCount dropCount }", m=text
    )
    assert len(applied["results"]) == len(every) > 30
    assert [line for line in applied["results"] if not line.endswith(" unchanged")] == []
    assert {one["result"] for one in applied["objects"]} == {"UNCHANGED"}
    assert applied["made"] == {"putCount": 0, "dropCount": 0}


def test_the_manifest_of_a_pod_that_a_controller_made_can_be_applied_again(api: Api, sample: str) -> None:
    """Nothing is filled in that wasn't there."""
    name = api.copied(sample)
    query = f'{{ cluster(name: "{name}") {{ object(name: "pod/web-0") {{ manifest }} }} }}'
    text = api.ask(query)["cluster"]["object"]["manifest"]
    assert api.mutate("apply", name, "{manifests: $m}", m=text)["results"] == ["pod/web-0 unchanged"]


def test_manifests_keep_what_yaml_takes_for_something_else(api: Api, sample: str) -> None:
    """Words such as yes, numbers in other bases, texts of several lines, and signs beyond ASCII."""
    fields = "manifest(format: JSON) annotations { value }"
    query = f'{{ cluster(name: "{sample}") {{ object(name: "cm/settings") {{ {fields} }} }} }}'
    found = api.ask(query)["cluster"]["object"]
    assert msgspec.json.decode(found["manifest"])["data"] == {"yes": "no", "1": "0x1f", "text": "a\n b: c\n"}
    assert found["annotations"] == [{"value": "häßlich ☃ 🚀"}]


def tree(api: Api, cluster: str, root: str) -> list[dict[str, Any]]:
    """The lines of a tree."""
    fields = "drawing depth ready object { kind name }"
    query = f'{{ cluster(name: "{cluster}") {{ tree(root: "{root}") {{ {fields} }} }} }}'
    lines: list[dict[str, Any]] = api.ask(query)["cluster"]["tree"]
    return lines


def test_a_tree_shows_what_an_object_owns_in_the_order_of_ordinals(api: Api, sample: str) -> None:
    """As `kubectl tree` draws it."""
    lines = tree(api, sample, "sts/web")
    assert lines[0] == {
        "drawing": "",
        "depth": 0,
        "ready": None,
        "object": {"kind": "StatefulSet", "name": "web"},
    }
    pods = [line for line in lines if line["object"]["kind"] == "Pod"]
    assert [line["object"]["name"] for line in pods] == [f"web-{n}" for n in range(12)]
    assert {(line["depth"], line["ready"]) for line in pods} == {(1, "True")}
    assert lines[-1]["drawing"] == "└─"


def test_a_tree_ends_though_objects_own_each_other(api: Api) -> None:
    """Each is shown once below the other."""
    one, other = (
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {
            "name": name, "namespace": "default", "uid": name,
            "ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": owner, "uid": owner}]}}
        for name, owner in (("a", "b"), ("b", "a"))
    )  # fmt: skip
    lines = tree(api, api.made(b.cluster(one, other)), "cm/a")
    assert [line["object"]["name"] for line in lines] == ["a", "b", "a"]


def test_a_tree_shows_a_thousand_lines_at_most(api: Api) -> None:
    """However much there is."""
    owner = b.node("n1")
    owner["metadata"]["uid"] = "n1"
    pods = [b.pod(f"p{n}", owner=b.owned_by("Node", "n1")) for n in range(1100)]
    assert len(tree(api, api.made(b.cluster(owner, pods)), "node/n1")) == 1000


@pytest.mark.parametrize(
    ("root", "code", "sentence"),
    [
        pytest.param("sts/none", "NOT_FOUND",
                     'Error from server (NotFound): statefulsets.apps "none" not found', id="not there"),
        pytest.param("none", "INVALID",
                     "'none' names no object: expected KIND/NAME, such as sts/web", id="no kind"),
    ],
)  # fmt: skip
def test_a_tree_of_nothing_is_refused(api: Api, sample: str, root: str, code: str, sentence: str) -> None:
    """As kubectl does."""
    query = f'{{ cluster(name: "{sample}") {{ tree(root: "{root}") {{ depth }} }} }}'
    assert api.refused(query) == (code, sentence)


def test_an_empty_cluster_has_empty_lists_and_no_moment(api: Api) -> None:
    """Nothing is an error."""
    name = api.named()
    api.mutate("createCluster", name)
    query = f"""{{ cluster(name: "{name}") {{ objectCount moment revision head kubernetes
      nodes {{ nodes {{ id }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }}
      desiredPods {{ totalCount }} diff {{ totalCount counts {{ missing }} }}
      forecast {{ waveCount seconds verdict {{ outcome }} }} }} }}"""
    info = {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None}
    assert api.ask(query)["cluster"] == {
        "objectCount": 0, "moment": None, "revision": 1, "head": 1, "kubernetes": "1.36",
        "nodes": {"nodes": [], "pageInfo": info}, "desiredPods": {"totalCount": 0},
        "diff": {"totalCount": 0, "counts": {"missing": 0}},
        "forecast": {"waveCount": 0, "seconds": 0.0, "verdict": {"outcome": "SETTLED"}},
    }  # fmt: skip


def test_timestamps_that_can_not_be_read_are_null_where_a_status_has_them(api: Api) -> None:
    """A dump's status is not ours to refuse."""
    pod = b.pod("p", "n1")
    pod["status"]["startTime"] = "long ago"
    state: Cluster = b.cluster(b.nodes(1), pod)
    query = f'{{ cluster(name: "{api.made(state)}") {{ pods {{ nodes {{ startedAt createdAt }} }} }} }}'
    assert api.ask(query)["cluster"]["pods"]["nodes"] == [
        {"startedAt": None, "createdAt": "2026-01-01T00:00:00+00:00"}
    ]
