"""Rows of revisions: written once, read in pages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from foretell.api.store.tables import clusters, revisions
from foretell.api.store.values import Entry, Origin, Revision, storable

_C = revisions.c
_COLUMNS = (
    _C.cluster_id, _C.number, _C.parent, _C.origin_cluster, _C.origin_number, _C.at, _C.by, _C.action,
    _C.changes, _C.why, _C.told, _C.puts, _C.drops, _C.objects, _C.size, _C.moment,
    clusters.c.name,
)  # fmt: skip
_SELECT = sa.select(*_COLUMNS).join(clusters, clusters.c.id == _C.cluster_id)


def add(connection: sa.Connection, revision: Revision, delta: bytes | None) -> Revision:
    """Write a revision, and give it as it will be read."""
    entry, origin = revision.entry, revision.origin
    kept = replace(entry, by=storable(entry.by), action=storable(entry.action), why=storable(entry.why))
    connection.execute(
        revisions.insert().values(
            cluster_id=revision.cluster_id,
            number=revision.number,
            parent=revision.parent,
            origin_cluster=origin.cluster if origin else None,
            origin_number=origin.number if origin else None,
            at=kept.at,
            by=kept.by,
            action=kept.action,
            changes=list(kept.changes),
            why=kept.why,
            told=list(kept.told),
            puts=revision.puts,
            drops=revision.drops,
            objects=revision.objects,
            size=revision.size,
            moment=revision.moment,
            delta=delta,
        )
    )
    return replace(revision, entry=kept)


def one(connection: sa.Connection, cluster_id: int, number: int) -> Revision | None:
    """One revision, if it is there."""
    row = connection.execute(_SELECT.where(_C.cluster_id == cluster_id, _C.number == number)).one_or_none()
    return None if row is None else _revision(row._mapping)


def page(
    connection: sa.Connection,
    cluster_id: int,
    *,
    after: int,
    before: int | None,
    limit: int,
    newest_first: bool,
) -> tuple[Revision, ...]:
    """The first so many revisions with numbers between two, both excluded, from either end."""
    statement = _SELECT.where(_C.cluster_id == cluster_id, _C.number > after)
    if before is not None:
        statement = statement.where(_C.number < before)
    order = _C.number.desc() if newest_first else _C.number.asc()
    rows = connection.execute(statement.order_by(order).limit(limit))
    return tuple(_revision(row._mapping) for row in rows)


def deltas(connection: sa.Connection, cluster_id: int, after: int, until: int) -> tuple[bytes, ...]:
    """The stored deltas of the revisions after one and until another, in order."""
    statement = sa.select(_C.delta).where(
        _C.cluster_id == cluster_id, _C.number > after, _C.number <= until, _C.delta.is_not(None)
    )
    return tuple(connection.execute(statement.order_by(_C.number)).scalars())  # type: ignore[arg-type]


def weight(connection: sa.Connection, cluster_id: int, after: int, until: int) -> int:
    """The bytes of the deltas of the revisions after one and until another."""
    total = sa.func.coalesce(sa.func.sum(_C.size), 0)
    return connection.execute(
        sa.select(total).where(_C.cluster_id == cluster_id, _C.number > after, _C.number <= until)
    ).scalar_one()


def _revision(row: Any) -> Revision:
    entry = Entry(
        at=row[_C.at],
        by=row[_C.by],
        action=row[_C.action],
        changes=tuple(row[_C.changes]),
        why=row[_C.why],
        told=tuple(row[_C.told]),
    )
    origin = row[_C.origin_cluster]
    return Revision(
        cluster_id=row[_C.cluster_id],
        cluster=row[clusters.c.name],
        number=row[_C.number],
        parent=row[_C.parent],
        origin=None if origin is None else Origin(origin, row[_C.origin_number]),
        entry=entry,
        puts=row[_C.puts],
        drops=row[_C.drops],
        objects=row[_C.objects],
        size=row[_C.size],
        moment=row[_C.moment],
    )
