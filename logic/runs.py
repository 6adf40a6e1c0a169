"""Runs of ordinals that the rules can't tell apart: one is told, and stands for all of them."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from typing import overload

from foretell.model.meta import Key


class Run(Sequence[Key]):
    """The keys of what consecutive ordinals name, pods or claims, from the lowest ordinal on."""

    def __init__(self, first: Key, count: int) -> None:
        stem, _, low = first.name.rpartition("-")
        self._first, self._stem = first, stem
        self.ordinals = range(int(low), int(low) + count)

    def __len__(self) -> int:
        return len(self.ordinals)

    @overload
    def __getitem__(self, index: int) -> Key: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Key, ...]: ...
    def __getitem__(self, index: int | slice) -> Key | tuple[Key, ...]:
        """The keys at an index or within a slice."""
        if isinstance(index, slice):
            return tuple([self._of(ordinal) for ordinal in self.ordinals[index]])
        return self._of(self.ordinals[index])

    def _of(self, ordinal: int) -> Key:
        return self._first._replace(name=f"{self._stem}-{ordinal}")


def runs_of(ordinals: Iterable[tuple[int, Hashable]], cuts: Collection[int]) -> Iterator[range]:
    """The ordinals, given in order with all that a rule can see of each, as runs told by their first.

    A run ends before each of the cuts. The outermost of alike ordinals are runs of their own, for it is these
    that rules single out: the lowest that isn't settled, the highest that is outdated.
    """
    alike, looks = range(0), object()
    for ordinal, look in ordinals:
        if look == looks and ordinal == alike.stop and ordinal not in cuts:
            alike = range(alike.start, ordinal + 1)
        else:
            yield from _parted(alike)
            alike, looks = range(ordinal, ordinal + 1), look
    yield from _parted(alike)


def _parted(alike: range) -> Iterator[range]:
    return filter(len, (alike[:1], alike[1:-1], alike[1:][-1:]))
