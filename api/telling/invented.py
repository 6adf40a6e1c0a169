"""Names that the forecast had to invent: of pods with random names, and of DaemonSets' revisions."""

from __future__ import annotations

from collections.abc import Iterable

from foretell.model.changes import Apply, Change
from foretell.model.forecast import Action, Forecast, Obstacle, Why
from foretell.model.meta import Key
from foretell.model.objects import Pod

_EXACT = ("StatefulSet", "")


class Names:
    """What people are shown of names: `agent-*` where the real one can't be known before."""

    def __init__(self, forecast: Forecast, changes: Iterable[Change] = ()) -> None:
        self._before, self._after = forecast.before, forecast.after
        self._applied = {_applied_key(change) for change in changes if isinstance(change, Apply)}

    def of(self, action: Action) -> str:
        """The name of an action's object."""
        key = Key(action.kind, action.namespace, action.name)
        owner_kind, _, owner = (action.owner or "").partition("/")
        return self._shown(key, owner_kind, owner)

    def pod(self, namespace: str, name: str) -> tuple[str, Pod | None]:
        """The name of a pod, and the pod as it is at the end, if it is there."""
        pod = self._after.get(Key("Pod", namespace, name))
        if not isinstance(pod, Pod):
            return name, None
        owner = pod.metadata.controller
        return self._shown(pod.key, owner.kind if owner else "", owner.name if owner else ""), pod

    def message(self, obstacle: Obstacle) -> str:
        """The scheduler's own sentence on a pod that it can't place; empty where it hasn't said any."""
        kind, _, name = obstacle.on.partition("/")
        pod = self._after.get(Key(kind, obstacle.namespace, name))
        if obstacle.why is not Why.POD_UNPLACED or not isinstance(pod, Pod):
            return ""
        return next((c.message for c in pod.status.conditions if c.type == "PodScheduled"), "")

    def _shown(self, key: Key, owner_kind: str, owner: str) -> str:
        random = key.kind in ("Pod", "ControllerRevision") and owner_kind not in _EXACT
        if not random or key in self._before or key in self._applied:
            return key.name
        # The pods of an indexed Job are known by their index.
        return f"{key.name.rpartition('-')[0] if owner_kind == 'Job' else owner}-*"


def _applied_key(change: Apply) -> Key:
    meta = change.object.get("metadata", {})
    return Key(change.object.get("kind", ""), meta.get("namespace") or "default", meta.get("name", ""))
