"""A memory of what was made last, bounded by the weight of what it holds."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Lru(Generic[K, V]):
    """Keeps values up to a weight in all; those that weren't asked for longest go first.

    A value that is heavier than `most` on its own is not kept.
    """

    def __init__(self, most: int) -> None:
        self.most, self.weight = most, 0
        self._held: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def get(self, key: K) -> V | None:
        """The value of a key, which is now the last that was asked for; None if it isn't kept."""
        held = self._held.get(key)
        if held is None:
            return None
        self._held.move_to_end(key)
        return held[0]

    def put(self, key: K, value: V, weight: int) -> None:
        """Keep a value."""
        self.drop(key)
        if weight > self.most:
            return
        self._held[key] = (value, weight)
        self.weight += weight
        while self.weight > self.most:
            _, (_, freed) = self._held.popitem(last=False)
            self.weight -= freed

    def drop(self, key: K) -> None:
        """Forget a value, if it is kept."""
        held = self._held.pop(key, None)
        if held is not None:
            self.weight -= held[1]
