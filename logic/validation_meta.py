"""Validation of metadata, labels and selectors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from foretell.logic.field_errors import FieldError, forbidden, invalid, required
from foretell.model.meta import Json
from foretell.model.objects import CLUSTER_SCOPED, KINDS
from foretell.model.parts import mapping, mappings
from foretell.model.syntax import (
    Problems,
    key_problems,
    label_problems,
    name_problems,
    service_name_problems,
    value_problems,
)

Errors = Iterator[FieldError]
NEGATIVE = "must be greater than or equal to 0"
IMMUTABLE = "field is immutable"
_OPERATOR = "not a valid selector operator"
_NAME_RULES: dict[str, Callable[[str], Problems]] = {
    "StatefulSet": label_problems,
    "Service": service_name_problems,
}
_FIXED = ("name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds")


def metadata_errors(document: dict[str, Any]) -> Errors:
    """Errors of a new object's metadata. Source: apimachinery objectmeta.go `ValidateObjectMeta`."""
    metadata, kind = mapping(document, "metadata"), str(document.get("kind"))
    name, namespace = metadata.get("name"), metadata.get("namespace")
    if not isinstance(name, str) or not name:
        yield required("metadata.name", "name or generateName is required")
    elif kind in KINDS:
        yield from name_errors(name, "metadata.name", _NAME_RULES.get(kind, name_problems))
    if isinstance(namespace, str) and kind in CLUSTER_SCOPED:
        yield forbidden("metadata.namespace", "not allowed on this type")
    elif isinstance(namespace, str):
        yield from name_errors(namespace, "metadata.namespace", label_problems)
    yield from _common_errors(metadata)


def metadata_update_errors(old: dict[str, Any], new: dict[str, Any]) -> Errors:
    """Errors of a change of metadata. Source: apimachinery objectmeta.go `ValidateObjectMetaUpdate`."""
    before, after = mapping(old, "metadata"), mapping(new, "metadata")
    if before.get("deletionTimestamp"):
        added = sorted(set(after.get("finalizers", ())) - set(before.get("finalizers", ())))
        if added:
            names = ", ".join(f'"{name}"' for name in added)
            detail = "no new finalizers can be added if the object is being deleted, found new finalizers "
            yield forbidden("metadata.finalizers", f"{detail}[]string{{{names}}}")
    for field in _FIXED:
        if field in before and after.get(field) != before[field]:
            yield invalid(f"metadata.{field}", after.get(field), IMMUTABLE)
    yield from _common_errors(after)


def _common_errors(metadata: dict[str, Any]) -> Errors:
    yield from label_errors(metadata.get("labels"), "metadata.labels")
    yield from annotation_errors(metadata.get("annotations"), "metadata.annotations")
    controllers = [owner for owner in mappings(metadata, "ownerReferences") if owner.get("controller")]
    for owner in mappings(metadata, "ownerReferences"):
        for field in ("kind", "name", "uid"):
            if not owner.get(field):
                yield invalid(f"metadata.ownerReferences.{field}", owner.get(field, ""), "must not be empty")
    if len(controllers) > 1:
        first, second = (f"{owner.get('kind')}/{owner.get('name')}" for owner in controllers[:2])
        detail = 'Only one reference can have Controller set to true. Found "true" in references for'
        yield invalid(
            "metadata.ownerReferences", metadata["ownerReferences"], f"{detail} {first} and {second}"
        )
    for finalizer in metadata.get("finalizers", ()):
        yield from name_errors(str(finalizer), "metadata.finalizers", key_problems)


def name_errors(name: str, path: str, problems: Callable[[str], Problems]) -> Errors:
    """Errors of a name by a rule of syntax."""
    for problem in problems(name):
        yield invalid(path, name, problem)


def label_errors(labels: Json, path: str) -> Errors:
    """Errors of labels; the path is the whole map's. Source: metav1 validation.go `ValidateLabels`."""
    for key, value in sorted(labels.items()) if isinstance(labels, dict) else ():
        yield from name_errors(key, path, key_problems)
        yield from value_errors(value, path)


def value_errors(value: Json, path: str) -> Errors:
    """Errors of a label's value."""
    if isinstance(value, str):
        yield from name_errors(value, path, value_problems)


def annotation_errors(annotations: Json, path: str) -> Errors:
    """Errors of annotations, whose keys' case doesn't matter. Source: objectmeta.go `ValidateAnnotations`."""
    for key in sorted(annotations) if isinstance(annotations, dict) else ():
        for problem in key_problems(key.lower()):
            yield invalid(path, key, problem)


def selector_errors(selector: Json, path: str) -> Errors:
    """Errors of a selector by labels. Source: metav1 validation.go `ValidateLabelSelector`."""
    yield from label_errors(mapping({"": selector}, "").get("matchLabels"), f"{path}.matchLabels")
    for index, requirement in enumerate(mappings(selector, "matchExpressions")):
        place = f"{path}.matchExpressions[{index}]"
        operator, values = requirement.get("operator", ""), requirement.get("values", [])
        if operator in ("In", "NotIn"):
            if not values:
                yield required(f"{place}.values", "must be specified when `operator` is 'In' or 'NotIn'")
        elif operator in ("Exists", "DoesNotExist"):
            if values:
                yield forbidden(
                    f"{place}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
                )
        else:
            yield invalid(f"{place}.operator", operator, _OPERATOR)
        yield from name_errors(str(requirement.get("key", "")), f"{place}.key", key_problems)
        for position, value in enumerate(values):
            yield from value_errors(value, f"{place}.values[{position}]")


def selects(selector: Json, labels: Json) -> bool:
    """Whether a selector matches labels; one that isn't there matches nothing."""
    if not isinstance(selector, dict):
        return False
    carried = labels if isinstance(labels, dict) else {}
    if any(carried.get(key) != value for key, value in mapping(selector, "matchLabels").items()):
        return False
    return all(_holds(requirement, carried) for requirement in mappings(selector, "matchExpressions"))


def _holds(requirement: dict[str, Any], labels: dict[str, Any]) -> bool:
    value, values = labels.get(str(requirement.get("key"))), requirement.get("values", [])
    operator = requirement.get("operator")
    if operator == "In":
        return value in values
    if operator == "NotIn":
        return value not in values
    return (value is not None) == (operator == "Exists")


def selector_shown(selector: dict[str, Any]) -> dict[str, Any]:
    """A selector with its fields in the server's order."""
    shown: dict[str, Any] = {}
    if "matchLabels" in selector:
        shown["matchLabels"] = dict(sorted(selector["matchLabels"].items()))
    if "matchExpressions" in selector:
        fields = ("key", "operator", "values")
        shown["matchExpressions"] = [
            {field: requirement[field] for field in fields if field in requirement}
            for requirement in mappings(selector, "matchExpressions")
        ]
    return shown


def number_errors(parent: dict[str, Any], field: str, path: str) -> Errors:
    """Errors of a number that counts something. Source: objectmeta.go `ValidateNonnegativeField`."""
    number = parent.get(field, 0)
    if isinstance(number, int) and number < 0:
        yield invalid(f"{path}.{field}", number, NEGATIVE)
