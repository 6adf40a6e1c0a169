"""Kinds as kubectl calls them: short names, plurals, and names with their group."""

from __future__ import annotations

from difflib import get_close_matches

from foretell.model.errors import NotFoundError
from foretell.model.kinds import BUILT_IN, group_of
from foretell.model.meta import Key

_SHORT = {
    "cj": "CronJob", "cm": "ConfigMap", "deploy": "Deployment", "ds": "DaemonSet", "ep": "Endpoints",
    "hpa": "HorizontalPodAutoscaler", "ing": "Ingress", "netpol": "NetworkPolicy", "no": "Node",
    "ns": "Namespace", "pc": "PriorityClass", "pdb": "PodDisruptionBudget", "po": "Pod",
    "pv": "PersistentVolume", "pvc": "PersistentVolumeClaim", "rc": "ReplicationController",
    "rs": "ReplicaSet", "sa": "ServiceAccount", "sc": "StorageClass", "sts": "StatefulSet", "svc": "Service",
}  # fmt: skip
_NOUNS = {
    "ControllerRevision": "revision", "PersistentVolumeClaim": "claim", "PodDisruptionBudget": "budget",
}  # fmt: skip
SHORT_OF = {kind: short for short, kind in _SHORT.items()}
_GROUP = {kind: group_of(version) for version, kinds in reversed(BUILT_IN.items()) for kind in kinds}


def plural(kind: str) -> str:
    """The plural by which the API calls a kind, in lower case."""
    name = kind.lower()
    if name.endswith(("s", "x", "ch", "sh")):
        return name if kind == "Endpoints" else f"{name}es"
    return f"{name[:-1]}ies" if name.endswith("y") and name[-2] not in "aeiou" else f"{name}s"


def qualified(kind: str) -> str:
    """A kind as kubectl puts it before a name: `pod`, `statefulset.apps`."""
    # A custom kind bears its group already.
    group = _GROUP.get(kind, "")
    return f"{kind.lower()}.{group}" if group else kind.lower()


def not_found(kind: str, name: str) -> NotFoundError:
    """The error that the API server gives for an object that isn't there."""
    group = _GROUP.get(kind, "")
    resource = f"{plural(kind)}.{group}" if group else plural(kind)
    return NotFoundError(f'Error from server (NotFound): {resource} "{name}" not found')


def full_name(key: Key) -> str:
    """An object as kubectl names it, such as `statefulset.apps/web`."""
    return f"{qualified(key.kind)}/{key.name}"


def short_name(kind: str, name: str) -> str:
    """An object as a person types it, such as `sts/web`."""
    return f"{SHORT_OF.get(kind, kind.lower())}/{name}"


def noun(kind: str) -> str:
    """A kind as people call it in a sentence; a name of several words keeps its capitals."""
    return _NOUNS.get(kind) or (kind.lower() if kind[1:].islower() else kind)


def called(name: str) -> str:
    """An object such as `Pod/web-0` as people call it in a sentence: pod web-0, sts/web."""
    kind, _, rest = name.partition("/")
    return f"{noun(kind)} {rest}" if kind in ("Pod", "Node", *_NOUNS) else short_name(kind, rest)


def _spellings() -> dict[str, str]:
    known = dict(_SHORT)
    for kind, group in _GROUP.items():
        for name in (kind.lower(), plural(kind)):
            known[name] = kind
            if group:
                known[f"{name}.{group}"] = kind
    return known


_KINDS = _spellings()


def kind_of(text: str) -> str:
    """The kind that a word means: its name, plural or short name; raises ValueError with what was meant.

    An unknown word with a dot names a custom resource, as keys do (`Certificate.cert-manager.io`).
    """
    kind = _KINDS.get(text.lower())
    if kind is not None:
        return kind
    if "." in text:
        return text
    near = get_close_matches(text.lower(), _KINDS, n=1)
    guess = f": did you mean {near[0]}?" if near else ": expected a kind such as deploy, sts, pod or node"
    raise ValueError(f"unknown kind {text!r}{guess}")


def reference(text: str) -> tuple[str, str]:
    """Kind and name of an object such as `sts/web`; raises ValueError."""
    word, slash, name = text.partition("/")
    if not slash or not word or not name:
        raise ValueError(f"{text!r} names no object: expected KIND/NAME, such as sts/web")
    return kind_of(word), name
