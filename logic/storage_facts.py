"""The facts of a pending pod's claims, and of the volumes that they have or might get."""

from __future__ import annotations

from typing import Any

from foretell.logic import vocabulary as v
from foretell.logic.amounts import units
from foretell.logic.shapes import Shapes
from foretell.logic.stamps import storage_class
from foretell.model.cluster import Cluster
from foretell.model.meta import Key
from foretell.model.objects import PersistentVolume, PersistentVolumeClaim, Pod, StorageClass

_NO_PROVISIONER = "kubernetes.io/no-provisioner"
_LATE = "WaitForFirstConsumer"
_SINGLE = "ReadWriteOncePod"
# Source: pkg/scheduler/framework/plugins/volumezone/volume_zone.go (topologyLabels).
_ZONES = ("topology.kubernetes.io/region", "topology.kubernetes.io/zone")


def storage_facts(cluster: Cluster, shapes: Shapes, pod: Pod) -> list[str]:
    """What the pod's claims have, or wait for."""
    lines: list[str] = []
    volumes: dict[str, PersistentVolume] = {}
    waiting: list[PersistentVolumeClaim] = []
    for name in pod.claims:
        path = f"{pod.namespace}/{name}"
        lines.append(v.USES(pod.key.path, path))
        claim = cluster.find(PersistentVolumeClaim, name, pod.namespace)
        if claim is None:
            continue
        lines.append(v.CLAIM(path))
        if claim.terminating:
            lines.append(v.CLAIM_TERMINATING(path))
        if _SINGLE in claim.spec.access_modes:
            lines.append(v.SINGLE_USE(path))
        if claim.phase == "Bound" or claim.spec.volume_name:
            lines.append(v.CLAIM_VOLUME(path, claim.spec.volume_name))
            volume = cluster.find(PersistentVolume, claim.spec.volume_name)
            if volume is None:
                # Dumps may leave volumes out: one that isn't there is taken to be reachable from anywhere.
                lines.append(v.VOLUME(claim.spec.volume_name))
            else:
                volumes[volume.name] = volume
        else:
            waiting.append(claim)
    for claim in waiting:
        lines += _waiting(cluster, claim, volumes)
    sizes = {units("storage", _capacity(volume)) for volume in volumes.values()}
    sizes |= {units("storage", _wanted(claim)) for claim in waiting}
    lines += [v.CLAIM_IN_USE(path) for path in sole_users(cluster, pod)]
    order = sorted(sizes)
    for claim in waiting:
        lines.append(v.STORAGE(claim.key.path, order.index(units("storage", _wanted(claim)))))
    for name in sorted(volumes):
        lines += _volume(shapes, volumes[name], waiting)
        lines.append(v.STORAGE(name, order.index(units("storage", _capacity(volumes[name])))))
    return lines


def sole_users(cluster: Cluster, pod: Pod) -> dict[str, frozenset[Key]]:
    """By each claim of the pod that only one pod may use, where pods on nodes use it: these."""
    found: dict[str, frozenset[Key]] = {}
    for name in pod.claims:
        claim = cluster.find(PersistentVolumeClaim, name, pod.namespace)
        if claim is not None and _SINGLE in claim.spec.access_modes:
            there = (other for other in cluster.pods if other.namespace == pod.namespace)
            if users := frozenset(other.key for other in there if _uses(other, name)):
                found[claim.key.path] = users
    return found


def waits_for_disk(cluster: Cluster, claim: PersistentVolumeClaim) -> bool:
    """Whether nobody makes a volume for the claim: a pod that is placed chooses one that is there."""
    found = cluster.find(StorageClass, storage_class(cluster, claim))
    if found is None:
        return False
    return found.volume_binding_mode == _LATE and found.provisioner == _NO_PROVISIONER


def _uses(pod: Pod, claim: str) -> bool:
    return bool(pod.spec.node_name) and not pod.finished and claim in pod.claims


def _waiting(
    cluster: Cluster, claim: PersistentVolumeClaim, volumes: dict[str, PersistentVolume]
) -> list[str]:
    """What a claim without a volume waits for; the volumes that it might get are noted."""
    name = storage_class(cluster, claim)
    found = cluster.find(StorageClass, name)
    if found is None or found.volume_binding_mode != _LATE:
        return []
    path = claim.key.path
    lines = [v.AWAITS_CONSUMER(path), v.STORAGE_CLASS(path, name)]
    lines += [v.ACCESS_MODE(path, mode) for mode in claim.spec.access_modes]
    if found.provisioner != _NO_PROVISIONER:
        lines.append(v.PROVISIONED(path))
    for volume in cluster.all(PersistentVolume):
        if volume.spec.storage_class_name == name:
            volumes[volume.name] = volume
    return lines


def _volume(shapes: Shapes, volume: PersistentVolume, waiting: list[PersistentVolumeClaim]) -> list[str]:
    name, spec = volume.name, volume.spec
    lines = [v.VOLUME(name), v.STORAGE_CLASS(name, spec.storage_class_name)]
    lines += [v.ACCESS_MODE(name, mode) for mode in spec.access_modes]
    affinity = spec.node_affinity.required if spec.node_affinity else None
    for term in affinity.node_selector_terms if affinity else ():
        lines.append(v.VOLUME_TERM(name, shapes.node_term(term)))
    for key in _ZONES:
        for zone in volume.labels.get(key, "").split("__"):
            if zone:
                shapes.node_keys.update(_ZONES)
                lines.append(v.VOLUME_ZONE(name, key, zone))
    reference: dict[str, Any] = spec.claim_ref or {}
    for claim in waiting:
        if reference and (reference.get("namespace"), reference.get("name")) != (claim.namespace, claim.name):
            lines.append(v.VOLUME_TAKEN(name, claim.key.path))
    return lines


def _capacity(volume: PersistentVolume) -> str | int | float:
    return volume.spec.capacity.get("storage", 0)


def _wanted(claim: PersistentVolumeClaim) -> str | int | float:
    return claim.spec.resources.requests.get("storage", 0)
