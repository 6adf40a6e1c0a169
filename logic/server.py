"""The API server as far as changes need it: what it stores, how it fills in, counts and refuses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from typing import Any

import msgspec

from foretell.logic.deletion import Edit
from foretell.logic.finding import find
from foretell.logic.merging import merge_patched
from foretell.logic.stamps import uid_of
from foretell.logic.validation import validate_update
from foretell.model import changes as c
from foretell.model.admission import admitted
from foretell.model.clock import timestamp
from foretell.model.cluster import Cluster
from foretell.model.defaults import defaulted
from foretell.model.documents import from_document, to_document
from foretell.model.meta import Json, Object
from foretell.model.objects import CLUSTER_SCOPED, Node, NodeCondition

replace = msgspec.structs.replace
_COUNTED = ("DaemonSet", "StatefulSet", "Deployment", "ReplicaSet", "PodDisruptionBudget", "Job", "CronJob")
"""The kinds whose changes of what is wanted are counted as generations."""

_MOST_PODS = "110"
"""How many pods a kubelet takes by default. Source: kubelet/apis/config/v1beta1/defaults.go."""


@dataclass(frozen=True)
class Server:
    """The API server that a change is put to: what it has stored, its clock and its feature gates."""

    cluster: Cluster
    now: float
    gates: frozenset[str] = frozenset()


@singledispatch
def edited(change: c.Change, server: Server) -> Edit:
    """What a change does; each kind of change registers its own way."""
    raise TypeError(f"no such change for {server.cluster!r}: {change!r}")


def stored(document: dict[str, Any], server: Server) -> Object:
    """A new object as the server stores it: defaulted, named, counted."""
    cluster, now = server.cluster, server.now
    if document.get("kind") == "Job":
        document = _identified(document, now)
    document = admitted(
        defaulted(document, gates=server.gates),
        priority_classes=map(to_document, cluster.of_kind("PriorityClass")),
        storage_classes=map(to_document, cluster.storage_classes),
    )
    meta = dict(document.get("metadata", {}))
    kind, name = document.get("kind", ""), meta.get("name", "")
    if kind not in CLUSTER_SCOPED:
        meta.setdefault("namespace", "default")
    meta.setdefault("uid", uid_of(kind, meta.get("namespace", ""), name, now))
    meta.setdefault("creationTimestamp", timestamp(now))
    if kind in _COUNTED:
        meta["generation"] = 1
    thing = from_document({**document, "metadata": meta})
    if isinstance(thing, Node) and not thing.status.conditions:
        ready = NodeCondition(
            type="Ready", status="True", reason="KubeletReady", last_transition_time=timestamp(now)
        )
        return replace(thing, status=replace(thing.status, conditions=(ready,), **_pods_taken(thing)))
    return thing


def _pods_taken(node: Node) -> dict[str, Any]:
    """What a node has, with the number of pods that its kubelet reports where the node doesn't say it."""
    if not node.status.capacity or "pods" in node.status.capacity:
        return {}
    return {
        "capacity": {"pods": _MOST_PODS, **node.status.capacity},
        "allocatable": {"pods": _MOST_PODS, **node.status.allocatable},
    }


def _identified(document: dict[str, Any], now: float) -> dict[str, Any]:
    """A Job's document with its uid, which its selector and its pods' labels are made of."""
    meta = dict(document.get("metadata") or {})
    uid = uid_of("Job", meta.get("namespace", "default"), meta.get("name", ""), now)
    return {**document, "metadata": {**meta, "uid": meta.get("uid", uid)}}


def changed(server: Server, thing: Object, document: dict[str, Any]) -> Object:
    """The object with a new document; a change of what is wanted counts as a new generation."""
    before = to_document(thing)
    if document == before:
        return thing
    validate_update(before, document, gates=server.gates)
    meta = dict(document["metadata"])
    if meta.get("generation") and document.get("spec") != before.get("spec"):
        meta["generation"] += 1
    return from_document({**document, "metadata": meta})


def patched(server: Server, kind: str, name: str, namespace: str, patch: Json) -> Edit:
    """What a JSON merge patch of a named object does; raises NotFoundError, RejectedError."""
    thing = find(server.cluster, kind, name, namespace)
    return Edit(puts=[changed(server, thing, merge_patched(to_document(thing), patch))])
