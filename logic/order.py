"""The order of the actions of a wave."""

from __future__ import annotations

import msgspec

from foretell.model.forecast import Action, Reason, Verb

_VERBS = (Verb.PATCH, Verb.UPDATE, Verb.CREATE, Verb.BIND, Verb.DELETE, Verb.EVICT)
# A Deployment may make a ReplicaSet and size it again in the same wave.
_SET_VERBS = (Verb.PATCH, Verb.CREATE, Verb.UPDATE, Verb.BIND, Verb.DELETE, Verb.EVICT)
_KINDS = ("ControllerRevision", "ReplicaSet", "PersistentVolumeClaim", "Pod")


def in_order(actions: list[Action]) -> tuple[Action, ...]:
    """The actions of a wave in order, the same write by several controllers told once.

    The order is:

    1. by owner, those without first
    2. by kind: revisions, ReplicaSets, claims, pods, then others by name
    3. by verb: patch, update, create, bind, delete, evict; a ReplicaSet is created before it is updated
    4. by node
    5. by name, numbers in it by value
    6. as they were written
    """
    merged: dict[tuple[object, ...], Action] = {}
    for place, action in enumerate(actions):
        identity: tuple[object, ...] = (action.verb, action.kind, action.namespace, action.name)
        if action.verb not in (Verb.DELETE, Verb.EVICT):
            identity = (*identity, place)
        if identity in merged:
            first, by = merged[identity], {*merged[identity].by, *action.by}
            # That a taint drives a pod off says more than that it may not run there.
            reason = action.reason if first.reason is Reason.NOT_ELIGIBLE else first.reason
            action = msgspec.structs.replace(first, by=tuple(sorted(by)), reason=reason)
        merged[identity] = action

    def key(entry: tuple[int, Action]) -> tuple[object, ...]:
        place, action = entry
        kind = _KINDS.index(action.kind) if action.kind in _KINDS else len(_KINDS)
        verb = (_SET_VERBS if action.kind == "ReplicaSet" else _VERBS).index(action.verb)
        return (
            action.owner or "", kind, action.kind, verb, action.node or "",
            natural(action.name), place,
        )  # fmt: skip

    return tuple(action for _, action in sorted(enumerate(merged.values()), key=key))


def natural(name: str) -> tuple[tuple[str, int], ...]:
    """A sort key by which `web-2` comes before `web-10`."""
    parts: list[tuple[str, int]] = []
    text = digits = ""
    for character in name:
        if character.isascii() and character.isdigit():
            digits += character
        else:
            if digits:
                parts.append((text, int(digits)))
                text = digits = ""
            text += character
    parts.append((text, int(digits) if digits else -1))
    return tuple(parts)
