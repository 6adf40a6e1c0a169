"""The diff: how what is there differs from what should be there, pod by pod."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum
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


class Diff(Sequence[Divergence]):
    """All differences of a cluster, in order."""

    def __init__(self, entries: Iterable[Divergence] = ()) -> None:
        self._entries = tuple(sorted(entries, key=place))
        self.counts = Counter(entry.difference for entry in self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, index: int) -> Divergence: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Divergence]: ...

    def __getitem__(self, index: int | slice) -> Divergence | Sequence[Divergence]:
        return self._entries[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Diff) and self._entries == other._entries

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "Diff(" + ", ".join(f"{self.counts[each]} {each}" for each in Difference) + ")"
