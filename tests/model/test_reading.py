"""Manifests and dumps become a cluster; every mistake in them becomes one sentence with its place."""

from __future__ import annotations

import gc
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretell.model.documents import to_document
from foretell.model.errors import ManifestError
from foretell.model.objects import Node, Pod, StatefulSet
from foretell.model.reading import Source, read, read_with_notes

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, image: x}]}\n"


def text(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def written(kind: str, name: str, api_version: str = "v1", **rest: Any) -> dict[str, Any]:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, **rest}


def stored(kind: str, name: str, api_version: str = "v1", **rest: Any) -> dict[str, Any]:
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": name, "uid": f"uid-{kind}-{name}"},
        **rest,
    }


def owned(name: str, owner: str, kind: str = "StatefulSet", **reference: Any) -> dict[str, Any]:
    pod = stored("Pod", name)
    reference = {"apiVersion": "apps/v1", "kind": kind, "name": owner, "controller": True, **reference}
    return {**pod, "metadata": {**pod["metadata"], "ownerReferences": [reference]}}


def problem(source: Source, *, strict: bool = True) -> str:
    with pytest.raises(ManifestError) as caught:
        read(source, strict=strict)
    return str(caught.value)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        pytest.param(
            ["kind: Pod"],
            "$.apiVersion: missing field: expected an apiVersion such as apps/v1",
            id="apiVersion",
        ),
        pytest.param(
            ["apiVersion: v1"], "$.kind: missing field: expected a kind such as StatefulSet", id="kind"
        ),
        pytest.param(
            ["apiVersion: v1", "kind: Pod", "metadata: {generateName: a-}"],
            "$.metadata.name: missing field: expected a non-empty string",
            id="name",
        ),
        pytest.param(
            ["apiVersion: v1", "kind: Pod", "metadata: {name: 5}"],
            "$.metadata.name: expected a string, got an integer",
            id="name",
        ),
        pytest.param(
            ["apiVersion: apps/v1", "kind: DeamonSet", "metadata: {name: a}"],
            "$.kind: unknown kind 'DeamonSet' of apps/v1: did you mean DaemonSet?",
            id="a misspelt kind",
        ),
        pytest.param(
            ["apiVersion: v1", "kind: StatefulSet", "metadata: {name: a}"],
            "$.kind: StatefulSet is no kind of v1: expected apiVersion apps/v1",
            id="another group's kind",
        ),
        pytest.param(
            ["apiVersion: apps/v1beta2", "kind: StatefulSet", "metadata: {name: a}"],
            "$.kind: apiVersion 'apps/v1beta2' is not served: expected apps/v1",
            id="an old version",
        ),
        pytest.param(
            ["apiVersion: apps/v1", "kind: StatefulSet", "metadata: {name: a}", "spec: {replicas: three}"],
            "$.spec.replicas: expected an integer, got a string",
            id="type",
        ),
        pytest.param(
            ["apiVersion: apps/v1", "kind: StatefulSet", "metadata: {name: a}", "spec: {replicas: -1}"],
            "$.spec.replicas: -1 is below zero: expected at least 0",
            id="below zero",
        ),
        pytest.param(
            ["apiVersion: v1", "kind: Node", "metadata: {name: Worker_1}"],
            "$.metadata.name: 'Worker_1' is no valid name: expected at most 253 lower case letters, "
            "digits, '-' and '.', with a letter or digit at both ends (RFC 1123)",
            id="name",
        ),
        pytest.param(
            ["apiVersion: v1", "kind: Node", "metadata: {name: a, labels: {enabled: yes}}"],
            "$.metadata.labels.enabled: expected a string, got a boolean",
            id="a label that is no string",
        ),
        pytest.param(
            ["apiVersion: v1", "kind: Node", "metadata: {name: a, labels: {app: a b}}"],
            "$.metadata.labels.app: 'a b' is no label value: expected at most 63 letters, digits, '-', "
            "'_' and '.', with a letter or digit at both ends",
            id="label",
        ),
        pytest.param(
            [
                "apiVersion: v1",
                "kind: Node",
                "metadata: {name: a}",
                "spec: {taints: [{key: a, effect: NoShedule}]}",
            ],
            "$.spec.taints[0].effect: 'NoShedule' is no taint effect: expected NoSchedule, "
            "PreferNoSchedule or NoExecute",
            id="taint effect",
        ),
        pytest.param(
            [
                "apiVersion: v1",
                "kind: Node",
                "metadata: {name: a}",
                "spec: {taints: [{key: a, effect: NoSchedule}, {key: a, effect: NoSchedule}]}",
            ],
            "$.spec.taints[1]: a second taint a:NoSchedule: expected one for each key and effect",
            id="taint twice",
        ),
        pytest.param(
            ["apiVersion: v1", "kind: Node", "metadata: {name: a}", "status: {capacity: {cpu: 4 cores}}"],
            "$.status.capacity.cpu: '4 cores' is no quantity: expected a number with an optional suffix, "
            "such as 500m, 2 or 1.5Gi",
            id="capacity",
        ),
        pytest.param(
            [
                "apiVersion: v1",
                "kind: Pod",
                "metadata: {name: a}",
                "spec: {containers: [{name: c, resources: {requests: {memory: 1GB}}}]}",
            ],
            "$.spec.containers[0].resources.requests.memory: '1GB' is no quantity: expected a number "
            "with an optional suffix, such as 500m, 2 or 1.5Gi",
            id="request",
        ),
        pytest.param(
            [
                "apiVersion: v1",
                "kind: PersistentVolumeClaim",
                "metadata: {name: a}",
                "spec: {resources: {requests: {storage: big}}}",
            ],
            "$.spec.resources.requests.storage: 'big' is no quantity: expected a number with an optional "
            "suffix, such as 500m, 2 or 1.5Gi",
            id="storage",
        ),
        pytest.param(
            [
                "apiVersion: policy/v1",
                "kind: PodDisruptionBudget",
                "metadata: {name: a}",
                "spec: {minAvailable: half}",
            ],
            "$.spec.minAvailable: 'half' is no percentage: expected an integer or a percentage such as 25%",
            id="percentage",
        ),
        pytest.param(
            [
                "apiVersion: apps/v1",
                "kind: DaemonSet",
                "metadata: {name: a}",
                "spec: {selector: {matchExpressions: [{key: a, operator: in, values: [b]}]}}",
            ],
            "$.spec.selector.matchExpressions[0].operator: 'in' is no operator: expected In, NotIn, "
            "Exists or DoesNotExist",
            id="selector",
        ),
        pytest.param(
            [
                "apiVersion: apps/v1",
                "kind: DaemonSet",
                "metadata: {name: a}",
                "spec: {template: {spec: {tolerations: [{operator: Equal, value: a}]}}}",
            ],
            "$.spec.template.spec.tolerations[0].operator: Equal needs a key: expected a key, or Exists, "
            "which tolerates every taint",
            id="toleration",
        ),
        pytest.param(
            [
                "apiVersion: v1",
                "kind: Pod",
                "metadata: {name: a}",
                "spec: {affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {",
                "  nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Gt}]}]}}}}",
            ],
            "$.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]"
            ".matchExpressions[0].values: Gt expects one value",
            id="node affinity",
        ),
        pytest.param(
            [POD, "---", POD],
            "Pod default/a stands here again, after <bytes>, document 1",
            id="an object twice",
        ),
    ],
)
def test_a_mistake_in_an_object_is_named_with_its_path(lines: list[str], sentence: str) -> None:
    assert problem(text(*lines)).endswith(sentence)


