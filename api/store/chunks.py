"""Chunks of checkpoints: the same objects always fall into the same ones, so equal ones are stored once."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b, sha256
from typing import NamedTuple

from foretell.api.store.codec import packed
from foretell.model.cluster import Cluster
from foretell.model.deltas import Delta, encode_delta
from foretell.model.meta import Key, Object

FULL = 32
"""A chunk of more objects than this is cut in two."""

_BITS = 64
_LEAST = Key("", "", "")
_Hashed = list[tuple[int, Key]]


class Chunk(NamedTuple):
    """A part of a snapshot's objects: which one, what it holds and, unless that is stored, the bytes."""

    slot: bytes
    digest: bytes
    data: bytes | None


def cut(
    cluster: Cluster, known: Mapping[bytes, bytes] | None = None, changed: Iterable[Key] = ()
) -> Iterator[Chunk]:
    """The chunks of a snapshot.

    `known` has the digests, by slot, of an earlier snapshot that differs at most in the keys `changed`:
    chunks in which nothing changed are not encoded again.
    """
    touched: dict[str, _Hashed] = {}
    for key in changed:
        touched.setdefault(key.kind, []).append((_place(key), key))
    for kind in cluster.kinds:
        there = sorted((_place(thing.key), thing.key) for thing in cluster.of_kind(kind))
        for path, keys, dirty in _parts(there, sorted(touched.get(kind, []))):
            slot = blake2b(f"{kind}/{path}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
            if known is not None and not dirty and slot in known:
                yield Chunk(slot, known[slot], None)
            else:
                yield _encoded(slot, [thing for key in sorted(keys) if (thing := cluster.get(key))])


def _parts(
    there: _Hashed, touched: _Hashed, path: str = "", first: int = 0
) -> Iterator[tuple[str, list[Key], bool]]:
    """Halve by one bit of the keys' hashes after the other, as long as there are too many.

    Both lists are sorted; the path is the bits so far, and `first` the least hash that begins with them.
    Whether a part exists depends on nothing but how many objects it and its other half have.
    """
    if len(there) <= FULL or len(path) == _BITS:
        if there:
            yield path, [key for _, key in there], bool(touched)
        return
    middle = first | 1 << (_BITS - 1 - len(path))
    cut_there, cut_touched = bisect_left(there, (middle, _LEAST)), bisect_left(touched, (middle, _LEAST))
    yield from _parts(there[:cut_there], touched[:cut_touched], path + "0", first)
    yield from _parts(there[cut_there:], touched[cut_touched:], path + "1", middle)


def _place(key: Key) -> int:
    """A number that spreads keys evenly and is the same for ever."""
    text = f"{key.namespace}/{key.name}".encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=_BITS // 8).digest(), "big")


def _encoded(slot: bytes, things: list[Object]) -> Chunk:
    text = encode_delta(Delta(tuple(things)))
    return Chunk(slot, sha256(text).digest(), packed(text))
