"""How documents are merged: JSON merge patches, and server-side apply's lists with keys."""

from __future__ import annotations

from typing import Any

from foretell.model.meta import Json

# Lists whose items are told apart by a field; all others are replaced as a whole.
# Source: the x-kubernetes-list-map-keys of the API's OpenAPI description.
_LIST_KEYS = {
    "containers": ("name",),
    "initContainers": ("name",),
    "ephemeralContainers": ("name",),
    "volumes": ("name",),
    "env": ("name",),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
    "ports": ("containerPort", "port", "protocol"),
    "conditions": ("type",),
    "ownerReferences": ("uid",),
    "imagePullSecrets": ("name",),
    "hostAliases": ("ip",),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
    "schedulingGates": ("name",),
}


def merge_patched(document: Json, patch: Json) -> Json:
    """The document after a JSON merge patch (RFC 7386): null removes, lists are replaced."""
    if not isinstance(patch, dict):
        return patch
    patched = dict(document) if isinstance(document, dict) else {}
    for key, value in patch.items():
        if value is None:
            patched.pop(key, None)
        else:
            patched[key] = merge_patched(patched.get(key), value)
    return patched


def applied(document: Json, configuration: Json, field: str = "") -> Json:
    """The document after a configuration was applied to it: its fields win, all others stay."""
    if isinstance(document, dict) and isinstance(configuration, dict):
        merged = dict(document)
        for key, value in configuration.items():
            merged[key] = applied(document[key], value, key) if key in document else value
        return merged
    keys = _LIST_KEYS.get(field)
    if keys and isinstance(document, list) and isinstance(configuration, list):
        return _applied_list(document, configuration, keys)
    return configuration


def _applied_list(document: list[Any], configuration: list[Any], keys: tuple[str, ...]) -> list[Any]:
    def identity(item: Any) -> tuple[Any, ...]:
        return tuple(item.get(key) for key in keys) if isinstance(item, dict) else (item,)

    fresh = {identity(item): item for item in configuration}
    merged = [
        applied(item, fresh.pop(identity(item))) if identity(item) in fresh else item for item in document
    ]
    return merged + [item for item in configuration if identity(item) in fresh]
