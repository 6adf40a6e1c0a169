"""Likeness: what tells nodes apart, and states, when nothing but names of nodes is left out.

Two nodes are alike when nothing tells them from each other, neither now nor before the changes: to swap them,
with all that is on them, changes nothing but names. What comes of one then comes of the other, and one of
them is enough to be looked at. A node is told by its name where anything names it: a selector, a volume, a
change, an assumption, or who asks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Hashable, Iterable
from typing import TYPE_CHECKING

import msgspec

from foretell.logic.facts_pods import node_of
from foretell.logic.orders.readiness import owner_of_pod
from foretell.logic.scope import WORKLOADS, min_ready_seconds
from foretell.logic.world import names_of
from foretell.model.changes import Change
from foretell.model.clock import seconds
from foretell.model.cluster import Cluster
from foretell.model.forecast import Assumptions, matches
from foretell.model.meta import Key, Object
from foretell.model.objects import Node, Other, Pod

if TYPE_CHECKING:
    from foretell.logic.simulation import Simulation

replace = msgspec.structs.replace
_HOSTNAME = "kubernetes.io/hostname"
_ZONES = ("topology.kubernetes.io/region", "topology.kubernetes.io/zone")
_OF_ORDINALS = ("statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index")
_TEXT = re.compile(rb'"((?:[^"\\]|\\.)*)"')


def manager_of(pod: Pod) -> Key:
    """What controls a pod, or the pod itself."""
    owner = pod.metadata.controller
    return Key(owner.kind, pod.namespace, owner.name) if owner is not None else pod.key


class Likeness:
    """What tells nodes apart in the orders of one forecast.

    `apart` are names of nodes that are told by their names, `timed` are workloads of whose pods it is told
    since when they are ready. `busy` are the owners whose pods that were there
    before are told by their names, as they may be among those that something happens to.
    """

    def __init__(
        self,
        before: Cluster,
        changes: Iterable[Change] = (),
        assume: Assumptions | None = None,
        *,
        apart: Iterable[str] = (),
        timed: Collection[Key] = (),
        busy: Collection[Key] = (),
    ) -> None:
        self.before, self.timed, self.busy = before, frozenset(timed), frozenset(busy)
        assumed = assume or Assumptions()
        self.patterns = (
            *assumed.never_start, *assumed.never_ready, *assumed.never_gone,
            *assumed.fails, *assumed.job_fails, *assumed.never_ends,
        )  # fmt: skip
        self.owners = tuple(sorted({thing.name for thing in before.workloads}))
        # Whom priorities tell apart may drive each other off, the younger ones first.
        self.ages = len({pod.spec.priority for pod in before.pods}) > 1
        self._looks: dict[Key, tuple[Pod, Hashable]] = {}
        self._texts: dict[Key, tuple[Object, bytes]] = {}
        self._begun: dict[str, Hashable] = {}
        self.named = {*apart, *assumed.dead_nodes, *self._mentioned(changes)}
        self._labels = {*self.named, *_ZONES} - {_HOSTNAME}

    def _mentioned(self, changes: Iterable[Change]) -> set[str]:
        """Every text that something says which isn't a node, nor a pod of where it is."""
        texts = {msgspec.json.encode(change) for change in changes}
        texts |= {
            self._spec(thing) if isinstance(thing, Pod) else self._text(thing)
            for thing in self.before
            if not isinstance(thing, Node | Other)
        }
        return {text.decode() for each in texts for text in _TEXT.findall(each)}

    def sight(self, simulation: Simulation, *, touched: bool = True) -> Sight:
        """What is seen of a simulation now, with or without whom its controllers have yet to look at."""
        return Sight(self, simulation, simulation.memory.touched if touched else frozenset())

    # --- what is seen of things ---

    def begun(self, name: str) -> Hashable:
        """What told a node from others before any change."""
        if name not in self._begun:
            node = self.before.find(Node, name)
            there = sorted((self.pod(pod) for pod in self.before.pods_on(name)), key=repr)
            self._begun[name] = (self.machine(node, name), tuple(there))
        return self._begun[name]

    def machine(self, node: Node | None, name: str) -> Hashable:
        """What tells a node from others by itself."""
        patterns = (
            tuple(matches(self.patterns, f"{owner}@{name}") for owner in self.owners) if self.patterns else ()
        )
        if node is None:
            return (name if name in self.named else "", patterns)
        own = node.labels.get(_HOSTNAME, name)
        return (
            name if name in self.named or own in self.named else "",
            patterns,
            tuple(sorted(pair for pair in node.labels.items() if pair[0] in self._labels)),
            node.terminating, node.spec.taints, node.spec.unschedulable,
            tuple(sorted(node.status.allocatable.items())),
            tuple(sorted((c.type, c.status) for c in node.status.conditions)),
        )  # fmt: skip

    def pod(self, pod: Pod) -> Hashable:
        """What tells a pod from others on its node."""
        known = self._looks.get(pod.key)
        if known is None or known[0] is not pod:
            known = self._looks[pod.key] = (pod, self._look(pod))
        return known[1]

    def _look(self, pod: Pod) -> Hashable:
        reference = pod.metadata.controller
        owner = (reference.kind, reference.name) if reference is not None else None
        was = self.before.get(pod.key)
        original = isinstance(was, Pod) and was.metadata.uid == pod.metadata.uid
        busy = manager_of(pod) in self.busy
        kind = owner[0] if owner else ""
        named = kind != "DaemonSet" and (busy if original else kind in ("", "StatefulSet"))
        labels = {key: value for key, value in pod.labels.items() if named or key not in _OF_ORDINALS}
        aged = self.ages or not pod.spec.node_name or (kind in ("ReplicaSet", "Job") and busy)
        said = {
            c.type: (c.status, c.reason, "" if pod.spec.node_name else c.message)
            for c in pod.status.conditions
        }
        return (
            owner, pod.namespace, original, pod.name if named else "", tuple(sorted(labels.items())),
            self._spec(pod if named else replace(pod, spec=replace(pod.spec, hostname=""))),
            pod.phase, tuple(sorted(said)), pod.status.nominated_node_name != "",
            pod.metadata.deletion_timestamp, pod.metadata.finalizers,
            (pod.metadata.creation_timestamp, pod.status.start_time) if aged else None,
            self._history(pod) if busy else None,
            tuple(matches((pattern,), *names_of(pod)) for pattern in self.patterns),
        )  # fmt: skip

    @staticmethod
    def _history(pod: Pod) -> Hashable:
        """What only counts when the pods of an owner are weighed against each other."""
        condition = pod.ready_condition
        return (
            condition.last_transition_time if condition is not None else None,
            repr(pod.status.container_statuses), repr(pod.status.init_container_statuses),
            tuple(sorted(pod.metadata.annotations.items())),
        )  # fmt: skip

    @staticmethod
    def _spec(pod: Pod) -> bytes:
        """A pod's spec without where it is."""
        text = msgspec.json.encode(replace(pod.spec, node_name=""))
        pinned = pod.pinned_to
        return text.replace(msgspec.json.encode(pinned), b'"@"') if pinned else text

    def text(self, key: Key, thing: Object | None) -> bytes:
        """All that is known of an object that is neither a node nor a pod."""
        if thing is None:
            return b""
        known = self._texts.get(key)
        if known is None or known[0] is not thing:
            known = self._texts[key] = (thing, self._text(thing))
        return known[1]

    @staticmethod
    def _text(thing: Object) -> bytes:
        return msgspec.json.encode(replace(thing, text=b""))


