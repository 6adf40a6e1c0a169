"""Validation of containers: names, ports, mounts, resources."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from foretell.logic.field_errors import duplicate, invalid, not_found, not_supported, required
from foretell.logic.validation_meta import NEGATIVE, Errors, name_errors
from foretell.model.meta import Json
from foretell.model.parts import mapping, mappings
from foretell.model.quantity import parse_quantity
from foretell.model.syntax import key_problems, label_problems

_PORTS = range(1, 65536)
_MESSAGES = ("File", "FallbackToLogsOnError")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_PULLS = ("Always", "IfNotPresent", "Never")
_NATIVE = "kubernetes.io/"


def container_errors(container: dict[str, Any], path: str, volumes: list[str]) -> Errors:
    """Errors of a container. Source: Kubernetes core/validation.go `validateContainerCommon`."""
    name = str(container.get("name", ""))
    if not name:
        yield required(f"{path}.name")
    else:
        yield from name_errors(name, f"{path}.name", label_problems)
    if not container.get("image"):
        yield required(f"{path}.image")
    message = container.get("terminationMessagePolicy")
    yield from choice_errors(message, f"{path}.terminationMessagePolicy", _MESSAGES)
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
    yield from choice_errors(container.get("imagePullPolicy"), f"{path}.imagePullPolicy", _PULLS)
    yield from resource_errors(mapping(container, "resources"), f"{path}.resources")


def host_port_errors(spec: dict[str, Any], path: str) -> Errors:
    """Errors of ports of the node. Source: `AccumulateUniqueHostPorts`, `validatePodHostNetworkDeps`."""
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


def choice_errors(value: Json, path: str, choices: tuple[str, ...]) -> Errors:
    """Errors of a value that is one of a few."""
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
    yield from choice_errors(port.get("protocol"), f"{path}.protocol", _PROTOCOLS)


def _ports(spec: dict[str, Any]) -> Iterator[tuple[int, int, dict[str, Any]]]:
    for index, container in enumerate(mappings(spec, "containers")):
        for number, port in enumerate(mappings(container, "ports")):
            yield index, number, port


def _against_limit(name: str, value: Fraction, amount: str, limits: dict[str, Any], path: str) -> Errors:
    # Extended resources and huge pages can't be overcommitted. Source: core/helper `IsOvercommitAllowed`.
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
