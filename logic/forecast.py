"""The forecast: controllers act until they are quiet, the world answers, and so on, wave by wave."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

import msgspec

from foretell.logic.diff import AUTHORS, Differ, pod_action
from foretell.logic.disruption import counted_budgets
from foretell.logic.edits import edit
from foretell.logic.facts import facts_of
from foretell.logic.facts_ownership import FOREGROUND, ORPHAN
from foretell.logic.gates import default_gates
from foretell.logic.memory import Memory
from foretell.logic.order import in_order
from foretell.logic.schedule import Placement, pending_pods
from foretell.logic.scope import KINDS, everything, owner_of, scope_of
from foretell.logic.solve import rule_files, solve
from foretell.logic.stamps import storage_class, with_volume
from foretell.logic.verdict import verdict_of, with_outcome
from foretell.logic.world import answer, outstanding
from foretell.model.changes import Change, Wait
from foretell.model.clock import seconds, timestamp
from foretell.model.cluster import Cluster
from foretell.model.forecast import (
    Action,
    Assumptions,
    EvictionAnswer,
    Forecast,
    Outcome,
    Reason,
    Verb,
    Wave,
    matches,
)
from foretell.model.meta import Key, Object
from foretell.model.objects import KINDS as MODELLED
from foretell.model.objects import Condition, ControllerRevision, Node, Pod

replace = msgspec.structs.replace
TURN = 1.0
"""How many seconds the controllers are given before the world answers, where no patience is asked for."""
HORIZON = 10_000
"""After how many turns a forecast is cut, where no horizon is asked for."""


def moment_of(cluster: Cluster) -> float:
    """The cluster's own now, in seconds since the epoch: the latest moment that any of its objects mentions."""
    latest = 0.0
    for thing in cluster:
        meta = thing.metadata
        stamps = [meta.creation_timestamp, meta.deletion_timestamp]
        if isinstance(thing, Pod | Node):
            stamps += [c.last_transition_time for c in thing.status.conditions]
        for stamp in stamps:
            if stamp is not None:
                latest = max(latest, seconds(stamp))
    return latest


