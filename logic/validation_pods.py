"""Validation of pods, pod templates and their containers."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from foretell.logic.field_errors import duplicate, forbidden, invalid, required
from foretell.logic.validation_containers import choice_errors, container_errors, host_port_errors
from foretell.logic.validation_meta import (
    Errors,
    annotation_errors,
    label_errors,
    name_errors,
)
from foretell.logic.validation_placement import placement_errors, toleration_errors
from foretell.model.parts import mapping, mappings
from foretell.model.syntax import label_problems, name_problems

_UPDATABLE = (
    "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
    "`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)
_CHOICES = {
    "restartPolicy": ("Always", "OnFailure", "Never"),
    "dnsPolicy": ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"),
    "preemptionPolicy": ("PreemptLowerPriority", "Never"),
}


def template_errors(template: dict[str, Any], path: str, gates: Set[str]) -> Errors:
    """Errors of a pod template. Source: Kubernetes core/validation.go `ValidatePodTemplateSpec`."""
    yield from label_errors(mapping(template, "metadata").get("labels"), f"{path}.labels")
    yield from annotation_errors(mapping(template, "metadata").get("annotations"), f"{path}.annotations")
    yield from pod_spec_errors(mapping(template, "spec"), f"{path}.spec", gates)


def pod_errors(pod: dict[str, Any], gates: Set[str]) -> Errors:
    """Errors of a new pod. Source: core/validation.go `ValidatePodCreate`."""
    spec = mapping(pod, "spec")
    yield from pod_spec_errors(spec, "spec", gates)
    if spec.get("nodeName") and spec.get("schedulingGates"):
        yield forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared")


def pod_update_errors(old: dict[str, Any], new: dict[str, Any], gates: Set[str]) -> Errors:
    """Errors of a change of a pod. Source: core/validation.go `ValidatePodUpdate`, but for its diff."""
    before, after = mapping(old, "spec"), mapping(new, "spec")
    for group in ("containers", "initContainers"):
        if len(before.get(group, [])) != len(after.get(group, [])):
            yield forbidden(f"spec.{group}", "pod updates may not add or remove containers")
            return
    kept = list(mappings(after, "tolerations"))
    if any(
        not any(_same_toleration(one, other) for other in kept) for one in mappings(before, "tolerations")
    ):
        yield forbidden(
            "spec.tolerations", "existing toleration can not be modified except its tolerationSeconds"
        )
    yield from toleration_errors(after, "spec.tolerations", gates)
    known = {gate.get("name") for gate in mappings(before, "schedulingGates")}
    for index, gate in enumerate(mappings(after, "schedulingGates")):
        if gate.get("name") not in known:
            detail = f"only deletion is allowed, but found new scheduling gate '{gate.get('name')}'"
            yield forbidden(f"spec.schedulingGates[{index}].name", detail)
    if _fixed(before, gated=bool(known)) != _fixed(after, gated=bool(known)):
        yield forbidden("spec", f"pod updates may not change fields other than {_UPDATABLE}")


def pod_spec_errors(spec: dict[str, Any], path: str, gates: Set[str]) -> Errors:
    """Errors of what pods and templates share, as far as forecasts look.

    Source: core/validation.go `ValidatePodSpec`.
    """
    volumes = [str(volume.get("name", "")) for volume in mappings(spec, "volumes")]
    for index, name in enumerate(volumes):
        if not name:
            yield required(f"{path}.volumes[{index}].name")
        else:
            yield from name_errors(name, f"{path}.volumes[{index}].name", label_problems)
            if name in volumes[:index]:
                yield duplicate(f"{path}.volumes[{index}].name", name)
    if not spec.get("containers"):
        yield required(f"{path}.containers")
    names: set[str] = set()
    for group in ("containers", "initContainers"):
        for index, container in enumerate(mappings(spec, group)):
            place = f"{path}.{group}[{index}]"
            yield from container_errors(container, place, volumes)
            if container.get("name") in names:
                yield duplicate(f"{place}.name", container["name"])
            names.add(str(container.get("name")))
    yield from host_port_errors(spec, f"{path}.containers")
    for field, choices in _CHOICES.items():
        yield from choice_errors(spec.get(field, choices[0]), f"{path}.{field}", choices)
    yield from placement_errors(spec, path, gates)
    seconds = spec.get("activeDeadlineSeconds")
    if isinstance(seconds, int) and not 0 < seconds < 2**31:
        yield invalid(f"{path}.activeDeadlineSeconds", seconds, "must be between 1 and 2147483647, inclusive")
    for field, rule in (
        ("hostname", label_problems),
        ("subdomain", label_problems),
        ("serviceAccountName", name_problems),
        ("priorityClassName", name_problems),
    ):
        if spec.get(field):
            yield from name_errors(str(spec[field]), f"{path}.{field}", rule)


def _same_toleration(one: dict[str, Any], other: dict[str, Any]) -> bool:
    seconds = "tolerationSeconds"
    return {k: v for k, v in one.items() if k != seconds} == {k: v for k, v in other.items() if k != seconds}


def _fixed(spec: dict[str, Any], *, gated: bool) -> dict[str, Any]:
    """What of a pod's spec may never change; while it is gated, its placement may be narrowed."""
    free = {"activeDeadlineSeconds", "schedulingGates", "tolerations"}
    free |= {"nodeSelector", "affinity"} if gated else set()
    fixed = {field: value for field, value in spec.items() if field not in free}
    for group in ("containers", "initContainers"):
        fixed[group] = [{**container, "image": ""} for container in mappings(spec, group)]
    return fixed
