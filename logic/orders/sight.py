"""What is seen of a simulation at one moment, where alike nodes aren't told from each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable
from typing import TYPE_CHECKING

from foretell.logic import vocabulary as v
from foretell.logic.alike import by_uid
from foretell.logic.facts_pods import node_of
from foretell.logic.facts_replicas import replicas_of
from foretell.logic.orders.likeness import Likeness
from foretell.logic.orders.readiness import owner_of_pod
from foretell.logic.orders.rooms import manager_of
from foretell.logic.scope import WORKLOADS, min_ready_seconds
from foretell.model.clock import seconds
from foretell.model.meta import Key
from foretell.model.objects import Pod

if TYPE_CHECKING:
    from foretell.logic.simulation import Simulation


class Sight:
    """What is seen; `touched` are those that their controllers have yet to look at."""

    def __init__(self, likeness: Likeness, simulation: Simulation, touched: Collection[Key]) -> None:
        self.likeness, self.simulation, self.touched = likeness, simulation, touched
        self.cluster = simulation.cluster
        self._nodes: dict[str, Hashable] = {}
        self._nominated: dict[str, list[Pod]] = {}
        for key in simulation.active:
            pod = self.cluster.get(key)
            if isinstance(pod, Pod) and pod.status.nominated_node_name:
                self._nominated.setdefault(pod.status.nominated_node_name, []).append(pod)

    def node(self, name: str) -> Hashable:
        """What tells a node from others."""
        if name not in self._nodes:
            self._nodes[name] = self._node(name)
        return self._nodes[name]

    def _node(self, name: str) -> Hashable:
        memory, likeness = self.simulation.memory, self.likeness
        # Of several pods on a node their order by age may count.
        guests = filter(self._minds, self.cluster.pods_on(name))
        there = sorted(((pod.metadata.creation_timestamp or "", self._pod(pod)) for pod in guests), key=repr)
        return (
            likeness.begun(name),
            likeness.machine(self.cluster, name),
            tuple(look for _, look in there),
            tuple(sorted(repr(self._pod(pod)) for pod in self._nominated.get(name, ()))),
            tuple(sorted(manager_of(pod) for pod in likeness.before.pods_on(name) if self._is_gone(pod))),
            Key("Node", "", name) in self.touched,
            memory.lost.get(name),
            tuple(sorted((place, value) for place, value in memory.back_offs.items() if place[2] == name)),
        )  # fmt: skip

    def _minds(self, pod: Pod) -> bool:
        return self.likeness.minds(pod) or pod.key in self.simulation.memory.evictions

    def _pod(self, pod: Pod) -> Hashable:
        memory = self.simulation.memory
        return (
            self.likeness.pod(pod), memory.evictions.get(pod.key), pod.key in self.touched,
            self._ready_since(pod),
        )  # fmt: skip

    def _ready_since(self, pod: Pod) -> str | None:
        """Since when a pod is ready, where that is asked for or it isn't available to its owner yet."""
        condition, reference = pod.ready_condition, pod.metadata.controller
        since = condition.last_transition_time if condition is not None else None
        if since is None or reference is None:
            return None
        if self.likeness.timed and owner_of_pod(self.cluster, pod) in self.likeness.timed:
            return since
        owner = self.cluster.by_uid(reference.uid)
        patience = min_ready_seconds(owner) if isinstance(owner, WORKLOADS) else 0
        return since if patience and seconds(since) + patience > self.simulation.now else None

    def _is_gone(self, pod: Pod) -> bool:
        now = self.cluster.get(pod.key)
        return not isinstance(now, Pod) or now.metadata.uid != pod.metadata.uid or now.terminating

    def twins(self) -> list[tuple[str, str]]:
        """Pairs of nodes that are alike, one after the other in the order of names."""
        last: dict[Hashable, str] = {}
        pairs: list[tuple[str, str]] = []
        for name in sorted({*self.cluster.occupied_nodes(), *(node.name for node in self.cluster.nodes)}):
            look = self.node(name)
            if look in last:
                pairs.append((last[look], name))
            last[look] = name
        return pairs

    def told(self) -> list[str]:
        """The facts of what the rules look at to choose: twins, and uids where replicas are too many."""
        lines = [v.TWIN(node, other) for node, other in self.twins()]
        known: list[Pod] = []
        for replicaset in self.cluster.replicasets:
            pods = [pod for _, pod in self.cluster.owned_pods(replicaset.metadata.uid)]
            if sum(1 for pod in pods if not pod.terminating and not pod.finished) > replicas_of(replicaset):
                known += [pod for pod in pods if self.likeness.is_original(pod)]
        ordered = enumerate(sorted(known, key=by_uid))
        return [*lines, *(v.UID_PLACE(pod.key.path, place) for place, pod in ordered)]

    def spot(self, pod: Pod) -> Hashable:
        """What tells a pod from others, wherever it is."""
        return (self.node(node_of(pod)) if node_of(pod) else None, self._pod(pod))

    def pending(self) -> Hashable:
        """What the scheduler has yet to hear of, if any pod waits for it."""
        simulation = self.simulation
        waiting = [key for key in simulation.active if self._waits(key)]
        if not waiting:
            return None
        heard = tuple((old and old.key, new and new.key) for old, new in simulation.news)
        return heard, tuple(sorted(simulation.unseen.intersection(waiting)))

    def _waits(self, key: Key) -> bool:
        pod = self.cluster.get(key)
        return isinstance(pod, Pod) and not pod.spec.node_name and not pod.terminating

    def state(self) -> Hashable:
        """What tells this state from others, but for nodes that are alike."""
        simulation, cluster, likeness = self.simulation, self.cluster, self.likeness
        memory = simulation.memory
        changed = set(cluster.differing(likeness.before))
        nodes = {key.name for key in changed if key.kind == "Node"}
        adrift: list[str] = []
        for key in changed:
            if key.kind == "Pod":
                for thing in (likeness.before.get(key), cluster.get(key)):
                    if isinstance(thing, Pod):
                        nodes.add(node_of(thing))
                now = cluster.get(key)
                if isinstance(now, Pod) and not node_of(now):
                    adrift.append(repr((simulation.arrivals.get(key), self._pod(now))))
        nodes |= {*memory.lost, *(place[2] for place in memory.back_offs), *self._nominated}
        nodes |= {node_of(pod) for key in memory.evictions if isinstance(pod := cluster.get(key), Pod)}
        others = tuple(
            (key, likeness.text(key, cluster.get(key)))
            for key in sorted(changed) if key.kind not in ("Node", "Pod")
        )  # fmt: skip
        return (
            simulation.now, simulation.turn, simulation.runs, len(simulation.waves), bool(simulation.actions),
            frozenset(Counter(self.node(name) for name in nodes if name).items()),
            tuple(sorted(adrift)), others,
            tuple(sorted(memory.looks.items())), tuple(sorted(memory.retries.items())),
            tuple(sorted(memory.job_failures.items())), memory.collector, frozenset(memory.owners),
            tuple(simulation.answers),
            tuple((d.next, d.asked, tuple(pod.key for pod in d.waiting(cluster))) for d in simulation.drains),
        )  # fmt: skip
