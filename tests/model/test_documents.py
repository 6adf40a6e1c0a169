"""Documents become typed objects and documents again, without loss."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import msgspec
import pytest

from foretell.model.documents import decode, from_document, to_document
from foretell.model.errors import ManifestError
from foretell.model.meta import Key
from foretell.model.objects import Node, Other, Pod, StatefulSet

replace = msgspec.structs.replace
NODE: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {"name": "a", "uid": "u", "resourceVersion": "7", "managedFields": [{"manager": "kubelet"}]},
    "spec": {"podCIDR": "10.0.0.0/24", "taints": [{"key": "a", "effect": "NoSchedule", "odd": 1}]},
    "status": {
        "nodeInfo": {"osImage": "x"},
        "conditions": [{"type": "Ready", "status": "True", "lastHeartbeatTime": "t"}],
    },
}


def test_what_is_not_typed_is_kept() -> None:
    assert to_document(from_document(NODE)) == NODE


def test_typed_fields_are_laid_over_what_was_read() -> None:
    node = from_document(NODE)
    assert isinstance(node, Node)
    changed = replace(node, spec=replace(node.spec, unschedulable=True, taints=()))
    spec = {"podCIDR": "10.0.0.0/24", "unschedulable": True}
    assert to_document(changed) == {**NODE, "spec": spec}


def test_a_changed_item_of_a_list_keeps_its_other_fields() -> None:
    node = from_document(NODE)
    assert isinstance(node, Node)
    condition = replace(node.status.conditions[0], status="Unknown")
    document = to_document(replace(node, status=replace(node.status, conditions=(condition,))))
    assert document["status"]["conditions"] == [
        {"type": "Ready", "status": "Unknown", "lastHeartbeatTime": "t"}
    ]


@pytest.mark.parametrize(
    ("document", "kind", "key"),
    [
        pytest.param(
            {"apiVersion": "v1", "kind": "Pod"},
            Pod,
            Key("Pod", "default", "a"),
            id="in the default namespace",
        ),
        pytest.param(
            {"apiVersion": "v1", "kind": "Node"}, Node, Key("Node", "", "a"), id="without namespace"
        ),
        pytest.param(
            {"apiVersion": "v1", "kind": "ConfigMap"},
            Other,
            Key("ConfigMap", "default", "a"),
            id="not understood",
        ),
        pytest.param(
            {"apiVersion": "longhorn.io/v1beta2", "kind": "Node"},
            Other,
            Key("Node.longhorn.io", "", "a"),
            id="custom",
        ),
        pytest.param(
            {"apiVersion": "apps.kruise.io/v1", "kind": "StatefulSet"},
            Other,
            Key("StatefulSet.apps.kruise.io", "", "a"),
            id="another StatefulSet",
        ),
    ],
)
def test_apiversion_and_kind_decide_the_type(document: dict[str, Any], kind: type[object], key: Key) -> None:
    thing = from_document({**document, "metadata": {"name": "a"}})
    assert type(thing) is kind
    assert thing.key == key


def test_a_namespace_of_what_has_none_is_dropped() -> None:
    document = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a", "namespace": "default"}}
    assert from_document(document).namespace == ""


@pytest.mark.parametrize(
    ("kind", "rest", "path", "problem"),
    [
        pytest.param(
            "StatefulSet",
            {"spec": {"replicas": "3"}},
            "$.spec.replicas",
            "expected an integer, got a string",
            id="scalar",
        ),
        pytest.param("StatefulSet", {"spec": []}, "$.spec", "expected a mapping, got a list", id="mapping"),
        pytest.param(
            "Node",
            {"spec": {"taints": [{"key": "a"}]}},
            "$.spec.taints[0]",
            "missing field: expected effect",
            id="missing",
        ),
        pytest.param(
            "Node",
            {"status": {"capacity": {"pods": 5, "cpu": [1]}}},
            "$.status.capacity.cpu",
            "expected an integer or a number or a string, got a list",
            id="the key of a map is named",
        ),
        pytest.param(
            "Pod",
            {"metadata": {"name": "a", "labels": {"a": "b", "on": True}}},
            "$.metadata.labels.on",
            "expected a string, got a boolean",
            id="label",
        ),
        pytest.param(
            "Pod",
            {"metadata": {}},
            "$.metadata.name",
            "missing field: expected a non-empty string",
            id="name",
        ),
    ],
)
def test_a_wrong_type_is_named_with_its_path(
    kind: str, rest: dict[str, Any], path: str, problem: str
) -> None:
    with pytest.raises(ManifestError) as caught:
        from_document({"apiVersion": "v1", "kind": kind, "metadata": {"name": "a"}, **rest})
    assert (caught.value.path, caught.value.problem) == (path, problem)


def test_malformed_json_is_named() -> None:
    with pytest.raises(ManifestError, match="malformed JSON"):
        decode(b'{"kind": "Pod",')


def test_an_object_that_was_never_read_is_written_whole() -> None:
    pod = from_document({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}})
    document = to_document(replace(pod, text=b""))
    assert document == {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "default"}}


def test_a_statefulsets_claims_are_typed() -> None:
    claim = {"metadata": {"name": "data"}, "spec": {"resources": {"requests": {"storage": "1Gi"}}}}
    document = {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "a"}}
    thing = from_document({**document, "spec": {"volumeClaimTemplates": [claim]}})
    assert isinstance(thing, StatefulSet)
    assert thing.spec.volume_claim_templates[0].spec.resources.requests == {"storage": "1Gi"}


AT_ONCE = """
import sys
from threading import Barrier, Thread

from foretell.model.documents import decode

sys.setswitchinterval(1e-6)
CONTAINER = '{"name": "a", "image": "a", "ports": [{"containerPort": 1}]}'
POD = f'{{"containers": [{CONTAINER}], "tolerations": [{{"key": "a"}}]}}'
SETS = ["DaemonSet", "StatefulSet", "Deployment", "ReplicaSet"]
texts = [
    f'{{"apiVersion": "{version}", "kind": "{kind}", "metadata": {{"name": "a"}}, "spec": %s}}'
    % (POD if kind == "Pod" else f'{{"template": {{"spec": {POD}}}}}')
    for version, kinds in {"v1": ["Pod"], "apps/v1": SETS, "batch/v1": ["Job"]}.items()
    for kind in kinds
]
together = Barrier(2 * len(texts))


def read(text: str) -> None:
    together.wait()
    for _ in range(20):
        decode(text.encode())


threads = [Thread(target=read, args=(text,)) for text in 2 * texts]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_several_kinds_can_be_read_for_the_first_time_in_several_threads_at_once() -> None:
    """In a process of its own: what is known of types is made once, and a race for it ends the process."""
    done = subprocess.run([sys.executable, "-c", AT_ONCE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
