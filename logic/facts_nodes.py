"""The facts of nodes: alike ones, with alike daemon pods, are told once; those at rest aren't told at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass, field

from foretell.logic import vocabulary as v
from foretell.logic.memory import Memory
from foretell.logic.quiet import is_idle, reports
from foretell.logic.rest import Sight
from foretell.logic.scope import Scope
from foretell.logic.seen import Attributes, Rows, Told, ageless, facts_from
from foretell.logic.shapes import Shapes
from foretell.logic.solve import Answer
from foretell.logic.stacks import NOTHING, Stacks
from foretell.logic.symmetry import Classes, Grouping
from foretell.logic.vocabulary import Term
from foretell.model.cluster import Cluster
from foretell.model.meta import Key
from foretell.model.objects import Node

MOST_PAIRS = 10_000
"""Of answers about more pairs of DaemonSets and nodes than this, only the nodes are kept in mind."""
_ZONE_LABELS = ("topology.kubernetes.io/region", "topology.kubernetes.io/zone")


@dataclass
class NodeFacts:
    """Makes these facts, of all nodes or of those with stacks, and learns from the answer what is at rest.

    `told` are pods that are told otherwise than in their stack; `known` nodes are told by themselves, and
    `busy` ones in any case. `numbers` has the scope's DaemonSets, each by all that is told of it.
    """

    cluster: Cluster
    scope: Scope
    memory: Memory
    stacks: Stacks
    told: dict[Key, Told]
    known: Collection[str]
    busy: Collection[str]
    numbers: dict[Key, int]
    grouped: bool
    grouping: Grouping = field(default_factory=Grouping)
    sights: dict[str, Sight] = field(default_factory=dict)
    _alike: dict[tuple[str, frozenset[str]], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Find out what is seen of nodes, and which are seen alike."""
        self.rest = self.memory.seen.rest
        self.seen_by = attributes_seen(self.cluster, self.memory)
        self.labels = tuple(sorted({label for _, labels, _ in self.seen_by.values() for label in labels}))
        self.names = frozenset(name for _, _, names in self.seen_by.values() for name in names)
        self.apart = {*self.known, *(node for _, _, node in self.memory.back_offs)}
        # Where all nodes are touched, this tells none from another.
        self.all_touched = self.cluster.keys(Node) <= self.scope.touched
        self.touched = frozenset() if self.all_touched else self.scope.nodes
        # A touched node at rest may still wake a DaemonSet that isn't awake by itself.
        self.sparing = self.grouped and (not self.all_touched or self.numbers.keys() <= self.scope.touched)
        self.classes = self._classes()

    def _classes(self) -> list[tuple[Sight, tuple[str, ...]]]:
        """The nodes that are seen alike, in the order of the first of each."""
        view: Classes[Sight] = Classes()
        if self.scope.all_nodes or self.stacks.by_node:
            view = self.stacks.view((self.labels, self.names, bool(self.scope.nodes)), self._sight)
        alone: dict[Sight, list[str]] = {}
        for name in sorted(self.apart | self.touched):
            if name in view.signatures or name in self.known:
                alone.setdefault(self._own_sight(name), []).append(name)
        classes = view.without([name for names in alone.values() for name in names])
        classes += [(sight, tuple(names)) for sight, names in alone.items()]
        if not self.scope.all_nodes:
            classes = [one for one in classes if one[0].stack or one[0].name in self.known]
        self.never_spared = {view.signatures[name] for name in self.busy if name in view.signatures}
        self.never_spared.update(alone)
        return sorted(classes, key=lambda one: one[1][0])

    def _spared(self, daemonsets: Iterable[Key]) -> set[Sight]:
        """How nodes are seen that needn't be told, where these DaemonSets are."""
        if not self.sparing:
            return set()
        numbers = frozenset([self.numbers[key] for key in daemonsets])
        return {
            sight
            for sight, _ in self.classes
            if sight not in self.never_spared and self.rest.spares(sight, numbers)
        }

    def resting(self) -> frozenset[Key]:
        """The DaemonSets that have nothing to do on any node, and report that already."""
        if not self.sparing:
            return frozenset()
        spared = self._spared(self.numbers)
        counts = self._pods(spared)
        told = [(sight, members) for sight, members in self.classes if sight not in spared]
        return frozenset([key for key in self.numbers if self._rests(key, counts.get(key, 0), told)])

    def _rests(self, key: Key, count: int, told: Iterable[tuple[Sight, tuple[str, ...]]]) -> bool:
        """Whether a DaemonSet does, having so many pods on the nodes that aren't told."""
        if self.numbers[key] not in self.rest.written or not is_idle(self.cluster, self.memory, key):
            return False
        for _, members in told:
            if self._pair(key, members[0]) not in self.rest.pairs:
                return False
            if key in self.stacks.by_node.get(members[0], NOTHING).owners:
                count += len(members)
        return reports(self.cluster, key, count)

    def tell(self, daemonsets: Collection[Key], shapes: Shapes) -> list[str]:
        """The facts of the nodes that are told, with these DaemonSets, as they are seen with these shapes."""
        spared = self._spared(daemonsets)
        self.labels = tuple([label for label in self.labels if label in shapes.node_keys])
        self.names = frozenset(shapes.node_names)
        lines: list[str] = []
        for sight, members in self.classes:
            if sight not in spared:
                for first in self.grouping.add(members, grouped=self.grouped):
                    self.sights[first] = sight
                    lines += self._facts(first)
        counts = self._pods(spared)
        lines += [
            v.ELSEWHERE(v.workload_term(key), counts[key]) for key in sorted(counts.keys() & set(daemonsets))
        ]
        zones = Counter[str]()
        for sight, members in self.classes:
            if sight in spared and sight.conditions is not None:
                zones.update({zone_of(self.cluster, members[0]): len(members)})
        return lines + [v.ELSEWHERE_IN(zone, count) for zone, count in sorted(zones.items())]

    def _pods(self, spared: Collection[Sight]) -> Counter[Key]:
        """How many pods DaemonSets have on nodes at rest: one of each in a node's stack."""
        counts = Counter[Key]()
        for sight, members in self.classes:
            if sight in spared:
                for owner in self.stacks.by_node.get(members[0], NOTHING).owners:
                    if owner is not None:
                        counts[owner] += len(members)
        return counts

    def _pair(self, key: Key, node: str) -> Hashable:
        """All that a DaemonSet sees of a node, and of its own pods there."""
        _, labels, names = self.seen_by[key]
        if (node, labels) not in self._alike:
            self._alike[node, labels] = self.memory.seen.marked(self._rows(node, sorted(labels))).mark
        stack = self.stacks.by_node.get(node, NOTHING)
        pods = zip(stack.keys, stack.told, stack.owners, strict=True)
        own = tuple([ageless(self.told.get(pod, said).rows) for pod, said, owner in pods if owner == key])
        return (self.numbers[key], self._alike[node, labels], node if node in names else "", own)

    def learn(self, answer: Answer) -> None:
        """Remember which nodes and DaemonSets are at rest by the answer."""
        at_work = {v.workload_key(term) for (term,) in answer.get("at_work", ())} & self.numbers.keys()
        amiss: dict[str, set[Key]] = {}
        for term, node in answer.get("amiss", ()):
            amiss.setdefault(str(node), set()).add(v.workload_key(term))
        stirring = {str(node) for (node,) in answer.get("stirs", ())}
        unsound = {str(node) for (node,) in answer.get("unsound", ())}
        few = len(self.sights) * len(at_work) <= MOST_PAIRS
        for node, sight in self.sights.items():
            rested = at_work - amiss.get(node, set())
            self.rest.pairs.update([self._pair(key, node) for key in rested] if few else ())
            if node not in stirring:
                found = self.rest.nodes.get(sight.calm, frozenset())
                self.rest.nodes[sight.calm] = found.union([self.numbers[key] for key in rested])
            if sight.conditions is not None and node not in unsound:
                self.rest.sound.add(sight.sound)
        writing = {v.workload_key(term) for (term,) in answer.get("rewrites", ())}
        written = at_work.difference(writing, *amiss.values())
        self.rest.written.update([self.numbers[key] for key in written])

    # --- what is seen of a node ---

    def _sight(self, name: str) -> Sight | None:
        """The node as it is seen by itself; None where neither it nor a pod on it is there."""
        if name not in self.stacks.by_node and self.cluster.find(Node, name) is None:
            return None
        mark = self.memory.seen.marked
        conditions = mark(self._condition_rows(name)).mark if self.scope.nodes else None
        marks = self.stacks.by_node.get(name, NOTHING).marks
        own = mark(self._rows(name, self.labels)).mark
        return Sight(own, conditions, marks, name if name in self.names else "")

    def _own_sight(self, name: str) -> Sight:
        """The node as it is seen now."""
        mark = self.memory.seen.marked
        conditions = mark(self._condition_rows(name)).mark if self.scope.nodes else None
        stack = self.stacks.by_node.get(name, NOTHING)
        marks = [self.told.get(key, said).mark for key, said in zip(stack.keys, stack.told, strict=True)]
        return Sight(
            mark(self._rows(name, self.labels)).mark, conditions, tuple(marks),
            name if name in self.names or name in self.apart else "", name in self.touched,
        )  # fmt: skip

    def _rows(self, name: str, labels: Iterable[str]) -> Rows:
        node = self.cluster.find(Node, name)
        if node is None:
            return ()
        rows: list[tuple[object, ...]] = [(v.NODE,)]
        rows += [(v.TAINT, Term("taint", (t.key, t.value, t.effect))) for t in node.spec.taints]
        borne = (label for label in labels if label in node.labels)
        rows += [(v.HAS, Term("label", (label,)), node.labels[label]) for label in borne]
        return tuple(rows)

    def _condition_rows(self, name: str) -> Rows:
        node = self.cluster.find(Node, name)
        if node is None:
            return ()
        rows: list[tuple[object, ...]] = [(v.ZONE, zone_of(self.cluster, name))]
        rows += [(v.CONDITION, c.type, c.status) for c in node.status.conditions]
        if node.spec.unschedulable:
            rows.append((v.UNSCHEDULABLE,))
        return tuple(rows)

    def _facts(self, name: str) -> list[str]:
        """The facts of a node that stands for others or for itself."""
        lines = facts_from(name, self._rows(name, self.labels))
        if self.scope.nodes:
            lines += facts_from(name, self._condition_rows(name))
        if name in self.touched or (self.all_touched and self.cluster.find(Node, name) is not None):
            lines.append(v.TOUCHED(name))
        count, rank = len(self.grouping.members[name]), self.grouping.ranks[name]
        lines += [v.STANDS_FOR(name, count), v.RANK(name, rank)]
        if name in self.names:
            lines.append(v.HAS(name, Term("field", ("metadata.name",)), name))
        return lines


def zone_of(cluster: Cluster, name: str) -> str:
    """The zone of a node, as the node controller calls it."""
    node = cluster.find(Node, name)
    return "/".join(node.labels.get(label, "") for label in _ZONE_LABELS) if node is not None else ""


def attributes_seen(cluster: Cluster, memory: Memory) -> dict[Key, Attributes]:
    """By DaemonSet the labels and the names of nodes that it asks for."""
    asked = memory.seen.asked
    found: dict[Key, Attributes] = {}
    for daemonset in cluster.daemonsets:
        spec = daemonset.spec.template.spec
        known = asked.get(daemonset.key)
        if known is None or known[0] is not spec:
            shapes = Shapes()
            shapes.of_daemon(spec)
            known = asked[daemonset.key] = (spec, frozenset(shapes.node_keys), frozenset(shapes.node_names))
        found[daemonset.key] = known
    return found
