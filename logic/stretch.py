"""A uniform stretch of a forecast: what recurs is derived by the rules a few times, then repeated.

A roll-out that goes through thousands of alike pods does the same in each period, to the next ones. Once the
rules have derived two periods alike, and the second has been repeated here with the same outcome to the last
field, those to come are written down without asking again: as long as the next subjects are ones that the
rules can't tell from those that have had their turn, nothing else is due, and the scheduler has a place for
each pod. The last ones are left to the rules again.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as renewed
from itertools import pairwise
from math import ceil
from typing import NamedTuple

from foretell.logic.memory import Memory
from foretell.logic.recurrence import LONGEST, Beat, Pattern, lives_of, pattern_of, positions
from foretell.logic.repeating import Period, Repeat, Succession, UnlikeError, Writes, under_way
from foretell.logic.schedule import Go
from foretell.logic.standing import Standing
from foretell.logic.succession import Nodes, Ordinals, look_of
from foretell.logic.write_pods import Tolerations
from foretell.model.cluster import Cluster
from foretell.model.forecast import Assumptions, Verb, Wave
from foretell.model.meta import Key
from foretell.model.objects import Pod
from foretell.model.states import Written


class Setting(NamedTuple):
    """What a stretch needs to know of its forecast.

    `start`, when the forecast began, is in seconds since the epoch; `added` are the tolerations that daemon
    pods get.
    """

    memory: Memory
    standing: Standing
    assume: Assumptions
    gates: frozenset[str]
    start: float
    added: Mapping[bool, Tolerations]
    waves: Sequence[Wave]
    states: Sequence[Cluster]


class Ahead(NamedTuple):
    """How far a forecast gets at once: its next waves and states, what is written in all, and when it is."""

    waves: list[Wave]
    states: Written
    writes: Writes
    turns: int
    now: float


@dataclass
class Stretches:
    """Watches the turns of a forecast, and says how it goes on where they recur."""

    beats: list[Beat] = field(default_factory=list)
    pattern: Pattern | None = None
    number: int = 0
    alike: set[Hashable] = field(default_factory=set)

    def watch(self, beat: Beat) -> None:
        """Keep in mind how a turn has ended."""
        self.beats = [*self.beats[-2 * LONGEST :], beat]

    def begin(self, beat: Beat) -> None:
        """Forget the turns before this one has ended, but not what was learned from them."""
        self.beats = [beat]

    def ahead(self, setting: Setting, turn: int, most: int | None, until: float | None) -> Ahead | None:
        """How it goes on from the last beat, for so many turns at most and until something is due."""
        pattern = self._pattern(setting)
        if pattern is None:
            return None
        (here,), length = self.beats, len(pattern.turns)
        count = None if most is None else most // length
        if until is not None:
            # Nothing else may fall due before the last of them has ended.
            left = max(0, ceil((until - here.now) / pattern.turns[-1].ends) - 1)
            count = left if count is None else min(count, left)
        periods = self._periods(setting, pattern, here, turn, count)
        placed = _placed(setting, pattern, here, periods)
        _forget(periods[placed:], setting.memory)
        del periods[placed:]
        if not periods:
            return None
        self.number += len(periods)
        return self._told(pattern, here, periods)

    def _periods(
        self, setting: Setting, pattern: Pattern, here: Beat, turn: int, most: int | None
    ) -> list[Period]:
        """As many periods as there can be from here on, so many at most."""
        repeat = self._repeat(setting, pattern, here, turn)
        succession = self._succession(pattern, setting, here, known=True)
        periods: list[Period] = []
        while most is None or len(periods) < most:
            serial = setting.memory.serial
            try:
                periods.append(repeat.period(succession))
            except UnlikeError:
                setting.memory.serial = serial
                _forget([repeat.current], setting.memory)
                break
        return periods

    def _told(self, pattern: Pattern, here: Beat, periods: list[Period]) -> Ahead:
        net: Writes = {}
        writes: list[Writes] = [{}]
        moments: list[float] = []
        for period in periods:
            for some, waved, moment in zip(period.writes, period.waved, period.moments, strict=True):
                net.update(some)
                writes[-1].update(some)
                if waved:
                    writes.append({})
                    moments.append(moment)
        waves = [wave for period in periods for wave in period.waves]
        # What was written after the last wave is in none of the states.
        states = Written(here.cluster, writes[:-1], moments)
        return Ahead(waves, states, net, len(periods) * len(pattern.turns), periods[-1].moments[-1])

    # --- learning ---

    def _pattern(self, setting: Setting) -> Pattern | None:
        """The pattern of the last period, if it is the one that is known, or else of the last two."""
        if self.pattern is not None and len(self.beats) <= len(self.pattern.turns):
            return None
        if self.pattern is None or not self._holds(setting, self.pattern):
            self.number, self.alike = 0, set()
            self.pattern = pattern_of(self.beats, setting.waves, setting.states, setting.start)
            if self.pattern is None or not self._holds(setting, self.pattern):
                self.pattern = None
                return None
        self.number += 1
        self.beats = self.beats[-1:]
        return self.pattern

    def _holds(self, setting: Setting, pattern: Pattern) -> bool:
        """Whether repeating comes to what the rules have derived in the last period, to the last field."""
        beats = self.beats[-len(pattern.turns) - 1 :]
        derived = setting.waves[beats[0].waves : beats[-1].waves]
        created = {
            Key("Pod", a.namespace, a.name) for w in derived for a in w.actions if a.verb is Verb.CREATE
        }
        memory = setting.memory
        serial = memory.serial - (len(created) if pattern.key.kind == "StatefulSet" else 0)
        then = setting._replace(memory=renewed(memory, serial=serial, spent=memory.spent - created))
        turn = derived[-1].turn - len(pattern.turns) if derived else 0
        repeat = self._repeat(then, pattern, beats[0], turn)
        try:
            period = repeat.period(self._succession(pattern, setting, beats[0], known=False))
        except UnlikeError:
            return False
        real = pairwise(positions(beats, setting.states))
        written = [{key: after.get(key) for key in after.differing(before)} for before, after in real]
        waves = [(wave.at, wave.actions) for wave in period.waves]
        if waves != [(wave.at, wave.actions) for wave in derived] or written != period.writes:
            return False
        self._learn_alike(pattern, beats[0], period)
        return True

    def _learn_alike(self, pattern: Pattern, beat: Beat, period: Period) -> None:
        """Those that the rules couldn't tell from the subjects of a period that they have derived."""
        if pattern.key.kind == "DaemonSet":
            subjects = set(period.subjects)
            for some in beat.partition:
                if not subjects.isdisjoint(some):
                    self.alike.update(some)
        else:
            for subject in period.subjects:
                pod = beat.cluster.find(Pod, f"{pattern.key.name}-{subject}", pattern.key.namespace)
                if pod is not None:
                    self.alike.add(look_of(pod, beat.cluster))

    # --- repeating ---

    def _repeat(self, setting: Setting, pattern: Pattern, beat: Beat, turn: int) -> Repeat:
        going = under_way(pattern, beat.cluster, _recent(setting, pattern, beat), setting.assume)
        standing = setting.standing.copy() if beat is self.beats[-1] else Standing()
        return Repeat(
            pattern, beat.cluster, beat.now, setting.start, turn, setting.memory, setting.assume,
            setting.gates, standing, setting.added, going, self.number,
        )  # fmt: skip

    def _succession(self, pattern: Pattern, setting: Setting, beat: Beat, *, known: bool) -> Succession:
        alike = self.alike if known else None
        if pattern.key.kind == "DaemonSet":
            return Nodes(pattern, beat.cluster, beat.partition, alike, spare=known)
        lives = lives_of(_recent(setting, pattern, beat), pattern.key)
        ordinals = [subject for subject in lives if isinstance(subject, int)]
        return Ordinals(pattern, beat.cluster, min(ordinals, default=0), alike, spare=known)


