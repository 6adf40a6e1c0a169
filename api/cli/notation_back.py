"""Changes noted as options, so that what is printed can be typed again; others in their JSON form."""

from __future__ import annotations

import json
from shlex import quote

from foretell.api.telling.kinds import short_name
from foretell.model import changes as c
from foretell.model.changes import Change, change_to_json


def option_of(change: Change, namespace: str) -> str:
    """The option that makes the change, quoted for a shell; empty where there is none for it.

    The namespace is the one that the command is given.
    """
    if getattr(change, "namespace", namespace) != namespace:
        return ""
    words = _words(change)
    return "" if words is None else f"--{words[0]} {quote(words[1])}"


def note_of(change: Change, namespace: str) -> str:
    """The change as an option, or else in JSON form."""
    return option_of(change, namespace) or json.dumps(change_to_json(change))


def _words(change: Change) -> tuple[str, str] | None:
    """The name of an option and its value."""
    match change:
        case c.RemoveTaint():
            return "untaint", f"{change.node}:{change.key}" + (f":{change.effect}" if change.effect else "")
        case c.Uncordon():
            return "uncordon", change.node
        case c.SetLabels() if change.node:
            marks = [f"{key}-" if value is None else f"{key}={value}" for key, value in change.labels.items()]
            return "label", ",".join([f"node/{change.node}", *marks])
        case c.SetAnnotations() if change.kind:
            pairs = [f"{k}-" if text is None else f"{k}={text}" for k, text in change.annotations.items()]
            return "annotate", ",".join([short_name(change.kind, change.name), *pairs])
        case c.DeletePod():
            return "delete-pod", change.pod + ("" if change.grace is None else f",grace={change.grace}")
        case c.Scale():
            return "scale", f"{short_name(change.kind, change.name)}={change.replicas}"
        case c.Resume():
            return "resume", short_name(change.kind, change.name)
        case c.Undo():
            to = f",to={change.to_revision}" if change.to_revision else ""
            return "undo", short_name(change.kind, change.name) + to
        case c.Patch(with_={"spec": {"suspend": False}}) if (
            len(change.with_) == len(change.with_["spec"]) == 1
        ):
            return "unsuspend", short_name(change.kind, change.name)
        case c.Patch():
            return "patch", f"{short_name(change.kind, change.name)}={json.dumps(change.with_)}"
    return None
