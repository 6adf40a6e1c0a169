"""Desired against actual: derived for a whole cluster, or anew for what a change concerns alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from foretell.logic import vocabulary as v
from foretell.logic.facts import Facts, facts_of
from foretell.logic.finding import ordinal_of
from foretell.logic.forecast import moment_of
from foretell.logic.gates import default_gates
from foretell.logic.memory import Memory
from foretell.logic.scope import KINDS, near, owner_of, scope_of
from foretell.logic.solve import solve
from foretell.logic.vocabulary import Term
from foretell.model.cluster import Cluster
from foretell.model.collector import collector_paused
from foretell.model.diff import Detail, Diff, Difference, Divergence
from foretell.model.meta import Key, Object
from foretell.model.objects import ControllerRevision, DaemonSet, Node, Pod, StatefulSet

_FILES = ("diff.lp",)
Cell = tuple[Key, str]
"""What is judged by itself: a DaemonSet on a node, or a whole StatefulSet (with no node)."""
Cells = Mapping[Cell, tuple[Divergence, ...]]


def diff(cluster: Cluster, *, gates: frozenset[str] | None = None, grouped: bool = True) -> Diff:
    """How a cluster differs from what it should be; ungrouped, every node is judged by itself."""
    return DiffState.of(cluster, gates=gates, grouped=grouped).diff


class DiffState:
    """The diff of a snapshot, from which that of a later one is made.

    DaemonSets are judged node by node, StatefulSets set by set, and no judgement depends on another one: what
    a change doesn't concern stays as it was.
    """

    def __init__(self, cluster: Cluster, gates: frozenset[str], cells: Cells) -> None:
        self.cluster, self._gates, self._cells = cluster, gates, cells

    @classmethod
    def of(cls, cluster: Cluster, *, gates: frozenset[str] | None = None, grouped: bool = True) -> DiffState:
        """The diff of a whole cluster."""
        on = default_gates() if gates is None else gates
        return cls(cluster, on, _judged(cluster, moment_of(cluster), on, grouped=grouped))

    @cached_property
    def diff(self) -> Diff:
        """All differences, in order."""
        return Diff(entry for entries in self._cells.values() for entry in entries)

    def moved(self, after: Cluster, touched: Iterable[Key]) -> DiffState:
        """The diff of a later snapshot in which no object but the touched ones is another."""
        reach = _Reach(self.cluster, after)
        for key in touched:
            reach.add(key)
        waiting = any(w.spec.min_ready_seconds for w in after.workloads)
        if reach.everything or (waiting and after.moment != self.cluster.moment):
            return DiffState.of(after, gates=self._gates)
        now = moment_of(after) if waiting else after.moment
        cells = {
            cell: entries
            for cell, entries in self._cells.items()
            if cell[0] not in reach.workloads and (not cell[1] or cell[1] not in reach.nodes)
        }
        for part in reach.parts():
            cells.update(_judged(part, now, self._gates))
        return DiffState(after, self._gates, cells)


class _Reach:
    """What changes concern: nodes with all DaemonSets, and workloads with all of their pods."""

    def __init__(self, before: Cluster, after: Cluster) -> None:
        self._before, self._after = before, after
        self.nodes: set[str] = set()
        self.workloads: set[Key] = set()
        self.everything = False

    def add(self, key: Key) -> None:
        """Take a changed object into account, as it was and as it is."""
        for cluster in (self._before, self._after):
            thing = cluster.get(key)
            if isinstance(thing, Node):
                self.nodes.add(thing.name)
            elif isinstance(thing, KINDS):
                self._add_workload(cluster, thing)
            elif isinstance(thing, Pod):
                self._add_pod(cluster, thing)
            elif isinstance(thing, ControllerRevision):
                self._add_revision(cluster, thing)

    def _add_workload(self, cluster: Cluster, workload: DaemonSet | StatefulSet) -> None:
        self.workloads.add(workload.key)
        # Workloads compete for what nobody owns.
        self.everything |= bool(cluster.orphans(workload.namespace))

    def _add_pod(self, cluster: Cluster, pod: Pod) -> None:
        owner = owner_of(cluster, pod)
        if isinstance(owner, StatefulSet):
            self.workloads.add(owner.key)
        elif owner is not None:
            self.nodes.add(pod.spec.node_name or pod.pinned_to)
        elif pod.metadata.controller is None:
            self.everything |= any(near(pod, workload) for workload in cluster.workloads)
        elif (gone := _gone_owner(self._before, pod) or _gone_owner(self._after, pod)) is not None:
            self.workloads.add(gone)

    def _add_revision(self, cluster: Cluster, revision: ControllerRevision) -> None:
        owner = owner_of(cluster, revision)
        if owner is not None:
            self.workloads.add(owner.key)
        elif revision.metadata.controller is None:
            self.everything |= any(near(revision, workload) for workload in cluster.workloads)

    def parts(self) -> Iterable[Cluster]:
        """Clusters of just what is concerned, judged one by one."""
        after = self._after
        if self.nodes:
            things: list[Object] = [
                *(node for name in sorted(self.nodes) if (node := after.find(Node, name)) is not None),
                *after.revisions,
            ]
            pods = [pod for name in sorted(self.nodes) for pod in after.pods_on(name)]
            orphans = any(pod.metadata.controller is None for pod in pods)
            sets = after.statefulsets if orphans else ()
            daemonsets = [ds for ds in after.daemonsets if ds.key not in self.workloads]
            yield Cluster([*things, *daemonsets, *sets, *pods])
        found = [w for key in sorted(self.workloads) if isinstance(w := after.get(key), KINDS)]
        if found:
            owned = [thing for w in found for thing in after.owned_by(w.metadata.uid)]
            nodes = after.nodes if any(isinstance(w, DaemonSet) for w in found) else ()
            yield Cluster([*nodes, *found, *owned])


def _gone_owner(cluster: Cluster, pod: Pod) -> Key | None:
    owner = owner_of(cluster, pod)
    return None if owner is None else owner.key


def _judged(cluster: Cluster, now: float, gates: frozenset[str], *, grouped: bool = True) -> Cells:
    """The differences of a cluster by cell, those without any left out."""
    with collector_paused():
        memory = Memory(touched={workload.key for workload in cluster.workloads})
        facts = facts_of(cluster, scope_of(cluster, memory, now), memory, now, gates, grouped=grouped)
        answer = solve(_FILES, facts.text)
        cells: dict[Cell, list[Divergence]] = {}
        for term, spot in answer.get("misses", ()):
            for cell, entry in _missing(facts, v.workload_key(term), spot):
                cells.setdefault(cell, []).append(entry)
        for term, path, difference, detail in answer.get("differs", ()):
            workload = v.workload_key(term)
            for key in facts.alike(v.key_of("Pod", str(path)), {}):
                pod = cluster.get(key)
                assert isinstance(pod, Pod)
                cell, entry = _amiss(workload, pod, _word(difference), _word(detail))
                cells.setdefault(cell, []).append(entry)
    return {cell: tuple(entries) for cell, entries in cells.items()}


def _word(argument: v.Argument) -> str:
    assert isinstance(argument, Term)
    return argument.name.replace("_", "-")


def _missing(facts: Facts, workload: Key, spot: v.Argument) -> Iterable[tuple[Cell, Divergence]]:
    assert isinstance(spot, Term)
    (argument,) = spot.arguments
    if spot.name == "ordinal":
        assert isinstance(argument, int)
        yield (
            (workload, ""),
            Divergence(
                difference=Difference.MISSING, detail=Detail.NO_POD, workload=workload, ordinal=argument
            ),
        )
        return
    for node in facts.nodes_alike(str(argument), {}):
        yield (
            (workload, node),
            Divergence(difference=Difference.MISSING, detail=Detail.NO_POD, workload=workload, node=node),
        )


def _amiss(workload: Key, pod: Pod, difference: str, detail: str) -> tuple[Cell, Divergence]:
    node = pod.spec.node_name or pod.pinned_to
    ordinal = ordinal_of(pod, workload.name) if workload.kind == "StatefulSet" else None
    entry = Divergence(
        difference=Difference(difference), detail=Detail(detail), workload=workload, node=node or None,
        ordinal=ordinal, pod=pod.name,
    )  # fmt: skip
    return (workload, node if workload.kind == "DaemonSet" else ""), entry
