"""The tables: clusters, their revisions as deltas, and checkpoints in chunks that share their contents."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, LargeBinary, Named, Table, TypedColumns

METADATA = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)


class UtcTime(sa.TypeDecorator[datetime]):
    """A time with its zone, UTC also where the database keeps none."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """The time in UTC."""
        del dialect
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: sa.Dialect) -> datetime | None:
        """The time in UTC; one without a zone was stored so."""
        del dialect
        if not isinstance(value, datetime):
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class _Clusters(TypedColumns):
    """`pending` is the bytes of the deltas since the newest checkpoint, `checkpoint_size` of its chunks."""

    id = Column(sa.Integer, primary_key=True)
    name = Column(sa.Text, nullable=False, unique=True)
    head = Column(sa.Integer, nullable=False)
    created: Named[datetime] = Column(UtcTime, nullable=False)
    kubernetes = Column(sa.Text, nullable=False)
    gates: Named[dict[str, bool]] = Column(sa.JSON, nullable=False)
    objects = Column(sa.Integer, nullable=False)
    checkpoint = Column(sa.Integer, nullable=False)
    checkpoint_size = Column(sa.BigInteger, nullable=False)
    pending = Column(sa.BigInteger, nullable=False)


class _Revisions(TypedColumns):
    """`delta` is compressed; over a checkpoint of revision 1 lies its delta, if it has one (in copies)."""

    cluster_id = Column(sa.Integer, ForeignKey("clusters.id", ondelete="CASCADE"), primary_key=True)
    number = Column(sa.Integer, primary_key=True, autoincrement=False)
    parent: Named[int | None] = Column(sa.Integer)
    origin_cluster: Named[str | None] = Column(sa.Text)
    origin_number: Named[int | None] = Column(sa.Integer)
    at: Named[datetime] = Column(UtcTime, nullable=False)
    by = Column(sa.Text, nullable=False)
    action = Column(sa.Text, nullable=False)
    changes: Named[list[Any]] = Column(sa.JSON, nullable=False)
    why = Column(sa.Text, nullable=False)
    told: Named[list[str]] = Column(sa.JSON, nullable=False)
    puts = Column(sa.Integer, nullable=False)
    drops = Column(sa.Integer, nullable=False)
    objects = Column(sa.Integer, nullable=False)
    size = Column(sa.BigInteger, nullable=False)
    moment: Named[float] = Column(sa.Double, nullable=False)
    delta: Named[bytes | None] = Column(LargeBinary)


class _Checkpoints(TypedColumns):
    """`size` is the compressed bytes of all chunks, shared ones included."""

    cluster_id = Column(sa.Integer, primary_key=True)
    number = Column(sa.Integer, primary_key=True, autoincrement=False)
    size = Column(sa.BigInteger, nullable=False)


class _Chunks(TypedColumns):
    """`slot` says which part of the objects a chunk holds, `digest` where its contents are."""

    cluster_id = Column(sa.Integer, primary_key=True)
    number = Column(sa.Integer, primary_key=True, autoincrement=False)
    slot = Column(LargeBinary, primary_key=True)
    digest = Column(LargeBinary, ForeignKey("blobs.digest"), nullable=False, index=True)


class _Blobs(TypedColumns):
    """`digest` is the SHA-256 of the contents before they are compressed."""

    digest = Column(LargeBinary, primary_key=True)
    size = Column(sa.Integer, nullable=False)
    data = Column(LargeBinary, nullable=False)


# No id is given twice: what is cached or announced of a deleted cluster can't be taken for a new one's.
clusters = Table("clusters", METADATA, _Clusters, sqlite_autoincrement=True)
revisions = Table("revisions", METADATA, _Revisions)
blobs = Table("blobs", METADATA, _Blobs)
checkpoints = Table(
    "checkpoints",
    METADATA,
    _Checkpoints,
    sa.ForeignKeyConstraint(
        ["cluster_id", "number"], ["revisions.cluster_id", "revisions.number"], ondelete="CASCADE"
    ),
)
chunks = Table(
    "chunks",
    METADATA,
    _Chunks,
    sa.ForeignKeyConstraint(
        ["cluster_id", "number"], ["checkpoints.cluster_id", "checkpoints.number"], ondelete="CASCADE"
    ),
    sqlite_with_rowid=False,
)
