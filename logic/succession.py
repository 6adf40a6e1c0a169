"""Who comes next in a roll-out: a DaemonSet's nodes class by class, a StatefulSet's ordinals downwards."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence

from foretell.logic.facts_ordinals import start_of
from foretell.logic.recurrence import Pattern, Subject, own
from foretell.logic.repeating import UnlikeError
from foretell.logic.scope import tainted
from foretell.logic.templates import HASH_LABEL
from foretell.model.cluster import Cluster
from foretell.model.objects import Node, Pod, StatefulSet

_NAMING = ("apps.kubernetes.io/pod-index", "statefulset.kubernetes.io/pod-name")


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

    def take(self, count: int) -> list[Subject]:
        """The next nodes."""
        taken: list[Subject] = []
        while len(taken) < count:
            line = self._next()
            if line is None or (self.alike is not None and line[-1] not in self.alike):
                raise UnlikeError
            while len(taken) < count and self._waits(line):
                taken.append(line.pop())
        if self.spare and self._next() is None:
            raise UnlikeError
        return taken

    def _next(self) -> list[str] | None:
        """The class whose turn it is."""
        self.classes = [line for line in self.classes if self._waits(line)]
        return min(self.classes, key=lambda line: line[-1], default=None)

    def _waits(self, line: list[str]) -> bool:
        """Whether some node of a class is still to come; the next one is the last of the list then."""
        while line and not _is_old(self.pattern, self.cluster, line[-1]):
            line.pop()
        return bool(line)


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
