"""Deltas: what makes a later snapshot of a cluster from an earlier one, as values and as bytes."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from foretell.model.cluster import Cluster
from foretell.model.documents import decode, to_document
from foretell.model.meta import Key, Object


class Delta(NamedTuple):
    """Objects to put and keys to drop; `moment` is the later snapshot's, in seconds since the epoch."""

    puts: tuple[Object, ...] = ()
    drops: tuple[Key, ...] = ()
    moment: float = 0.0

    def after(self, cluster: Cluster) -> Cluster:
        """The later snapshot."""
        return cluster.replaced(self.puts, self.drops).at(self.moment)


def delta_between(before: Cluster, after: Cluster) -> Delta:
    """What makes one snapshot from another, in the order of keys."""
    puts: list[Object] = []
    drops: list[Key] = []
    for key in sorted(before.differing(after)):
        thing = after.get(key)
        if thing is None:
            drops.append(key)
        elif thing != before.get(key):
            puts.append(thing)
    return Delta(tuple(puts), tuple(drops), after.moment)


class _Text(msgspec.Struct, omit_defaults=True):
    """The form of a delta in bytes: each object is its JSON document."""

    moment: float = 0.0
    drops: tuple[Key, ...] = ()
    puts: tuple[msgspec.Raw, ...] = ()


_TEXT = msgspec.json.Decoder(_Text)


def encode_delta(delta: Delta) -> bytes:
    """A delta as JSON."""
    puts = tuple(msgspec.Raw(object_text(thing)) for thing in delta.puts)
    return msgspec.json.encode(_Text(moment=delta.moment, drops=delta.drops, puts=puts))


def decode_delta(text: bytes) -> Delta:
    """The delta of a JSON text that `encode_delta` has made."""
    read = _TEXT.decode(text)
    return Delta(tuple(decode(bytes(put)) for put in read.puts), read.drops, read.moment)


def object_text(thing: Object) -> bytes:
    """The JSON text of an object; what was read from a text and hasn't changed since is that text."""
    origin = thing.origin
    if origin and decode(origin) == thing:
        return origin
    return msgspec.json.encode(to_document(thing))
