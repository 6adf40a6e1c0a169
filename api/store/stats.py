"""How much is stored."""

from __future__ import annotations

import sqlalchemy as sa

from foretell.api.store.tables import blobs, checkpoints, clusters, revisions
from foretell.api.store.values import Stats


def measured(connection: sa.Connection, snapshots: int, objects: int) -> Stats:
    """The sizes of what is in the database, and of what is in memory as given."""

    def count(table: sa.FromClause) -> int:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()

    def total(column: sa.ColumnElement[int]) -> int:
        return int(connection.execute(sa.select(sa.func.coalesce(sa.func.sum(column), 0))).scalar_one())

    return Stats(
        clusters=count(clusters),
        revisions=count(revisions),
        checkpoints=count(checkpoints),
        blobs=count(blobs),
        delta_bytes=total(sa.func.length(revisions.c.delta)),
        blob_bytes=total(blobs.c.size),
        cached_snapshots=snapshots,
        cached_objects=objects,
    )
