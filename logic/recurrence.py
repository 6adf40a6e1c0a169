"""Recurrence: a roll-out that does the same to one pod after the other, seen in a forecast's last turns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from foretell.logic.finding import ordinal_in
from foretell.logic.templates import HASH_LABEL
from foretell.model.cluster import Cluster
from foretell.model.forecast import Action, Reason, Verb, Wave
from foretell.model.meta import Key
from foretell.model.objects import Pod, Revisioned
from foretell.model.states import Writes

Subject = str | int
"""What a roll-out goes through: the nodes of a DaemonSet, the ordinals of a StatefulSet."""

_VERBS = {Verb.CREATE, Verb.BIND, Verb.DELETE}
LONGEST = 3
"""Over how many turns of the world a pattern may stretch."""


class Step(NamedTuple):
    """What is done to a subject at a time: a write, by whom, and why."""

    verb: Verb
    by: tuple[str, ...]
    reason: Reason


class Beat(NamedTuple):
    """The end of a turn, when the controllers are quiet.

    `now` is in seconds since the epoch, `waves` how many there have been; `partition` are the classes of
    nodes that the rules couldn't tell apart when controllers acted last.
    """

    cluster: Cluster
    now: float
    waves: int
    partition: tuple[tuple[str, ...], ...]


class WaveForm(NamedTuple):
    """A wave of a period: how many take each step in it.

    It is `at` so many seconds from where the period begins, and is over (`until`) after so many.
    """

    at: float
    until: float
    steps: dict[Step, int]


class TurnForm(NamedTuple):
    """A turn of a period: its waves, and when it ends, in seconds from where the period begins."""

    waves: tuple[WaveForm, ...]
    ends: float


class Mark(NamedTuple):
    """What is there besides the roll-out's pods, after a wave or at the end of a turn.

    That is the workload, in the last period but one and in the last, and whatever else was written.
    """

    former: Revisioned
    workload: Revisioned
    others: Writes


class Pattern(NamedTuple):
    """What recurs: the steps that each subject takes, and who takes which of them when within a period.

    `label` is the revision of the pods that come.
    """

    key: Key
    life: tuple[Step, ...]
    turns: tuple[TurnForm, ...]
    marks: tuple[Mark, ...]
    label: str


def pattern_of(
    beats: Sequence[Beat], waves: Sequence[Wave], states: Sequence[Cluster], start: float
) -> Pattern | None:
    """The pattern of which the last turns are two periods, if there is one; the shortest one.

    `start` is when the forecast began, in seconds since the epoch.
    """
    for length in range(1, LONGEST + 1):
        found = _pattern(beats[-2 * length - 1 :], waves, states, start) if len(beats) > 2 * length else None
        if found is not None:
            return found
    return None


def _forms(
    beats: Sequence[Beat], waves: Sequence[Wave], states: Sequence[Cluster], start: float
) -> tuple[TurnForm, ...]:
    """The forms of the turns between beats."""
    begins = beats[0].now

    def form(index: int) -> WaveForm:
        steps = Counter(map(step_of, waves[index].actions))
        at, until = start + waves[index].at - begins, states[index].moment - begins
        return WaveForm(round(at, 6), round(until, 6), dict(steps))

    return tuple(
        TurnForm(tuple(map(form, range(former.waves, beat.waves))), round(beat.now - begins, 6))
        for former, beat in pairwise(beats)
    )


def step_of(action: Action) -> Step:
    """The step that an action is."""
    return Step(action.verb, action.by, action.reason)


def _pattern(
    beats: Sequence[Beat], waves: Sequence[Wave], states: Sequence[Cluster], start: float
) -> Pattern | None:
    """The pattern of two periods, if the turns between these beats are such."""
    there = waves[beats[0].waves : beats[-1].waves]
    key = _workload(there)
    if key is None:
        return None
    middle = len(beats) // 2
    former, latter = beats[: middle + 1], beats[middle:]
    turns = _forms(latter, waves, states, start)
    if turns != _forms(former, waves, states, start):
        return None
    lives = lives_of(there, key)
    life = max(lives.values(), key=len)
    if len(set(life)) != len(life) or any(not _is_part(some, life) for some in lives.values()):
        return None
    marks = _marks(key, positions(former, states), positions(latter, states))
    label = _label(there, states[beats[0].waves : beats[-1].waves])
    if marks is None or not label:
        return None
    return Pattern(key, life, turns, marks, label)


def _workload(waves: Iterable[Wave]) -> Key | None:
    """The one workload that all actions are about, if they are about no more than its pods."""
    about = {
        (a.namespace, a.owner if a.verb in _VERBS and a.kind == "Pod" else None)
        for w in waves
        for a in w.actions
    }
    if len(about) != 1:
        return None
    ((namespace, owner),) = about
    kind, _, name = (owner or "").partition("/")
    return Key(kind, namespace, name) if kind in ("DaemonSet", "StatefulSet") else None


def subject_of(action: Action, key: Key) -> Subject | None:
    """Whom of the workload an action on a pod is about; None where that can't be told."""
    if key.kind == "DaemonSet":
        return action.node
    return ordinal_in(action.name, key.name)


