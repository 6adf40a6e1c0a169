"""Desired against actual: derived for a whole cluster, or anew for what a change concerns alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from foretell.logic import vocabulary as v
from foretell.logic.carried import latest_stamp, moment_of
from foretell.logic.facts import Facts, facts_of
from foretell.logic.finding import ordinal_of
from foretell.logic.gates import default_gates
from foretell.logic.memory import Memory
from foretell.logic.reach import Reach
from foretell.logic.scope import scope_of
from foretell.logic.solve import solve
from foretell.logic.vocabulary import Term
from foretell.model.cluster import Cluster
from foretell.model.collector import collector_paused
from foretell.model.diff import Detail, Diff, Difference, Divergence, Part
from foretell.model.meta import Key
from foretell.model.objects import Pod


def diff(
    cluster: Cluster, *, gates: frozenset[str] | None = None, now: float | None = None, grouped: bool = True
) -> Diff:
    """How a cluster differs from what it should be.

    `gates` are the feature gates that are on, `now` is in seconds since the epoch, by default the latest
    moment in the cluster. Ungrouped, every node is judged by itself, with the same answer.
    """
    return DiffState.of(cluster, gates=gates, now=now, grouped=grouped).diff


class DiffState:
    """The diff of a snapshot, from which that of a later one is made.

    DaemonSets are judged node by node, StatefulSets set by set, and no judgement depends on another one: what
    a change doesn't concern stays as it was. States are never changed; they share what they have in common.
    """

    def __init__(
        self, cluster: Cluster, gates: frozenset[str], latest: float, now: float, parts: Mapping[Key, Part]
    ) -> None:
        self.cluster = cluster
        self._gates, self._latest, self._now, self._parts = gates, latest, now, parts

    @classmethod
    def of(
        cls,
        cluster: Cluster,
        *,
        gates: frozenset[str] | None = None,
        now: float | None = None,
        grouped: bool = True,
    ) -> DiffState:
        """The diff of a whole cluster; arguments are as for `diff`."""
        on, latest = default_gates() if gates is None else gates, moment_of(cluster)
        moment = latest if now is None else now
        # Made once, this index is carried over to all later snapshots, which are asked by nodes.
        cluster.occupied_nodes()
        found = _by_workload(_judged(cluster, moment, on, grouped=grouped))
        return cls(cluster, on, latest, moment, {key: Part.of(entries) for key, entries in found.items()})

    @cached_property
    def diff(self) -> Diff:
        """All differences, in order."""
        return Diff(self._parts)

    def moved(self, after: Cluster, touched: Iterable[Key], *, now: float | None = None) -> DiffState:
        """The diff of another snapshot, in which no object but the touched ones is another.

        It is the same as one made of that snapshot afresh.
        """
        keys = frozenset(touched)
        latest = self._latest_in(after, keys)
        moment = latest if now is None else now
        reach = Reach(self.cluster, after)
        for key in keys:
            reach.add(key)
        if moment != self._now:
            self._mind_time(reach, after, moment)
        parts = {key: part for key, part in self._parts.items() if key not in reach.workloads}
        for extract in reach.extracts():
            fresh = (e for e in _judged(extract.cluster, moment, self._gates) if extract.judges(e))
            found = _by_workload(fresh)
            if extract.workloads:
                parts.update((key, Part.of(entries)) for key, entries in found.items())
                continue
            for daemonset in after.daemonsets:
                entries = found.get(daemonset.key, ())
                part = parts.get(daemonset.key)
                if entries or part is not None:
                    parts[daemonset.key] = (part or Part()).with_nodes(extract.nodes, entries)
        return DiffState(after, self._gates, latest, moment, parts)

    def _latest_in(self, after: Cluster, touched: Iterable[Key]) -> float:
        """The latest moment of the other snapshot, which is looked through only where that may be gone."""
        known = self._latest
        if after.moment < known:
            gone = (thing for key in touched if (thing := self.cluster.get(key)) is not None)
            if after.moment < self.cluster.moment or any(latest_stamp(thing) == known for thing in gone):
                return moment_of(after)
        come = (thing for key in touched if (thing := after.get(key)) is not None)
        return max([known, after.moment, *map(latest_stamp, come)])

    def _mind_time(self, reach: Reach, after: Cluster, moment: float) -> None:
        """Mind whose pods become available as time goes on, and whose don't count as such earlier."""
        for workload in after.revisioned:
            if not workload.spec.min_ready_seconds:
                continue
            if moment < self._now:
                reach.workloads.add(workload.key)
                continue
            for entry in self._parts.get(workload.key, Part()).entries:
                if entry.detail is Detail.POD_NOT_AVAILABLE:
                    reach.add_entry(entry)


def _judged(cluster: Cluster, now: float, gates: frozenset[str], *, grouped: bool = True) -> list[Divergence]:
    """The differences of a cluster, in no particular order."""
    with collector_paused():
        memory = Memory(touched={workload.key for workload in cluster.revisioned})
        facts = facts_of(cluster, scope_of(cluster, memory, now), memory, now, gates, grouped=grouped)
        answer = solve(("diff.lp",), facts.text)
        found = [e for term, spot in answer.get("misses", ()) for e in _missing(facts, term, spot)]
        found += [e for atom in answer.get("differs", ()) for e in _amiss(cluster, facts, atom)]
    return found


def _by_workload(entries: Iterable[Divergence]) -> dict[Key, list[Divergence]]:
    found: dict[Key, list[Divergence]] = {}
    for entry in entries:
        found.setdefault(entry.workload, []).append(entry)
    return found


def _missing(facts: Facts, term: v.Argument, spot: v.Argument) -> Iterator[Divergence]:
    assert isinstance(spot, Term)
    (argument,) = spot.arguments
    workload = v.workload_key(term)
    kind, detail = Difference.MISSING, Detail.NO_POD
    if isinstance(argument, int):
        for ordinal in facts.ordinals_alike(workload, argument):
            yield Divergence(difference=kind, detail=detail, workload=workload, ordinal=ordinal)
        return
    for node in facts.nodes_alike(str(argument), {}):
        yield Divergence(difference=kind, detail=detail, workload=workload, node=node)


def _amiss(cluster: Cluster, facts: Facts, atom: tuple[v.Argument, ...]) -> Iterator[Divergence]:
    term, path, difference, detail = atom
    workload = v.workload_key(term)
    kind, why = Difference(v.word_of(difference)), Detail(v.word_of(detail))
    for key in facts.alike(v.key_of("Pod", str(path)), {}):
        pod = cluster.get(key)
        assert isinstance(pod, Pod)
        yield Divergence(
            difference=kind, detail=why, workload=workload, pod=pod.name,
            node=pod.spec.node_name or pod.pinned_to or None,
            ordinal=ordinal_of(pod, workload.name) if workload.kind == "StatefulSet" else None,
        )  # fmt: skip
