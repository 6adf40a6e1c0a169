"""Changes as the API server takes them: each makes objects anew, or is refused in the server's words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from typing import Any

import msgspec

from foretell.logic.deletion import Edit, deleted, disrupted
from foretell.logic.disruption import eviction
from foretell.logic.finding import find, find_node, find_pod
from foretell.logic.merging import applied, merge_patched
from foretell.logic.scope import REVISIONED
from foretell.logic.stamps import uid_of
from foretell.logic.templates import remembered_template, template_identity
from foretell.logic.validation import validate_create, validate_update
from foretell.model import changes as c
from foretell.model.admission import admitted
from foretell.model.clock import timestamp
from foretell.model.cluster import Cluster
from foretell.model.defaults import defaulted
from foretell.model.documents import from_document, to_document
from foretell.model.errors import RejectedError
from foretell.model.forecast import EvictionAnswer
from foretell.model.meta import Json, Object
from foretell.model.objects import (
    CLUSTER_SCOPED,
    Condition,
    ControllerRevision,
    CronJob,
    Job,
    Node,
    Pod,
    PodDisruptionBudget,
)
from foretell.model.selectors import Taint

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


def edit(cluster: Cluster, change: c.Change, now: float, gates: frozenset[str] = frozenset()) -> Edit:
    """What a change does; raises RejectedError (NotFoundError) where the API server refuses it."""
    return _edit(change, Server(cluster, now, gates))


@singledispatch
def _edit(change: c.Change, server: Server) -> Edit:
    raise TypeError(f"no such change for {server.cluster!r}: {change!r}")


# --- creating and updating ---


def _stored(document: dict[str, Any], server: Server) -> Object:
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
        ready = Condition(
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


def _changed(server: Server, thing: Object, document: dict[str, Any]) -> Object:
    """The object with a new document; a change of what is wanted counts as a new generation."""
    before = to_document(thing)
    if document == before:
        return thing
    validate_update(before, document, gates=server.gates)
    meta = dict(document["metadata"])
    if meta.get("generation") and document.get("spec") != before.get("spec"):
        meta["generation"] += 1
    return from_document({**document, "metadata": meta})


@_edit.register
def _(change: c.Apply, server: Server) -> Edit:
    document = change.object
    # Reading it checks its shape, and says where it is wrong.
    wanted = from_document(document)
    thing = server.cluster.get(wanted.key)
    if thing is None:
        stored = _stored(document, server)
        validate_create(to_document(stored), gates=server.gates)
        return Edit(puts=[stored])
    return Edit(
        puts=[_changed(server, thing, defaulted(applied(to_document(thing), document), gates=server.gates))]
    )


@_edit.register
def _(change: c.Patch, server: Server) -> Edit:
    thing = find(server.cluster, change.kind, change.name, change.namespace)
    return Edit(
        puts=[
            _changed(
                server, thing, defaulted(merge_patched(to_document(thing), change.with_), gates=server.gates)
            )
        ]
    )


def _patched(server: Server, kind: str, name: str, namespace: str, patch: Json) -> Edit:
    thing = find(server.cluster, kind, name, namespace)
    return Edit(puts=[_changed(server, thing, merge_patched(to_document(thing), patch))])


@_edit.register
def _(change: c.Scale, server: Server) -> Edit:
    if isinstance(find(server.cluster, change.kind, change.name, change.namespace), Job | CronJob):
        raise RejectedError("the server could not find the requested resource", reason="NotFound")
    return _patched(
        server, change.kind, change.name, change.namespace, {"spec": {"replicas": change.replicas}}
    )


@_edit.register
def _(change: c.Restart, server: Server) -> Edit:
    at = change.at or timestamp(server.now)
    annotations = {"annotations": {"kubectl.kubernetes.io/restartedAt": at}}
    patch = {"spec": {"template": {"metadata": annotations}}}
    return _patched(server, change.kind, change.name, change.namespace, patch)


@_edit.register
def _(change: c.SetImage, server: Server) -> Edit:
    thing = find(server.cluster, change.kind, change.name, change.namespace)
    document = to_document(thing)
    spec = document["spec"] if isinstance(thing, Pod) else document["spec"]["template"]["spec"]
    containers = [dict(container) for container in spec["containers"]]
    named = (
        [x for x in containers if x.get("name") == change.container] if change.container else containers[:1]
    )
    if not named:
        raise RejectedError(f'error: unable to find container named "{change.container}"')
    named[0]["image"] = change.image
    changed = {**spec, "containers": containers}
    if isinstance(thing, Pod):
        return Edit(puts=[_changed(server, thing, {**document, "spec": changed})])
    template = {**document["spec"]["template"], "spec": changed}
    return Edit(
        puts=[_changed(server, thing, {**document, "spec": {**document["spec"], "template": template}})]
    )


@_edit.register
def _(change: c.Undo, server: Server) -> Edit:
    thing = find(server.cluster, change.kind, change.name, change.namespace)
    if not isinstance(thing, REVISIONED):
        raise RejectedError(f"error: no rollbacker has been implemented for {change.kind}")
    owned = server.cluster.owned_by(thing.metadata.uid)
    revisions = sorted((r for r in owned if isinstance(r, ControllerRevision)), key=lambda r: r.revision)
    if change.to_revision:
        chosen = [r for r in revisions if r.revision == change.to_revision]
        if not chosen:
            raise RejectedError(f"error: unable to find specified revision {change.to_revision} in history")
    else:
        chosen = revisions[-2:-1]
        if not chosen:
            raise RejectedError(f"error: no last revision to roll back to for {change.kind} {change.name}")
    if template_identity(chosen[0]) == template_identity(thing):
        return Edit()
    document = to_document(thing)
    spec = {**document["spec"], "template": remembered_template(chosen[0])}
    return Edit(puts=[_changed(server, thing, {**document, "spec": spec})])


def _meant(change: c.SetLabels | c.SetAnnotations, cluster: Cluster) -> Object:
    """The object whose labels or annotations are set."""
    if change.node:
        return find_node(cluster, change.node)
    if change.pod:
        return find_pod(cluster, change.pod, change.namespace)
    return find(cluster, change.kind, change.name, change.namespace)


def _marked(change: c.SetLabels | c.SetAnnotations, server: Server, meta: Json) -> Edit:
    thing = _meant(change, server.cluster)
    return Edit(puts=[_changed(server, thing, merge_patched(to_document(thing), {"metadata": meta}))])


@_edit.register
def _(change: c.SetLabels, server: Server) -> Edit:
    return _marked(change, server, {"labels": change.labels})


@_edit.register
def _(change: c.SetAnnotations, server: Server) -> Edit:
    return _marked(change, server, {"annotations": change.annotations})


# --- nodes ---


@_edit.register
def _(change: c.AddTaint, server: Server) -> Edit:
    node = find_node(server.cluster, change.node)
    kept = [t for t in node.spec.taints if (t.key, t.effect) != (change.key, change.effect)]
    taint = Taint(key=change.key, value=change.value, effect=change.effect)
    after = replace(node, spec=replace(node.spec, taints=(*kept, taint)))
    validate_update(to_document(node), to_document(after), gates=server.gates)
    return Edit(puts=[after])


@_edit.register
def _(change: c.RemoveTaint, server: Server) -> Edit:
    node = find_node(server.cluster, change.node)
    kept = [t for t in node.spec.taints if t.key != change.key or change.effect not in ("", t.effect)]
    if len(kept) == len(node.spec.taints):
        effect = f":{change.effect}" if change.effect else ""
        raise RejectedError(f'error: taint "{change.key}{effect}" not found')
    return Edit(puts=[replace(node, spec=replace(node.spec, taints=tuple(kept)))])


def _cordoned(node: Node, *, cordoned: bool) -> list[Object]:
    return [replace(node, spec=replace(node.spec, unschedulable=cordoned))]


@_edit.register
def _(change: c.Cordon, server: Server) -> Edit:
    return Edit(puts=_cordoned(find_node(server.cluster, change.node), cordoned=True))


@_edit.register
def _(change: c.Uncordon, server: Server) -> Edit:
    return Edit(puts=_cordoned(find_node(server.cluster, change.node), cordoned=False))


def _with_condition(node: Node, kind: str, status: str, now: float) -> Edit:
    kept = [condition for condition in node.status.conditions if condition.type != kind]
    fresh = Condition(type=kind, status=status, last_transition_time=timestamp(now))
    return Edit(puts=[replace(node, status=replace(node.status, conditions=(*kept, fresh)))])


@_edit.register
def _(change: c.SetNodeReady, server: Server) -> Edit:
    return _with_condition(find_node(server.cluster, change.node), "Ready", change.status, server.now)


@_edit.register
def _(change: c.SetNodeCondition, server: Server) -> Edit:
    return _with_condition(find_node(server.cluster, change.node), change.type, change.status, server.now)


# --- deleting ---


@_edit.register
def _(change: c.Delete, server: Server) -> Edit:
    thing = find(server.cluster, change.kind, change.name, change.namespace)
    return deleted(thing, server.now, grace=change.grace, cascade=change.cascade)


@_edit.register
def _(change: c.DeletePod, server: Server) -> Edit:
    return deleted(find_pod(server.cluster, change.pod, change.namespace), server.now, grace=change.grace)


def _evicted(cluster: Cluster, pod: Pod, now: float) -> Edit:
    allowed, budget_key = eviction(cluster, pod)
    answer = EvictionAnswer(
        namespace=pod.namespace, pod=pod.name, allowed=allowed, budget=budget_key.name if budget_key else ""
    )
    if not allowed:
        return Edit(answers=[answer])
    change = deleted(disrupted(pod, now, "EvictionByEvictionAPI"), now)
    budget = cluster.get(budget_key) if budget_key else None
    if isinstance(budget, PodDisruptionBudget):
        status = replace(budget.status, disruptions_allowed=budget.status.disruptions_allowed - 1)
        change.puts.append(replace(budget, status=status))
    change.answers.append(answer)
    return change


@_edit.register
def _(change: c.Evict, server: Server) -> Edit:
    return _evicted(server.cluster, find_pod(server.cluster, change.pod, change.namespace), server.now)


@_edit.register
def _(change: c.Drain, server: Server) -> Edit:
    cluster, node = server.cluster, find_node(server.cluster, change.node)
    total = Edit(puts=_cordoned(node, cordoned=True))
    for pod in cluster.pods_on(node.name):
        owner = pod.metadata.controller
        if not pod.spec.node_name or (owner is not None and owner.kind in ("DaemonSet", "Node")):
            continue
        one = _evicted(cluster, pod, server.now)
        # Each eviction sees what the one before it has left of the budgets.
        cluster = cluster.replaced(one.puts, one.drops)
        total.puts += one.puts
        total.drops += one.drops
        total.answers += one.answers
    return total


# --- pods ---


@_edit.register
def _(change: c.SetPodStatus, server: Server) -> Edit:
    pod = find_pod(server.cluster, change.pod, change.namespace)
    status = "True" if change.ready else "False"
    old = pod.ready_condition
    moment = old.last_transition_time if old is not None and old.status == status else timestamp(server.now)
    kept = [condition for condition in pod.status.conditions if condition.type != "Ready"]
    ready = Condition(type="Ready", status=status, last_transition_time=moment)
    fresh = replace(pod.status, phase=change.phase, reason=change.reason, conditions=(*kept, ready))
    return Edit(puts=[replace(pod, status=fresh)])