class Simulation:
    """A cluster on its way: what is there, what is remembered, what time it is."""

    def __init__(
        self, cluster: Cluster, assume: Assumptions, gates: frozenset[str], now: float, patience: float | None
    ) -> None:
        self.cluster, self.assume, self.gates, self.now, self.patience = cluster, assume, gates, now, patience
        self.start = now
        self.memory = Memory()
        self.turn = 0
        self.waves: list[Wave] = []
        self.states: list[Cluster] = []
        self.actions: list[Action] = []
        self.answers: list[EvictionAnswer] = []
        self.active = {pod.key for pod in cluster.pods if _active(pod)}
        nodes = {node.name for node in cluster.nodes}
        for name in cluster.occupied_nodes():
            if name not in nodes:
                self.memory.lost[name] = now
        for uid in cluster.owner_uids():
            owner = cluster.by_uid(uid)
            if owner is None or _awaits_dependents(owner):
                self._mind(uid)

    def _mind(self, uid: str) -> None:
        """Let the garbage collector mind an owner; those of kinds that may be left out of a state are spared."""
        for thing in self.cluster.owned_by(uid):
            if any(o.uid == uid and (o.kind in MODELLED) for o in thing.metadata.owner_references):
                self.memory.owners.add(uid)

    def commit(self, objects: Iterable[tuple[Key, Object | None]]) -> bool:
        """Write objects (None takes one away); whom it concerns is touched. False when nothing changed."""
        before = self.cluster
        changed = [(key, thing) for key, thing in objects if thing != before.get(key)]
        if not changed:
            return False
        self.cluster = before.replaced(
            (thing for _, thing in changed if thing is not None),
            (key for key, thing in changed if thing is None),
        )
        for key, thing in changed:
            old = before.get(key)
            if thing is not None and (isinstance(thing, (Node, Pod, ControllerRevision, *KINDS))):
                self.memory.touched.add(key)
            if old is not None and isinstance(old, Pod | ControllerRevision):
                self._touch_owner(before, old)
            if key.kind == "Pod":
                self.active.add(key) if isinstance(thing, Pod) and _active(thing) else self.active.discard(
                    key
                )
            if key.kind == "Node":
                self.memory.lost.pop(key.name, None)
                if thing is None and self.cluster.pods_on(key.name):
                    self.memory.lost[key.name] = self.now
            if thing is None:
                self.memory.evictions.pop(key, None)
                self.memory.looks.pop(key, None)
                if old is not None and old.metadata.uid:
                    self._mind(old.metadata.uid)
            elif _awaits_dependents(thing):
                self.memory.owners.add(thing.metadata.uid)
        return True

    def _touch_owner(self, before: Cluster, old: Object) -> None:
        """A pod that goes or changes hands concerns the workload that it belonged to; a DaemonSet its revisions too."""
        owner = owner_of(before, old)
        if owner is None or (isinstance(old, ControllerRevision) and owner.kind != "DaemonSet"):
            return
        now = self.cluster.get(old.key)
        if (now is None or now.metadata.controller != old.metadata.controller) and owner.key in self.cluster:
            self.memory.touched.add(owner.key)

    # --- controllers ---

    def sync(self) -> bool:
        """One round of all controllers; False when nothing happened."""
        memory = self.memory
        minds = any(self.cluster.owned_by(uid) or self.cluster.by_uid(uid) for uid in memory.owners)
        claims = any(claim.terminating for claim in self.cluster.claims)
        collector = memory.collector is not None and memory.collector <= self.now
        lost = bool(memory.lost) and memory.collector is None
        if not (memory.touched or memory.due(self.now) or minds or claims or collector or lost):
            return False
        differ = self._derive()
        memory.touched.clear()
        writes = differ.run()
        self.actions += writes.actions
        return self.commit(writes.objects.items())

    def _derive(self) -> Differ:
        scope = scope_of(self.cluster, self.memory, self.now)
        facts = facts_of(self.cluster, scope, self.memory, self.now, self.gates)
        answer = solve(rule_files(facts.text), facts.text)
        return Differ(self.cluster, facts, answer, self.memory, self.now)

    def look_around(self) -> None:
        """Let every controller see everything without acting, so that its timers run."""
        self.memory.touched |= everything(self.cluster)
        self._derive().remember()
        self.memory.touched.clear()

    def schedule(self) -> bool:
        """Give pending pods to nodes until none fits; False when nothing happened."""
        tried: set[Key] = set()
        hopeless: set[Hashable] = set()
        bound = False
        while True:
            queue = [
                p
                for p in pending_pods(self.cluster, self.active - tried)
                if p.pinned_to or _alike(p) not in hopeless
            ]
            if not queue:
                return bound
            placement = Placement(self.cluster, self.gates)
            places, asked = placement.place(queue), placement.asked
            tried |= {pod.key for pod in asked if pod.key not in places}
            hopeless |= {_alike(pod) for pod in asked if pod.key not in places and not pod.pinned_to}
            writes: list[tuple[Key, Object | None]] = []
            for key, node in places.items():
                pod = self.cluster.get(key)
                assert isinstance(pod, Pod)
                pod = replace(pod, spec=replace(pod.spec, node_name=node))
                writes.append((key, _scheduled(pod, self.now, done=True)))
                self.actions.append(pod_action(Verb.BIND, pod, AUTHORS["scheduler"], Reason.FEASIBLE))
            for pod in asked:
                if pod.key not in places:
                    writes.append((pod.key, _scheduled(pod, self.now, done=False)))
            bound = self.commit(writes) or bound

    def provision(self) -> bool:
        """Give claims of a storage class their volumes at once, but where that is assumed otherwise."""
        waiting = [
            claim for claim in self.cluster.claims if claim.phase == "Pending" and not claim.terminating
        ]
        served = [
            with_volume(claim)
            for claim in waiting
            if storage_class(self.cluster, claim) and not matches(self.assume.unbound_claims, claim.name)
        ]
        return self.commit((claim.key, claim) for claim in served)

    def count_budgets(self) -> bool:
        """Let the disruption controller count what the budgets allow."""
        if self.cluster is self.counted or not self.cluster.budgets:
            return False
        changed = self.commit((budget.key, budget) for budget in counted_budgets(self.cluster))
        self.counted = self.cluster
        return changed

    def next_timer(self) -> float | None:
        """When something happens by itself, if anything does."""
        memory = self.memory
        moments = [*memory.looks.values(), *(m for m in memory.evictions.values() if m > self.now)]
        moments += [memory.collector] if memory.collector is not None else []
        later = [moment for moment in moments if moment > self.now]
        return min(later, default=None)

    def act(self, until: float | None = None) -> None:
        """Let the controllers act until they are quiet for as long as patience lasts, or until a moment."""
        last = self.now
        while True:
            while self.provision() or self.sync() or self.schedule() or self.count_budgets():
                last = self.now
            limit = until
            if limit is None and self.patience is not None:
                limit = last + self.patience
            elif limit is None and outstanding(self.cluster, self.active, self.assume):
                limit = last + TURN
            timer = self.next_timer()
            if timer is None or (limit is not None and timer > limit):
                self.now = limit if limit is not None else self.now
                return
            if self.patience is None and until is None:
                self.end_wave(timer)
            self.now = timer

    def end_wave(self, now: float | None = None) -> None:
        """Close the wave, if anything was done in it."""
        if self.actions:
            wave = Wave(turn=self.turn, at=self.wave_began - self.start, actions=in_order(self.actions))
            self.waves.append(wave)
            self.states.append(self.cluster)
            self.actions = []
        self.wave_began = self.now if now is None else now

    wave_began = 0.0
    counted: Cluster | None = None

    def world(self) -> bool:
        """Let the world answer; False when it has nothing to answer to."""
        pods = outstanding(self.cluster, sorted(self.active), self.assume)
        if not pods:
            return False
        self.turn += 1
        puts, drops = answer(pods, self.assume, self.now)
        self.commit([*((put.key, put) for put in puts), *((key, None) for key in drops)])
        return True

    def fingerprint(self) -> Hashable:
        """The state without names, ages and moments: equal when a forecast goes round in circles."""
        pods = sorted(
            (p.metadata.controller.name if p.metadata.controller else p.name, p.spec.node_name, p.pinned_to,
             p.labels.get("controller-revision-hash", ""), p.phase, p.ready, p.terminating)
            for p in self.cluster.pods
        )  # fmt: skip
        workloads = tuple((w.key, repr(w.status)) for w in self.cluster.workloads)
        rest = tuple((thing.key, thing.terminating) for kind in ("ControllerRevision", "PersistentVolumeClaim", "Node")
                     for thing in self.cluster.of_kind(kind))  # fmt: skip
        return (tuple(pods), workloads, rest)


