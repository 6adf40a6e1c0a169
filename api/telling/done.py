"""What a change did, in kubectl's words: `statefulset.apps/web configured`, `node/worker-2 tainted`."""

from __future__ import annotations

from functools import singledispatch

from foretell.api.telling.kinds import full_name, qualified
from foretell.logic.deletion import Edit
from foretell.logic.drain import refused
from foretell.logic.evictions import TOO_MANY
from foretell.logic.finding import find_pod
from foretell.model import changes as c
from foretell.model.cluster import Cluster
from foretell.model.forecast import EvictionAnswer
from foretell.model.meta import Key
from foretell.model.objects import CLUSTER_SCOPED


def done(change: c.Change, before: Cluster, edit: Edit) -> list[str]:
    """What a change did to a cluster, a line for each object."""
    return _done(change, before, edit)


@singledispatch
def _done(change: c.Change, before: Cluster, edit: Edit) -> list[str]:
    raise TypeError(f"no words for {change!r} of {before!r}: {edit!r}")


def _key(kind: str, name: str, namespace: str) -> Key:
    return Key(kind, "" if kind in CLUSTER_SCOPED else namespace, name)


def _changed(before: Cluster, edit: Edit) -> bool:
    """Whether anything is other than before."""
    return bool(edit.drops) or any(put != before.get(put.key) for put in edit.puts)


def _told(key: Key, word: str, before: Cluster, edit: Edit, otherwise: str) -> list[str]:
    return [f"{full_name(key)} {word if _changed(before, edit) else otherwise}"]


@_done.register
def _(change: c.Apply, before: Cluster, edit: Edit) -> list[str]:
    del change  # the server has filled in what it left out
    return [
        f"{full_name(put.key)} "
        + (
            "created"
            if put.key not in before
            else "unchanged"
            if put == before.get(put.key)
            else "configured"
        )
        for put in edit.puts
    ]


@_done.register
def _(change: c.Patch, before: Cluster, edit: Edit) -> list[str]:
    key = _key(change.kind, change.name, change.namespace)
    return _told(key, "patched", before, edit, "patched (no change)")


@_done.register
def _(change: c.Delete, before: Cluster, edit: Edit) -> list[str]:
    del before, edit
    key = _key(change.kind, change.name, change.namespace)
    place = f" from {key.namespace} namespace" if key.namespace else ""
    return [f'{qualified(key.kind)} "{key.name}" deleted{place}']


@_done.register
def _(change: c.DeletePod, before: Cluster, edit: Edit) -> list[str]:
    del edit
    pod = find_pod(before, change.pod, change.namespace)
    return [f'pod "{pod.name}" deleted from {pod.namespace} namespace']


@_done.register
def _(change: c.AddTaint, before: Cluster, edit: Edit) -> list[str]:
    return _told(Key("Node", "", change.node), "tainted", before, edit, "tainted already")


@_done.register
def _(change: c.RemoveTaint, before: Cluster, edit: Edit) -> list[str]:
    return _told(Key("Node", "", change.node), "untainted", before, edit, "not tainted")


@_done.register
def _(change: c.SetLabels, before: Cluster, edit: Edit) -> list[str]:
    word = "unlabeled" if all(value is None for value in change.labels.values()) else "labeled"
    return [f"{full_name(put.key)} {word if _changed(before, edit) else 'not labeled'}" for put in edit.puts]


@_done.register
def _(change: c.SetAnnotations, before: Cluster, edit: Edit) -> list[str]:
    del change, before  # kubectl says the same when nothing is other than before
    return [f"{full_name(put.key)} annotated" for put in edit.puts]


@_done.register
def _(change: c.Cordon, before: Cluster, edit: Edit) -> list[str]:
    return _told(Key("Node", "", change.node), "cordoned", before, edit, "already cordoned")


@_done.register
def _(change: c.Uncordon, before: Cluster, edit: Edit) -> list[str]:
    return _told(Key("Node", "", change.node), "uncordoned", before, edit, "already uncordoned")


def _evicted(answer: EvictionAnswer) -> str:
    if answer.allowed:
        return f"pod/{answer.pod} evicted"
    if answer.code != TOO_MANY:
        return f"pod/{answer.pod} not evicted: {answer.message}"
    return f"pod/{answer.pod} not evicted: it would violate the disruption budget {answer.budget}"


@_done.register
def _(change: c.Evict, before: Cluster, edit: Edit) -> list[str]:
    del change, before
    return [_evicted(answer) for answer in edit.answers]


@_done.register
def _(change: c.Drain, before: Cluster, edit: Edit) -> list[str]:
    node = before.get(Key("Node", "", change.node))
    cordoned = any(put.key.kind == "Node" and put != node for put in edit.puts)
    lines = [f"node/{change.node} {'cordoned' if cordoned else 'already cordoned'}"]
    if edit.drain is not None and edit.drain.refusals:
        return [*lines, refused(edit.drain), f"node/{change.node} not drained"]
    lines += map(_evicted, edit.answers)
    if change.disable_eviction and edit.drain is not None:
        lines += (f"pod/{pod.name} deleted" for pod in edit.drain.pods)
    complete = all(answer.allowed for answer in edit.answers)
    return [*lines, f"node/{change.node} {'drained' if complete else 'not drained'}"]


@_done.register
def _(change: c.Scale, before: Cluster, edit: Edit) -> list[str]:
    del before, edit
    return [f"{full_name(_key(change.kind, change.name, change.namespace))} scaled"]


@_done.register
def _(change: c.Restart, before: Cluster, edit: Edit) -> list[str]:
    return _told(_key(change.kind, change.name, change.namespace), "restarted", before, edit, "unchanged")


@_done.register
def _(change: c.Pause, before: Cluster, edit: Edit) -> list[str]:
    return _told(_key(change.kind, change.name, change.namespace), "paused", before, edit, "unchanged")


@_done.register
def _(change: c.Resume, before: Cluster, edit: Edit) -> list[str]:
    return _told(_key(change.kind, change.name, change.namespace), "resumed", before, edit, "unchanged")


@_done.register
def _(change: c.SetImage, before: Cluster, edit: Edit) -> list[str]:
    return _told(_key(change.kind, change.name, change.namespace), "image updated", before, edit, "unchanged")


@_done.register
def _(change: c.Undo, before: Cluster, edit: Edit) -> list[str]:
    key = _key(change.kind, change.name, change.namespace)
    return _told(key, "rolled back", before, edit, "skipped rollback (current template already matches)")


@_done.register
def _(change: c.SetPodStatus, before: Cluster, edit: Edit) -> list[str]:
    return [f"{full_name(put.key)} is {change.phase}" for put in edit.puts if put.key in before]


@_done.register
def _(change: c.SetNodeReady, before: Cluster, edit: Edit) -> list[str]:
    del before, edit
    return [f"node/{change.node} reports Ready={change.status}"]


@_done.register
def _(change: c.SetNodeCondition, before: Cluster, edit: Edit) -> list[str]:
    del before, edit
    return [f"node/{change.node} reports {change.type}={change.status}"]
