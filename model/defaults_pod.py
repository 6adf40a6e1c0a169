"""Defaults of pods and pod templates, byte for byte: a StatefulSet's revision is a hash of its template."""

from __future__ import annotations

from typing import Any

from foretell.model.canonical import respell, spelt
from foretell.model.defaults_volumes import default_volume
from foretell.model.parts import made, mapping, mappings


def default_template(template: dict[str, Any]) -> None:
    """Fill in a workload's pod template, in place."""
    made(template, "metadata")
    default_pod_spec(made(template, "spec"))


def default_pod_spec(spec: dict[str, Any]) -> None:
    """Fill in what pods and templates share, in place. Source: core/v1 defaults.go `SetDefaults_PodSpec`."""
    spec.setdefault("restartPolicy", "Always")
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec.setdefault("dnsPolicy", "ClusterFirst")
    spec.setdefault("securityContext", {})
    spec.setdefault("schedulerName", "default-scheduler")
    # Either spelling of the service account is stored as both.
    account = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if account:
        spec["serviceAccountName"] = spec["serviceAccount"] = account
    for volume in mappings(spec, "volumes"):
        default_volume(volume)
    for container in mappings(spec, "containers", "initContainers", "ephemeralContainers"):
        _default_container(container)
    respell(mapping(spec, "resources").get("requests"))
    respell(mapping(spec, "resources").get("limits"))
    respell(spec.get("overhead"))


def default_pod(spec: dict[str, Any]) -> None:
    """Fill in what pods have beyond templates, in place. Source: core/v1 defaults.go `SetDefaults_Pod`."""
    default_pod_spec(spec)
    spec.setdefault("enableServiceLinks", True)
    for container in mappings(spec, "containers", "initContainers"):
        limits = mapping(container["resources"], "limits")
        if limits:
            container["resources"]["requests"] = {**limits, **mapping(container["resources"], "requests")}
        for port in mappings(container, "ports") if spec.get("hostNetwork") else ():
            port.setdefault("hostPort", port.get("containerPort"))


def image_pull_policy(image: str) -> str:
    """Images are pulled always if the tag is `latest` or missing. Source: core/v1 `SetDefaults_Container`."""
    name, _, digest = image.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    return "Always" if tag == "latest" or not (tag or digest) else "IfNotPresent"


def _default_container(container: dict[str, Any]) -> None:
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    container.setdefault("imagePullPolicy", image_pull_policy(str(container.get("image", ""))))
    resources = made(container, "resources")
    respell(resources.get("requests"))
    respell(resources.get("limits"))
    for port in mappings(container, "ports"):
        port.setdefault("protocol", "TCP")
    for variable in mappings(container, "env"):
        _default_variable(mapping(variable, "valueFrom"))
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        if isinstance(container.get(probe), dict):
            _default_probe(container[probe])
    for hook in ("postStart", "preStop"):
        _default_http(mapping(mapping(container, "lifecycle"), hook))


def _default_variable(source: dict[str, Any]) -> None:
    if isinstance(source.get("fieldRef"), dict):
        source["fieldRef"].setdefault("apiVersion", "v1")
    if isinstance(source.get("resourceFieldRef"), dict):
        source["resourceFieldRef"]["divisor"] = spelt(source["resourceFieldRef"].get("divisor", "0"))
    if isinstance(source.get("fileKeyRef"), dict):
        source["fileKeyRef"].setdefault("optional", False)


def _default_probe(probe: dict[str, Any]) -> None:
    for field, default in (
        ("timeoutSeconds", 1),
        ("periodSeconds", 10),
        ("successThreshold", 1),
        ("failureThreshold", 3),
    ):
        probe.setdefault(field, default)
    if isinstance(probe.get("grpc"), dict):
        probe["grpc"].setdefault("service", "")
    _default_http(probe)


def _default_http(handler: dict[str, Any]) -> None:
    if isinstance(handler.get("httpGet"), dict):
        handler["httpGet"].setdefault("path", "/")
        handler["httpGet"].setdefault("scheme", "HTTP")
