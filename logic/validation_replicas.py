"""Validation of Deployments and ReplicaSets."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from foretell.logic.field_errors import forbidden, invalid, not_supported, required
from foretell.logic.validation_amounts import amount_errors, share_errors, value_of
from foretell.logic.validation_meta import (
    IMMUTABLE,
    Errors,
    number_errors,
    selector_errors,
    selector_shown,
)
from foretell.logic.validation_pods import template_errors
from foretell.logic.validation_workloads import (
    always_errors,
    empty_selector_errors,
    match_errors,
    rolling_shown,
)
from foretell.model.parts import mapping

_STRATEGIES = ("Recreate", "RollingUpdate")


def deployment_errors(document: dict[str, Any], gates: Set[str]) -> Errors:
    """Errors of a Deployment. Source: Kubernetes apps/validation.go `ValidateDeploymentSpec`."""
    spec = mapping(document, "spec")
    yield from number_errors(spec, "replicas", "spec")
    yield from _pod_errors(spec, gates)
    yield from _strategy_errors(mapping(spec, "strategy"), "spec.strategy")
    yield from number_errors(spec, "minReadySeconds", "spec")
    yield from number_errors(spec, "revisionHistoryLimit", "spec")
    yield from number_errors(spec, "progressDeadlineSeconds", "spec")
    deadline = spec.get("progressDeadlineSeconds")
    if isinstance(deadline, int) and deadline <= (spec.get("minReadySeconds") or 0):
        yield invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds")


def replicaset_errors(document: dict[str, Any], gates: Set[str]) -> Errors:
    """Errors of a ReplicaSet. Source: Kubernetes apps/validation.go `ValidateReplicaSetSpec`."""
    spec = mapping(document, "spec")
    yield from number_errors(spec, "replicas", "spec")
    yield from number_errors(spec, "minReadySeconds", "spec")
    yield from _pod_errors(spec, gates)


def deployment_update_errors(old: dict[str, Any], new: dict[str, Any], gates: Set[str]) -> Errors:
    """Errors of a change of a Deployment. Source: registry/apps/deployment/strategy.go `ValidateUpdate`."""
    yield from deployment_errors(new, gates)
    yield from _selector_change_errors(old, new)


def replicaset_update_errors(old: dict[str, Any], new: dict[str, Any], gates: Set[str]) -> Errors:
    """Errors of a change of a ReplicaSet. Source: registry/apps/replicaset/strategy.go `ValidateUpdate`."""
    yield from replicaset_errors(new, gates)
    yield from _selector_change_errors(old, new)


def _selector_change_errors(old: dict[str, Any], new: dict[str, Any]) -> Errors:
    selector = mapping(new, "spec").get("selector")
    if selector != mapping(old, "spec").get("selector"):
        shown = selector_shown(selector) if isinstance(selector, dict) else None
        yield invalid("spec.selector", shown, IMMUTABLE)


def _pod_errors(spec: dict[str, Any], gates: Set[str]) -> Errors:
    """Errors of selector and template. Source: `ValidatePodTemplateSpecForReplicaSet`."""
    if not isinstance(spec.get("selector"), dict):
        yield required("spec.selector")
    yield from selector_errors(spec.get("selector"), "spec.selector")
    # Of a ReplicaSet the server says the same.
    yield from empty_selector_errors(spec, "deployment")
    yield from match_errors(spec)
    yield from template_errors(mapping(spec, "template"), "spec.template", gates)
    yield from always_errors(spec, "ReplicaSet")


def _strategy_errors(strategy: dict[str, Any], path: str) -> Errors:
    """Source: apps/validation.go `ValidateDeploymentStrategy` and `ValidateRollingUpdateDeployment`."""
    kind, rolling = strategy.get("type"), strategy.get("rollingUpdate")
    if kind not in _STRATEGIES:
        shown = {"Type": kind, "RollingUpdate": rolling_shown(strategy, "MaxUnavailable", "MaxSurge")}
        yield not_supported(path, shown, _STRATEGIES)
    elif kind == "Recreate":
        if isinstance(rolling, dict):
            detail = "may not be specified when strategy `type` is 'Recreate'"
            yield forbidden(f"{path}.rollingUpdate", detail)
    else:
        bounds, place = mapping(strategy, "rollingUpdate"), f"{path}.rollingUpdate"
        unavailable, surge = bounds.get("maxUnavailable"), bounds.get("maxSurge")
        yield from amount_errors(unavailable, f"{place}.maxUnavailable")
        yield from amount_errors(surge, f"{place}.maxSurge")
        if not value_of(unavailable) and not value_of(surge):
            yield invalid(f"{place}.maxUnavailable", unavailable, "may not be 0 when `maxSurge` is 0")
        yield from share_errors(unavailable, f"{place}.maxUnavailable")
