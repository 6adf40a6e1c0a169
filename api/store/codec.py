"""Deltas as they are stored: compressed JSON, and many of them as one."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import NamedTuple

from foretell.api.store.errors import DamagedError
from foretell.model.cluster import Cluster
from foretell.model.deltas import Delta, decode_delta, encode_delta
from foretell.model.meta import Key, Object

_Changed = dict[Key, Object | None]


def packed(text: bytes) -> bytes:
    """The text, compressed."""
    return zlib.compress(text)


def unpacked(data: bytes) -> bytes:
    """The text of what `packed` has made; raises DamagedError."""
    try:
        return zlib.decompress(data)
    except zlib.error:
        raise DamagedError("a stored text can't be decompressed: the database is damaged") from None


class Packed(NamedTuple):
    """A delta as it is stored, and as every process will read it."""

    data: bytes
    delta: Delta


def pack(delta: Delta) -> Packed:
    """A delta in the form to store; its objects are decoded anew, so that all processes hold equal ones."""
    text = encode_delta(delta)
    return Packed(packed(text), decode_delta(text))


def unpack(data: bytes) -> Delta:
    """The delta of stored bytes; raises DamagedError."""
    return decode_delta(unpacked(data))


def squashed(deltas: Iterable[bytes], moment: float) -> Delta:
    """One delta that does what the stored ones do one after the other."""
    changed: _Changed = {}
    for data in deltas:
        _lay(unpack(data), changed)
    puts = tuple(thing for thing in changed.values() if thing is not None)
    return Delta(puts, tuple(key for key, thing in changed.items() if thing is None), moment)


def assembled(chunks: Iterable[bytes], deltas: Iterable[bytes], moment: float) -> Cluster:
    """The snapshot of a checkpoint's chunks (texts) and the stored deltas since."""
    changed: _Changed = {}
    for text in chunks:
        for thing in decode_delta(text).puts:
            changed[thing.key] = thing
    for data in deltas:
        _lay(unpack(data), changed)
    return Cluster((thing for thing in changed.values() if thing is not None), moment=moment)


def _lay(delta: Delta, changed: _Changed) -> None:
    """What a delta does, over what was done before; a key in both is put."""
    changed.update(dict.fromkeys(delta.drops))
    changed.update((thing.key, thing) for thing in delta.puts)
