"""Admission: what the API server's plugins add to a new object, beyond defaults."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from foretell.model.errors import RejectedError
from foretell.model.meta import Json
from foretell.model.parts import made, mapping, mappings
from foretell.model.pruning import pruned

_SYSTEM_PRIORITIES = {"system-node-critical": 2000001000, "system-cluster-critical": 2000000000}
_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
_EVICTING = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
_SECONDS = 300


def admitted(
    document: Json, *, priority_classes: Iterable[Json] = (), storage_classes: Iterable[Json] = ()
) -> dict[str, Any]:
    """A new object as the plugins that are on by default leave it, as far as a forecast can tell.

    Pods get a service account, a priority and tolerations; claims a storage class and, like volumes, the
    finalizer that protects them. Raises RejectedError for a priority class that isn't there.
    """
    new: dict[str, Any] = pruned(document)
    kind = new.get("kind")
    if kind == "Pod":
        spec = made(new, "spec")
        spec.setdefault("serviceAccountName", "default")
        spec.setdefault("serviceAccount", spec["serviceAccountName"])
        _prioritise(new, spec, list(priority_classes))
        _tolerate(spec)
    if kind == "PersistentVolumeClaim":
        spec = made(new, "spec")
        default = _default_storage_class(storage_classes)
        if "storageClassName" not in spec and default:
            spec["storageClassName"] = default
        _protect(new, "kubernetes.io/pvc-protection")
    if kind == "PersistentVolume":
        _protect(new, "kubernetes.io/pv-protection")
    return new


def _prioritise(pod: dict[str, Any], spec: dict[str, Any], classes: list[Json]) -> None:
    """Of several global defaults the lowest counts. Source: plugin/pkg/admission/priority `admitPod`."""
    name = spec.get("priorityClassName", "")
    if not name:
        defaults = sorted(
            (found for found in classes if found.get("globalDefault")),
            key=lambda found: found.get("value", 0),
        )
        chosen: Json = defaults[0] if defaults else {}
        if chosen:
            spec["priorityClassName"] = mapping(chosen, "metadata").get("name", "")
    else:
        chosen = next((found for found in classes if mapping(found, "metadata").get("name") == name), None)
        if chosen is None and name in _SYSTEM_PRIORITIES:
            chosen = {"value": _SYSTEM_PRIORITIES[name]}
    if chosen is None:
        pod_name = mapping(pod, "metadata").get("name", "")
        raise RejectedError(
            f'pods "{pod_name}" is forbidden: no PriorityClass with name {name} was found', reason="Forbidden"
        )
    spec["priority"] = chosen.get("value", 0)
    spec.setdefault("preemptionPolicy", chosen.get("preemptionPolicy", "PreemptLowerPriority"))


def _tolerate(spec: dict[str, Any]) -> None:
    """Operators and values don't matter. Source: plugin/pkg/admission/defaulttolerationseconds `Admit`."""
    tolerations = spec.setdefault("tolerations", [])
    if not isinstance(tolerations, list):
        return  # the decoder names what is wrong
    answered = [
        toleration.get("key", "")
        for toleration in mappings(spec, "tolerations")
        if toleration.get("effect", "") in ("", "NoExecute")
    ]
    tolerations += (
        {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": _SECONDS}
        for key in _EVICTING
        if "" not in answered and key not in answered
    )


def _default_storage_class(classes: Iterable[Json]) -> str:
    """The newest default class. Source: Kubernetes pkg/volume/util/storageclass.go `GetDefaultClass`."""
    defaults = [
        (metadata.get("creationTimestamp") or "", metadata.get("name", ""))
        for metadata in (mapping(found, "metadata") for found in classes)
        if mapping(metadata, "annotations").get(_DEFAULT_CLASS) == "true"
    ]
    newest = max((created for created, _ in defaults), default="")
    return min((name for created, name in defaults if created == newest), default="")


def _protect(new: dict[str, Any], finalizer: str) -> None:
    finalizers = made(new, "metadata").setdefault("finalizers", [])
    if finalizer not in finalizers:
        finalizers.append(finalizer)
