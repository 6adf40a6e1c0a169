"""Changes in words: as they are asked for in a plan."""

from __future__ import annotations

from functools import singledispatch

from foretell.api.telling.kinds import short_name
from foretell.model import changes as c


@singledispatch
def _words(change: c.Change) -> str:
    raise TypeError(f"no such change: {change!r}")


def asked(change: c.Change, namespace: str) -> str:
    """A change in the imperative, with its namespace where that isn't the one that is looked from."""
    place = getattr(change, "namespace", "")
    if isinstance(change, c.Apply):
        place = change.object.get("metadata", {}).get("namespace", "")
    return _words(change) + (f" in namespace {place}" if place not in ("", namespace) else "")


def _pod(reference: str) -> str:
    owner, at, node = reference.partition("@")
    return f"the pod of {owner} on {node}" if at else f"pod {reference}"


@_words.register
def _(change: c.Apply) -> str:
    meta = change.object.get("metadata", {})
    return f"apply {short_name(change.object.get('kind', ''), meta.get('name', ''))}"


@_words.register
def _(change: c.Patch) -> str:
    # A patch that only suspends is what `--suspend` makes.
    for suspended, verb in ((True, "suspend"), (False, "unsuspend")):
        if change.with_ == {"spec": {"suspend": suspended}}:
            return f"{verb} {short_name(change.kind, change.name)}"
    return f"patch {short_name(change.kind, change.name)}"


@_words.register
def _(change: c.Delete) -> str:
    how = "" if change.cascade == "Background" else f", cascade {change.cascade}"
    return f"delete {short_name(change.kind, change.name)}{how}" + _grace(change.grace)


def _grace(seconds: int | None) -> str:
    return "" if seconds is None else f", with {seconds} s of grace"


@_words.register
def _(change: c.AddTaint) -> str:
    value = f"={change.value}" if change.value else ""
    return f"taint node {change.node} with {change.key}{value}:{change.effect}"


@_words.register
def _(change: c.RemoveTaint) -> str:
    return f"untaint node {change.node} of {change.key}" + (f":{change.effect}" if change.effect else "")


def _marks(change: c.SetLabels | c.SetAnnotations, marks: dict[str, str | None]) -> str:
    """The object, and its labels or annotations as kubectl takes them."""
    kind, name = ("Node", change.node) if change.node else (change.kind, change.name)
    what = _pod(change.pod) if change.pod else short_name(kind, name)
    return f"{what} " + " ".join(f"{k}-" if v is None else f"{k}={v}" for k, v in marks.items())


@_words.register
def _(change: c.SetLabels) -> str:
    return f"label {_marks(change, change.labels)}"


@_words.register
def _(change: c.SetAnnotations) -> str:
    return f"annotate {_marks(change, change.annotations)}"


@_words.register
def _(change: c.Cordon) -> str:
    return f"cordon node {change.node}"


@_words.register
def _(change: c.Uncordon) -> str:
    return f"uncordon node {change.node}"


@_words.register
def _(change: c.Drain) -> str:
    flags = {
        "force": change.force, "ignore-daemonsets": change.ignore_daemonsets,
        "delete-emptydir-data": change.delete_emptydir_data, "disable-eviction": change.disable_eviction,
        f"timeout={change.timeout:g}s": change.timeout,
        f"skip-wait-for-delete-timeout={change.skip_wait_for_delete_timeout:g}":
            change.skip_wait_for_delete_timeout,
    }  # fmt: skip
    return " ".join([f"drain node {change.node}", *(f"--{flag}" for flag, given in flags.items() if given)])


@_words.register
def _(change: c.Evict) -> str:
    return f"evict {_pod(change.pod)}"


@_words.register
def _(change: c.DeletePod) -> str:
    return f"delete {_pod(change.pod)}{_grace(change.grace)}"


@_words.register
def _(change: c.Scale) -> str:
    what = "replica" if change.replicas == 1 else "replicas"
    return f"scale {short_name(change.kind, change.name)} to {change.replicas} {what}"


@_words.register
def _(change: c.Restart) -> str:
    return f"restart {short_name(change.kind, change.name)}"


@_words.register
def _(change: c.Pause) -> str:
    return f"pause {short_name(change.kind, change.name)}"


@_words.register
def _(change: c.Resume) -> str:
    return f"resume {short_name(change.kind, change.name)}"


@_words.register
def _(change: c.SetImage) -> str:
    container = f" for container {change.container}" if change.container else ""
    return f"set the image of {short_name(change.kind, change.name)} to {change.image}{container}"


@_words.register
def _(change: c.Undo) -> str:
    to = f" to revision {change.to_revision}" if change.to_revision else ""
    return f"undo {short_name(change.kind, change.name)}{to}"


@_words.register
def _(change: c.SetPodStatus) -> str:
    ready = "ready" if change.ready else "not ready"
    reason = f" ({change.reason})" if change.reason else ""
    return f"let {_pod(change.pod)} be {change.phase}{reason} and {ready}"


@_words.register
def _(change: c.SetNodeReady) -> str:
    return f"let node {change.node} be Ready={change.status}"


@_words.register
def _(change: c.SetNodeCondition) -> str:
    return f"let node {change.node} be {change.type}={change.status}"


@_words.register
def _(change: c.Wait) -> str:
    return f"wait {change.seconds:g} s"
