"""Likeness: what tells nodes apart, and states, when nothing but names of nodes is left out.

Two nodes are alike when nothing tells them from each other, neither now nor before the changes: to swap them,
with all that is on them, changes nothing but names. What comes of one then comes of the other, and one of
them is enough to be looked at. A node is told by its name where anything names it: a selector, a volume, a
change, an assumption, or who asks.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Iterable

import msgspec

from foretell.logic.orders.rooms import Rooms, manager_of, only_pinned
from foretell.logic.world import names_of
from foretell.model.changes import Change
from foretell.model.cluster import Cluster
from foretell.model.forecast import Assumptions, matches
from foretell.model.meta import Key, Object
from foretell.model.objects import Node, Other, Pod

replace = msgspec.structs.replace
_HOSTNAME = "kubernetes.io/hostname"
_ZONES = ("topology.kubernetes.io/region", "topology.kubernetes.io/zone")
_OF_ORDINALS = ("statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index")
_TEXT = re.compile(rb'"((?:[^"\\]|\\.)*)"')


class Likeness:
    """What tells nodes apart in the orders of one forecast.

    `apart` are names of nodes that are told by their names, `timed` are workloads of whose pods it is told
    since when they are ready. `busy` are the owners whose pods that were there before are told by their
    names, as they may be among those that something happens to. `roaming` says that pods may be placed on
    one node or another: where none are but daemon pods, nodes with ample room for those are told from each
    other only by what DaemonSets look at.
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
        roaming: bool = True,
    ) -> None:
        self.before, self.timed, self.busy = before, frozenset(timed), frozenset(busy)
        assumed = assume or Assumptions()
        self.patterns = (
            *assumed.never_start, *assumed.never_ready, *assumed.never_gone,
            *assumed.fails, *assumed.job_fails, *assumed.never_ends,
        )  # fmt: skip
        self.roaming = roaming or not only_pinned(before)
        self.owners = tuple(sorted({thing.name for thing in before.workloads}))
        # Whom priorities tell apart may drive each other off, the younger ones first.
        self.ages = self.roaming and len({pod.spec.priority for pod in before.pods}) > 1
        self._looks: dict[Key, tuple[Pod, Hashable]] = {}
        self._texts: dict[Key, tuple[Object, bytes]] = {}
        self._begun: dict[str, Hashable] = {}
        self.rooms = Rooms(before)
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

    # --- what is seen of things ---

    def begun(self, name: str) -> Hashable:
        """What told a node from others before any change."""
        if name not in self._begun:
            there = sorted(map(self.pod, filter(self.minds, self.before.pods_on(name))), key=repr)
            self._begun[name] = (self.machine(self.before, name), tuple(there))
        return self._begun[name]

    def minds(self, pod: Pod) -> bool:
        """Whether a pod tells its node from others; where none roam, one that rests doesn't."""
        manager = manager_of(pod)
        return self.roaming or pod.terminating or manager.kind == "DaemonSet" or manager in self.busy

    def machine(self, cluster: Cluster, name: str) -> Hashable:
        """What tells a node from others by itself."""
        node = cluster.find(Node, name)
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
            tuple(sorted(node.status.allocatable.items())) if self.roaming else None,
            None if self.roaming else self.rooms.scarce(cluster, node),
            tuple(sorted((c.type, c.status) for c in node.status.conditions)),
        )  # fmt: skip

    def pod(self, pod: Pod) -> Hashable:
        """What tells a pod from others on its node."""
        known = self._looks.get(pod.key)
        if known is None or known[0] is not pod:
            known = self._looks[pod.key] = (pod, self._look(pod))
        return known[1]

    def is_original(self, pod: Pod) -> bool:
        """Whether a pod was there before the changes."""
        was = self.before.get(pod.key)
        return was is not None and was.metadata.uid == pod.metadata.uid

    def _look(self, pod: Pod) -> Hashable:
        reference = pod.metadata.controller
        owner = (reference.kind, reference.name) if reference is not None else None
        original = self.is_original(pod)
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
