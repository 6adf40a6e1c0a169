"""Validation of pods, pod templates and their containers."""

from __future__ import annotations

from collections.abc import Iterator, Set
from fractions import Fraction
from typing import Any

from foretell.logic.field_errors import duplicate, forbidden, invalid, not_found, not_supported, required
from foretell.logic.validation_meta import (
    NEGATIVE,
    Errors,
    annotation_errors,
    label_errors,
    name_errors,
)
from foretell.logic.validation_placement import placement_errors, toleration_errors
from foretell.model.meta import Json
from foretell.model.parts import mapping, mappings
from foretell.model.quantity import parse_quantity
from foretell.model.syntax import key_problems, label_problems, name_problems

_PORTS = range(1, 65536)
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
_MESSAGES = ("File", "FallbackToLogsOnError")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_PULLS = ("Always", "IfNotPresent", "Never")
# A request must equal the limit of what isn't native, and of huge pages. Source: core/helper `IsOvercommitAllowed`.
_NATIVE = "kubernetes.io/"


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
            yield from _container_errors(container, place, volumes)
            if container.get("name") in names:
                yield duplicate(f"{place}.name", container["name"])
            names.add(str(container.get("name")))
    yield from _host_port_errors(spec, f"{path}.containers")
    for field, choices in _CHOICES.items():
        yield from _choice_errors(spec.get(field, choices[0]), f"{path}.{field}", choices)
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


def resource_errors(resources: dict[str, Any], path: str) -> Errors:
    """Errors of requests and limits. Source: core/validation.go `validateResourceRequirements`."""
    limits, requests = mapping(resources, "limits"), mapping(resources, "requests")
    for field, amounts in (("limits", limits), ("requests", requests)):
        for name, amount in sorted(amounts.items()):
            place = f"{path}.{field}[{name}]"
            yield from name_errors(name, place, key_problems)
            if parse_quantity(amount) < 0:
                yield invalid(place, str(amount), NEGATIVE)
            if field == "requests":
                yield from _against_limit(name, parse_quantity(amount), str(amount), limits, path)


def _against_limit(name: str, value: Fraction, amount: str, limits: dict[str, Any], path: str) -> Errors:
    exact = ("/" in name and _NATIVE not in name) or name.startswith("hugepages-")
    if name not in limits:
        if exact:
            yield required(f"{path}.limits", "Limit must be set for non overcommitable resources")
        return
    limit = parse_quantity(limits[name])
    if exact and value != limit:
        yield invalid(f"{path}.requests", amount, f"must be equal to {name} limit of {limits[name]}")
    elif value > limit:
        yield invalid(
            f"{path}.requests", amount, f"must be less than or equal to {name} limit of {limits[name]}"
        )


def _container_errors(container: dict[str, Any], path: str, volumes: list[str]) -> Errors:
    """Source: core/validation.go `validateContainerCommon`."""
    name = str(container.get("name", ""))
    if not name:
        yield required(f"{path}.name")
    else:
        yield from name_errors(name, f"{path}.name", label_problems)
    if not container.get("image"):
        yield required(f"{path}.image")
    yield from _choice_errors(container.get("terminationMessagePolicy"), f"{path}.terminationMessagePolicy", _MESSAGES)
            f"{path}.terminationMessagePolicy", container.get("terminationMessagePolicy"), choices
        )
    for index, port in enumerate(mappings(container, "ports")):
        yield from _port_errors(port, f"{path}.ports[{index}]")
    for index, variable in enumerate(mappings(container, "env")):
        if not variable.get("name"):
            yield required(f"{path}.env[{index}].name")
    mounted: set[str] = set()
    for index, mount in enumerate(mappings(container, "volumeMounts")):
        place = f"{path}.volumeMounts[{index}]"
        if not mount.get("name"):
            yield required(f"{place}.name")
        if mount.get("name", "") not in volumes:
            yield not_found(f"{place}.name", mount.get("name", ""))
        if not mount.get("mountPath"):
            yield required(f"{place}.mountPath")
        if mount.get("mountPath") in mounted:
            yield invalid(f"{place}.mountPath", mount["mountPath"], "must be unique")
        mounted.add(str(mount.get("mountPath")))
    yield from _choice_errors(container.get("imagePullPolicy"), f"{path}.imagePullPolicy", _PULLS)
    yield from resource_errors(mapping(container, "resources"), f"{path}.resources")


def _choice_errors(value: Json, path: str, choices: tuple[str, ...]) -> Errors:
    if value not in choices:
        yield not_supported(path, value, choices)


def _port_errors(port: dict[str, Any], path: str) -> Errors:
    """Source: core/validation.go `validateContainerPorts`."""
    for field in ("containerPort", "hostPort"):
        number = port.get(field, 0)
        if number == 0 and field == "containerPort":
            yield required(f"{path}.containerPort")
        elif number != 0 and number not in _PORTS:
            yield invalid(f"{path}.{field}", number, "must be between 1 and 65535, inclusive")
    yield from _choice_errors(port.get("protocol"), f"{path}.protocol", _PROTOCOLS)


def _host_port_errors(spec: dict[str, Any], path: str) -> Errors:
    """Source: core/validation.go `AccumulateUniqueHostPorts`, `validatePodHostNetworkDeps`."""
    taken: set[str] = set()
    for index, number, port in _ports(spec):
        place = f"{path}[{index}].ports[{number}].hostPort"
        if spec.get("hostNetwork") and port.get("hostPort") not in (None, port.get("containerPort")):
            yield invalid(place, port["hostPort"], "must match `containerPort` when `hostNetwork` is true")
        if port.get("hostPort"):
            key = f"{port.get('protocol')}/{port.get('hostIP', '')}/{port['hostPort']}"
            if key in taken:
                yield duplicate(place, key)
            taken.add(key)


def _ports(spec: dict[str, Any]) -> Iterator[tuple[int, int, dict[str, Any]]]:
    for index, container in enumerate(mappings(spec, "containers")):
        for number, port in enumerate(mappings(container, "ports")):
            yield index, number, port


def _same_toleration(one: dict[str, Any], other: dict[str, Any]) -> bool:
    seconds = "tolerationSeconds"
    return {k: v for k, v in one.items() if k != seconds} == {k: v for k, v in other.items() if k != seconds}


def _fixed(spec: dict[str, Any], *, gated: bool) -> dict[str, Any]:
    """What of a pod's spec may never change; while it is gated, its placement may be narrowed."""
    free = {"activeDeadlineSeconds", "schedulingGates", "tolerations"} | (
        {"nodeSelector", "affinity"} if gated else set()
    )
    fixed = {field: value for field, value in spec.items() if field not in free}
    for group in ("containers", "initContainers"):
        fixed[group] = [{**container, "image": ""} for container in mappings(spec, group)]
    return fixed
