"""Who comes next in a roll-out: a DaemonSet's nodes class by class, a StatefulSet's ordinals downwards."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from heapq import heappop, heappush

from foretell.logic.facts_ordinals import start_of
from foretell.logic.recurrence import Pattern, Subject, own
from foretell.logic.repeating import UnlikeError
from foretell.logic.scope import tainted
from foretell.logic.templates import HASH_LABEL, INDEX_LABEL, NAME_LABEL
from foretell.model.cluster import Cluster
from foretell.model.objects import Node, Pod, StatefulSet

_NAMING = (INDEX_LABEL, NAME_LABEL)


class Nodes:
    """The nodes whose pods are still to be replaced, in the order in which the rules grant room.

    That is by class, classes by the first of their nodes. `alike` are nodes that the rules can't tell from
    such as have had their turn; None stands for any. With `spare` the last one is left over.
    """

    def __init__(
        self,
        pattern: Pattern,
        cluster: Cluster,
        partition: Iterable[Sequence[str]],
        alike: Collection[Hashable] | None,
        *,
        spare: bool,
    ) -> None:
        self.pattern, self.cluster, self.alike, self.spare = pattern, cluster, alike, spare
        # From behind, so that the next one is the last.
        self.classes = [list(reversed(some)) for some in partition]
        self.line: list[tuple[str, int]] = []
        for index in range(len(self.classes)):
            self._line_up(index)

    def take(self, count: int) -> list[Subject]:
        """The next nodes."""
        taken: list[Subject] = []
        while len(taken) < count:
            if not self.line or (self.alike is not None and self.line[0][0] not in self.alike):
                raise UnlikeError
            first, index = heappop(self.line)
            taken.append(first)
            while len(taken) < count and (following := self._next_of(index)):
                taken.append(following)
            self._line_up(index)
        if self.spare and not self.line:
            raise UnlikeError
        return taken

    def _next_of(self, index: int) -> str | None:
        """The next node of a class, taken out of it."""
        some = self.classes[index]
        while some:
            node = some.pop()
            if _is_old(self.pattern, self.cluster, node):
                return node
        return None

    def _line_up(self, index: int) -> None:
        """Put a class's next node in line, by name."""
        node = self._next_of(index)
        if node is not None:
            heappush(self.line, (node, index))


def _is_old(pattern: Pattern, cluster: Cluster, node: str) -> bool:
    """Whether the one pod that the workload has on a node is of another revision, and stands."""
    pods = [pod for pod in cluster.pods_on(node) if own(pod, pattern.marks[-1].workload)]
    return len(pods) == 1 and _stands(pods[0], pattern)


def _stands(pod: Pod, pattern: Pattern) -> bool:
    old = pod.labels.get(HASH_LABEL) != pattern.label
    return old and pod.ready and not pod.terminating and not pod.metadata.finalizers


class Ordinals:
    """The ordinals whose pods are still to be replaced, from the highest one below those that have been.

    `alike` are the looks of pods that have had their turn; None stands for any. With `spare` the last one
    is left over.
    """

    def __init__(
        self,
        pattern: Pattern,
        cluster: Cluster,
        below: int,
        alike: Collection[Hashable] | None,
        *,
        spare: bool,
    ) -> None:
        self.pattern, self.cluster, self.alike, self.next = pattern, cluster, alike, below - 1
        workload = pattern.marks[-1].workload
        assert isinstance(workload, StatefulSet)
        rolling = workload.spec.update_strategy.rolling_update
        self.lowest = start_of(workload) + ((rolling.partition or 0) if rolling else 0) + spare

    def take(self, count: int) -> list[Subject]:
        """The next ordinals."""
        workload = self.pattern.marks[-1].workload
        taken: list[Subject] = []
        for ordinal in range(self.next, self.next - count, -1):
            pod = self.cluster.find(Pod, f"{workload.name}-{ordinal}", workload.namespace)
            if ordinal < self.lowest or pod is None or not own(pod, workload):
                raise UnlikeError
            if not _stands(pod, self.pattern):
                raise UnlikeError
            if self.alike is not None and look_of(pod, self.cluster) not in self.alike:
                raise UnlikeError
            taken.append(ordinal)
        self.next -= count
        return taken


def look_of(pod: Pod, cluster: Cluster) -> Hashable:
    """What may be looked at of a StatefulSet's ready pod besides its ordinal."""
    node = cluster.find(Node, pod.spec.node_name)
    labels = frozenset((key, value) for key, value in pod.labels.items() if key not in _NAMING)
    return (
        labels, pod.phase, pod.spec.priority, node is None or tainted(node),
        pod.spec.termination_grace_period_seconds, len(pod.metadata.owner_references),
    )  # fmt: skip
