"""Deployments and ReplicaSets are refused in the API server's words."""

from __future__ import annotations

from typing import Any

import pytest

from foretell.logic.validation import validate_create, validate_update
from foretell.model.errors import RejectedError
from tests.logic.test_validation_objects import changed, workload

NEGATIVE = "must be greater than or equal to 0"
BOUNDS = "spec.strategy.rollingUpdate"


def refusal(kind: str, changes: dict[str, Any]) -> str:
    """What the server has against a new workload with these fields; nothing where it takes it."""
    try:
        validate_create(workload(kind, changes))
    except RejectedError as error:
        return str(error)
    return ""


BOTH = [
    pytest.param({"spec.replicas": -1}, f"spec.replicas: Invalid value: -1: {NEGATIVE}", id="replicas"),
    pytest.param(
        {"spec.minReadySeconds": -1},
        f"spec.minReadySeconds: Invalid value: -1: {NEGATIVE}",
        id="ready-seconds",
    ),
    pytest.param(
        {"spec.template.metadata.labels": {"app": "other"}},
        'spec.template.metadata.labels: Invalid value: {"app":"other"}: '
        "`selector` does not match template `labels`",
        id="labels",
    ),
    pytest.param({"spec.selector": None}, "spec.selector: Required value", id="without-selector"),
    pytest.param(
        {"spec.selector": {}},
        "spec.selector: Invalid value: {}: empty selector is invalid for deployment",
        id="empty-selector",
    ),
    pytest.param(
        {"spec.template.spec.restartPolicy": "OnFailure"},
        'spec.template.spec.restartPolicy: Unsupported value: "OnFailure": supported values: "Always"',
        id="restart-policy",
    ),
    pytest.param(
        {"spec.template.spec.activeDeadlineSeconds": 5},
        "spec.template.spec.activeDeadlineSeconds: Forbidden: "
        "activeDeadlineSeconds in ReplicaSet is not Supported",
        id="active-deadline",
    ),
]


@pytest.mark.parametrize("kind", ["Deployment", "ReplicaSet"])
@pytest.mark.parametrize(("changes", "sentence"), BOTH)
def test_what_neither_may_say(kind: str, changes: dict[str, Any], sentence: str) -> None:
    assert sentence in refusal(kind, changes)


DEPLOYMENT = [
    pytest.param(
        {BOUNDS: {"maxSurge": 0, "maxUnavailable": 0}},
        f"{BOUNDS}.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0",
        id="no-room",
    ),
    pytest.param(
        {BOUNDS: {"maxSurge": "0%", "maxUnavailable": "0%"}},
        f'{BOUNDS}.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0',
        id="no-room-in-percent",
    ),
    pytest.param(
        {BOUNDS: {"maxSurge": -1}}, f"{BOUNDS}.maxSurge: Invalid value: -1: {NEGATIVE}", id="negative-surge"
    ),
    pytest.param(
        {BOUNDS: {"maxSurge": "a lot"}},
        f'{BOUNDS}.maxSurge: Invalid value: "a lot": a valid percent',
        id="words",
    ),
    pytest.param(
        {BOUNDS: {"maxUnavailable": "101%"}},
        f'{BOUNDS}.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
        id="more-than-all",
    ),
    pytest.param(
        {"spec.strategy": {"type": "Recreate", "rollingUpdate": {"maxSurge": 1}}},
        f"{BOUNDS}: Forbidden: may not be specified when strategy `type` is 'Recreate'",
        id="recreate-with-bounds",
    ),
    pytest.param(
        {"spec.strategy": {"type": "OnDelete"}},
        'supported values: "Recreate", "RollingUpdate"',
        id="strategy",
    ),
    pytest.param(
        {"spec.revisionHistoryLimit": -1},
        f"spec.revisionHistoryLimit: Invalid value: -1: {NEGATIVE}",
        id="history-limit",
    ),
    pytest.param(
        {"spec.progressDeadlineSeconds": 5, "spec.minReadySeconds": 5},
        "spec.progressDeadlineSeconds: Invalid value: 5: must be greater than minReadySeconds",
        id="deadline",
    ),
    pytest.param(
        {"spec.minReadySeconds": 600},
        "spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds",
        id="default-deadline",
    ),
]


@pytest.mark.parametrize(("changes", "sentence"), DEPLOYMENT)
def test_what_a_deployment_may_not_say(changes: dict[str, Any], sentence: str) -> None:
    assert sentence in refusal("Deployment", changes)


TAKEN = [
    pytest.param({}, id="defaults"),
    pytest.param({BOUNDS: {"maxSurge": "200%", "maxUnavailable": 0}}, id="surge-of-more-than-all"),
    pytest.param({"spec.strategy": {"type": "Recreate"}}, id="recreate"),
    pytest.param({"spec.replicas": 0}, id="no-replicas"),
]


@pytest.mark.parametrize("changes", TAKEN)
def test_what_is_taken(changes: dict[str, Any]) -> None:
    assert refusal("Deployment", changes) == ""


@pytest.mark.parametrize("kind", ["Deployment", "ReplicaSet"])
def test_a_selector_does_not_change(kind: str) -> None:
    old = workload(kind)
    labels = {"app": "web", "tier": "front"}
    new = changed(old, {"spec.selector.matchLabels": labels, "spec.template.metadata.labels": labels})
    with pytest.raises(RejectedError, match=r"spec\.selector: Invalid value: .*: field is immutable"):
        validate_update(old, new)
    validate_update(old, changed(old, {"spec.template.metadata.labels": labels}))