def test_the_document_with_the_mistake_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(f"{POD}---\nkind: Pod\n")
    path = tmp_path / "a.yaml"
    assert problem(path).startswith(f"{path}, document 2, $.apiVersion: ")


def test_an_object_in_two_files_is_named_with_both(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(POD)
    (tmp_path / "b.yaml").write_text(POD)
    assert problem(tmp_path) == (
        f"{tmp_path}/b.yaml, document 1: Pod default/a stands here again, after {tmp_path}/a.yaml, document 1"
    )


def test_what_a_person_wrote_is_filled_in_and_what_a_server_printed_is_not() -> None:
    cluster = read([written("StatefulSet", "mine", "apps/v1"), stored("StatefulSet", "its", "apps/v1")])
    replicas = {thing.name: thing.spec.replicas for thing in cluster.all(StatefulSet)}
    assert replicas == {"mine": 1, "its": None}


def test_a_pod_that_a_person_wrote_is_admitted_too() -> None:
    classes = written("PriorityClass", "high", "scheduling.k8s.io/v1", value=7)
    (pod,) = read([written("Pod", "a", spec={"priorityClassName": "high"}), classes]).pods
    assert (pod.spec.priority, len(pod.spec.tolerations)) == (7, 2)
    (pod,) = read(written("Pod", "a", spec={"priorityClassName": "not-shown"})).pods
    assert pod.spec.priority == 0


def test_nulls_are_nothing() -> None:
    document = stored("Pod", "a", spec={"tolerations": None, "containers": [{"name": "c", "ports": None}]})
    document["metadata"]["labels"] = None
    assert read(document).pods[0].labels == {}
    (node,) = read(b"apiVersion: v1\nkind: Node\nmetadata:\n  name: a\n  labels:\n    role:\n").nodes
    assert node.labels == {"role": ""}


def test_an_object_without_uid_always_gets_the_same_one() -> None:
    first, again = (read(POD.encode()).pods[0].metadata.uid for _ in range(2))
    other = read(POD.replace("name: a", "name: b").encode()).pods[0].metadata.uid
    assert first == again != other


def test_an_owner_without_uid_is_found_by_kind_and_name() -> None:
    cluster = read([owned("web-0", "web"), stored("StatefulSet", "web", "apps/v1")])
    assert [thing.name for thing in cluster.owned_by("uid-StatefulSet-web")] == ["web-0"]


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet"])
def test_a_controller_that_is_not_there_is_named(kind: str) -> None:
    assert problem([owned("web-0", "web", kind, uid="gone")]) == (
        f"<objects>, document 1, $.metadata.ownerReferences: Pod/web-0 is controlled by {kind} 'web', "
        "which isn't there: "
        "expected it among the objects, or no such ownerReference"
    )


@pytest.mark.parametrize(
    "pod",
    [
        pytest.param(
            owned("web-0", "web", uid="u", apiVersion="apps.kruise.io/v1"), id="another group's StatefulSet"
        ),
        pytest.param(owned("web-0", "web", kind="ReplicaSet", uid="u"), id="a kind that isn't understood"),
        pytest.param(owned("web-0", "web", uid="u", controller=False), id="an owner that doesn't control"),
        pytest.param(
            {
                **owned("web-0", "web", uid="u"),
                "metadata": {
                    **owned("web-0", "web", uid="u")["metadata"],
                    "deletionTimestamp": "2026-01-31T12:00:00Z",
                },
            },
            id="a terminating pod",
        ),
    ],
)
def test_other_owners_may_be_missing(pod: dict[str, Any]) -> None:
    assert len(read(pod)) == 1


def test_owners_may_be_missing_when_not_strict_or_where_nothing_runs() -> None:
    assert len(read([owned("web-0", "web", uid="gone")], strict=False)) == 1
    revision = owned("web-1", "web", uid="gone") | {"apiVersion": "apps/v1", "kind": "ControllerRevision"}
    assert len(read([revision])) == 1


def test_kinds_that_are_not_understood_are_kept_with_a_note() -> None:
    things = [
        written("Node", "a"),
        written("Node", "a", "longhorn.io/v1beta2"),
        written("ConfigMap", "a"),
        written("ConfigMap", "b"),
    ]
    cluster, notes = read_with_notes(things)
    assert cluster.kinds == ("ConfigMap", "Node", "Node.longhorn.io")
    assert [node.name for node in cluster.all(Node)] == ["a"]
    assert notes == (
        "2 ConfigMap (v1): kept, but not looked at",
        "1 Node (longhorn.io/v1beta2): kept, but not looked at",
    )


@given(st.permutations([f"pod-{number}" for number in range(6)]))
def test_the_order_of_documents_does_not_matter(names: list[str]) -> None:
    things = [written("Pod", name) for name in names]
    assert read(things) == read([written("Pod", name) for name in sorted(names)])


def test_the_garbage_collector_is_as_it_was() -> None:
    with pytest.raises(ManifestError):
        read(b"5")
    assert gc.isenabled()


def test_pods_of_a_dump_are_decoded_lazily_typed() -> None:
    (pod,) = read(json.dumps(stored("Pod", "a", spec={"nodeName": "n", "odd": 1})).encode()).pods
    assert isinstance(pod, Pod)
    assert to_document(pod)["spec"] == {"nodeName": "n", "odd": 1}
