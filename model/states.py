"""The states of a forecast: one for each wave, made when it is asked for where only its writes are kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import overload

from foretell.model.cluster import Cluster
from foretell.model.meta import Key, Object

Writes = Mapping[Key, Object | None]
"""What has been written: objects by key, None where one is gone."""


@dataclass
class Written:
    """States that follow from one another: a first one, and what has been written until each of the others.

    `moments` are in seconds since the epoch.
    """

    first: Cluster
    writes: Sequence[Writes]
    moments: Sequence[float]

    def __post_init__(self) -> None:
        """Begin with nothing made."""
        self._last = (0, self.first)

    def __len__(self) -> int:
        return len(self.writes)

    def state(self, index: int) -> Cluster:
        """The state after so many writes and one more; asked for in order each is made from the last."""
        made, cluster = self._last
        if made > index + 1:
            made, cluster = 0, self.first
        net: dict[Key, Object | None] = {}
        for writes in self.writes[made : index + 1]:
            net.update(writes)
        cluster = cluster.written(net)
        self._last = (index + 1, cluster)
        return cluster.at(self.moments[index])


class States(Sequence[Cluster]):
    """Clusters in the order of time."""

    def __init__(self, entries: Iterable[Cluster | tuple[Written, int]] = ()) -> None:
        self._entries = list(entries)

    def append(self, cluster: Cluster) -> None:
        """Add one that there is."""
        self._entries.append(cluster)

    def extend(self, written: Written) -> None:
        """Add those that can be made."""
        self._entries += [(written, index) for index in range(len(written))]

    def copy(self) -> States:
        """The same for itself."""
        return States(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Cluster]:
        return map(_state, self._entries)

    @overload
    def __getitem__(self, index: int) -> Cluster: ...

    @overload
    def __getitem__(self, index: slice) -> States: ...

    def __getitem__(self, index: int | slice) -> Cluster | States:
        if isinstance(index, slice):
            return States(self._entries[index])
        return _state(self._entries[index])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, States | tuple) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]


def _state(entry: Cluster | tuple[Written, int]) -> Cluster:
    return entry if isinstance(entry, Cluster) else entry[0].state(entry[1])