def lives_of(waves: Iterable[Wave], key: Key) -> dict[Subject | None, tuple[Step, ...]]:
    """The steps that each subject takes in these waves."""
    lives: dict[Subject | None, tuple[Step, ...]] = {}
    for wave in waves:
        for action in wave.actions:
            subject = subject_of(action, key)
            lives[subject] = (*lives.get(subject, ()), step_of(action))
    return lives


def _is_part(some: tuple[Step, ...], life: tuple[Step, ...]) -> bool:
    """Whether steps follow one another as in a whole life."""
    first = life.index(some[0]) if some[0] in life else 0
    return life[first : first + len(some)] == some


def positions(beats: Sequence[Beat], states: Sequence[Cluster]) -> list[Cluster]:
    """What was there at the first beat, after each wave since, and at the end of each turn."""
    found = [beats[0].cluster]
    for former, beat in pairwise(beats):
        found += [*states[former.waves : beat.waves], beat.cluster]
    return found


def own(thing: object, workload: Revisioned) -> bool:
    """Whether something is a pod that the workload controls."""
    owner = thing.metadata.controller if isinstance(thing, Pod) else None
    return owner is not None and owner.uid == workload.metadata.uid


def _marks(key: Key, former: list[Cluster], latter: list[Cluster]) -> tuple[Mark, ...] | None:
    """What was there besides the pods; None unless it is the same each time but for numbers."""
    marks = []
    for (before, then), (last, now) in zip(pairwise(former), pairwise(latter), strict=True):
        old, new = then.get(key), now.get(key)
        if not isinstance(old, Revisioned) or not isinstance(new, Revisioned):
            return None
        written = [_besides(*pair, new) for pair in ((before, then), (last, now))]
        if written[0] != written[1]:
            return None
        marks.append(Mark(old, new, written[1]))
    return tuple(marks)


def _besides(before: Cluster, after: Cluster, workload: Revisioned) -> Writes:
    """What is written from one state to the other besides the workload and its pods."""
    return {
        key: after.get(key)
        for key in after.differing(before)
        if key != workload.key and not own(after.get(key) or before.get(key), workload)
    }


def _label(waves: Iterable[Wave], states: Iterable[Cluster]) -> str:
    """The revision of the pods that are created; empty where they are of several."""
    labels = set()
    for wave, state in zip(waves, states, strict=True):
        for action in wave.actions:
            if action.verb is Verb.CREATE:
                pod = state.get(Key("Pod", action.namespace, action.name))
                labels.add(pod.metadata.labels.get(HASH_LABEL, "") if pod is not None else "")
    return labels.pop() if len(labels) == 1 else ""
