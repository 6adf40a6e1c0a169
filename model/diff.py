"""The diff: how what is there differs from what should be there, pod by pod."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import accumulate, chain
from types import MappingProxyType
from typing import overload

import msgspec

from foretell.model.meta import Key


class Difference(StrEnum):
    """How a pod differs from what is desired; a closed set."""

    MISSING = "missing"
    SURPLUS = "surplus"
    OUTDATED = "outdated"
    UNHEALTHY = "unhealthy"
    MISPLACED = "misplaced"


class Detail(StrEnum):
    """What exactly is amiss; a closed set, in the order of the differences that they belong to."""

    NO_POD = "no-pod"
    BEYOND_REPLICAS = "beyond-replicas"
    DUPLICATE = "duplicate"
    NOT_ELIGIBLE = "not-eligible"
    NODE_GONE = "node-gone"
    OLD_TEMPLATE = "old-template"
    POD_TERMINATING = "pod-terminating"
    POD_FAILED = "pod-failed"
    POD_UNPLACED = "pod-unplaced"
    POD_NOT_STARTED = "pod-not-started"
    POD_NOT_READY = "pod-not-ready"
    POD_NOT_AVAILABLE = "pod-not-available"
    REPELLED = "repelled"


class Divergence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One difference; `pod` is a pod's name, None where it is missing.

    `node` is the node of a daemon pod, or the one that another pod is bound to; `ordinal` that of a
    StatefulSet.
    """

    difference: Difference
    detail: Detail
    workload: Key
    node: str | None = None
    ordinal: int | None = None
    pod: str | None = None


_RANKS = {difference: rank for rank, difference in enumerate(Difference)}


def place(entry: Divergence) -> tuple[Key, str, int, int, str, str]:
    """The order of differences.

    1. by workload: kind, namespace, name
    2. by node, for DaemonSets
    3. by ordinal, for StatefulSets
    4. by difference, as they are listed above
    5. by pod
    6. by detail
    """
    node = (entry.node or "") if entry.ordinal is None else ""
    ordinal = -1 if entry.ordinal is None else entry.ordinal
    return entry.workload, node, ordinal, _RANKS[entry.difference], entry.pod or "", entry.detail


Counts = Mapping[Difference, int]
"""How many differences there are of each sort that occurs."""


class Part(msgspec.Struct, frozen=True):
    """The differences of one workload, in order; counted."""

    entries: tuple[Divergence, ...] = ()
    counts: Counts = {}

    @classmethod
    def of(cls, entries: Iterable[Divergence]) -> Part:
        """The part that differences of one workload make up, in whatever order they are given."""
        ordered = tuple(sorted(entries, key=place))
        return cls(ordered, Counter(entry.difference for entry in ordered))

    def with_nodes(self, nodes: Iterable[str], fresh: Iterable[Divergence]) -> Part:
        """A DaemonSet's part with these differences on some nodes in place of those that it has there."""
        found: dict[str, list[Divergence]] = {node: [] for node in nodes}
        for entry in fresh:
            found[_node(entry)].append(entry)
        entries, counts, other = list(self.entries), Counter(self.counts), False
        for node, some in found.items():
            start, end = bisect_left(entries, node, key=_node), bisect_right(entries, node, key=_node)
            before, after = entries[start:end], sorted(some, key=place)
            if before == after:
                continue
            other = True
            counts.subtract(entry.difference for entry in before)
            counts.update(entry.difference for entry in after)
            entries[start:end] = after
        return Part(tuple(entries), +counts) if other else self


def _node(entry: Divergence) -> str:
    return entry.node or ""


class Diff(Sequence[Divergence]):
    """All differences of a cluster, in order; a later diff shares the parts that are as they were."""

    def __init__(self, parts: Mapping[Key, Part]) -> None:
        self._parts = {key: parts[key] for key in sorted(parts) if parts[key].entries}
        self._runs = tuple(part.entries for part in self._parts.values())
        self._ends = tuple(accumulate(map(len, self._runs)))
        self._counts: Counter[Difference] = Counter()
        for part in self._parts.values():
            self._counts.update(part.counts)

    @property
    def counts(self) -> Counts:
        """How many differences there are of each sort."""
        return MappingProxyType(self._counts)

    @property
    def by_workload(self) -> Mapping[Key, Counts]:
        """How many there are of each sort, by workload, in order; those without any are left out."""
        return {key: MappingProxyType(part.counts) for key, part in self._parts.items()}

    def of(self, workload: Key) -> Sequence[Divergence]:
        """The differences of one workload, in order."""
        return self._parts.get(workload, Part()).entries

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __iter__(self) -> Iterator[Divergence]:
        return chain.from_iterable(self._runs)

    @overload
    def __getitem__(self, index: int) -> Divergence: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Divergence]: ...

    def __getitem__(self, index: int | slice) -> Divergence | Sequence[Divergence]:
        if isinstance(index, slice):
            return tuple(map(self._at, range(*index.indices(len(self)))))
        if not -len(self) <= index < len(self):
            raise IndexError(f"no difference {index} among {len(self)}")
        return self._at(index % len(self))

    def _at(self, index: int) -> Divergence:
        run = bisect_right(self._ends, index)
        # Counted from the run's end, which is below nought.
        return self._runs[run][index - self._ends[run]]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Diff) and self._parts == other._parts

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "Diff(" + ", ".join(f"{self._counts[each]} {each}" for each in Difference) + ")"
