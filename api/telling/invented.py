"""Names that the forecast had to invent: of pods with random names, of revisions and of ReplicaSets."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from foretell.model.changes import Apply, Change
from foretell.model.forecast import Action, Forecast, Obstacle, Why
from foretell.model.meta import Key
from foretell.model.objects import Pod

_HASHED, _RANDOM = ("ReplicaSet",), ("Pod", "ControllerRevision")
_EXACT = ("StatefulSet", "")
"""Whose pods and revisions have names that are known before."""


class Names:
    """What people are shown of names: `agent-*` where the real one can't be known before."""

    def __init__(self, forecast: Forecast, changes: Iterable[Change] = ()) -> None:
        self._before, self._after, self._forecast = forecast.before, forecast.after, forecast
        self._applied = {_applied_key(change) for change in changes if isinstance(change, Apply)}

    def of(self, action: Action) -> str:
        """The name of an action's object."""
        key = Key(action.kind, action.namespace, action.name)
        return self._shown(key, (action.owner or "").partition("/")[0])

    def reference(self, reference: str | None, namespace: str) -> str:
        """A workload such as `ReplicaSet/web-7d`, by the name that people are shown; empty for none."""
        if not reference:
            return ""
        kind, _, name = reference.partition("/")
        return f"{kind}/{self._shown(Key(kind, namespace, name), '')}"

    def pod(self, namespace: str, name: str) -> tuple[str, Pod | None]:
        """The name of a pod, and the pod as it is at the end, if it is there."""
        pod = self._after.get(Key("Pod", namespace, name))
        if not isinstance(pod, Pod):
            return name, None
        owner = pod.metadata.controller
        return self._shown(pod.key, owner.kind if owner else ""), pod

    def object(self, key: Key) -> str:
        """The name of any object that is there at some time."""
        return self._shown(key, self._makers.get(key, ""))

    @cached_property
    def _makers(self) -> dict[Key, str]:
        """The kinds of the owners of what controllers do something to."""
        return {
            Key(action.kind, action.namespace, action.name): action.owner.partition("/")[0]
            for action in self._forecast.actions
            if action.owner
        }

    def message(self, obstacle: Obstacle) -> str:
        """The scheduler's own sentence on a pod that it can't place; empty where it hasn't said any."""
        kind, _, name = obstacle.on.partition("/")
        pod = self._after.get(Key(kind, obstacle.namespace, name))
        if obstacle.why is not Why.POD_UNPLACED or not isinstance(pod, Pod):
            return ""
        return next((c.message for c in pod.status.conditions if c.type == "PodScheduled"), "")

    def _shown(self, key: Key, owner_kind: str) -> str:
        """The name up to what is random in it: the last part of a pod's, the hash in a ReplicaSet's."""
        # Of ReplicaSets only Deployments make any.
        random = key.kind in _HASHED or (key.kind in _RANDOM and owner_kind not in _EXACT)
        if not random or key in self._before or key in self._applied:
            return key.name
        stem = key.name.rpartition("-")[0]
        if owner_kind == "ReplicaSet":
            stem = self._shown(Key(owner_kind, key.namespace, stem), "")
        return f"{stem}-*"


def _applied_key(change: Apply) -> Key:
    meta = change.object.get("metadata", {})
    return Key(change.object.get("kind", ""), meta.get("namespace") or "default", meta.get("name", ""))
