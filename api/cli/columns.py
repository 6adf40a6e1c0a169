"""Columns of `foretell get` by kind, as kubectl has them.

Source: Kubernetes pkg/printers/internalversion/printers.go.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from foretell.api.cli import columns_workloads as workloads
from foretell.api.cli.cells import NONE, UNKNOWN, age, pairs
from foretell.api.cli.columns_pod import pod_cells
from foretell.api.telling.kinds import full_name
from foretell.model.documents import to_document
from foretell.model.meta import Key, Object
from foretell.model.objects import (
    ControllerRevision,
    Node,
    PersistentVolumeClaim,
    Pod,
    PodDisruptionBudget,
    Service,
)

UNSET = "<unset>"
_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}
_ROLE = "node-role.kubernetes.io/"


class Columns(NamedTuple):
    """The columns of a kind, those that only `-o wide` shows, and what fills all of them at a moment."""

    narrow: tuple[str, ...]
    wide: tuple[str, ...]
    cells: Callable[[Any, float], Sequence[str]]

    def header(self, *, wide: bool) -> tuple[str, ...]:
        """The names of the columns."""
        return (*self.narrow, *self.wide) if wide else self.narrow

    def row(self, thing: Object, now: float, *, wide: bool) -> tuple[str, ...]:
        """The cells of an object."""
        return tuple(self.cells(thing, now))[: len(self.header(wide=wide))]


def _node(node: Node, now: float) -> Sequence[str]:
    ready = node.condition("Ready")
    status = ["Unknown" if not ready else "Ready" if ready == "True" else "NotReady"]
    status += ["SchedulingDisabled"] if node.spec.unschedulable else []
    roles = {key.removeprefix(_ROLE) for key in node.labels if key.startswith(_ROLE)}
    roles |= {node.labels["kubernetes.io/role"]} if node.labels.get("kubernetes.io/role") else set()
    raw = to_document(node).get("status", {})
    info = raw.get("nodeInfo", {})
    addresses = {entry.get("type"): entry.get("address") for entry in raw.get("addresses", ())}
    places = [addresses.get(kind) or NONE for kind in ("InternalIP", "ExternalIP")]
    systems = [info.get(name) or UNKNOWN for name in ("osImage", "kernelVersion", "containerRuntimeVersion")]
    version = info.get("kubeletVersion", "")
    role = ",".join(sorted(roles - {""})) or NONE
    return (node.name, ",".join(status), role, age(node, now), version, *places, *systems)


def _claim(claim: PersistentVolumeClaim, now: float) -> Sequence[str]:
    raw = to_document(claim)
    spec, status = raw.get("spec", {}), raw.get("status", {})
    bound = bool(claim.spec.volume_name)
    capacity = status.get("capacity", claim.spec.resources.requests).get("storage", "") if bound else ""
    modes = status.get("accessModes", claim.spec.access_modes) if bound else ()
    phase = "Terminating" if claim.terminating else claim.phase
    mode = ",".join(_MODES.get(mode, mode) for mode in modes)
    classes = (claim.spec.storage_class_name or "", spec.get("volumeAttributesClassName") or UNSET)
    volume_mode = spec.get("volumeMode") or UNSET
    return (
        claim.name,
        phase,
        claim.spec.volume_name,
        str(capacity),
        mode,
        *classes,
        age(claim, now),
        volume_mode,
    )


def _budget(budget: PodDisruptionBudget, now: float) -> Sequence[str]:
    bounds = (budget.spec.min_available, budget.spec.max_unavailable)
    shown = ["N/A" if bound is None else str(bound) for bound in bounds]
    return (budget.name, *shown, str(budget.status.disruptions_allowed), age(budget, now))


def _service(service: Service, now: float) -> Sequence[str]:
    spec = to_document(service).get("spec", {})
    waits = spec.get("type") == "LoadBalancer"
    external = ",".join(spec.get("externalIPs", ())) or ("<pending>" if waits else NONE)
    ports = ",".join(map(_port, spec.get("ports", ()))) or NONE
    kind, address = spec.get("type") or "ClusterIP", spec.get("clusterIP") or NONE
    return (service.name, kind, address, external, ports, age(service, now), pairs(service.spec.selector))


def _port(port: dict[str, Any]) -> str:
    node = f":{port['nodePort']}" if port.get("nodePort") else ""
    return f"{port.get('port')}{node}/{port.get('protocol', 'TCP')}"


def _revision(revision: ControllerRevision, now: float) -> Sequence[str]:
    owner = revision.metadata.controller
    controller = full_name(Key(owner.kind, "", owner.name)) if owner else NONE
    return (revision.name, controller, str(revision.revision), age(revision, now))


def _pod(pod: Pod, now: float) -> Sequence[str]:
    ready, status, restarts, *rest = pod_cells(pod)
    return (pod.name, ready, status, restarts, age(pod, now), *rest)


def _other(thing: Object, now: float) -> Sequence[str]:
    return (thing.name, age(thing, now))


COLUMNS: dict[str, Columns] = {
    "Node": Columns(
        ("NAME", "STATUS", "ROLES", "AGE", "VERSION"),
        ("INTERNAL-IP", "EXTERNAL-IP", "OS-IMAGE", "KERNEL-VERSION", "CONTAINER-RUNTIME"),
        _node,
    ),
    "Pod": Columns(
        ("NAME", "READY", "STATUS", "RESTARTS", "AGE"),
        ("IP", "NODE", "NOMINATED NODE", "READINESS GATES"),
        _pod,
    ),
    "DaemonSet": Columns(
        ("NAME", "DESIRED", "CURRENT", "READY", "UP-TO-DATE", "AVAILABLE", "NODE SELECTOR", "AGE"),
        ("CONTAINERS", "IMAGES", "SELECTOR"),
        workloads.daemonset_cells,
    ),
    "StatefulSet": Columns(("NAME", "READY", "AGE"), ("CONTAINERS", "IMAGES"), workloads.statefulset_cells),
    "Deployment": Columns(
        ("NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"),
        ("CONTAINERS", "IMAGES", "SELECTOR"),
        workloads.deployment_cells,
    ),
    "ReplicaSet": Columns(
        ("NAME", "DESIRED", "CURRENT", "READY", "AGE"),
        ("CONTAINERS", "IMAGES", "SELECTOR"),
        workloads.replicaset_cells,
    ),
    "Job": Columns(
        ("NAME", "STATUS", "COMPLETIONS", "DURATION", "AGE"),
        ("CONTAINERS", "IMAGES", "SELECTOR"),
        workloads.job_cells,
    ),
    "CronJob": Columns(
        ("NAME", "SCHEDULE", "TIMEZONE", "SUSPEND", "ACTIVE", "LAST SCHEDULE", "AGE"),
        ("CONTAINERS", "IMAGES", "SELECTOR"),
        workloads.cronjob_cells,
    ),
    "PersistentVolumeClaim": Columns(
        (
            "NAME",
            "STATUS",
            "VOLUME",
            "CAPACITY",
            "ACCESS MODES",
            "STORAGECLASS",
            "VOLUMEATTRIBUTESCLASS",
            "AGE",
        ),
        ("VOLUMEMODE",),
        _claim,
    ),
    "PodDisruptionBudget": Columns(
        ("NAME", "MIN AVAILABLE", "MAX UNAVAILABLE", "ALLOWED DISRUPTIONS", "AGE"), (), _budget
    ),
    "Service": Columns(
        ("NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"), ("SELECTOR",), _service
    ),
    "ControllerRevision": Columns(("NAME", "CONTROLLER", "REVISION", "AGE"), (), _revision),
}
OTHERS = Columns(("NAME", "AGE"), (), _other)
"""The columns of all other kinds."""
