"""Validation: what the API server refuses, in its own words, before anything is forecast."""

from __future__ import annotations

from collections.abc import Iterator, Set
from itertools import chain
from typing import Any

from foretell.logic.field_errors import FieldError, invalid, not_supported, reject
from foretell.logic.validation_amounts import amount_errors, share_errors
from foretell.logic.validation_cronjobs import cronjob_errors, cronjob_update_errors
from foretell.logic.validation_job_updates import job_update_errors
from foretell.logic.validation_jobs import job_errors
from foretell.logic.validation_meta import (
    Errors,
    metadata_errors,
    metadata_update_errors,
    selector_errors,
    selector_shown,
)
from foretell.logic.validation_placement import taint_errors
from foretell.logic.validation_pods import pod_errors, pod_update_errors
from foretell.logic.validation_replicas import (
    deployment_errors,
    deployment_update_errors,
    replicaset_errors,
    replicaset_update_errors,
)
from foretell.logic.validation_storage import claim_errors, claim_update_errors
from foretell.logic.validation_workloads import (
    daemonset_errors,
    daemonset_update_errors,
    statefulset_errors,
    statefulset_update_errors,
)
from foretell.model.defaults import defaulted
from foretell.model.errors import QuantityError, RejectedError
from foretell.model.kinds import is_foreign
from foretell.model.meta import Json
from foretell.model.parts import mapping
from foretell.model.pruning import RESOURCE_MAPS
from foretell.model.quantity import parse_quantity

_QUANTITY = r"quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"


def validate_create(document: Json, *, gates: Set[str] = frozenset()) -> None:
    """Raise RejectedError if the API server would not take a new object; kinds that aren't known here pass.

    `gates` are the feature gates that are on. Types are taken to fit: decode the document first.
    """
    new = defaulted(document, gates=gates)
    if is_foreign(str(new.get("apiVersion", "v1"))):
        return
    _check_quantities(new)
    reject(*_named(new), chain(metadata_errors(new), _errors(new, gates)))


def validate_update(old: Json, new: Json, *, gates: Set[str] = frozenset()) -> None:
    """Raise RejectedError if the API server would not take a changed object in place of the old one."""
    before, after = defaulted(old, gates=gates), defaulted(new, gates=gates)
    if is_foreign(str(after.get("apiVersion", "v1"))):
        return
    _check_quantities(after)
    reject(*_named(after), chain(metadata_update_errors(before, after), _update_errors(before, after, gates)))


def _named(document: dict[str, Any]) -> tuple[str, str]:
    return str(document.get("kind")), str(mapping(document, "metadata").get("name", ""))


def _errors(new: dict[str, Any], gates: Set[str]) -> Iterator[FieldError]:
    match new.get("kind"):
        case "DaemonSet":
            return daemonset_errors(new, gates)
        case "StatefulSet":
            return statefulset_errors(new, gates)
        case "Deployment":
            return deployment_errors(new, gates)
        case "ReplicaSet":
            return replicaset_errors(new, gates)
        case "Job":
            return job_errors(new, gates)
        case "CronJob":
            return cronjob_errors(new, gates)
        case "Pod":
            return pod_errors(new, gates)
        case "Node":
            return taint_errors(mapping(new, "spec"), "metadata.taints")
        case "PersistentVolumeClaim":
            return claim_errors(new)
        case "PodDisruptionBudget":
            return _budget_errors(new)
    return iter(())


def _update_errors(old: dict[str, Any], new: dict[str, Any], gates: Set[str]) -> Iterator[FieldError]:
    match new.get("kind"):
        case "DaemonSet":
            return daemonset_update_errors(old, new, gates)
        case "StatefulSet":
            return statefulset_update_errors(old, new, gates)
        case "Deployment":
            return deployment_update_errors(old, new, gates)
        case "ReplicaSet":
            return replicaset_update_errors(old, new, gates)
        case "Job":
            return job_update_errors(old, new, gates)
        case "CronJob":
            return cronjob_update_errors(old, new, gates)
        case "Pod":
            return pod_update_errors(old, new, gates)
        case "PersistentVolumeClaim":
            return claim_update_errors(old, new)
    return _errors(new, gates)


def _budget_errors(budget: dict[str, Any]) -> Errors:
    """Source: Kubernetes policy/validation.go `ValidatePodDisruptionBudgetSpec`."""
    spec = mapping(budget, "spec")
    least, most, selector = spec.get("minAvailable"), spec.get("maxUnavailable"), spec.get("selector")
    policy = spec.get("unhealthyPodEvictionPolicy")
    if least is not None and most is not None:
        shown = {
            "MinAvailable": least,
            "Selector": selector_shown(selector) if isinstance(selector, dict) else None,
            "MaxUnavailable": most,
            "UnhealthyPodEvictionPolicy": policy,
        }
        yield invalid("spec", shown, "minAvailable and maxUnavailable cannot be both set")
    for field in ("minAvailable", "maxUnavailable"):
        yield from amount_errors(spec.get(field), f"spec.{field}")
        yield from share_errors(spec.get(field), f"spec.{field}")
    yield from selector_errors(selector, "spec.selector")
    if policy not in (None, "AlwaysAllow", "IfHealthyBudget"):
        yield not_supported("spec.unhealthyPodEvictionPolicy", policy, ("AlwaysAllow", "IfHealthyBudget"))


def _check_quantities(document: dict[str, Any]) -> None:
    """Refuse what isn't even a quantity, as the decoder does. Source: quantity.go `ErrFormatWrong`."""
    try:
        for quantity in _quantities(document):
            parse_quantity(quantity)
    except QuantityError:
        kind, version = document.get("kind"), str(document.get("apiVersion", "v1")).rpartition("/")[2]
        sentence = f'{kind} in version "{version}" cannot be handled as a {kind}: {_QUANTITY}'
        raise RejectedError(sentence, reason="BadRequest") from None


def _quantities(value: Json, within: str = "") -> Iterator[Json]:
    if isinstance(value, list):
        for item in value:
            yield from _quantities(item, within)
    elif isinstance(value, dict) and within in RESOURCE_MAPS:
        yield from (item for item in value.values() if not isinstance(item, (dict, list)))
    elif isinstance(value, dict):
        for key, item in value.items():
            if key != "metadata":
                yield from _quantities(item, key)
