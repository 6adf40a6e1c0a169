"""What the API server refuses is refused, in its own words."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretell.logic.validation import validate_create, validate_update
from foretell.model.defaults import defaulted
from foretell.model.errors import RejectedError

LABEL = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and "
    "must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', "
    "regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
NAME = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and "
    "must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
PERCENT = (
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', "
    "regex used for validation is '[0-9]+%')"
)
MISMATCH = "`selector` does not match template `labels`"
NEGATIVE = "must be greater than or equal to 0"
MUTABLE = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
    "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)
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


def refusal(document: dict[str, Any], gates: tuple[str, ...] = ()) -> str:
    with pytest.raises(RejectedError) as caught:
        validate_create(document, gates=frozenset(gates))
    return str(caught.value)


def refused_change(old: dict[str, Any], new: dict[str, Any]) -> str:
    with pytest.raises(RejectedError) as caught:
        validate_update(old, new)
    return str(caught.value)


@pytest.mark.parametrize("kind", ["DaemonSet", "StatefulSet"])
def test_a_plain_workload_passes(kind: str) -> None:
    validate_create(workload(kind))
    validate_update(workload(kind), workload(kind, {"spec.template.spec.nodeSelector": {"pool": "a"}}))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        pytest.param({"spec.replicas": -1}, f"spec.replicas: Invalid value: -1: {NEGATIVE}", id="replicas"),
        pytest.param(
            {"spec.minReadySeconds": -1},
            f"spec.minReadySeconds: Invalid value: -1: {NEGATIVE}",
            id="minReadySeconds",
        ),
        pytest.param(
            {"spec.ordinals.start": -1}, f"spec.ordinals.start: Invalid value: -1: {NEGATIVE}", id="start"
        ),
        pytest.param(
            {"spec.updateStrategy.rollingUpdate.partition": -1},
            f"spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: {NEGATIVE}",
            id="partition",
        ),
        pytest.param(
            {"spec.podManagementPolicy": "Random"},
            "spec.podManagementPolicy: Invalid value: \"Random\": must be 'OrderedReady' or 'Parallel'",
            id="podManagementPolicy",
        ),
        pytest.param(
            {"spec.updateStrategy.type": "Recreate"},
            'spec.updateStrategy: Invalid value: {"Type":"Recreate","RollingUpdate":null}: '
            "must be 'RollingUpdate' or 'OnDelete'",
            id="strategy",
        ),
        pytest.param(
            {"spec.updateStrategy": {"type": "OnDelete", "rollingUpdate": {"partition": 2}}},
            'spec.updateStrategy.rollingUpdate: Invalid value: {"Partition":2,"MaxUnavailable":null}: '
            "only allowed for updateStrategy 'RollingUpdate'",
            id="OnDelete with bounds",
        ),
        pytest.param(
            {"spec.persistentVolumeClaimRetentionPolicy.whenScaled": "Keep"},
            'spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: "Keep": '
            'supported values: "Retain", "Delete"',
            id="retention",
        ),
        pytest.param(
            {"spec.template.metadata.labels": {"app": "other"}},
            f'spec.template.metadata.labels: Invalid value: {{"app":"other"}}: {MISMATCH}',
            id="labels that the selector doesn't match",
        ),
        pytest.param(
            {"spec.selector": {}},
            "spec.selector: Invalid value: {}: empty selector is invalid for statefulset",
            id="empty selector",
        ),
        pytest.param(
            {"spec.template.spec.restartPolicy": "Never"},
            'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
            id="restartPolicy",
        ),
        pytest.param(
            {"spec.template.spec.activeDeadlineSeconds": 5},
            "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in StatefulSet "
            "is not Supported",
            id="activeDeadlineSeconds",
        ),
        pytest.param(
            {"metadata.name": "web.a"},
            'metadata.name: Invalid value: "web.a": must not contain dots',
            id="a name with dots",
        ),
        pytest.param(
            {
                "spec.volumeClaimTemplates": [
                    {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"]}}
                ]
            },
            "spec.volumeClaimTemplates[0].spec.resources[storage]: Required value",
            id="a claim without size",
        ),
        pytest.param(
            {"spec.template.spec.containers": []},
            "spec.template.spec.containers: Required value",
            id="no containers",
        ),
    ],
)
def test_a_statefulset_is_refused(changes: dict[str, Any], sentence: str) -> None:
    name = changes.get("metadata.name", "web")
    assert refusal(workload("StatefulSet", changes)) == f'The StatefulSet "{name}" is invalid: {sentence}'


def test_several_objections_are_listed() -> None:
    assert refusal(workload("StatefulSet", {"spec.selector": None, "spec.replicas": -1})) == (
        'The StatefulSet "web" is invalid: \n'
        f"* spec.replicas: Invalid value: -1: {NEGATIVE}\n"
        "* spec.selector: Required value\n"
        f'* spec.template.metadata.labels: Invalid value: {{"app":"web"}}: {MISMATCH}'
    )


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        pytest.param(0, "Invalid value: 0: cannot be 0", id="none"),
        pytest.param("0%", 'Invalid value: "0%": cannot be 0', id="no percent"),
        pytest.param("101%", 'Invalid value: "101%": must not be greater than 100%', id="more than all"),
        pytest.param("-1%", f'Invalid value: "-1%": {PERCENT}', id="no percentage"),
    ],
)
def test_max_unavailable_of_a_statefulset_is_looked_at_with_its_gate_alone(
    amount: Any, sentence: str
) -> None:
    document = workload("StatefulSet", {"spec.updateStrategy.rollingUpdate.maxUnavailable": amount})
    path = "spec.updateStrategy.rollingUpdate.maxUnavailable"
    assert f"{path}: {sentence}" in refusal(document, ("MaxUnavailableStatefulSet",))
    validate_create(document)


@pytest.mark.parametrize(
    ("rolling", "sentence"),
    [
        pytest.param(
            {"maxSurge": 1},
            "maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero",
            id="maxUnavailable is 1 unless said",
        ),
        pytest.param(
            {"maxUnavailable": 0},
            "maxUnavailable: Required value: cannot be 0 when maxSurge is 0",
            id="both zero",
        ),
        pytest.param(
            {"maxUnavailable": "0%", "maxSurge": "150%"},
            'maxSurge: Invalid value: "150%": must not be greater than 100%',
            id="over 100%",
        ),
        pytest.param({"maxUnavailable": -1}, f"maxUnavailable: Invalid value: -1: {NEGATIVE}", id="negative"),
        pytest.param(
            {"maxUnavailable": "5"},
            f'maxUnavailable: Invalid value: "5": {PERCENT}',
            id="a number that is a string",
        ),
    ],
)
def test_a_daemonset_has_one_bound_that_is_not_zero(rolling: dict[str, Any], sentence: str) -> None:
    document = workload("DaemonSet", {"spec.updateStrategy.rollingUpdate": rolling})
    assert (
        refusal(document) == f'The DaemonSet "web" is invalid: spec.updateStrategy.rollingUpdate.{sentence}'
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        pytest.param(
            {"spec.updateStrategy.type": "Recreate"},
            'spec.updateStrategy: Unsupported value: {"Type":"Recreate","RollingUpdate":null}: '
            'supported values: "RollingUpdate", "OnDelete"',
            id="strategy",
        ),
        pytest.param(
            {"spec.revisionHistoryLimit": -1},
            f"spec.revisionHistoryLimit: Invalid value: -1: {NEGATIVE}",
            id="history",
        ),
        pytest.param(
            {"spec.template.spec.restartPolicy": "OnFailure"},
            'spec.template.spec.restartPolicy: Unsupported value: "OnFailure": supported values: "Always"',
            id="restartPolicy",
        ),
        pytest.param(
            {"spec.selector.matchExpressions": [{"key": "app", "operator": "Is"}]},
            'spec.selector.matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator',
            id="selector operator",
        ),
        pytest.param({"metadata.name": "Web"}, f'metadata.name: Invalid value: "Web": {NAME}', id="name"),
        pytest.param(
            {"spec.template.metadata.labels.tier": "a b"},
            f'spec.template.labels: Invalid value: "a b": {LABEL}',
            id="label",
        ),
    ],
)
def test_a_daemonset_is_refused(changes: dict[str, Any], sentence: str) -> None:
    assert sentence in refusal(workload("DaemonSet", changes))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"spec.serviceName": "other"}, id="serviceName"),
        pytest.param({"spec.podManagementPolicy": "Parallel"}, id="podManagementPolicy"),
        pytest.param({"spec.volumeClaimTemplates": [CLAIM]}, id="volumeClaimTemplates"),
        pytest.param(
            {"spec.selector": {"matchLabels": {"tier": "a"}}, "spec.template.metadata.labels": {"tier": "a"}},
            id="selector",
        ),
    ],
)
def test_a_field_of_a_statefulset_that_may_not_change(changes: dict[str, Any]) -> None:
    sentence = refused_change(workload("StatefulSet"), workload("StatefulSet", changes))
    assert sentence == f'The StatefulSet "web" is invalid: spec: Forbidden: {MUTABLE}'


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"spec.replicas": 5}, id="replicas"),
        pytest.param({"spec.ordinals": {"start": 2}}, id="ordinals"),
        pytest.param({"spec.updateStrategy": {"type": "OnDelete"}}, id="updateStrategy"),
        pytest.param({"spec.revisionHistoryLimit": 1}, id="revisionHistoryLimit"),
        pytest.param({"spec.minReadySeconds": 9}, id="minReadySeconds"),
        pytest.param({"spec.persistentVolumeClaimRetentionPolicy": {"whenScaled": "Delete"}}, id="retention"),
    ],
)
def test_a_field_of_a_statefulset_that_may_change(changes: dict[str, Any]) -> None:
    validate_update(workload("StatefulSet"), workload("StatefulSet", changes))


def test_ondelete_over_a_rolling_update_is_refused() -> None:
    old = defaulted(workload("StatefulSet"))
    new = changed(old, {"spec.updateStrategy.type": "OnDelete"})
    assert refused_change(old, new) == (
        'The StatefulSet "web" is invalid: spec.updateStrategy.rollingUpdate: Invalid value: '
        '{"Partition":0,"MaxUnavailable":null}: only allowed for updateStrategy \'RollingUpdate\''
    )


def test_the_selector_of_a_daemonset_may_not_change() -> None:
    new = workload("DaemonSet", {"spec.selector": {"matchLabels": {"app": "other"}}})
    assert refused_change(workload("DaemonSet"), new) == (
        'The DaemonSet "web" is invalid: \n'
        f'* spec.template.metadata.labels: Invalid value: {{"app":"web"}}: {MISMATCH}\n'
        '* spec.selector: Invalid value: {"matchLabels":{"app":"other"}}: field is immutable'
    )


@pytest.mark.parametrize("field", ["name", "uid", "creationTimestamp"])
def test_identity_may_not_change(field: str) -> None:
    old = workload("StatefulSet", {f"metadata.{field}": "a"})
    new = workload("StatefulSet", {f"metadata.{field}": "b"})
    assert f'metadata.{field}: Invalid value: "b": field is immutable' in refused_change(old, new)


@given(st.dictionaries(st.sampled_from(["app", "tier"]), st.sampled_from(["", "a", "B.1"])))
def test_a_selector_that_is_the_labels_always_passes(labels: dict[str, str]) -> None:
    document = workload(
        "StatefulSet", {"spec.template.metadata.labels": labels, "spec.selector": {"matchLabels": labels}}
    )
    if labels:
        validate_create(document)
    else:
        assert "empty selector is invalid for statefulset" in refusal(document)