def _active(pod: Pod) -> bool:
    """Whether the scheduler or the world may still have something to do with the pod."""
    return pod.terminating or pod.phase == "Pending" or (pod.phase == "Running" and not pod.ready)


def _awaits_dependents(thing: Object) -> bool:
    return thing.terminating and bool({FOREGROUND, ORPHAN} & set(thing.metadata.finalizers))


def _alike(pod: Pod) -> Hashable:
    """What the scheduler sees of a pod; of alike ones that fit nowhere only the first is tried."""
    return msgspec.json.encode((pod.namespace, replace(pod.spec, hostname="", volumes=()), pod.claims))


def _scheduled(pod: Pod, now: float, *, done: bool) -> Pod:
    """The pod with the scheduler's condition."""
    status = "True" if done else "False"
    for condition in pod.status.conditions:
        if condition.type == "PodScheduled" and condition.status == status:
            return pod
    kept = [condition for condition in pod.status.conditions if condition.type != "PodScheduled"]
    fresh = Condition(
        type="PodScheduled",
        status=status,
        reason="" if done else "Unschedulable",
        last_transition_time=timestamp(now),
    )
    return replace(pod, status=replace(pod.status, conditions=(*kept, fresh)))


def forecast(
    cluster: Cluster,
    changes: Iterable[Change] = (),
    assume: Assumptions | None = None,
    horizon: int | None = None,
    *,
    patience: float | None = None,
    gates: frozenset[str] | None = None,
    resync: bool = True,
    now: float | None = None,
) -> Forecast:
    """What the controllers will do after the changes, wave by wave.

    `horizon` is how many turns of the world are forecast at most. `patience` is for how many seconds a timer is
    waited for in each turn; by default until it fires. `gates` are the feature gates that are on. With `resync`
    every controller looks at everything once, as after its restart; without, only at what the changes touch.
    `now` is in seconds since the epoch, by default the latest moment in the cluster.

    Raises RejectedError where the API server refuses a change.
    """
    moment = moment_of(cluster) if now is None else now
    simulation = Simulation(
        cluster, assume or Assumptions(), default_gates() if gates is None else gates, moment, patience
    )
    simulation.wave_began = moment
    if resync:
        simulation.memory.touched |= everything(cluster)
    else:
        simulation.look_around()
    for change in changes:
        if isinstance(change, Wait):
            simulation.act(simulation.now + change.seconds)
            continue
        wanted = edit(simulation.cluster, change, simulation.now, simulation.gates)
        simulation.answers += wanted.answers
        simulation.commit([*((put.key, put) for put in wanted.puts), *((key, None) for key in wanted.drops)])
    limit = HORIZON if horizon is None else horizon
    seen: set[Hashable] = set()
    cut = ""
    simulation.act()
    simulation.end_wave()
    while True:
        mark = simulation.fingerprint()
        if horizon is None and mark in seen:
            cut = "it goes round in circles from here"
            break
        seen.add(mark)
        if simulation.turn >= limit:
            cut = f"the horizon of {limit} turns is reached"
            break
        if not simulation.world():
            break
        simulation.act()
        simulation.end_wave()
    verdict = verdict_of(
        simulation.cluster, simulation.memory, simulation.now, simulation.gates, simulation.answers
    )
    if cut and outstanding(simulation.cluster, simulation.active, simulation.assume):
        verdict = with_outcome(verdict, Outcome.CUT, cut)
    return Forecast(
        before=cluster,
        waves=tuple(simulation.waves),
        verdict=verdict,
        after=simulation.cluster,
        states=tuple(simulation.states),
        answers=tuple(simulation.answers),
    )
