"""The cluster: one immutable snapshot of objects, found by key, owner, node and labels."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from typing import NamedTuple, TypeVar

from foretell.model.layers import Layers
from foretell.model.meta import Key, Object
from foretell.model.objects import (
    ControllerRevision,
    CronJob,
    DaemonSet,
    Deployment,
    Job,
    Node,
    PersistentVolumeClaim,
    Pod,
    PodDisruptionBudget,
    PodOwner,
    ReplicaSet,
    Revisioned,
    StatefulSet,
    StorageClass,
    Workload,
)

T = TypeVar("T", bound=Object)
Index = Layers[str, tuple[Key, ...]]
_EMPTY: Layers[Key, Object] = Layers({})
_FEW = 32
"""Up to which share of its objects changes of a kind are put in their places, instead of sorting it anew."""


def _owner_uids(thing: Object) -> Iterable[str]:
    return (owner.uid for owner in thing.metadata.owner_references)


def _node_names(thing: Object) -> Iterable[str]:
    if isinstance(thing, Pod) and (node := thing.spec.node_name or thing.pinned_to):
        yield node


def _adrift(thing: Object) -> Iterable[str]:
    owner = thing.metadata.controller if isinstance(thing, Pod) else None
    if owner is not None and owner.kind == "DaemonSet" and not tuple(_node_names(thing)):
        yield owner.uid


def _label_pairs(thing: Object) -> Iterable[str]:
    if isinstance(thing, Pod):
        return (f"{thing.namespace}/{k}={v}" for k, v in thing.labels.items())
    return ()


def _uids(thing: Object) -> Iterable[str]:
    if thing.metadata.uid:
        yield thing.metadata.uid


def _orphan_namespaces(thing: Object) -> Iterable[str]:
    if isinstance(thing, Pod | ControllerRevision | ReplicaSet) and thing.metadata.controller is None:
        yield thing.namespace


def _revisioned_uids(thing: Object) -> Iterable[str]:
    return _owner_uids(thing) if isinstance(thing, ControllerRevision) else ()


def _guest_nodes(thing: Object) -> Iterable[str]:
    owner = thing.metadata.controller if isinstance(thing, Pod) else None
    return () if owner is not None and owner.kind == "DaemonSet" else _node_names(thing)


def _taint_effects(thing: Object) -> Iterable[str]:
    return {taint.effect for taint in thing.spec.taints} if isinstance(thing, Node) else ()


_INDEXES: dict[str, Callable[[Object], Iterable[str]]] = {
    "owner": _owner_uids,
    "node": _node_names,
    "adrift": _adrift,
    "effect": _taint_effects,
    "guest": _guest_nodes,
    "revision": _revisioned_uids,
    "label": _label_pairs,
    "uid": _uids,
    "orphan": _orphan_namespaces,
}


class Cluster:
    """One immutable snapshot of Kubernetes objects.

    Objects of a kind come back in the order of their keys (namespace, then name), whatever order they
    were given in. Indexes are made when they are first asked for and carried over to later snapshots.

    `moment` is when the snapshot was taken, in seconds since the epoch, where that is known; what only its
    objects' timestamps tell is nought. Two snapshots of the same objects are equal whenever they were taken.
    """

    __slots__ = ("_indexes", "_kinds", "_sorted", "moment")

    def __init__(self, objects: Iterable[Object] = (), *, moment: float = 0.0) -> None:
        self.moment = moment
        self._take((thing.key, thing) for thing in objects)
        self._indexes: dict[str, Index] = {}
        self._sorted: dict[str, Sorted] = {}

    @classmethod
    def keyed(cls, objects: Mapping[Key, Object]) -> Cluster:
        """A snapshot of objects by their keys, of which no others are made."""
        cluster = cls()
        cluster._take(objects.items())
        return cluster

    def _take(self, pairs: Iterable[tuple[Key, Object]]) -> None:
        kinds: dict[str, dict[Key, Object]] = {}
        for key, thing in pairs:
            kinds.setdefault(key.kind, {})[key] = thing
        self._kinds = {kind: Layers(things) for kind, things in kinds.items()}

    def __len__(self) -> int:
        return sum(map(len, self._kinds.values()))

    def __iter__(self) -> Iterator[Object]:
        for kind in sorted(self._kinds):
            yield from self._in_order(kind)

    def __contains__(self, key: Key) -> bool:
        return key in self._kinds.get(key.kind, _EMPTY)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Cluster) and self._filled() == other._filled()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "Cluster(" + ", ".join(f"{len(v)} {k}" for k, v in sorted(self._filled().items())) + ")"

    def _filled(self) -> dict[str, Layers[Key, Object]]:
        return {kind: things for kind, things in self._kinds.items() if things}

    def _in_order(self, kind: str) -> tuple[Object, ...]:
        known, things = self._sorted.get(kind), self._kinds.get(kind, _EMPTY)
        if known is None or len(known.since) * _FEW > len(things):
            known = Sorted(tuple(thing for _, thing in sorted(things.pairs())), frozenset())
        elif known.since:
            known = Sorted(_renewed(known, things), frozenset())
        self._sorted[kind] = known
        return known.things

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that occur, in alphabetical order."""
        return tuple(sorted(self._filled()))

    def get(self, key: Key) -> Object | None:
        """The object with this key, if there is one."""
        return self._kinds.get(key.kind, _EMPTY).get(key)

    def find(self, kind: type[T], name: str, namespace: str = "") -> T | None:
        """The object of this kind and name, if there is one."""
        thing = self.get(Key(kind.__name__, namespace, name))
        return thing if isinstance(thing, kind) else None

    def all(self, kind: type[T]) -> tuple[T, ...]:
        """Every object of a kind, in the order of keys."""
        return self._in_order(kind.__name__)  # type: ignore[return-value]

    def of_kind(self, kind: str) -> tuple[Object, ...]:
        """Every object of a kind given by name, in the order of keys."""
        return self._in_order(kind)

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Every node."""
        return self.all(Node)

    @property
    def pods(self) -> tuple[Pod, ...]:
        """Every pod."""
        return self.all(Pod)

    @property
    def daemonsets(self) -> tuple[DaemonSet, ...]:
        """Every DaemonSet."""
        return self.all(DaemonSet)

    @property
    def statefulsets(self) -> tuple[StatefulSet, ...]:
        """Every StatefulSet."""
        return self.all(StatefulSet)

    @property
    def claims(self) -> tuple[PersistentVolumeClaim, ...]:
        """Every claim."""
        return self.all(PersistentVolumeClaim)

    @property
    def revisions(self) -> tuple[ControllerRevision, ...]:
        """Every ControllerRevision."""
        return self.all(ControllerRevision)

    @property
    def budgets(self) -> tuple[PodDisruptionBudget, ...]:
        """Every disruption budget."""
        return self.all(PodDisruptionBudget)

    @property
    def storage_classes(self) -> tuple[StorageClass, ...]:
        """Every storage class."""
        return self.all(StorageClass)

    @property
    def replicasets(self) -> tuple[ReplicaSet, ...]:
        """Every ReplicaSet."""
        return self.all(ReplicaSet)

    @property
    def deployments(self) -> tuple[Deployment, ...]:
        """Every Deployment."""
        return self.all(Deployment)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """Every Job."""
        return self.all(Job)

    @property
    def cronjobs(self) -> tuple[CronJob, ...]:
        """Every CronJob."""
        return self.all(CronJob)

    @property
    def revisioned(self) -> tuple[Revisioned, ...]:
        """Every DaemonSet, then every StatefulSet."""
        return (*self.daemonsets, *self.statefulsets)

    @property
    def pod_owners(self) -> tuple[PodOwner, ...]:
        """Every DaemonSet, StatefulSet, ReplicaSet and Job, kind by kind."""
        return (*self.revisioned, *self.replicasets, *self.jobs)

    @property
    def workloads(self) -> tuple[Workload, ...]:
        """Everything that makes pods, by itself or through others, kind by kind."""
        return (*self.pod_owners, *self.deployments, *self.cronjobs)

    def _index(self, name: str) -> Index:
        if name not in self._indexes:
            entries: dict[str, list[Key]] = {}
            entry_of = _INDEXES[name]
            for things in self._kinds.values():
                for key, thing in things.pairs():
                    for entry in entry_of(thing):
                        entries.setdefault(entry, []).append(key)
            self._indexes[name] = Layers({entry: tuple(sorted(keys)) for entry, keys in entries.items()})
        return self._indexes[name]

    def keys(self, kind: type[Object]) -> Set[Key]:
        """The key of every object of a kind."""
        return self._kinds.get(kind.__name__, _EMPTY).keys()

    def indexed(self) -> None:
        """Make every index but that of labels, for which few ask: later snapshots take them over."""
        for name in _INDEXES.keys() - {"label"}:
            self._index(name)

    def _found(self, name: str, entry: str) -> Iterator[Object]:
        for key in self._index(name).get(entry) or ():
            yield self._kinds[key.kind][key]

    def owned_by(self, uid: str) -> tuple[Object, ...]:
        """Every object with an owner reference to this uid, in the order of keys."""
        return tuple(self._found("owner", uid))

    def owned_pods(self, uid: str) -> Iterator[tuple[Key, Pod]]:
        """Every pod with an owner reference to this uid, with its key, in the order of keys."""
        for key in self._index("owner").get(uid) or ():
            thing = self._kinds[key.kind][key]
            if isinstance(thing, Pod):
                yield key, thing

    def owned_revisions(self, uid: str) -> tuple[ControllerRevision, ...]:
        """Every ControllerRevision with an owner reference to this uid, in the order of keys."""
        found = self._found("revision", uid)
        return tuple(thing for thing in found if isinstance(thing, ControllerRevision))

    def pods_on(self, node: str) -> tuple[Pod, ...]:
        """Every pod that is bound to a node, or waits for just this one, in the order of keys."""
        return tuple(pod for pod in self._found("node", node) if isinstance(pod, Pod))

    def tainted_nodes(self, effect: str) -> Iterator[str]:
        """The name of every node that bears a taint of this effect, in order."""
        return (key.name for key in self._index("effect").get(effect) or ())

    def guests_on(self, node: str) -> tuple[Pod, ...]:
        """Of `pods_on` a node those that no DaemonSet controls."""
        return tuple(pod for pod in self._found("guest", node) if isinstance(pod, Pod))

    def adrift(self, uid: str) -> tuple[Pod, ...]:
        """Every pod that this DaemonSet controls and that neither is on a node nor waits for just one."""
        return tuple(pod for pod in self._found("adrift", uid) if isinstance(pod, Pod))

    def pods_labelled(self, namespace: str, key: str, value: str) -> tuple[Pod, ...]:
        """Every pod of a namespace with this label, in the order of keys."""
        return tuple(
            pod for pod in self._found("label", f"{namespace}/{key}={value}") if isinstance(pod, Pod)
        )

    def by_uid(self, uid: str) -> Object | None:
        """The object with this uid, if there is one."""
        return next(self._found("uid", uid), None)

    def owner_uids(self) -> tuple[str, ...]:
        """Every uid that some owner reference names, in order."""
        return tuple(sorted(uid for uid, keys in self._index("owner").pairs() if keys))

    def occupied_nodes(self) -> tuple[str, ...]:
        """The name of every node that some pod is on or waits for, there or not, in order."""
        return tuple(sorted(name for name, keys in self._index("node").pairs() if keys))

    def nodes_gone(self) -> tuple[str, ...]:
        """The name of every node that some pod is on or waits for, and that isn't there, in order."""
        return tuple(sorted(self._index("node").keys() - {key.name for key in self.keys(Node)}))

    def orphans(self, namespace: str) -> tuple[Object, ...]:
        """Every pod, revision and ReplicaSet of a namespace that nothing controls, in the order of keys."""
        return tuple(self._found("orphan", namespace))

    def differing(self, other: Cluster) -> Iterator[Key]:
        """The key of every object that isn't one and the same in both; kinds that they share cost nothing."""
        for kind in sorted({*self._kinds, *other._kinds}):
            mine, theirs = self._kinds.get(kind, _EMPTY), other._kinds.get(kind, _EMPTY)
            if mine is not theirs:
                yield from mine.differing(theirs)

    def at(self, moment: float) -> Cluster:
        """The same objects at a later moment."""
        cluster = Cluster(moment=moment)
        cluster._kinds, cluster._sorted, cluster._indexes = self._kinds, self._sorted, self._indexes
        return cluster

    def written(self, writes: Mapping[Key, Object | None]) -> Cluster:
        """A later snapshot: with these objects by their keys, and without those for which there is None."""
        puts = (thing for thing in writes.values() if thing is not None)
        return self.replaced(puts, (key for key, thing in writes.items() if thing is None))

    def replaced(self, puts: Iterable[Object] = (), drops: Iterable[Key] = ()) -> Cluster:
        """A later snapshot: with these objects put in place of those of the same key, and these keys gone."""
        after: Mapping[Key, Object | None] = {**dict.fromkeys(drops), **{thing.key: thing for thing in puts}}
        if not after:
            return self
        cluster = Cluster(moment=self.moment)
        cluster._kinds = dict(self._kinds)
        # Another thread may be making an index of this snapshot, or an order, at the same time.
        cluster._sorted, cluster._indexes = self._sorted.copy(), self._indexes.copy()
        pairs = [(key, self.get(key), thing) for key, thing in after.items()]
        for kind in {key.kind for key in after}:
            changes = [(key, thing) for key, thing in after.items() if key.kind == kind]
            cluster._kinds[kind] = self._kinds.get(kind, _EMPTY).changed(changes)
            known = cluster._sorted.pop(kind, None)
            if known is not None and len(known.since) * _FEW <= len(known.things):
                cluster._sorted[kind] = known._replace(since=known.since.union(key for key, _ in changes))
        for name, index in cluster._indexes.items():
            cluster._indexes[name] = _reindexed(index, _INDEXES[name], pairs)
        return cluster


