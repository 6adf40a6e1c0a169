"""The facts of nodes: alike ones, with alike daemon pods, are told once; those at rest aren't told at all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from foretell.logic import vocabulary as v
from foretell.logic.memory import Memory
from foretell.logic.rest import Question, Sight
from foretell.logic.scope import Scope
from foretell.logic.seen import Rows, Told, facts_from
from foretell.logic.shapes import Shapes
from foretell.logic.stacks import NOTHING, Stacks
from foretell.logic.symmetry import Grouping
from foretell.logic.vocabulary import Term
from foretell.model.cluster import Cluster
from foretell.model.meta import Key
from foretell.model.objects import DaemonSet, Node

_ZONE_LABELS = ("topology.kubernetes.io/region", "topology.kubernetes.io/zone")


@dataclass
class NodeFacts:
    """Makes these facts, of all nodes or of those with stacks.

    `told` are pods that are told otherwise than in their stack, `known` nodes are told by themselves, and
    `busy` ones in any case. The `question` is what is asked about them.
    """

    cluster: Cluster
    scope: Scope
    memory: Memory
    stacks: Stacks
    told: dict[Key, Told]
    known: Collection[str]
    busy: Collection[str]
    question: Question
    grouping: Grouping = field(default_factory=Grouping)
    elsewhere: dict[Key | None, int] = field(default_factory=dict)
    elsewhere_in: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Find out what is seen of nodes."""
        labels, self.names = _attributes_seen(self.cluster, self.memory)
        self.labels = tuple(sorted(labels))
        self.apart = {*self.known, *(node for _, _, node in self.memory.back_offs)}
        # Where all nodes are touched, this tells none from another.
        touched = frozenset(self.scope.nodes)
        there = len(touched) >= len(self.cluster.nodes)
        self.all_touched = there and all(node.name in touched for node in self.cluster.nodes)
        self.touched = frozenset() if self.all_touched else touched
        self.daemonsets = {w.key for w in self.scope.workloads if isinstance(w, DaemonSet)}

    def tell(self, *, grouped: bool) -> list[str]:
        """The facts of the nodes that are told; with groups those at rest aren't."""
        # A touched node at rest may still wake a DaemonSet that isn't awake by itself.
        sparing = grouped and (not self.all_touched or self.daemonsets <= self.scope.touched)
        view = self.stacks.view((self.labels, self.names, bool(self.scope.nodes)), self._sight)
        alone: dict[Sight, list[str]] = {}
        for name in sorted(self.apart | self.touched):
            if name in view.signatures or name in self.known:
                alone.setdefault(self._own_sight(name), []).append(name)
        classes = view.without([name for names in alone.values() for name in names])
        busy = {view.signatures[name] for name in self.busy if name in view.signatures}
        spared = {
            sight for sight, _ in classes if sparing and sight not in busy and self.question.spares(sight)
        }
        classes += [(sight, tuple(names)) for sight, names in alone.items()]
        lines: list[str] = []
        for sight, members in sorted(classes, key=lambda one: one[1][0]):
            if not (self.scope.all_nodes or sight.stack or sight.name in self.known):
                continue
            if sight in spared:
                self.grouping.passed(members)
                self._pass(sight, members)
                continue
            for first in self.grouping.add(members, grouped=grouped):
                self.question.told[first] = sight
                lines += self._facts(first)
        lines += [
            v.ELSEWHERE(v.workload_term(key), self.elsewhere[key])
            for key in sorted(self.daemonsets & self.elsewhere.keys())
        ]
        return lines + [v.ELSEWHERE_IN(zone, count) for zone, count in sorted(self.elsewhere_in.items())]

    def _pass(self, sight: Sight, members: tuple[str, ...]) -> None:
        """Count what nodes at rest add to sums: each has all pods of its stack, and is ready."""
        first = members[0]
        for owner in self.stacks.by_node.get(first, NOTHING).owners:
            if owner in self.daemonsets:
                self.elsewhere[owner] = self.elsewhere.get(owner, 0) + len(members)
        if sight.conditions is not None:
            for row in self._condition_rows(first):
                if row[0] is v.ZONE:
                    zone = str(row[1])
                    self.elsewhere_in[zone] = self.elsewhere_in.get(zone, 0) + len(members)

    # --- what is seen of a node ---

    def _sight(self, name: str) -> Sight | None:
        """The node as it is seen by itself; None where neither it nor a pod on it is there."""
        if name not in self.stacks.by_node and self.cluster.find(Node, name) is None:
            return None
        mark = self.memory.seen.marked
        conditions = mark(self._condition_rows(name)).mark if self.scope.nodes else None
        marks = self.stacks.by_node.get(name, NOTHING).marks
        return Sight(mark(self._rows(name)).mark, conditions, marks, name if name in self.names else "")

    def _own_sight(self, name: str) -> Sight:
        """The node as it is seen now."""
        mark = self.memory.seen.marked
        conditions = mark(self._condition_rows(name)).mark if self.scope.nodes else None
        stack = self.stacks.by_node.get(name, NOTHING)
        marks = [self.told.get(key, said).mark for key, said in zip(stack.keys, stack.told, strict=True)]
        return Sight(
            mark(self._rows(name)).mark, conditions, tuple(marks),
            name if name in self.names or name in self.apart else "", name in self.touched,
        )  # fmt: skip

    def _rows(self, name: str) -> Rows:
        node = self.cluster.find(Node, name)
        if node is None:
            return ()
        rows: list[tuple[object, ...]] = [(v.NODE,)]
        rows += [(v.TAINT, Term("taint", (t.key, t.value, t.effect))) for t in node.spec.taints]
        labels = (label for label in self.labels if label in node.labels)
        rows += [(v.HAS, Term("label", (label,)), node.labels[label]) for label in labels]
        return tuple(rows)

    def _condition_rows(self, name: str) -> Rows:
        node = self.cluster.find(Node, name)
        if node is None:
            return ()
        zone = "/".join(node.labels.get(label, "") for label in _ZONE_LABELS)
        rows: list[tuple[object, ...]] = [(v.ZONE, zone)]
        rows += [(v.CONDITION, c.type, c.status) for c in node.status.conditions]
        if node.spec.unschedulable:
            rows.append((v.UNSCHEDULABLE,))
        return tuple(rows)

    def _facts(self, name: str) -> list[str]:
        """The facts of a node that stands for others or for itself."""
        lines = facts_from(name, self._rows(name))
        if self.scope.nodes:
            lines += facts_from(name, self._condition_rows(name))
        if name in self.touched or (self.all_touched and self.cluster.find(Node, name) is not None):
            lines.append(v.TOUCHED(name))
        count, rank = len(self.grouping.members[name]), self.grouping.ranks[name]
        lines += [v.STANDS_FOR(name, count), v.RANK(name, rank)]
        if name in self.names:
            lines.append(v.HAS(name, Term("field", ("metadata.name",)), name))
        return lines


def _attributes_seen(cluster: Cluster, memory: Memory) -> tuple[frozenset[str], frozenset[str]]:
    """The labels and the names of nodes that some DaemonSet asks for."""
    keys: set[str] = set()
    names: set[str] = set()
    asked = memory.seen.asked
    for daemonset in cluster.daemonsets:
        spec = daemonset.spec.template.spec
        known = asked.get(daemonset.key)
        if known is None or known[0] is not spec:
            shapes = Shapes()
            shapes.of_daemon(spec)
            known = asked[daemonset.key] = (spec, frozenset(shapes.node_keys), frozenset(shapes.node_names))
        keys |= known[1]
        names |= known[2]
    return frozenset(keys), frozenset(names)
