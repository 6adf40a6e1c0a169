"""The daemon pods of each node, told once and brought up to date by what changes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from foretell.logic.rest import Sight
from foretell.logic.seen import Told
from foretell.logic.symmetry import Classes
from foretell.model.cluster import Cluster
from foretell.model.meta import Key, Object
from foretell.model.objects import Node, Pod


class Stack(NamedTuple):
    """The daemon pods of a node, in the order in which alike nodes have alike pods.

    Of each there is what is told of it, the mark of that, and its DaemonSet, whoever looks. A stack that is
    `lasting` stays as it is until the node or one of its pods changes.
    """

    keys: tuple[Key, ...]
    told: tuple[Told, ...]
    marks: tuple[int, ...]
    owners: tuple[Key | None, ...]
    lasting: bool

    @classmethod
    def of(cls, entries: Iterable[tuple[Key, Told, Key | None]], *, lasting: bool) -> Stack:
        """The stack of these pods, each with what is told of it and its DaemonSet."""
        keys, told, owners = tuple(zip(*entries, strict=True)) or ((), (), ())
        return cls(keys, told, tuple([one.mark for one in told]), owners, lasting)


NOTHING = Stack((), (), (), (), lasting=True)


MOST_VIEWS = 4
"""In so many ways are nodes kept grouped."""


@dataclass
class Stacks:
    """The stacks of all nodes with any; `keys` are their pods, `places` where in which stack a pod is."""

    by_node: dict[str, Stack] = field(default_factory=dict)
    keys: dict[str, tuple[Key, ...]] = field(default_factory=dict)
    places: dict[Key, tuple[str, int]] = field(default_factory=dict)
    _cluster: Cluster | None = None
    _home: Cluster | None = None
    _strayed: set[Key] = field(default_factory=set)
    """All that differs between the cluster that the forecast began with and the one that is known."""
    _telling: Hashable = None
    _stale: set[str] = field(default_factory=set)
    _since: float = 0.0
    _views: dict[Hashable, Classes[Sight]] = field(default_factory=dict)

    def moved(self, before: Cluster, after: Cluster, changed: Iterable[Key]) -> None:
        """Take note of a change, unless this isn't the cluster that is known."""
        if self._cluster is before:
            self._mind(before, after, changed)

    def come_home(self, cluster: Cluster, changed: Iterable[Key] = ()) -> None:
        """A forecast begins with the cluster that the last one began with, but for what has changed."""
        if self._cluster is not None:
            self._mind(self._cluster, cluster, self._strayed.union(changed))
        self._home, self._strayed = cluster, set()

    def _mind(self, before: Cluster, after: Cluster, changed: Iterable[Key]) -> None:
        for key in changed:
            self._stale.update(_nodes_of(before.get(key)), _nodes_of(after.get(key)))
            self._strayed.add(key)
        self._cluster = after

    def bring(
        self,
        cluster: Cluster,
        telling: Hashable,
        since: float,
        also: Iterable[str],
        stack_of: Callable[[str], Stack],
    ) -> None:
        """Bring the stacks up to date, where `telling` is all that decides what is told beside a node's pods.

        Anew are told: those that have changed or don't last, `also` these; all of them where something else
        is told, or as of an earlier moment: what lasts does so from a moment (`since`) on.
        """
        if self._cluster is None or telling != self._telling or since < self._since:
            self.by_node, self.keys, self.places, self._views = {}, {}, {}, {}
            names = set(cluster.occupied_nodes())
            self._strayed.update(cluster.differing(self._home) if self._home is not None else ())
        else:
            if self._cluster is not cluster:
                self._mind(self._cluster, cluster, cluster.differing(self._cluster))
            names = self._stale.union(also)
        self._cluster, self._telling, self._since, self._stale = cluster, telling, since, set()
        for name in names:
            self._replace(name, stack_of(name))
        for view in self._views.values():
            view.stale.update(names)

    def view(self, seen_by: Hashable, sight_of: Callable[[str], Sight | None]) -> Classes[Sight]:
        """All nodes as they are seen, where `seen_by` is all that decides this beside nodes and stacks."""
        if seen_by not in self._views:
            assert self._cluster is not None
            if len(self._views) == MOST_VIEWS:
                self._views.clear()
            nodes = {node.name for node in self._cluster.nodes}
            self._views[seen_by] = Classes(stale=nodes | self.by_node.keys())
        view = self._views[seen_by]
        view.bring(sight_of)
        return view

    def _replace(self, name: str, stack: Stack) -> None:
        for key in self.keys.pop(name, ()):
            if self.places[key][0] == name:
                del self.places[key]
        self.by_node.pop(name, None)
        if stack.keys:
            self.by_node[name], self.keys[name] = stack, stack.keys
            self.places.update((key, (name, index)) for index, key in enumerate(stack.keys))
        if not stack.lasting:
            self._stale.add(name)


def _nodes_of(thing: Object | None) -> tuple[str, ...]:
    if isinstance(thing, Pod):
        node = thing.spec.node_name or thing.pinned_to
        return (node,) if node else ()
    return (thing.name,) if isinstance(thing, Node) else ()
