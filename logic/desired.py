"""The desired pod set: a pod per eligible node for DaemonSets, ordinals for StatefulSets."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property

import msgspec

from foretell.logic import vocabulary as v
from foretell.logic.desired_facts import DesiredFacts, desired_facts
from foretell.logic.gates import default_gates
from foretell.logic.solve import solve
from foretell.logic.vocabulary import Term
from foretell.model.cluster import Cluster
from foretell.model.collector import collector_paused
from foretell.model.forecast import Because, DesiredPod, LeftOut
from foretell.model.meta import Key

_FILES, _REASON_FILES = ("desired.lp",), ("reasons.lp",)


class Desired(Collection[DesiredPod]):
    """Every pod that should exist by the rules, in the order of workloads, then nodes or ordinals.

    Nodes that no workload can tell apart are decided once; pods are listed only when they are asked for.
    """

    def __init__(
        self,
        nodes: dict[Key, tuple[str, ...]],
        ordinals: dict[Key, range],
        facts: DesiredFacts,
    ) -> None:
        self._nodes, self._ordinals = nodes, ordinals
        self._facts, self._shapes, self._classes = facts.text, facts.shape_of, facts.classes

    @cached_property
    def _class_of(self) -> dict[str, str]:
        """The node that stands for each."""
        return {node: first for first, members in self._classes.members.items() for node in members}

    @property
    def workloads(self) -> tuple[Key, ...]:
        """The workloads that want pods or could, in order."""
        return tuple(sorted((*self._nodes, *self._ordinals)))

    def count(self, workload: Key) -> int:
        """How many pods a workload wants."""
        if workload in self._ordinals:
            return len(self._ordinals[workload])
        return sum(len(self._classes.members[first]) for first in self._nodes.get(workload, ()))

    def nodes_of(self, workload: Key) -> tuple[str, ...]:
        """The nodes on which a DaemonSet wants a pod, in order."""
        firsts = self._nodes.get(workload, ())
        return tuple(sorted(node for first in firsts for node in self._classes.members[first]))

    def of(self, workload: Key) -> Iterator[DesiredPod]:
        """The pods that a workload wants, in order."""
        kind, namespace, name = workload
        for node in self.nodes_of(workload):
            yield DesiredPod(kind=kind, namespace=namespace, owner=name, node=node)
        for ordinal in self._ordinals.get(workload, ()):
            yield DesiredPod(
                kind=kind, namespace=namespace, owner=name, ordinal=ordinal, name=f"{name}-{ordinal}"
            )

    def reasons(self, pod: DesiredPod) -> tuple[Because, ...]:
        """Why a pod should exist, in the order of reasons and taints; empty for one that shouldn't."""
        if pod not in self:
            return ()
        if pod.ordinal is not None:
            return (Because(reason="within-replicas"),)
        owed, _ = self._derived
        return owed.get((self._shapes[pod.workload], self._class_of[pod.node or ""]), ())

    def left_out(self, workload: Key) -> Iterator[LeftOut]:
        """The nodes on which a DaemonSet wants no pod, in order, each with every reason."""
        shape = self._shapes.get(workload)
        if not shape:
            return
        _, against = self._derived
        for node in sorted(self._class_of):
            reasons = against.get((shape, self._class_of[node]))
            if reasons:
                yield LeftOut(workload=workload, node=node, reasons=reasons)

    @cached_property
    def _derived(self) -> tuple[_Reasons, _Reasons]:
        """The reasons for and against, by shape and the node that stands for its class."""
        answer = solve(_REASON_FILES, self._facts)
        return _reasons(answer.get("owed", ())), _reasons(answer.get("left_out", ()))

    def __len__(self) -> int:
        return sum(map(self.count, self.workloads))

    def __iter__(self) -> Iterator[DesiredPod]:
        for workload in self.workloads:
            yield from self.of(workload)

    def __contains__(self, pod: object) -> bool:
        if not isinstance(pod, DesiredPod):
            return False
        if pod.ordinal is not None:
            named = pod.name in (None, f"{pod.owner}-{pod.ordinal}")
            return named and pod.ordinal in self._ordinals.get(pod.workload, ())
        return self._class_of.get(pod.node or "") in self._nodes.get(pod.workload, ())

    def __repr__(self) -> str:
        return f"Desired({len(self)} pods of {len(self.workloads)} workloads)"


_Reasons = dict[tuple[str, str], tuple[Because, ...]]


def _reasons(atoms: Iterable[tuple[v.Argument, ...]]) -> _Reasons:
    found: dict[tuple[str, str], list[Because]] = {}
    for shape, node, because in atoms:
        found.setdefault((str(shape), str(node)), []).append(_because(because))
    return {place: tuple(sorted(some, key=msgspec.structs.astuple)) for place, some in found.items()}


def _because(argument: v.Argument) -> Because:
    """A reason of the rules: a word, a taint, or a taint that is tolerated."""
    assert isinstance(argument, Term)
    if argument.name == "tolerates":
        (taint,) = argument.arguments
        return msgspec.structs.replace(_because(taint), reason="tolerates")
    if argument.name == "taint":
        key, value, effect = map(str, argument.arguments)
        return Because(reason="taint", key=key, value=value, effect=effect)
    return Because(reason=v.word_of(argument))


def desired(cluster: Cluster, *, gates: frozenset[str] | None = None, grouped: bool = True) -> Desired:
    """The desired pod set of a cluster.

    Ungrouped, every node and every StatefulSet is decided by itself, with the same answer.
    """
    with collector_paused():
        facts = desired_facts(cluster, default_gates() if gates is None else gates, grouped=grouped)
    answer = solve(_FILES, facts.text)
    wanted: dict[str, list[str]] = {"": []}
    for shape, node in answer.get("should_run", ()):
        wanted.setdefault(str(shape), []).append(str(node))
    nodes = {shape: tuple(sorted(some)) for shape, some in wanted.items()}
    ordinals = {
        v.workload_key(term): range(int(str(low)), int(str(high)) + 1)
        for term, low, high in answer.get("ordinals", ())
    }
    return Desired(
        {key: nodes.get(shape, ()) for key, shape in facts.shape_of.items()},
        {key: ordinals.get(keys[0], range(0)) for keys in facts.alike for key in keys},
        facts,
    )
