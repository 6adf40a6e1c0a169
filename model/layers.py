"""A mapping that is never changed, but of which a slightly different one is made at little cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

_SHARE = 32
"""From which share of all entries on the changes are no longer kept apart, but written into a new whole."""


class _Gone:
    """What stands for an entry that is there no more."""


_GONE = _Gone()


class Layers(Generic[K, V]):
    """A whole that many have in common, and what is different here: a few entries, some of them gone."""

    __slots__ = ("_length", "_over", "_whole")

    def __init__(self, whole: dict[K, V]) -> None:
        self._whole = whole
        self._over: dict[K, V | _Gone] = {}
        self._length = len(whole)

    def changed(self, changes: Iterable[tuple[K, V | None]]) -> Layers[K, V]:
        """The same with these entries, without those for which there is None."""
        over = dict(self._over)
        length = self._length
        for key, value in changes:
            before = over[key] if key in over else self._whole.get(key, _GONE)
            length += (value is not None) - (before is not _GONE)
            if value is not None:
                over[key] = value
            elif key in self._whole:
                over[key] = _GONE
            else:
                over.pop(key, None)
        if len(over) * _SHARE > len(self._whole):
            return Layers(_flat(self._whole, over))
        made: Layers[K, V] = Layers(self._whole)
        made._over, made._length = over, length
        return made

    def differing(self, other: Layers[K, V]) -> Iterator[K]:
        """The key of every entry that isn't one and the same in both."""
        if self._whole is other._whole:
            keys: Iterable[K] = {**self._over, **other._over}
        else:
            keys = {**dict.fromkeys(self), **dict.fromkeys(other)}
        return (key for key in keys if self.get(key) is not other.get(key))

    def get(self, key: K) -> V | None:
        """The value of a key, None where there is none."""
        if key in self._over:
            value = self._over[key]
            return None if isinstance(value, _Gone) else value
        return self._whole.get(key)

    def keys(self) -> Set[K]:
        """Every key."""
        if not self._over:
            return self._whole.keys()
        there = {key for key, value in self._over.items() if value is not _GONE}
        return (self._whole.keys() - self._over.keys()) | there

    def pairs(self) -> Iterable[tuple[K, V]]:
        """Every key with its value."""
        if not self._over:
            return self._whole.items()
        return self._pairs()

    def _pairs(self) -> Iterator[tuple[K, V]]:
        yield from (pair for pair in self._whole.items() if pair[0] not in self._over)
        for key, value in self._over.items():
            if not isinstance(value, _Gone):
                yield key, value

    def __getitem__(self, key: K) -> V:
        value = self.get(key)
        if value is None:
            raise KeyError(key)
        return value

    def __contains__(self, key: K) -> bool:
        return self._over[key] is not _GONE if key in self._over else key in self._whole

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[K]:
        return iter(self._whole) if not self._over else (key for key, _ in self._pairs())

    def __eq__(self, other: object) -> bool:
        """Whether there are the same entries; those that are the same objects aren't looked into."""
        if not isinstance(other, Layers):
            return NotImplemented
        return len(self) == len(other) and all(
            self.get(key) == other.get(key) for key in self.differing(other)
        )

    __hash__ = None  # type: ignore[assignment]


def _flat(whole: dict[K, V], over: Mapping[K, V | _Gone]) -> dict[K, V]:
    flat = dict(whole)
    for key, value in over.items():
        if isinstance(value, _Gone):
            del flat[key]
        else:
            flat[key] = value
    return flat
