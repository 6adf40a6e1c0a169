"""Repeating a pattern: the same steps once more, for the next subjects, without asking the rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import msgspec

from foretell.logic.deletion import deleted
from foretell.logic.memory import Memory
from foretell.logic.order import in_order
from foretell.logic.recurrence import Mark, Pattern, Step, Subject, lives_of, own
from foretell.logic.round import action_on
from foretell.logic.schedule import bindings, bound_to
from foretell.logic.standing import Standing
from foretell.logic.templates import HASH_LABEL
from foretell.logic.world import answer, is_outstanding, is_singled_out
from foretell.logic.write_pods import PodMaker, Tolerations
from foretell.model.cluster import Cluster
from foretell.model.forecast import Action, Assumptions, Verb, Wave
from foretell.model.meta import Key, Object
from foretell.model.objects import DaemonSet, Pod, Revisioned

replace = msgspec.structs.replace
Writes = dict[Key, Object | None]


class UnlikeError(Exception):
    """A period that doesn't go on like those before."""


@dataclass
class Going:
    """A subject whose turn it is: its pods as they are, and how many steps have been taken."""

    subject: Subject
    pods: dict[Key, Pod]
    taken: int = 0


class Period(NamedTuple):
    """A period that was repeated.

    There are its waves, what was written until each position (the end of a wave or of a turn), which
    positions are those of waves, when each was, the subjects that had their turn, and the pods that it made.
    """

    waves: list[Wave]
    writes: list[Writes]
    waved: list[bool]
    moments: list[float]
    subjects: list[Subject]
    made: list[Pod]


class Succession(Protocol):
    """Who comes next."""

    def take(self, count: int) -> list[Subject]:
        """The next subjects, so many; raises UnlikeError where there aren't as many."""


def under_way(pattern: Pattern, cluster: Cluster, waves: Iterable[Wave], assume: Assumptions) -> list[Going]:
    """The subjects of these waves that still have a step to take, or the world to wait for."""
    going = [
        Going(subject, pods_of(pattern, cluster, subject), pattern.life.index(steps[-1]) + 1)
        for subject, steps in lives_of(waves, pattern.key).items()
        if subject is not None and steps[-1] in pattern.life
    ]
    return [one for one in going if _is_going(one, pattern, cluster, assume)]


def _is_going(one: Going, pattern: Pattern, cluster: Cluster, assume: Assumptions) -> bool:
    waits = any(is_outstanding(cluster, pod, assume) for pod in one.pods.values())
    return waits or one.taken < len(pattern.life)


def pods_of(pattern: Pattern, cluster: Cluster, subject: Subject) -> dict[Key, Pod]:
    """The workload's pods on a node, or with an ordinal."""
    workload = pattern.marks[-1].workload
    if isinstance(subject, str):
        return {pod.key: pod for pod in cluster.pods_on(subject) if own(pod, workload)}
    pod = cluster.find(Pod, f"{workload.name}-{subject}", workload.namespace)
    return {} if pod is None else {pod.key: pod}


