"""The scheduler's sentences about pods that it can't place: put together, and read again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from foretell.logic.vocabulary import Argument, Term

# By reason of the rules: what the scheduler says of a node, and which of its plugins says so.
# Source: the ErrReason constants of pkg/scheduler/framework/plugins.
_NODE_AFFINITY = "node(s) didn't match Pod's node affinity/selector"
_PHRASES: dict[str, tuple[str, str]] = {
    "not_named": ("node(s) didn't satisfy plugin(s) [NodeAffinity]", "NodeAffinity"),
    "cordoned": ("node(s) were unschedulable", "NodeUnschedulable"),
    "node_name": ("node(s) didn't match the requested node name", "NodeName"),
    "taint": ("node(s) had untolerated taint(s)", "TaintToleration"),
    "node_selector": (_NODE_AFFINITY, "NodeAffinity"),
    "node_affinity": (_NODE_AFFINITY, "NodeAffinity"),
    "port_taken": ("node(s) didn't have free ports for the requested pod ports", "NodePorts"),
    "claim_in_use": (
        (
            "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already "
            "in-use by another pod"
        ),
        "VolumeRestrictions",
    ),
    "volume_elsewhere": ("node(s) didn't match PersistentVolume's node affinity", "VolumeBinding"),
    "no_volume": ("node(s) didn't find available persistent volumes to bind", "VolumeBinding"),
    "volume_zone": ("node(s) had no available volume zone", "VolumeZone"),
    "keyless": (
        "node(s) didn't match pod topology spread constraints (missing required label)",
        "PodTopologySpread",
    ),
    "skew": ("node(s) didn't match pod topology spread constraints", "PodTopologySpread"),
    "far": ("node(s) didn't match pod affinity rules", "InterPodAffinity"),
    "too_near": ("node(s) didn't match pod anti-affinity rules", "InterPodAffinity"),
    "kept_away": ("node(s) didn't satisfy existing pods anti-affinity rules", "InterPodAffinity"),
}
_ROOM, _FULL = "NodeResourcesFit", "Too many pods"
_FUTILE: dict[str, tuple[str, str]] = {
    "names_conflict": ("pod affinity terms conflict", "NodeAffinity"),
    "claim_missing": ('persistentvolumeclaim "{}" not found', "VolumeBinding"),
    "claim_leaving": ('persistentvolumeclaim "{}" is being deleted', "VolumeBinding"),
    "claim_unbound": ("pod has unbound immediate PersistentVolumeClaims", "VolumeBinding"),
}
GATED = "Scheduling is blocked due to non-empty scheduling gates"
NO_NODES = "no nodes available to schedule pods"
ABSTAINING = {
    "never": "not eligible due to preemptionPolicy=Never",
    "awaiting": "not eligible due to a terminating pod on the nominated node",
}
"""By reason of the rules: what preemption says of a pod that drives off nobody."""

UNHELPFUL = "Preemption is not helpful for scheduling"
NO_VICTIMS = "No preemption victims found for incoming pod"
_HEAD = "0/{} nodes are available: "


def phrase_of(reason: Argument) -> str:
    """What the scheduler says of a node for a reason."""
    assert isinstance(reason, Term)
    if reason.name == "insufficient":
        resource = str(reason.arguments[0])
        return _FULL if resource == "pods" else f"Insufficient {resource}"
    if reason.name in _FUTILE:
        name = str(reason.arguments[0]).rpartition("/")[2] if reason.arguments else ""
        return _FUTILE[reason.name][0].format(name)
    return _PHRASES[reason.name][0]


def plugin_of(reason: Argument) -> str:
    """The scheduler's plugin that raises a reason."""
    assert isinstance(reason, Term)
    if reason.name == "insufficient":
        return _ROOM
    return (_FUTILE.get(reason.name) or _PHRASES[reason.name])[1]


def is_futile(reason: Argument) -> bool:
    """Whether a reason is about the pod itself, before any node is looked at."""
    return isinstance(reason, Term) and reason.name in _FUTILE


def _counted(phrases: Iterable[str]) -> str:
    """Phrases with how often they occur, sorted as texts."""
    return ", ".join(sorted(f"{count} {phrase}" for phrase, count in Counter(phrases).items()))


def sentence(total: int, reasons: Mapping[str, Collection[Argument]], preemption: str) -> str:
    """The sentence about a pod: how many nodes there are, each node's reasons, and what preemption gave.

    `preemption` is empty where victims were found.
    """
    if not total:
        return NO_NODES
    futile = sorted({phrase_of(r) for given in reasons.values() for r in given if is_futile(r)})
    if futile:
        return f"{_HEAD.format(total)}{futile[0]}. not found"
    phrases = [phrase for given in reasons.values() for phrase in sorted({phrase_of(r) for r in given})]
    said = f"{_HEAD.format(total)}{_counted(phrases)}."
    return f"{said} no new claims to deallocate, preemption: {preemption}." if preemption else said


def preemption_text(total: int, unhelped: int, others: Iterable[str]) -> str:
    """What preemption says: for so many nodes it is not helpful; the others' reasons are given."""
    return _HEAD.format(total) + _counted([*[UNHELPFUL] * unhelped, *others])


_PLUGINS = dict((*_PHRASES.values(), *_FUTILE.values()))
_COUNT = re.compile(r"\d+ (.+)\Z")


def plugins_in(text: str) -> frozenset[str]:
    """The plugins that a sentence speaks for."""
    head, _, rest = text.partition(": ")
    found: set[str] = set()
    for part in rest.partition(". no new claims")[0].rstrip(".").split(", "):
        match = _COUNT.match(part)
        phrase = match[1] if match else part
        if phrase == _FULL or phrase.startswith("Insufficient "):
            found.add(_ROOM)
        elif phrase in _PLUGINS:
            found.add(_PLUGINS[phrase])
        elif phrase.startswith(("persistentvolumeclaim", "pod has unbound")):
            found.add("VolumeBinding")
        elif phrase.startswith("pod affinity terms conflict"):
            found.add("NodeAffinity")
    return frozenset(found) if head.startswith("0/") else frozenset()
