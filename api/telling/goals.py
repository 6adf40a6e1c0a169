"""Goals and patterns of edits as they are noted: `ds/agent on worker-3`, `node/*`, `toleration`."""

from __future__ import annotations

from foretell.api.telling.kinds import kind_of, reference, short_name
from foretell.model.faults import EFFECTS, one_of
from foretell.model.meta import Key
from foretell.model.remedy import (
    Drained,
    EditKind,
    EditPattern,
    Goal,
    RunsOn,
    Schedulable,
    Spared,
    Unstuck,
)

FORMS = (
    "KIND/NAME on NODE[,NODE…]", "KIND/NAME on all nodes", "KIND/NAME schedulable", "KIND/NAME unstuck",
    "drain NODE [force] [delete-emptydir-data]", "no pod lost while NODE tainted KEY[=VALUE]:EFFECT",
)  # fmt: skip
"""The forms that goals have."""

_WORKLOADS = ("DaemonSet", "StatefulSet", "Deployment", "ReplicaSet", "Job", "CronJob")
_FLAGS = {"force": "force", "delete-emptydir-data": "delete_emptydir_data"}
_EVERY = (["all", "nodes"], ["every", "node"])


def goal_of(text: str, namespace: str) -> Goal:
    """The goal that a text notes; raises ValueError with the forms that there are."""
    words = text.split()
    match words:
        case ["drain", node, *flags] if set(flags) <= set(_FLAGS):
            return Drained(node=node, **{_FLAGS[flag]: True for flag in flags})
        case ["no", "pod", "lost", "while", node, "tainted", taint]:
            return _spared(text, node, taint)
        case [thing, "schedulable"]:
            return Schedulable(thing=_named(thing, namespace, ("Pod", *_WORKLOADS)))
        case [thing, "unstuck"]:
            return Unstuck(workload=_named(thing, namespace, _WORKLOADS))
        case [thing, "on", *rest] if rest in _EVERY:
            return RunsOn(workload=_named(thing, namespace, _WORKLOADS))
        case [thing, "on", *rest] if rest:
            nodes = [name for name in " ".join(rest).replace(",", " ").split() if name]
            names = [name.removeprefix("node/") for name in nodes]
            if names:
                return RunsOn(
                    workload=_named(thing, namespace, _WORKLOADS), nodes=tuple(dict.fromkeys(names))
                )
    raise ValueError(f"{text!r} is no goal: expected one of {'; '.join(FORMS)}")


def _named(text: str, namespace: str, kinds: tuple[str, ...]) -> Key:
    kind, name = reference(text)
    if kind not in kinds:
        raise ValueError(f"{text!r} is no {one_of(kinds)}")
    return Key(kind, namespace, name)


def _spared(text: str, node: str, taint: str) -> Spared:
    pair, _, effect = taint.rpartition(":")
    key, _, value = pair.partition("=")
    if not key or effect not in EFFECTS:
        raise ValueError(
            f"{text!r} is no goal: expected KEY[=VALUE]:EFFECT, the effect being {one_of(EFFECTS)}"
        )
    return Spared(node=node, key=key, value=value, effect=effect)


def thing_text(key: Key) -> str:
    """A workload or pod as goals name it."""
    return f"pod/{key.name}" if key.kind == "Pod" else short_name(key.kind, key.name)


def goal_text(goal: Goal) -> str:
    """A goal as it is noted."""
    if isinstance(goal, Drained):
        return " ".join(
            ["drain", goal.node, *(flag for flag, field in _FLAGS.items() if getattr(goal, field))]
        )
    if isinstance(goal, Spared):
        value = f"={goal.value}" if goal.value else ""
        return f"no pod lost while {goal.node} tainted {goal.key}{value}:{goal.effect}"
    if isinstance(goal, Schedulable):
        return f"{thing_text(goal.thing)} schedulable"
    if isinstance(goal, Unstuck):
        return f"{thing_text(goal.workload)} unstuck"
    assert isinstance(goal, RunsOn)
    return f"{thing_text(goal.workload)} on {','.join(goal.nodes) or 'all nodes'}"


def pattern_of(text: str) -> EditPattern:
    """A pattern over edits: `toleration`, `node/*`, or both as `taint:node/*`; raises ValueError."""
    edit, colon, thing = text.partition(":")
    if not colon and "/" in text:
        edit, thing = "*", text
    if edit != "*" and edit not in set(EditKind):
        raise ValueError(
            f"{text!r} matches no edit: expected {one_of(tuple(EditKind))}, an object such as 'node/*', or "
            "both, such as 'taint:node/*'"
        )
    if not thing and not colon:
        return EditPattern(edit=edit, text=text)
    word, slash, name = thing.partition("/")
    if not slash or not word or not name:
        raise ValueError(
            f"{text!r} matches no edit: expected KIND/NAME after the colon, such as 'taint:node/*'"
        )
    return EditPattern(edit=edit, kind="*" if word == "*" else kind_of(word), name=name, text=text)


def weight_of(text: str) -> tuple[EditPattern, int]:
    """A pattern and what its edits cost: `node/*=10`; raises ValueError."""
    pattern, equals, number = text.rpartition("=")
    if not equals or not number.isascii() or not number.isdigit() or not 1 <= int(number) <= MOST_WEIGHT:
        raise ValueError(
            f"{text!r} can't be read: expected PATTERN=WEIGHT, the weight from 1 to {MOST_WEIGHT:,}"
        )
    return pattern_of(pattern), int(number)


MOST_WEIGHT = 10_000
"""The greatest weight: many edits of it can be summed up still."""
