"""Pods, nodes, claims and budgets are refused in the API server's words."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from foretell.logic.validation import validate_create, validate_update
from foretell.model.errors import RejectedError
from tests.builders import budget

LABEL = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and "
    "must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', "
    "regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
OVERCOMMIT = "Limit must be set for non overcommitable resources"
NEGATIVE = "must be greater than or equal to 0"
CLAIM = {
    "metadata": {"name": "data"},
    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
}


def workload(kind: str, changes: dict[str, Any] | None = None) -> dict[str, Any]:
    """A valid workload with parts of it replaced, by dotted path; None removes one."""
    document: dict[str, Any] = {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": "web"},
        "spec": {
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "main", "image": "nginx:1.25"}]},
            },
        },
    }
    return changed(document, changes or {})


def changed(document: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    new = copy.deepcopy(document)
    for path, value in changes.items():
        *parents, last = path.split(".")
        place = new
        for parent in parents:
            place = place.setdefault(parent, {})
        if value is None:
            place.pop(last, None)
        else:
            place[last] = value
    return new


def pod(**spec: Any) -> dict[str, Any]:
    spec.setdefault("containers", [{"name": "main", "image": "nginx:1.25"}])
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": spec}


def container(**fields: Any) -> dict[str, Any]:
    return pod(containers=[{"name": "main", "image": "nginx:1.25", **fields}])


def refusal(document: dict[str, Any], gates: tuple[str, ...] = ()) -> str:
    with pytest.raises(RejectedError) as caught:
        validate_create(document, gates=frozenset(gates))
    return str(caught.value)


def refused_change(old: dict[str, Any], new: dict[str, Any]) -> str:
    with pytest.raises(RejectedError) as caught:
        validate_update(old, new)
    return str(caught.value)


@pytest.mark.parametrize(
    ("toleration", "sentence"),
    [
        pytest.param(
            {"key": "a", "operator": "Is"},
            'operator: Unsupported value: "Is": supported values: "Equal", "Exists"',
            id="operator",
        ),
        pytest.param(
            {"key": "a", "operator": "Gt", "value": "5"},
            'operator: Unsupported value: "Gt": supported values: "Equal", "Exists", "Lt", "Gt"',
            id="a comparison without its gate",
        ),
        pytest.param(
            {"operator": "Equal", "value": "b"},
            'operator: Invalid value: "Equal": operator must be Exists when `key` is empty, '
            'which means "match all values and all keys"',
            id="no key",
        ),
        pytest.param(
            {"key": "a", "operator": "Exists", "value": "b"},
            "operator: Invalid value: \"b\": value must be empty when `operator` is 'Exists'",
            id="a value with Exists",
        ),
        pytest.param(
            {"key": "a", "value": "a b"},
            f'operator: Invalid value: "a b": {LABEL}',
            id="a value that is none",
        ),
        pytest.param(
            {"key": "a", "operator": "Exists", "effect": "NoSchedule", "tolerationSeconds": 5},
            "effect: Invalid value: \"NoSchedule\": effect must be 'NoExecute' when `tolerationSeconds` "
            "is set",
            id="seconds with another effect",
        ),
        pytest.param(
            {"key": "a", "operator": "Exists", "effect": "Evict"},
            'effect: Unsupported value: "Evict": supported values: "NoSchedule", "PreferNoSchedule", '
            '"NoExecute"',
            id="effect",
        ),
    ],
)
def test_a_toleration_is_refused(toleration: dict[str, Any], sentence: str) -> None:
    assert refusal(pod(tolerations=[toleration])) == f'The Pod "a" is invalid: spec.tolerations[0].{sentence}'
    within = workload("DaemonSet", {"spec.template.spec.tolerations": [toleration]})
    assert refusal(within).endswith(f"spec.template.spec.tolerations[0].{sentence}")


@pytest.mark.parametrize(
    ("value", "fine"),
    [("5", True), ("-5", True), ("0", True), ("", False), ("05", False), ("5.5", False), ("9" * 20, False)],
)
def test_a_comparison_takes_whole_numbers(value: str, fine: bool) -> None:
    gates = frozenset({"TaintTolerationComparisonOperators"})
    document = pod(tolerations=[{"key": "a", "operator": "Lt", "value": value}])
    if fine:
        validate_create(document, gates=gates)
        return
    with pytest.raises(RejectedError, match=r"spec\.tolerations\[0\]\.value: Invalid value"):
        validate_create(document, gates=gates)


@pytest.mark.parametrize(
    ("taints", "sentence"),
    [
        pytest.param(
            [{"key": "a", "effect": "X"}],
            'metadata.taints[0].effect: Unsupported value: "X": supported values: '
            '"NoSchedule", "PreferNoSchedule", "NoExecute"',
            id="effect",
        ),
        pytest.param([{"key": "a"}], "metadata.taints[0].effect: Required value", id="no effect"),
        pytest.param(
            [
                {"key": "a", "value": "b", "effect": "NoSchedule"},
                {"key": "a", "value": "c", "effect": "NoSchedule"},
            ],
            "metadata.taints[1]: Duplicate value: "
            '{"Key":"a","Value":"c","Effect":"NoSchedule","TimeAdded":null}: '
            "taints must be unique by key and effect pair",
            id="twice",
        ),
        pytest.param(
            [{"key": "a", "value": "b c", "effect": "NoSchedule"}],
            f'metadata.taints[0].value: Invalid value: "b c": {LABEL}',
            id="value",
        ),
    ],
)
def test_a_taint_is_refused(taints: list[dict[str, Any]], sentence: str) -> None:
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "worker"}}
    assert refusal({**node, "spec": {"taints": taints}}) == f'The Node "worker" is invalid: {sentence}'
    assert refused_change(node, {**node, "spec": {"taints": taints}}).endswith(sentence)


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        pytest.param(
            pod(containers=[{"name": "main"}]), "spec.containers[0].image: Required value", id="no image"
        ),
        pytest.param(
            pod(containers=[{"image": "x"}]), "spec.containers[0].name: Required value", id="no name"
        ),
        pytest.param(
            pod(containers=[{"name": "a", "image": "x"}, {"name": "a", "image": "x"}]),
            'spec.containers[1].name: Duplicate value: "a"',
            id="a container twice",
        ),
        pytest.param(
            container(resources={"requests": {"cpu": 2}, "limits": {"cpu": "1500m"}}),
            'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to '
            "cpu limit of 1500m",
            id="a request over its limit",
        ),
        pytest.param(
            container(resources={"requests": {"cpu": "-1"}}),
            f'spec.containers[0].resources.requests[cpu]: Invalid value: "-1": {NEGATIVE}',
            id="a negative request",
        ),
        pytest.param(
            container(resources={"requests": {"nvidia.com/gpu": 1}}),
            f"spec.containers[0].resources.limits: Required value: {OVERCOMMIT}",
            id="an extended resource without limit",
        ),
        pytest.param(
            container(ports=[{"containerPort": 70000}]),
            "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and "
            "65535, inclusive",
            id="port",
        ),
        pytest.param(
            container(ports=[{"containerPort": 1, "hostPort": 80}, {"containerPort": 2, "hostPort": 80}]),
            'spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//80"',
            id="a host port twice",
        ),
        pytest.param(
            container(volumeMounts=[{"name": "data", "mountPath": "/data"}]),
            'spec.containers[0].volumeMounts[0].name: Not found: "data"',
            id="a mount of nothing",
        ),
        pytest.param(
            pod(restartPolicy="Sometimes"),
            'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", '
            '"OnFailure", "Never"',
            id="restartPolicy",
        ),
        pytest.param(
            pod(nodeSelector={"a": "b c"}),
            f'spec.nodeSelector: Invalid value: "b c": {LABEL}',
            id="nodeSelector",
        ),
        pytest.param(
            pod(
                affinity={
                    "nodeAffinity": {
                        "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": []}
                    }
                }
            ),
            "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: "
            "Required value: must have at least one node selector term",
            id="no term",
        ),
        pytest.param(
            pod(
                affinity={
                    "podAntiAffinity": {
                        "requiredDuringSchedulingIgnoredDuringExecution": [
                            {"labelSelector": {}, "topologyKey": "a/b/c"}
                        ]
                    }
                }
            ),
            'topologyKey: Invalid value: "a/b/c": a valid label key must consist',
            id="topologyKey",
        ),
        pytest.param(
            pod(
                topologySpreadConstraints=[
                    {"maxSkew": 0, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}
                ]
            ),
            "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero",
            id="maxSkew",
        ),
        pytest.param(
            pod(nodeName="n", schedulingGates=[{"name": "x.io/y"}]),
            "spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared",
            id="a gated pod with a node",
        ),
        pytest.param(
            {
                "apiVersion": "policy/v1",
                "kind": "PodDisruptionBudget",
                "metadata": {"name": "a"},
                "spec": {"minAvailable": 1, "maxUnavailable": "50%", "selector": {"matchLabels": {"a": "b"}}},
            },
            "spec: Invalid value: "
            '{"MinAvailable":1,"Selector":{"matchLabels":{"a":"b"}},"MaxUnavailable":"50%",'
            '"UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set',
            id="both bounds of a budget",
        ),
        pytest.param(
            budget("a", {"a": "b"}, minAvailable=-1),
            "spec.minAvailable: Invalid value: -1: must be greater than or equal to 0",
            id="a budget below nought",
        ),
        pytest.param(
            budget("a", {"a": "b"}, maxUnavailable="101%"),
            'spec.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
            id="a budget of more than all",
        ),
        pytest.param(
            budget("a", {"a": "b"}, minAvailable=1, unhealthyPodEvictionPolicy="Never"),
            'spec.unhealthyPodEvictionPolicy: Unsupported value: "Never": supported values: "AlwaysAllow", '
            '"IfHealthyBudget"',
            id="a budget's policy",
        ),
        pytest.param(
            budget("a", None, selector={"matchExpressions": [{"key": "a", "operator": "Is"}]}),
            'spec.selector.matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator',
            id="a budget's selector",
        ),
        pytest.param(
            {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "metadata": {"name": "a"},
                "spec": {
                    "accessModes": ["ReadWriteOnce", "Sometimes"],
                    "resources": {"requests": {"storage": "1Gi"}},
                },
            },
            'spec.accessModes: Unsupported value: "Sometimes": supported values: "ReadOnlyMany", '
            '"ReadWriteMany", '
            '"ReadWriteOnce", "ReadWriteOncePod"',
            id="access mode",
        ),
        pytest.param(
            {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a", "labels": {"/x": "y"}}},
            'metadata.labels: Invalid value: "/x": prefix part must be non-empty',
            id="label key",
        ),
        pytest.param(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {},
                "spec": {"containers": [{"name": "a", "image": "x"}]},
            },
            "metadata.name: Required value: name or generateName is required",
            id="no name",
        ),
    ],
)
def test_an_object_is_refused(document: dict[str, Any], sentence: str) -> None:
    assert sentence in refusal(document)


def test_what_is_no_quantity_is_a_bad_request() -> None:
    document = workload("StatefulSet", {"spec.template.spec.containers": [
        {"name": "a", "image": "x", "resources": {"requests": {"cpu": "lots"}}}]})  # fmt: skip
    with pytest.raises(RejectedError) as caught:
        validate_create(document)
    assert caught.value.reason == "BadRequest"
    assert str(caught.value) == (
        'StatefulSet in version "v1" cannot be handled as a StatefulSet: quantities must match the '
        "regular expression "
        "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
    )


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        pytest.param(
            pod(nodeSelector={"a": "b"}),
            "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`",
            id="placement",
        ),
        pytest.param(
            pod(containers=[{"name": "main", "image": "nginx:1.25"}, {"name": "more", "image": "x"}]),
            "spec.containers: Forbidden: pod updates may not add or remove containers",
            id="containers",
        ),
        pytest.param(
            pod(tolerations=[]),
            "spec.tolerations: Forbidden: existing toleration can not be modified except its "
            "tolerationSeconds",
            id="tolerations",
        ),
        pytest.param(
            pod(tolerations=[{"key": "a", "operator": "Exists"}], schedulingGates=[{"name": "x.io/y"}]),
            "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling "
            "gate 'x.io/y'",
            id="gates",
        ),
    ],
)
def test_a_pod_hardly_changes(new: dict[str, Any], sentence: str) -> None:
    old = pod(tolerations=[{"key": "a", "operator": "Exists"}])
    assert sentence in refused_change(old, new)


def test_what_may_change_of_a_pod() -> None:
    old = pod(tolerations=[{"key": "a", "operator": "Exists", "effect": "NoExecute"}])
    new = pod(
        containers=[{"name": "main", "image": "nginx:1.26", "imagePullPolicy": "IfNotPresent"}],
        tolerations=[
            {"key": "a", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 5},
            {"key": "b", "operator": "Exists"},
        ],
    )
    validate_update(old, new)


def test_a_claim_hardly_changes() -> None:
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", **CLAIM}
    bound = changed(claim, {"spec.volumeName": "pv", "status.phase": "Bound"})
    validate_update(claim, bound)
    validate_update(bound, changed(bound, {"spec.resources.requests.storage": "2Gi"}))
    forbidden = "spec: Forbidden: spec is immutable after creation except resources.requests"
    assert forbidden in refused_change(bound, changed(bound, {"spec.accessModes": ["ReadWriteMany"]}))
    assert forbidden in refused_change(claim, changed(claim, {"spec.resources.requests.storage": "2Gi"}))


def test_custom_resources_pass() -> None:
    validate_create({"apiVersion": "longhorn.io/v1beta2", "kind": "Node", "metadata": {"name": "Any Name"}})
