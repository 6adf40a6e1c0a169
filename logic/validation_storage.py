"""Validation of claims and disruption budgets."""

from __future__ import annotations

from typing import Any

from foretell.logic.field_errors import forbidden, invalid, not_supported, required
from foretell.logic.validation_meta import IMMUTABLE, Errors, name_errors, selector_errors
from foretell.model.parts import mapping
from foretell.model.quantity import parse_quantity
from foretell.model.syntax import name_problems

_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")


def claim_errors(claim: dict[str, Any]) -> Errors:
    """Errors of a claim. Source: Kubernetes core/validation.go `ValidatePersistentVolumeClaim`."""
    yield from claim_spec_errors(mapping(claim, "spec"), "spec")


def claim_spec_errors(spec: dict[str, Any], path: str) -> Errors:
    """Errors of what is wanted of a claim. Source: core/validation.go `ValidatePersistentVolumeClaimSpec`."""
    modes = [str(mode) for mode in spec.get("accessModes", ())]
    if not modes:
        yield required(f"{path}.accessModes", "at least 1 access mode is required")
    yield from selector_errors(spec.get("selector"), f"{path}.selector")
    for mode in modes:
        if mode not in _MODES:
            yield not_supported(f"{path}.accessModes", mode, _MODES)
    if "ReadWriteOncePod" in modes and set(modes) & set(_MODES) != {"ReadWriteOncePod"}:
        yield forbidden(f"{path}.accessModes", "may not use ReadWriteOncePod with other access modes")
    size = mapping(mapping(spec, "resources"), "requests").get("storage")
    if size is None:
        yield required(f"{path}.resources[storage]")
    elif parse_quantity(size) <= 0:
        yield invalid(f"{path}.resources[storage]", str(size), "must be greater than zero")
    if spec.get("storageClassName"):
        yield from name_errors(str(spec["storageClassName"]), f"{path}.storageClassName", name_problems)
    if spec.get("volumeMode") not in ("Block", "Filesystem"):
        yield not_supported(f"{path}.volumeMode", spec.get("volumeMode"), ("Block", "Filesystem"))


def claim_update_errors(old: dict[str, Any], new: dict[str, Any]) -> Errors:
    """Errors of a change of a claim, without the diff that the server adds.

    Source: core/validation.go `ValidatePersistentVolumeClaimUpdate`.
    """
    yield from claim_errors(new)
    bound = mapping(new, "status").get("phase") == "Bound"
    if _fixed(old, new, bound=bound) != _fixed(new, new, bound=bound):
        free = "resources.requests and volumeAttributesClassName for bound claims"
        yield forbidden("spec", f"spec is immutable after creation except {free}")
    sizes = [
        mapping(mapping(mapping(one, "spec"), "resources"), "requests").get("storage", "0")
        for one in (old, new)
    ]
    capacity = mapping(mapping(old, "status"), "capacity").get("storage", "0")
    if parse_quantity(sizes[1]) < parse_quantity(sizes[0]) and parse_quantity(sizes[1]) <= parse_quantity(
        capacity
    ):
        yield forbidden("spec.resources.requests.storage", "field can not be less than status.capacity")
    mode = mapping(new, "spec").get("volumeMode")
    if mode != mapping(old, "spec").get("volumeMode"):
        yield invalid("volumeMode", mode, IMMUTABLE)


def _fixed(claim: dict[str, Any], new: dict[str, Any], *, bound: bool) -> dict[str, Any]:
    """What of a claim may not change: it gets a volume and a class once, and a bound one may grow."""
    spec = dict(mapping(claim, "spec"))
    for field in ("volumeName", "storageClassName"):
        spec.setdefault(field, mapping(new, "spec").get(field))
    if bound:
        spec.pop("volumeAttributesClassName", None)
        requests = {
            k: v for k, v in mapping(mapping(spec, "resources"), "requests").items() if k != "storage"
        }
        spec["resources"] = {**mapping(spec, "resources"), "requests": requests}
    return spec
