"""Runs of ordinals that the rules can't tell apart: one is told, and stands for all of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from itertools import groupby, pairwise
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


def runs_of(ordinals: Sequence[int], looks: Iterable[Hashable], cuts: Collection[int]) -> Iterator[range]:
    """The ordinals, given in order with all that a rule can see of each, as runs told by their first.

    A run ends before each of the cuts. The outermost of alike ordinals are runs of their own, for it is these
    that rules single out: the lowest that isn't settled, the highest that is outdated.
    """
    done = 0
    for _, group in groupby(looks):
        alike = ordinals[done : done + len(list(group))]
        done += len(alike)
        for stretch in _stretches(alike, cuts):
            yield from filter(len, (stretch[:1], stretch[1:-1], stretch[1:][-1:]))


def _stretches(ordinals: Sequence[int], cuts: Collection[int]) -> Iterator[range]:
    """The consecutive ones among ordinals, cut in two before each of the cuts."""
    low, high = ordinals[0], ordinals[-1] + 1
    starts = {low, *(cut for cut in cuts if low < cut < high)}
    if high - low > len(ordinals):
        starts |= {after for before, after in pairwise(ordinals) if after > before + 1}
    firsts = sorted(starts)
    places = [bisect_left(ordinals, first) for first in firsts]
    for place, until in pairwise([*places, len(ordinals)]):
        if place < until:
            yield range(ordinals[place], ordinals[until - 1] + 1)