@dataclass
class Repeat:
    """Repeats a pattern from where a cluster stands, period by period.

    `now` and `start`, when the forecast began, are in seconds since the epoch. `number` counts the periods
    since the pattern was learned; `added` are the tolerations that daemon pods get.
    """

    pattern: Pattern
    cluster: Cluster
    now: float
    start: float
    turn: int
    memory: Memory
    assume: Assumptions
    gates: frozenset[str]
    standing: Standing
    added: Mapping[bool, Tolerations]
    going: list[Going]
    number: int = 0
    written: Writes = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with the workload as the rules left it last."""
        self.workload = self.pattern.marks[-1].workload
        self.current = Period([], [], [], [], [], [])

    def get(self, key: Key) -> Object | None:
        """An object as it is by now."""
        return self.written[key] if key in self.written else self.cluster.get(key)

    def period(self, succession: Succession) -> Period:
        """One more period; raises UnlikeError where the next one can't be like it."""
        done = self.current = Period([], [], [], [], [], [])
        marks = iter(self.pattern.marks)
        begins = self.now
        for form in self.pattern.turns:
            self.turn += 1
            writes = self._answered()
            for wave in form.waves:
                moment = begins + wave.at
                actions = self._act(wave.steps, succession, moment, writes, done)
                done.waves.append(Wave(turn=self.turn, at=moment - self.start, actions=in_order(actions)))
                self._close(writes, next(marks), done, begins + wave.until, waved=True)
                writes = {}
            self.now = begins + form.ends
            self._close(writes, next(marks), done, self.now, waved=False)
        self.going = [one for one in self.going if _is_going(one, self.pattern, self.cluster, self.assume)]
        self.number += 1
        return done

    # --- the world ---

    def _answered(self) -> Writes:
        """Let the world answer to the pods under way."""
        writes: Writes = {}
        for one in self.going:
            pods = [pod for pod in one.pods.values() if is_outstanding(self.cluster, pod, self.assume)]
            puts, drops = answer(pods, self.assume, self.now)
            for key in drops:
                del one.pods[key]
                writes[key] = None
                self.memory.spent.add(key)
            for thing in puts:
                assert isinstance(thing, Pod)
                one.pods[thing.key] = writes[thing.key] = thing
        return writes

    # --- the controllers ---

    def _act(
        self, steps: Mapping[Step, int], succession: Succession, now: float, writes: Writes, done: Period
    ) -> list[Action]:
        """Let as many subjects as do so in such a wave take each of these steps."""
        actions: list[Action] = []
        for index, step in enumerate(self.pattern.life):
            count = steps.get(step, 0)
            if not count:
                continue
            if index == 0:
                for subject in succession.take(count):
                    done.subjects.append(subject)
                    self.going.append(self._begun(subject))
            takers = [one for one in self.going if one.taken == index][:count]
            if len(takers) < count:
                raise UnlikeError
            if step.verb is Verb.DELETE:
                actions += [self._delete(one, step, now, writes) for one in takers]
            elif step.verb is Verb.CREATE:
                takers.sort(key=lambda one: repr(one.subject))
                actions += [self._create(one, step, now, writes, done) for one in takers]
            else:
                actions += self._bind(takers, now, writes)
            for one in takers:
                one.taken += 1
        return actions

    def _begun(self, subject: Subject) -> Going:
        one = Going(subject, pods_of(self.pattern, self.cluster, subject))
        for pod in one.pods.values():
            self._mind_assumptions(pod)
        return one

    def _mind_assumptions(self, pod: Pod) -> None:
        """The world has to answer to this pod as it does to any other."""
        if is_singled_out(pod, self.assume):
            raise UnlikeError

    def _delete(self, one: Going, step: Step, now: float, writes: Writes) -> Action:
        """Delete the pod of another revision."""
        old = [pod for pod in one.pods.values() if pod.labels.get(HASH_LABEL) != self.pattern.label]
        if len(old) != 1 or old[0].terminating:
            raise UnlikeError
        change = deleted(old[0], now)
        for thing in change.puts:
            assert isinstance(thing, Pod)
            one.pods[thing.key] = writes[thing.key] = thing
        for key in change.drops:
            del one.pods[key]
            writes[key] = None
            self.memory.spent.add(key)
        return action_on(Verb.DELETE, old[0], step.by[0], step.reason)

    def _create(self, one: Going, step: Step, now: float, writes: Writes, done: Period) -> Action:
        """Make the subject's pod of the new revision."""
        workload, label = self.workload, self.pattern.label
        maker = PodMaker(self.cluster, lambda key: writes.get(key) or self.get(key), self.memory, now)
        if isinstance(workload, DaemonSet):
            added = self.added[workload.spec.template.spec.host_network]
            pod = maker.daemon(workload, str(one.subject), label, added)
        else:
            if one.pods:
                raise UnlikeError
            pod = maker.stateful(workload, int(one.subject), label)
        self._mind_assumptions(pod)
        one.pods[pod.key] = writes[pod.key] = pod
        done.made.append(pod)
        return action_on(Verb.CREATE, pod, step.by[0], step.reason)

    def _bind(self, takers: list[Going], now: float, writes: Writes) -> list[Action]:
        """Bind new pods; those that aren't pinned go where the scheduler has them go."""
        fresh = {pod.key: one for one in takers for pod in one.pods.values() if not pod.spec.node_name}
        if len(fresh) != len(takers):
            raise UnlikeError
        step = next(step for step in self.pattern.life if step.verb is Verb.BIND)
        bound = self._pinned(fresh, now) if self._pins else self._placed(fresh, now, writes)
        for pod in bound:
            fresh[pod.key].pods[pod.key] = writes[pod.key] = pod
        return [action_on(Verb.BIND, pod, step.by[0], step.reason) for pod in bound]

    @property
    def _pins(self) -> bool:
        return isinstance(self.workload, DaemonSet)

    def _pinned(self, fresh: Mapping[Key, Going], now: float) -> list[Pod]:
        """Pods that have but one place; that the scheduler gives it to them is asked for all together."""
        return [bound_to(pod, pod.confined_to, now) for key, one in fresh.items() for pod in (one.pods[key],)]

    def _placed(self, fresh: Mapping[Key, Going], now: float, writes: Writes) -> list[Pod]:
        """Pods where the scheduler puts them, one after the other."""
        self._settle(writes)
        bound: list[Pod] = []
        arrivals = {key: number for number, key in enumerate(fresh)}
        for outcome in bindings(
            lambda: self.cluster, lambda: fresh.keys(), self.standing, self.gates, now,
            queued=lambda _: True, arrivals=arrivals,
        ):  # fmt: skip
            if len(outcome.writes) != 1 or len(outcome.actions) != 1:
                raise UnlikeError
            ((_, pod),) = outcome.writes
            assert isinstance(pod, Pod)
            bound.append(pod)
            self._settle({pod.key: pod})
        if len(bound) != len(fresh):
            raise UnlikeError
        return bound

    def _settle(self, writes: Writes) -> None:
        """Have the cluster be as it is by now."""
        changes = {**self.written, **writes}
        for key, thing in changes.items():
            self.standing.forget(self.cluster.get(key), thing)
        self.cluster = self.cluster.written(changes)
        self.written = {}

    # --- what else there is ---

    def _close(self, writes: Writes, mark: Mark, done: Period, now: float, *, waved: bool) -> None:
        """Close a wave or a turn: the workload's numbers go on as they did, all else comes again."""
        workload = self._going_on(mark)
        for key, thing in ((workload.key, workload), *mark.others.items()):
            if thing != self.get(key):
                writes[key] = thing
        self.written.update(writes)
        done.writes.append(writes)
        done.waved.append(waved)
        done.moments.append(now)

    def _going_on(self, mark: Mark) -> Revisioned:
        """The workload in a later period: whatever number grew from one to the next has grown on."""
        former, latter = (msgspec.structs.asdict(thing.status) for thing in (mark.former, mark.workload))
        numbers = {
            name: value + self.number * (value - former[name])
            for name, value in latter.items()
            if isinstance(value, int) and not isinstance(value, bool) and value != former[name]
        }
        workload = mark.workload
        return replace(workload, status=replace(workload.status, **numbers))