class Sight:
    """What is seen of a simulation at one moment."""

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
        there = sorted(
            ((pod.metadata.creation_timestamp or "", self._pod(pod)) for pod in self.cluster.pods_on(name)),
            key=repr,
        )
        return (
            likeness.begun(name),
            likeness.machine(self.cluster.find(Node, name), name),
            tuple(look for _, look in there),
            tuple(sorted(repr(self._pod(pod)) for pod in self._nominated.get(name, ()))),
            tuple(sorted(manager_of(pod) for pod in likeness.before.pods_on(name) if self._is_gone(pod))),
            Key("Node", "", name) in self.touched,
            memory.lost.get(name),
            tuple(sorted((place, value) for place, value in memory.back_offs.items() if place[2] == name)),
        )  # fmt: skip

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
            simulation.now, simulation.turn, len(simulation.waves), simulation.runs,
            frozenset(Counter(self.node(name) for name in nodes if name).items()),
            tuple(sorted(adrift)), others,
            tuple(sorted(memory.looks.items())), tuple(sorted(memory.retries.items())),
            tuple(sorted(memory.job_failures.items())), memory.collector, frozenset(memory.owners),
            tuple(simulation.answers),
            tuple((d.next, d.asked, tuple(pod.key for pod in d.waiting(cluster))) for d in simulation.drains),
        )  # fmt: skip
