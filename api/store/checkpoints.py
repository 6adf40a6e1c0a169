"""Rows of checkpoints: which chunks make up a snapshot, and the blobs that hold them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import islice
from typing import NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from foretell.api.store.chunks import Chunk
from foretell.api.store.codec import unpacked
from foretell.api.store.errors import DamagedError
from foretell.api.store.tables import blobs, checkpoints, chunks

T = TypeVar("T")
_BATCH = 500
"""Rows at a time: SQLite takes a few thousand parameters at least."""


class Checkpoint(NamedTuple):
    """A stored snapshot: its revision, and the bytes of all its chunks."""

    number: int
    size: int


def nearest(connection: sa.Connection, cluster_id: int, number: int) -> Checkpoint | None:
    """The newest checkpoint up to a revision."""
    row = connection.execute(
        sa.select(checkpoints.c.number, checkpoints.c.size)
        .where(checkpoints.c.cluster_id == cluster_id, checkpoints.c.number <= number)
        .order_by(checkpoints.c.number.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else Checkpoint(*row)


def texts(connection: sa.Connection, cluster_id: int, number: int) -> Iterator[bytes]:
    """The chunks of a checkpoint; raises DamagedError if one is not what was stored."""
    statement = (
        sa.select(blobs.c.digest, blobs.c.data)
        .join(chunks, chunks.c.digest == blobs.c.digest)
        .where(chunks.c.cluster_id == cluster_id, chunks.c.number == number)
        .order_by(chunks.c.slot)
        .execution_options(yield_per=_BATCH)
    )
    with connection.execute(statement) as rows:
        for digest, data in rows:
            text = unpacked(data)
            if sha256(text).digest() != digest:
                raise DamagedError(
                    "a stored snapshot isn't the one that was written: the database is damaged"
                )
            yield text


def digests(connection: sa.Connection, cluster_id: int, number: int) -> dict[bytes, bytes]:
    """The digests of a checkpoint's chunks, by slot."""
    rows = connection.execute(
        sa.select(chunks.c.slot, chunks.c.digest).where(
            chunks.c.cluster_id == cluster_id, chunks.c.number == number
        )
    )
    return {row.slot: row.digest for row in rows}


def keep(connection: sa.Connection, parts: Sequence[Chunk]) -> int:
    """Store the contents that are not there yet, and give how many bytes that took; blobs are to be held."""
    fresh = {part.digest: part.data for part in parts if part.data is not None}
    for batch in _batches(sorted(fresh)):
        for known in connection.execute(sa.select(blobs.c.digest).where(blobs.c.digest.in_(batch))).scalars():
            fresh.pop(known)
    # In the order of digests, so that two transactions with some in common can't wait for each other.
    rows = ({"digest": digest, "size": len(data), "data": data} for digest, data in sorted(fresh.items()))
    for rows_now in _batches(rows):
        _insert(connection, rows_now)
    return sum(map(len, fresh.values()))


def add(connection: sa.Connection, cluster_id: int, number: int, parts: Sequence[Chunk]) -> int:
    """Make a checkpoint of chunks whose contents are stored; gives the bytes of all of them."""
    size = sum(
        connection.execute(
            sa.select(sa.func.coalesce(sa.func.sum(blobs.c.size), 0)).where(blobs.c.digest.in_(batch))
        ).scalar_one()
        for batch in _batches(sorted({part.digest for part in parts}))
    )
    _row(connection, cluster_id, number, size)
    rows = [
        {"cluster_id": cluster_id, "number": number, "slot": part.slot, "digest": part.digest}
        for part in parts
    ]
    if rows:
        connection.execute(chunks.insert(), rows)
    return size


def share(connection: sa.Connection, source: int, checkpoint: Checkpoint, cluster_id: int) -> None:
    """Make a checkpoint of another cluster the one of revision 1 of this one."""
    _row(connection, cluster_id, 1, checkpoint.size)
    same = sa.select(sa.literal(cluster_id), sa.literal(1), chunks.c.slot, chunks.c.digest).where(
        chunks.c.cluster_id == source, chunks.c.number == checkpoint.number
    )
    connection.execute(chunks.insert().from_select(["cluster_id", "number", "slot", "digest"], same))


def own(connection: sa.Connection, cluster_id: int) -> list[bytes]:
    """The digests of the blobs that nothing but this cluster refers to."""
    other = chunks.alias()
    elsewhere = sa.exists().where(other.c.digest == chunks.c.digest, other.c.cluster_id != cluster_id)
    statement = sa.select(chunks.c.digest).where(chunks.c.cluster_id == cluster_id, ~elsewhere).distinct()
    return list(connection.execute(statement).scalars())


def sweep(connection: sa.Connection, unused: Iterable[bytes]) -> None:
    """Remove blobs."""
    for batch in _batches(unused):
        connection.execute(blobs.delete().where(blobs.c.digest.in_(batch)))


def _row(connection: sa.Connection, cluster_id: int, number: int, size: int) -> None:
    connection.execute(checkpoints.insert().values(cluster_id=cluster_id, number=number, size=size))


def _insert(connection: sa.Connection, rows: list[dict[str, object]]) -> None:
    """Insert blobs; beside this transaction PostgreSQL may have put the same contents there a moment ago."""
    statement: sa.Insert = blobs.insert()
    if connection.dialect.name == "postgresql":
        statement = postgresql.insert(blobs).on_conflict_do_nothing()
    connection.execute(statement, rows)


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, _BATCH)):
        yield batch