def _recent(setting: Setting, pattern: Pattern, beat: Beat) -> Sequence[Wave]:
    """The waves of the last two periods before a beat."""
    count = 2 * sum(len(turn.waves) for turn in pattern.turns)
    return setting.waves[max(0, beat.waves - count) : beat.waves]


def _forget(periods: list[Period], memory: Memory) -> None:
    """Give back the names of pods that aren't made after all."""
    memory.spent.difference_update(pod.key for period in periods for pod in period.made)


def _placed(setting: Setting, pattern: Pattern, here: Beat, periods: list[Period]) -> int:
    """In how many of these periods, from the first, the scheduler has a place for every pod.

    Pods that have but one place don't compete, so that all are asked about at once.
    """
    made = [pod for period in periods for pod in period.made]
    if pattern.key.kind != "DaemonSet" or not made:
        return len(periods)
    verbs = [step.verb for step in pattern.life]
    gone: list[Key] = []
    if verbs.index(Verb.DELETE) < verbs.index(Verb.BIND):
        kept = {pod.key for pod in made}
        gone = [key for period in periods for some in period.writes for key in some if key not in kept]
        gone = [key for key in gone if isinstance(here.cluster.get(key), Pod)]
    cluster = here.cluster.replaced(made, gone)
    standing = setting.standing.copy()
    standing.forget(*map(here.cluster.get, gone))
    scheduler = Go(cluster, standing, setting.gates, here.now, [])
    asked = list(made)
    outcome = scheduler.place(asked, lambda _: False)
    bound = {action.name for action in outcome.actions if action.verb is Verb.BIND}
    for number, period in enumerate(periods):
        if any(pod.name not in bound for pod in period.made):
            return number
    return len(periods)
