"""Texts that objects were read from, kept as what makes them of a like text."""

from __future__ import annotations

import zlib
from collections import OrderedDict

import msgspec

# Measured on dumps: of all settings that are as fast, these pack best.
_WINDOW, _MEMORY, _LEVEL = -15, 7, 3
_LIKE = 5
"""A text is like another one if what makes it of that one is so many times smaller."""
_MOST = 64
"""How many texts are tried at most; each takes the room of a compressor."""


class Kept(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A text as what makes it of another one; it is equal to each text, kept or not, of the same bytes."""

    packed: bytes
    like: bytes

    def __bytes__(self) -> bytes:
        return zlib.decompressobj(_WINDOW, zdict=self.like).decompress(self.packed)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Kept):
            same = self.like is other.like and self.packed == other.packed
            return same or bytes(self) == bytes(other)
        return isinstance(other, bytes) and bytes(self) == other

    def __hash__(self) -> int:
        return hash(bytes(self))


class Keeper:
    """Keeps the texts of one source: one of each sort whole, the others as what makes them of it."""

    def __init__(self) -> None:
        self._likes: OrderedDict[object, _Like] = OrderedDict()

    def kept(self, text: bytes, *sorts: object) -> bytes | Kept:
        """The text, kept small; texts of one sort are likely to be like one another, the first sort most."""
        for sort in sorts:
            like = self._likes.get(sort)
            if like is not None:
                self._likes.move_to_end(sort)
                packed = like.packed(text)
                if len(packed) * _LIKE <= len(text):
                    return Kept(packed, like.text)
        like = _Like(text)
        self._likes.update(dict.fromkeys(sorts, like))
        while len(self._likes) > _MOST:
            self._likes.popitem(last=False)
        return text


class _Like:
    """A text, and a compressor that has seen it."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self._compressor = zlib.compressobj(
            _LEVEL, zlib.DEFLATED, _WINDOW, _MEMORY, zlib.Z_DEFAULT_STRATEGY, text
        )

    def packed(self, text: bytes) -> bytes:
        compressor = self._compressor.copy()
        return compressor.compress(text) + compressor.flush()
