"""The facts of ReplicaSets' pods: alike ones are told once, and those told before at little cost."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from foretell.logic import vocabulary as v
from foretell.logic.alike import Alike
from foretell.logic.memory import Memory
from foretell.logic.ranking import Rank, ranking
from foretell.logic.scope import Scope, min_ready_seconds, near
from foretell.logic.seen import Rows, Told, facts_from
from foretell.model.cluster import Cluster
from foretell.model.meta import Key
from foretell.model.objects import Pod, ReplicaSet, Workload

Entries = list[tuple[Key, Pod]]


@dataclass
class SetFacts:
    """Makes these facts; `nodes` are those that they name, `alike` the groups that were told once.

    `rows_of` gives all that is told of a pod but for its name, `owner_of` its controller, and `label_keys`
    which labels some rule looks at; `told` takes all that is told of a pod.
    """

    cluster: Cluster
    scope: Scope
    memory: Memory
    now: float
    rows_of: Callable[[Pod], Rows]
    owner_of: Callable[[Pod], Workload | None]
    label_keys: dict[Key, tuple[str, ...]]
    told: Callable[[Key, Rows], None]
    grouped: bool
    alike: Alike = field(default_factory=Alike)
    nodes: set[str] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)
    ranks: dict[Key, Rank] = field(default_factory=dict)

    @cached_property
    def telling(self) -> set[str]:
        """The nodes on which more is told: tainted ones, and those that are gone."""
        return {*self.cluster.nodes_gone(), *self.cluster.tainted_nodes("NoExecute"), *self.memory.lost}

    def tell(self, others: dict[str, Entries], strays: list[Pod]) -> None:
        """Tell the pods of the scope's ReplicaSets, those of others by uid, and how strays would rank."""
        sets = [workload for workload in self.scope.workloads if isinstance(workload, ReplicaSet)]
        for workload in sets:
            entries = list(self._pods_of(workload))
            pods = [*(pod for _, pod in entries), *(pod for pod in strays if near(pod, workload))]
            lines, rank = ranking(self.cluster, workload, v.workload_term(workload.key), pods, self.now)
            self.lines += lines
            if rank is not None:
                self.ranks[workload.key] = rank
            self._entries(workload, entries)
        for entries in others.values():
            self._entries(None, entries)
        for pod in strays:
            if sets:
                self.lines.append(v.COPIES(pod.key.path, 1))
            rank = next((self.ranks[w.key] for w in sets if w.key in self.ranks and near(pod, w)), None)
            self.lines += facts_from(pod.key.path, rank(pod)) if rank is not None else ()

    def _pods_of(self, workload: ReplicaSet) -> Iterator[tuple[Key, Pod]]:
        """The pods that a ReplicaSet controls."""
        uid = workload.metadata.uid
        for key, pod in self.cluster.owned_pods(uid):
            known = self.memory.seen.replicas.get(key)
            # Of a pod that was told before it is known whose it is.
            told_before = known is not None and known[0] is pod and known[1] == uid
            if told_before or self.owner_of(pod) is workload:
                yield key, pod

    def _entries(self, workload: ReplicaSet | None, entries: Entries) -> None:
        rank = self.ranks.get(workload.key) if workload is not None else None
        rows: dict[Key, Rows] = {}
        signatures: list[tuple[Key, Hashable]] = []
        for key, pod, told in self._told(workload, entries):
            order = rank(pod) if rank is not None else ()
            rows[key] = (*told.rows, *order) if order else told.rows
            node = pod.spec.node_name if self._tells_node(key, pod) else ""
            signatures.append((key, (told.mark, node, order) if self.grouped else key))
        for key, copies in self.alike.add(signatures):
            self.told(key, rows[key])
            self.lines.append(v.COPIES(key.path, copies))
            self.nodes |= {str(row[1]) for row in rows[key] if row[0] is v.BOUND}

    def _tells_node(self, key: Key, pod: Pod) -> bool:
        return pod.spec.node_name in self.telling or key in self.memory.evictions

    def _told(self, workload: ReplicaSet | None, entries: Entries) -> Iterable[tuple[Key, Pod, Told]]:
        """What is told of each pod, as it was told before where nothing has changed that can be seen."""
        seen = self.memory.seen
        lasting = workload is not None and min_ready_seconds(workload) == 0
        uid = workload.metadata.uid if workload is not None else ""
        labels = self.label_keys[workload.key] if workload is not None else ()
        for key, pod in entries:
            if not lasting or self._tells_node(key, pod):
                yield key, pod, seen.marked(self.rows_of(pod))
                continue
            known = seen.replicas.get(key)
            if known is None or known[0] is not pod or known[1] != uid or known[2] != labels:
                known = seen.replicas[key] = (pod, uid, labels, seen.marked(self.rows_of(pod)))
            yield key, pod, known[3]
