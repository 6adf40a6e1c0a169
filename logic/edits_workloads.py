"""Changes of workloads: their size, image and template, and how their roll-outs go on."""

from __future__ import annotations

from functools import reduce

from foretell.logic.deletion import Edit
from foretell.logic.finding import find, resource_of
from foretell.logic.rollback import rolled_back
from foretell.logic.scope import REVISIONED
from foretell.logic.server import Server, changed, edited, patched
from foretell.logic.templates import remembered_template, template_identity
from foretell.model import changes as c
from foretell.model.clock import timestamp
from foretell.model.documents import to_document
from foretell.model.errors import NotFoundError, RejectedError
from foretell.model.meta import Json, Object
from foretell.model.objects import KINDS, ControllerRevision, Deployment

_SCALED = ("StatefulSet", "Deployment", "ReplicaSet")
"""The kinds that have the subresource by which kubectl scales."""
_IN_TEMPLATE = ("spec", "template", "spec")
_POD_SPECS = {"Pod": ("spec",), "CronJob": ("spec", "jobTemplate", *_IN_TEMPLATE)}
"""Where containers are, of kinds that don't have them where workloads do."""


@edited.register
def _(change: c.Scale, server: Server) -> Edit:
    if change.kind in KINDS and change.kind not in _SCALED:
        find(server.cluster, change.kind, change.name, change.namespace)
        raise NotFoundError("Error from server (NotFound): the server could not find the requested resource")
    return patched(
        server, change.kind, change.name, change.namespace, {"spec": {"replicas": change.replicas}}
    )


def _refusal(thing: Object, words: str) -> RejectedError:
    """The error that kubectl gives when it won't change an object."""
    return RejectedError(f'error: {resource_of(thing.kind)} "{thing.name}" {words}')


@edited.register
def _(change: c.Pause, server: Server) -> Edit:
    thing = find(server.cluster, change.kind, change.name, change.namespace)
    if not isinstance(thing, Deployment):
        raise _refusal(thing, "pausing is not supported")
    if thing.spec.paused:
        raise _refusal(thing, "is already paused")
    return patched(server, change.kind, change.name, change.namespace, {"spec": {"paused": True}})


@edited.register
def _(change: c.Resume, server: Server) -> Edit:
    thing = find(server.cluster, change.kind, change.name, change.namespace)
    if not isinstance(thing, Deployment):
        raise _refusal(thing, "resuming is not supported")
    if not thing.spec.paused:
        raise _refusal(thing, "is not paused")
    return patched(server, change.kind, change.name, change.namespace, {"spec": {"paused": None}})


@edited.register
def _(change: c.Restart, server: Server) -> Edit:
    thing = find(server.cluster, change.kind, change.name, change.namespace)
    if not isinstance(thing, (*REVISIONED, Deployment)):
        raise _refusal(thing, "restarting is not supported")
    if isinstance(thing, Deployment) and thing.spec.paused:
        raise _refusal(thing, "can't restart paused deployment (run rollout resume first)")
    at = change.at or timestamp(server.now)
    annotations = {"annotations": {"kubectl.kubernetes.io/restartedAt": at}}
    patch = {"spec": {"template": {"metadata": annotations}}}
    return patched(server, change.kind, change.name, change.namespace, patch)


@edited.register
def _(change: c.SetImage, server: Server) -> Edit:
    thing = find(server.cluster, change.kind, change.name, change.namespace)
    path = _POD_SPECS.get(thing.kind, _IN_TEMPLATE)
    spec = reduce(lambda part, name: part.get(name, {}), path, to_document(thing))
    containers = [dict(container) for container in spec.get("containers", ())]
    if not containers:
        raise _refusal(thing, "is not a pod and has no pod template")
    named = (
        [x for x in containers if x.get("name") == change.container] if change.container else containers[:1]
    )
    if not named:
        raise RejectedError(f'error: unable to find container named "{change.container}"')
    named[0]["image"] = change.image
    patch: Json = {"containers": containers}
    for name in reversed(path):
        patch = {name: patch}
    return patched(server, change.kind, change.name, change.namespace, patch)


@edited.register
def _(change: c.Undo, server: Server) -> Edit:
    thing = find(server.cluster, change.kind, change.name, change.namespace)
    if isinstance(thing, Deployment):
        earlier = rolled_back(server.cluster, thing, change.to_revision)
        return Edit() if earlier is None else Edit(puts=[changed(server, thing, earlier)])
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
    return Edit(puts=[changed(server, thing, {**document, "spec": spec})])
