"""Changes as the API server takes them: each makes objects anew, or is refused in the server's words."""

from __future__ import annotations

from typing import Any

import msgspec

# Each registers its own changes when it is imported.
from foretell.logic import edits_nodes, edits_workloads  # noqa: F401
from foretell.logic.deletion import Edit, deleted
from foretell.logic.drain import drained
from foretell.logic.evictions import evicted
from foretell.logic.finding import find, find_node, find_pod
from foretell.logic.merging import applied, merge_patched
from foretell.logic.server import Server, changed, edited, stored
from foretell.logic.validation import validate_create
from foretell.model import changes as c
from foretell.model.clock import timestamp
from foretell.model.cluster import Cluster
from foretell.model.defaults import defaulted
from foretell.model.documents import from_document, to_document
from foretell.model.meta import Json, Object
from foretell.model.objects import Condition, Node

replace = msgspec.structs.replace


def edit(cluster: Cluster, change: c.Change, now: float, gates: frozenset[str] = frozenset()) -> Edit:
    """What a change does; raises RejectedError (NotFoundError) where the API server refuses it."""
    return edited(change, Server(cluster, now, gates))


# --- creating and updating ---


@edited.register
def _(change: c.Apply, server: Server) -> Edit:
    document = change.object
    # Reading it checks its shape, and says where it is wrong.
    wanted = from_document(document)
    thing = server.cluster.get(wanted.key)
    if thing is None:
        fresh = stored(document, server)
        validate_create(to_document(fresh), gates=server.gates)
        return Edit(puts=[fresh])
    merged = applied(to_document(thing), document)
    if isinstance(thing, Node):
        with_capacity(merged, document)
    return Edit(puts=[changed(server, thing, defaulted(merged, gates=server.gates))])


def with_capacity(merged: dict[str, Any], document: dict[str, Any]) -> None:
    """A node's kubelet reports what has become of its capacity as allocatable, unless that is given too."""
    status = document.get("status") or {}
    if "capacity" in status and "allocatable" not in status:
        merged["status"] = {**merged["status"]}
        merged["status"]["allocatable"] = {**merged["status"].get("allocatable", {}), **status["capacity"]}


@edited.register
def _(change: c.Patch, server: Server) -> Edit:
    thing = find(server.cluster, change.kind, change.name, change.namespace)
    return Edit(
        puts=[
            changed(
                server, thing, defaulted(merge_patched(to_document(thing), change.with_), gates=server.gates)
            )
        ]
    )


def _meant(change: c.SetLabels | c.SetAnnotations, cluster: Cluster) -> Object:
    """The object whose labels or annotations are set."""
    if change.node:
        return find_node(cluster, change.node)
    if change.pod:
        return find_pod(cluster, change.pod, change.namespace)
    return find(cluster, change.kind, change.name, change.namespace)


def _marked(change: c.SetLabels | c.SetAnnotations, server: Server, meta: Json) -> Edit:
    thing = _meant(change, server.cluster)
    return Edit(puts=[changed(server, thing, merge_patched(to_document(thing), {"metadata": meta}))])


@edited.register
def _(change: c.SetLabels, server: Server) -> Edit:
    return _marked(change, server, {"labels": change.labels})


@edited.register
def _(change: c.SetAnnotations, server: Server) -> Edit:
    return _marked(change, server, {"annotations": change.annotations})


# --- deleting ---


@edited.register
def _(change: c.Delete, server: Server) -> Edit:
    thing = find(server.cluster, change.kind, change.name, change.namespace)
    return deleted(thing, server.now, grace=change.grace, cascade=change.cascade)


@edited.register
def _(change: c.DeletePod, server: Server) -> Edit:
    return deleted(find_pod(server.cluster, change.pod, change.namespace), server.now, grace=change.grace)


@edited.register
def _(change: c.Evict, server: Server) -> Edit:
    pod = find_pod(server.cluster, change.pod, change.namespace)
    return evicted(server.cluster, [pod], server.now)


@edited.register
def _(change: c.Drain, server: Server) -> Edit:
    return drained(server.cluster, change, server.now)


# --- pods ---


@edited.register
def _(change: c.SetPodStatus, server: Server) -> Edit:
    pod = find_pod(server.cluster, change.pod, change.namespace)
    status = "True" if change.ready else "False"
    old = pod.ready_condition
    moment = old.last_transition_time if old is not None and old.status == status else timestamp(server.now)
    kept = [condition for condition in pod.status.conditions if condition.type != "Ready"]
    ready = Condition(type="Ready", status=status, last_transition_time=moment)
    fresh = replace(pod.status, phase=change.phase, reason=change.reason, conditions=(*kept, ready))
    return Edit(puts=[replace(pod, status=fresh)])
