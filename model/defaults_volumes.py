"""Defaults of volumes and of claims to volumes."""

from __future__ import annotations

from typing import Any

from foretell.model.canonical import respell, spelt
from foretell.model.meta import Json
from foretell.model.parts import made, mapping, mappings

_MODE = 0o644
_SOURCES: dict[str, dict[str, Json]] = {
    "hostPath": {"type": ""},
    "secret": {"defaultMode": _MODE},
    "configMap": {"defaultMode": _MODE},
    "downwardAPI": {"defaultMode": _MODE},
    "projected": {"defaultMode": _MODE},
    "iscsi": {"iscsiInterface": "default"},
    "rbd": {"pool": "rbd", "user": "admin", "keyring": "/etc/ceph/keyring"},
    "azureDisk": {"cachingMode": "ReadWrite", "fsType": "ext4", "readOnly": False, "kind": "Shared"},
    "scaleIO": {"storageMode": "ThinProvisioned", "fsType": "xfs"},
}


def default_volume(volume: dict[str, Any]) -> None:
    """Fill in a volume, in place; without a source it is empty. Source: core/v1 `SetDefaults_Volume`."""
    if not any(isinstance(source, dict) for source in volume.values()):
        volume["emptyDir"] = {}
    default_source(volume)
    empty = mapping(volume, "emptyDir")
    if "sizeLimit" in empty:
        empty["sizeLimit"] = spelt(empty["sizeLimit"])
    for source in (volume, *mappings(mapping(volume, "projected"), "sources")):
        for item in mappings(mapping(source, "downwardAPI"), "items"):
            _default_item(item)
        if isinstance(source.get("serviceAccountToken"), dict):
            source["serviceAccountToken"].setdefault("expirationSeconds", 3600)
    template = mapping(mapping(volume, "ephemeral"), "volumeClaimTemplate")
    if template:
        made(template, "metadata")
        default_claim_spec(made(template, "spec"))


def default_source(volume: dict[str, Any]) -> None:
    """Fill in the source of a volume, in place."""
    for source, defaults in _SOURCES.items():
        if isinstance(volume.get(source), dict):
            volume[source] = {**defaults, **volume[source]}


def default_claim(claim: dict[str, Any]) -> None:
    """Fill in a claim, in place. Source: core/v1 defaults.go `SetDefaults_PersistentVolumeClaim`."""
    default_claim_spec(made(claim, "spec"))
    made(claim, "status").setdefault("phase", "Pending")


def default_claim_template(claim: dict[str, Any]) -> None:
    """Fill in a StatefulSet's claim template, in place. Source: apps/v1 conversion of StatefulSetSpec."""
    claim["kind"], claim["apiVersion"] = "PersistentVolumeClaim", "v1"
    default_claim(claim)


def default_claim_spec(spec: dict[str, Any]) -> None:
    """Fill in what is wanted of a claim, in place."""
    spec.setdefault("volumeMode", "Filesystem")
    resources = made(spec, "resources")
    respell(resources.get("requests"))
    respell(resources.get("limits"))


def _default_item(item: dict[str, Any]) -> None:
    if isinstance(item.get("fieldRef"), dict):
        item["fieldRef"].setdefault("apiVersion", "v1")
    if isinstance(item.get("resourceFieldRef"), dict):
        item["resourceFieldRef"]["divisor"] = spelt(item["resourceFieldRef"].get("divisor", "0"))
