"""Clusters, their revisions as deltas, and checkpoints cut into chunks that share their contents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "clusters",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("head", sa.Integer, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kubernetes", sa.Text, nullable=False),
        sa.Column("gates", sa.JSON, nullable=False),
        sa.Column("objects", sa.Integer, nullable=False),
        sa.Column("checkpoint", sa.Integer, nullable=False),
        sa.Column("checkpoint_size", sa.BigInteger, nullable=False),
        sa.Column("pending", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_clusters"),
        sa.UniqueConstraint("name", name="uq_clusters_name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "revisions",
        sa.Column("cluster_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("parent", sa.Integer),
        sa.Column("origin_cluster", sa.Text),
        sa.Column("origin_number", sa.Integer),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("changes", sa.JSON, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("told", sa.JSON, nullable=False),
        sa.Column("puts", sa.Integer, nullable=False),
        sa.Column("drops", sa.Integer, nullable=False),
        sa.Column("objects", sa.Integer, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("moment", sa.Double, nullable=False),
        sa.Column("delta", sa.LargeBinary),
        sa.PrimaryKeyConstraint("cluster_id", "number", name="pk_revisions"),
        sa.ForeignKeyConstraint(
            ["cluster_id"], ["clusters.id"], name="fk_revisions_clusters", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "blobs",
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_blobs"),
    )
    op.create_table(
        "checkpoints",
        sa.Column("cluster_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("cluster_id", "number", name="pk_checkpoints"),
        sa.ForeignKeyConstraint(
            ["cluster_id", "number"],
            ["revisions.cluster_id", "revisions.number"],
            name="fk_checkpoints_revisions",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "chunks",
        sa.Column("cluster_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("slot", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("cluster_id", "number", "slot", name="pk_chunks"),
        sa.ForeignKeyConstraint(
            ["cluster_id", "number"],
            ["checkpoints.cluster_id", "checkpoints.number"],
            name="fk_chunks_checkpoints",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["digest"], ["blobs.digest"], name="fk_chunks_blobs"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_chunks_digest", "chunks", ["digest"])
