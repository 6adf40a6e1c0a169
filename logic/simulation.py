"""The simulation: a cluster on its way from round to round and wave to wave."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from copy import copy

import msgspec

from foretell.logic.carried import active_pods, standing_of, told_before
from foretell.logic.concerned import Concerned
from foretell.logic.deletion import Edit
from foretell.logic.diff import derived, write
from foretell.logic.draining import Draining
from foretell.logic.edits import edit
from foretell.logic.facts_ownership import FOREGROUND, ORPHAN
from foretell.logic.fingerprint import Fingerprint
from foretell.logic.memory import Memory
from foretell.logic.order import in_order
from foretell.logic.orders.choices import Choices
from foretell.logic.preemption import Draw
from foretell.logic.quiet import timekeepers
from foretell.logic.recurrence import Beat
from foretell.logic.requeue import concerns_scheduler, requeued, sentence_of
from foretell.logic.schedule import First, bindings, pending_pods
from foretell.logic.scope import REVISIONED, WORKLOADS, everything, owner_of
from foretell.logic.stamps import storage_class, with_volume
from foretell.logic.storage_facts import waits_for_disk
from foretell.logic.stretch import Setting, Stretches
from foretell.logic.watching import Watch
from foretell.logic.world import active, answer, outstanding
from foretell.logic.write_pods import Tolerations, added_tolerations
from foretell.logic.write_status import remember
from foretell.model.changes import Change, Wait
from foretell.model.cluster import Cluster
from foretell.model.forecast import Action, Assumptions, EvictionAnswer, Reason, Wave, matches
from foretell.model.meta import Key, Object
from foretell.model.objects import KINDS as MODELLED
from foretell.model.objects import (
    ControllerRevision,
    Job,
    Node,
    PersistentVolume,
    Pod,
    ReplicaSet,
)
from foretell.model.states import States

replace = msgspec.structs.replace
TURN = 1.0
"""How many seconds the controllers are given before the world answers, where no patience is asked for."""

MOST_RUNS = 100
"""How many Jobs CronJobs start at most in a forecast: a schedule never ends by itself."""


class Simulation:
    """A cluster on its way: what is there, what is remembered, what time it is.

    `now` is in seconds since the epoch. `active` are the pods that the scheduler or the world may still have
    something to do with.
    """

    def __init__(
        self,
        cluster: Cluster,
        assume: Assumptions,
        gates: frozenset[str],
        now: float,
        patience: float | None,
        choices: Choices | None = None,
        watch: Watch | None = None,
    ) -> None:
        cluster.indexed()
        self.watch = Watch() if watch is None else watch
        self.cluster, self.assume, self.gates, self.patience = cluster, assume, gates, patience
        self.choices = choices
        self.start = self.now = self.wave_began = now
        # A schedule never ends: it is followed only for as long as time is asked to pass.
        seen, stacks = told_before(cluster)
        self.memory = Memory(schedules_until=now + (patience or 0.0), began=now, seen=seen, stacks=stacks)
        self.standing = standing_of(cluster)
        self.print = Fingerprint()
        self.news: list[tuple[Object | None, Object | None]] = []
        self.arrivals: dict[Key, int] = {}
        self.turn = self.repeated = 0
        self.waves: list[Wave] = []
        self.states = States()
        self.actions: list[Action] = []
        self.answers: list[EvictionAnswer] = []
        self.concerned = Concerned(cluster)
        self.drains: list[Draining] = []
        self.runs = 0
        self.stretches = Stretches()
        self.partition: tuple[tuple[str, ...], ...] = ()
        self.added: dict[bool, Tolerations] = {}
        self.active = set(active_pods(cluster))
        self.unseen = {pod.key for pod in pending_pods(cluster, self.active, {}) if not sentence_of(pod)}
        self.memory.lost = dict.fromkeys(cluster.nodes_gone(), now)
        there = {kind.__name__ for kind in REVISIONED} | set(cluster.kinds)
        for uid in cluster.owner_uids():
            owner = cluster.by_uid(uid)
            if owner is None:
                self._mind(uid, among=there)
            elif _awaits_dependents(owner):
                self._mind(uid)

    # --- writing ---

    def change(self, change: Change) -> None:
        """Make a change, or let time pass; raises RejectedError where the API server refuses."""
        if isinstance(change, Wait):
            self.memory.schedules_until = max(self.memory.schedules_until, self.now + change.seconds)
            self.act(self.now + change.seconds)
            if self.patience is None:
                self.end_wave()
            return
        wanted = edit(self.cluster, change, self.now, self.gates)
        self.answers += wanted.answers
        self._take(wanted)
        if wanted.drain is not None:
            self.drains.append(Draining(wanted.drain, self.cluster, wanted, self.now))
        # The scheduler is quicker than whoever makes the changes.
        self._schedule()

    def _take(self, edit: Edit) -> bool:
        """Write what an edit comes to; False when nothing changed."""
        return self.commit([*((put.key, put) for put in edit.puts), *((key, None) for key in edit.drops)])

    def commit(self, objects: Iterable[tuple[Key, Object | None]]) -> bool:
        """Write objects (None takes one away); whom it concerns is touched. False when nothing changed."""
        before = self.cluster
        changed = [(key, thing) for key, thing in objects if thing != before.get(key)]
        if not changed:
            return False
        self.cluster = before.written(dict(changed))
        self.memory.stacks.moved(before, self.cluster, [key for key, _ in changed])
        for key, thing in changed:
            self._note(before, key, thing)
            self.concerned.note(before.get(key), thing)
        return True

    def _note(self, before: Cluster, key: Key, thing: Object | None) -> None:
        """Keep in mind whom a write concerns."""
        old, memory = before.get(key), self.memory
        self.standing.forget(old, thing)
        self.print.note(old, thing)
        self._tell_scheduler(key, old, thing)
        if isinstance(thing, (Node, Pod, ControllerRevision, *WORKLOADS)):
            memory.touched.add(key)
        if isinstance(old, Pod | ControllerRevision | ReplicaSet | Job):
            self._touch_owner(before, old)
        self.active.discard(key)
        if isinstance(thing, Pod) and active(thing):
            self.active.add(key)
        if key.kind == "Node":
            memory.lost.pop(key.name, None)
            if thing is None and self.cluster.pods_on(key.name):
                memory.lost[key.name] = self.now
        if thing is None:
            memory.evictions.pop(key, None)
            memory.looks.pop(key, None)
            memory.job_failures.pop(key, None)
            memory.seen.pods.pop(key, None)
            memory.seen.replicas.pop(key, None)
            # A new pod never gets the name of one that was there: two pods, two names.
            memory.spent.add(key)
            if old is not None and old.metadata.uid:
                self._mind(old.metadata.uid)
        elif _awaits_dependents(thing):
            memory.owners.add(thing.metadata.uid)

    def _tell_scheduler(self, key: Key, old: Object | None, thing: Object | None) -> None:
        """Keep in mind what the scheduler hears of: news, and pods that it hasn't seen so."""
        if concerns_scheduler(old, thing):
            self.news.append((old, thing))
        elif isinstance(thing, Pod) and not _only_spoken(old, thing):
            self.unseen.add(key)
            if old is None:
                self.arrivals[key] = len(self.arrivals) + 1

    def _touch_owner(self, before: Cluster, old: Object) -> None:
        """A pod that goes or changes hands concerns its former workload; a DaemonSet's revisions too."""
        owner = owner_of(before, old)
        if owner is None or (isinstance(old, ControllerRevision) and owner.kind != "DaemonSet"):
            return
        today = self.cluster.get(old.key)
        if today is not None and today.metadata.controller == old.metadata.controller:
            return
        if owner.key in self.cluster:
            self.memory.touched.add(owner.key)

    def _mind(self, uid: str, *, among: Collection[str] = tuple(MODELLED)) -> None:
        """Let the garbage collector mind an owner, unless its kind is one that a state may leave out."""
        for thing in self.cluster.owned_by(uid):
            owners = thing.metadata.owner_references
            if any(owner.uid == uid and owner.kind in MODELLED and owner.kind in among for owner in owners):
                self.memory.owners.add(uid)

    # --- the control plane ---

    def look_around(self, *, acting: bool) -> None:
        """Wake every controller; one that isn't to act only sets its timers.

        Budgets are counted before any change, but where nobody is to act only those that have never been: a
        state that was written by hand doesn't say what they allow.
        """
        if not acting:
            self.concerned.only_uncounted(self.cluster)
        self._count_budgets()
        self.memory.touched |= everything(self.cluster) if acting else timekeepers(self.cluster)
        if acting:
            self.unseen |= {pod.key for pod in pending_pods(self.cluster, self.active, {})}
        if not acting:
            remember(derived(self.cluster, self.memory, self.now, self.gates))
            self.memory.touched.clear()

    def _sync(self) -> bool:
        """One round of all controllers; False when nothing happened."""
        memory = self.memory
        minded = any(self.cluster.owned_by(uid) or self.cluster.by_uid(uid) for uid in memory.owners)
        collector_due = bool(memory.lost) and (memory.collector is None or memory.collector <= self.now)
        leaving = any(claim.terminating for claim in self.cluster.claims)
        if not (memory.touched or memory.due(self.now) or minded or collector_due or leaving):
            return False
        if self.choices is None:
            work = derived(self.cluster, memory, self.now, self.gates)
        else:
            work = self.choices.round(self)
        memory.touched.clear()
        write(work)
        self.watch.keep(work, len(self.waves))
        remember(work)
        self.actions += work.actions
        if work.actions:
            self.partition = tuple(work.facts.grouping.members.values())
        if "automatic" in work.answer:
            self.added = added_tolerations(work.answer)
        self.runs += sum(action.reason is Reason.SCHEDULED for action in work.actions)
        if self.runs > MOST_RUNS:
            memory.schedules_until = min(memory.schedules_until, self.now)
        return self.commit(work.objects.items())

    def _schedule(self) -> bool:
        """Give pending pods to nodes until none fits; False when nothing happened."""
        if not self.news and not self.unseen:
            return False
        waiting = pending_pods(self.cluster, self.active, self.arrivals)
        again = requeued(self.cluster, self.news, waiting) | self.unseen
        self.news, self.unseen = [], set()
        acted = False
        for outcome in bindings(
            lambda: self.cluster, lambda: self.active, self.standing, self.gates, self.now,
            queued=lambda pod: pod.key in again, arrivals=self.arrivals, draw=self._draw(),
            first=self._first(again),
        ):  # fmt: skip
            self.actions += outcome.actions
            acted = self.commit(outcome.writes) or acted
        return acted

    def _draw(self) -> Draw | None:
        """How lots are drawn among nodes, if they are."""
        choices = self.choices
        return None if choices is None else lambda kind, pod, nodes: choices.node(self, kind, pod, nodes)

    def _first(self, again: set[Key]) -> First | None:
        """Which pod of the queue comes first, if that is open."""
        choices = self.choices
        return None if choices is None else lambda queue, tried: choices.first(self, queue, tried, again)

    def _provision(self) -> bool:
        """Give claims of a storage class their volumes at once, but where that is assumed otherwise.

        Those of a class that makes none wait for a pod that chooses one.
        """
        waiting = [
            claim for claim in self.cluster.claims if claim.phase == "Pending" and not claim.terminating
        ]
        served = [
            with_volume(claim, claim.spec.volume_name)
            for claim in waiting
            if self.cluster.find(PersistentVolume, claim.spec.volume_name)
            or (
                storage_class(self.cluster, claim)
                and not matches(self.assume.unbound_claims, claim.name)
                and not waits_for_disk(self.cluster, claim)
            )
        ]
        return self.commit((claim.key, claim) for claim in served)

    def _count_budgets(self) -> bool:
        """Let the disruption controller count the budgets that a change concerns."""
        changed = self.concerned.count(self.cluster, self.now)
        written = self.commit((budget.key, budget) for budget in changed)
        self.concerned.forget(changed)
        return written

    def _drain(self) -> bool:
        """Let drains ask again for what budgets have refused; False when nothing came of it."""
        acted = False
        for draining in self.drains:
            if draining.due(self.cluster, self.now):
                wanted, actions = draining.ask(self.cluster, self.now)
                self.answers += wanted.answers
                self.actions += actions
                acted = self._take(wanted) or acted
                draining.settle(self.cluster)
        return acted

    def _next_timer(self, *, retries: bool) -> float | None:
        """When something happens by itself next, if anything does."""
        timers = (
            self.memory.next_timer(self.now, retries=retries), self.concerned.next_timer(self.now),
            *(draining.next_timer(self.now) for draining in self.drains),
        )  # fmt: skip
        return min((moment for moment in timers if moment is not None), default=None)

    def _step(self) -> bool:
        """Let the first of the control plane's parts act that has something to do; False if none has."""
        parts = (self._provision, self._sync, self._schedule, self._count_budgets, self._drain)
        return any(part() for part in parts)

    def act(self, until: float | None = None) -> None:
        """Let the control plane act until it is quiet for as long as patience lasts, or until a moment."""
        last = self.now
        while True:
            while self._step():
                last = self.now
            limit = until
            if limit is None and self.patience is not None:
                limit = last + self.patience
            elif limit is None and outstanding(self.cluster, self.active, self.assume):
                limit = last + TURN
            # What has failed is tried again for ever: alone it is nothing to wait for.
            timer = self._next_timer(retries=limit is not None)
            if timer is None or (limit is not None and timer > limit):
                self.now = self.now if limit is None else limit
                return
            if self.patience is None and until is None:
                self.end_wave(timer)
            self.now = timer

    def end_wave(self, now: float | None = None) -> None:
        """Close the wave, if anything was done in it; the next one begins at a moment, or now."""
        if self.actions:
            at = self.wave_began - self.start
            self.waves.append(Wave(turn=self.turn, at=at, actions=in_order(self.actions)))
            self.states.append(self.cluster.at(self.now))
            self.actions = []
        self.wave_began = self.now if now is None else now

    # --- the world ---

    def turn_world(self) -> bool:
        """Let the world answer; False when it has nothing to answer to."""
        pods = outstanding(self.cluster, sorted(self.active), self.assume)
        if not pods:
            return False
        self.turn += 1
        puts, drops = answer(pods, self.assume, self.now)
        self.commit([*((put.key, put) for put in puts), *((key, None) for key in drops)])
        return True

    def go_ahead(self, most: int | None) -> None:
        """Where the last turns recur, repeat them, for so many turns at most, without asking the rules."""
        self.stretches.watch(self._beat())
        if self.choices is not None:
            return
        waiting = pending_pods(self.cluster, self.active, {})
        if self.drains or self.patience is not None or waiting or self.memory.touched:
            return
        if self.watch.wants(len(self.waves)):
            return
        setting = Setting(
            self.memory, self.standing, self.assume, self.gates, self.start, self.added,
            self.waves, self.states,
        )  # fmt: skip
        ahead = self.stretches.ahead(setting, self.turn, most, self._next_timer(retries=True))
        if ahead is None:
            return
        self.commit(ahead.writes.items())
        # All of this has been looked at by everybody.
        self.memory.touched.clear()
        self.news, self.unseen = [], set()
        self.waves += ahead.waves
        self.states.extend(ahead.states)
        self.turn += ahead.turns
        self.repeated += ahead.turns
        self.now = self.wave_began = ahead.now
        self.stretches.begin(self._beat())

    def copy(self) -> Simulation:
        """Another one that is on its way from here by itself; what is only kept to spare work is shared."""
        other = copy(self)
        other.memory, other.standing = self.memory.apart(), self.standing.copy()
        other.print, other.concerned = copy(self.print), self.concerned.copy()
        other.drains = [draining.copy() for draining in self.drains]
        other.news, other.arrivals, other.answers = self.news[:], self.arrivals.copy(), self.answers[:]
        other.waves, other.states, other.actions = self.waves[:], self.states.copy(), self.actions[:]
        other.active, other.unseen = self.active.copy(), self.unseen.copy()
        other.stretches = Stretches()
        return other

    def begin_turn(self, seen: Collection[Hashable]) -> None:
        """Between two turns, of which these are the fingerprints so far: an order may go on from here."""
        if self.choices is not None:
            self.choices.keep(self, seen)

    def pause(self) -> None:
        """Between the waves: raises JoinedError where an order that was looked at came by the same state."""
        if self.choices is not None:
            self.choices.pause(self)

    def _beat(self) -> Beat:
        return Beat(self.cluster, self.now, len(self.waves), self.partition)

    def fingerprint(self) -> Hashable:
        """The state without names, ages and moments: equal when a forecast goes round in circles."""
        waiting = tuple(pod.key for draining in self.drains for pod in draining.waiting(self.cluster))
        return (self.print.moved, waiting)


def _only_spoken(old: Object | None, pod: Pod) -> bool:
    """Whether nothing but the pod's status is another."""
    return isinstance(old, Pod) and old.spec == pod.spec and old.metadata == pod.metadata


def _awaits_dependents(thing: Object) -> bool:
    return thing.terminating and bool({FOREGROUND, ORPHAN} & set(thing.metadata.finalizers))