class Sorted(NamedTuple):
    """Objects of a kind in order as they once were, and the keys of those that have changed since."""

    things: tuple[Object, ...]
    since: frozenset[Key]


def _renewed(known: Sorted, things: Layers[Key, Object]) -> tuple[Object, ...]:
    """The objects in order as they are now."""
    order = list(known.things)
    for key in known.since:
        place, thing = bisect_left(order, key, key=_key), things.get(key)
        there = place < len(order) and order[place].key == key
        order[place : place + there] = [] if thing is None else [thing]
    return tuple(order)


def _key(thing: Object) -> Key:
    return thing.key


def _reindexed(
    index: Index,
    entries_of: Callable[[Object], Iterable[str]],
    pairs: list[tuple[Key, Object | None, Object | None]],
) -> Index:
    """The index brought up to date; an entry that many objects share is written once."""
    gone: dict[str, set[Key]] = {}
    come: dict[str, set[Key]] = {}
    for key, before, after in pairs:
        old = set(entries_of(before)) if before is not None else set()
        new = set(entries_of(after)) if after is not None else set()
        for entry in old - new:
            gone.setdefault(entry, set()).add(key)
        for entry in new - old:
            come.setdefault(entry, set()).add(key)
    if not gone and not come:
        return index
    none: set[Key] = set()
    changes = [
        (entry, _merged(index.get(entry) or (), gone.get(entry, none), come.get(entry, none)) or None)
        for entry in gone.keys() | come.keys()
    ]
    return index.changed(changes)


def _merged(keys: tuple[Key, ...], gone: set[Key], come: set[Key]) -> tuple[Key, ...]:
    """Keys in order, without those that are gone and with those that have come."""
    if len(gone) + len(come) > _FEW:
        return tuple(sorted(set(keys) - gone | come))
    order = list(keys)
    for key in gone:
        del order[bisect_left(order, key)]
    for key in come:
        insort(order, key)
    return tuple(order)
