"""Changes: the edits of a cluster whose consequences are forecast, typed and as JSON."""

from __future__ import annotations

from math import inf
from typing import Literal

import msgspec

from foretell.model.errors import ManifestError
from foretell.model.meta import Json


class Change(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One edit of a cluster; `namespace` is where named objects are looked for."""


class Apply(Change, frozen=True, kw_only=True):
    """Create an object, or merge it into the one that is there, as server-side apply does."""

    object: Json


class Patch(Change, frozen=True, kw_only=True, rename={"with_": "with"}):
    """A JSON merge patch (RFC 7386)."""

    kind: str
    name: str
    with_: Json
    namespace: str = "default"


class Delete(Change, frozen=True, kw_only=True):
    """Delete an object, and what it owns as `cascade` says; `grace` in seconds, 0 removes it at once."""

    kind: str
    name: str
    cascade: Literal["Background", "Foreground", "Orphan"] = "Background"
    grace: int | None = None
    namespace: str = "default"


class AddTaint(Change, frozen=True, kw_only=True):
    """Put a taint on a node, in place of one with the same key and effect."""

    node: str
    key: str
    value: str = ""
    effect: str


class RemoveTaint(Change, frozen=True, kw_only=True):
    """Take the taints with this key off a node; without an effect, of every effect."""

    node: str
    key: str
    effect: str = ""


class SetLabels(Change, frozen=True, kw_only=True):
    """Set labels on a node, a pod (name or `owner@node`) or any object; None removes one."""

    labels: dict[str, str | None]
    node: str = ""
    pod: str = ""
    kind: str = ""
    name: str = ""
    namespace: str = "default"


class SetAnnotations(Change, frozen=True, kw_only=True):
    """Set annotations on a node, a pod (name or `owner@node`) or any object; None removes one."""

    annotations: dict[str, str | None]
    node: str = ""
    pod: str = ""
    kind: str = ""
    name: str = ""
    namespace: str = "default"


class Cordon(Change, frozen=True, kw_only=True):
    """Mark a node as unschedulable."""

    node: str


class Uncordon(Change, frozen=True, kw_only=True):
    """Mark a node as schedulable again."""

    node: str


class Drain(Change, frozen=True, kw_only=True, rename="camel"):
    """Cordon a node, then evict all of its pods but daemon pods, each once, in the order of names.

    With `kubectl` it is gone about as `kubectl drain` does, and the other fields are its flags: some pods
    refuse the drain, and evictions that a budget refuses are asked for every five seconds, for `timeout`
    seconds (0: for ever). Pods that have been going for more than `skip_wait_for_delete_timeout` seconds
    (0: however long) are passed over.
    """

    node: str
    kubectl: bool = False
    force: bool = False
    ignore_daemonsets: bool = False
    delete_emptydir_data: bool = False
    disable_eviction: bool = False
    timeout: float = 0
    skip_wait_for_delete_timeout: float = 0

    def __post_init__(self) -> None:
        for seconds in (self.timeout, self.skip_wait_for_delete_timeout):
            if not 0 <= seconds < inf:
                raise ValueError("Expected a number of seconds from 0")


class Evict(Change, frozen=True, kw_only=True):
    """Ask the eviction API to remove a pod (name or `owner@node`)."""

    pod: str
    namespace: str = "default"


class DeletePod(Change, frozen=True, kw_only=True):
    """Delete a pod (name or `owner@node`) with its own grace period."""

    pod: str
    grace: int | None = None
    namespace: str = "default"


class Scale(Change, frozen=True, kw_only=True):
    """Set the number of replicas."""

    kind: str
    name: str
    replicas: int
    namespace: str = "default"


class Restart(Change, frozen=True, kw_only=True):
    """Roll all pods by an annotation on the template, as `kubectl rollout restart` does."""

    kind: str
    name: str
    at: str = ""
    namespace: str = "default"


class Pause(Change, frozen=True, kw_only=True):
    """Pause a Deployment's roll-outs (`kubectl rollout pause`)."""

    kind: str
    name: str
    namespace: str = "default"


class Resume(Change, frozen=True, kw_only=True):
    """Let a paused Deployment roll out again (`kubectl rollout resume`)."""

    kind: str
    name: str
    namespace: str = "default"


class SetImage(Change, frozen=True, kw_only=True):
    """Set the image of a container, by default of the first one."""

    kind: str
    name: str
    image: str
    container: str = ""
    namespace: str = "default"


class Undo(Change, frozen=True, kw_only=True):
    """Put back an earlier template, by default the one before the newest (`kubectl rollout undo`)."""

    kind: str
    name: str
    to_revision: int = 0
    namespace: str = "default"


class SetPodStatus(Change, frozen=True, kw_only=True):
    """Say how a pod (name or `owner@node`) is."""

    pod: str
    phase: str
    ready: bool
    reason: str = ""
    namespace: str = "default"


class SetNodeReady(Change, frozen=True, kw_only=True):
    """Say whether a node is ready: True, False or Unknown; its pods stay as they are."""

    node: str
    status: Literal["True", "False", "Unknown"]


class SetNodeCondition(Change, frozen=True, kw_only=True):
    """Say how another condition of a node is."""

    node: str
    type: str
    status: Literal["True", "False", "Unknown"]


class Wait(Change, frozen=True, kw_only=True):
    """Let seconds pass before the next change, with the controllers at work and the world silent."""

    seconds: float

    def __post_init__(self) -> None:
        if not 0 <= self.seconds < inf:
            raise ValueError("Expected a number of seconds from 0")


FORMS: dict[str, type[Change]] = {
    "apply": Apply, "patch": Patch, "delete": Delete, "taint": AddTaint, "untaint": RemoveTaint,
    "label": SetLabels, "annotate": SetAnnotations,
    "cordon": Cordon, "uncordon": Uncordon, "drain": Drain, "evict": Evict,
    "deletePod": DeletePod, "scale": Scale, "restart": Restart,
    "pause": Pause, "resume": Resume, "image": SetImage, "undo": Undo,
    "podStatus": SetPodStatus, "nodeReady": SetNodeReady, "nodeCondition": SetNodeCondition, "wait": Wait,
}  # fmt: skip
_NAMES = {form: name for name, form in FORMS.items()}


def change_from_json(document: Json) -> Change:
    """A change from its JSON form: an object with one key, such as `{"cordon": {"node": "worker-1"}}`.

    A manifest (an object with `kind`) is a change too: it is applied. Raises ManifestError.
    """
    if isinstance(document, dict) and "kind" in document:
        return Apply(object=document)
    if not isinstance(document, dict) or len(document) != 1:
        raise ManifestError(
            f"no change: expected a manifest, or an object with one key of {', '.join(FORMS)}", path="$"
        )
    (name, body), *_ = document.items()
    form = FORMS.get(name)
    if form is None:
        raise ManifestError(f"unknown change {name!r}: expected one of {', '.join(FORMS)}", path="$")
    if form is Apply:
        return Apply(object=body)
    if form is Wait:
        body = {"seconds": body}
    try:
        return msgspec.convert(body, form)
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at `$")
        raise ManifestError(problem, path=f"$.{name}{path.rstrip('`')}") from None


def change_to_json(change: Change) -> Json:
    """The JSON form of a change."""
    body = msgspec.to_builtins(change)
    if isinstance(change, Apply):
        body = change.object
    if isinstance(change, Wait):
        body = change.seconds
    return {_NAMES[type(change)]: body}
