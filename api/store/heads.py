"""Rows of clusters: listed, made, moved on to their next revision, and removed."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from foretell.api.store.errors import ConflictError, NameTakenError, UnknownClusterError
from foretell.api.store.tables import clusters
from foretell.api.store.values import LARGEST, ClusterInfo

_INFO = (
    clusters.c.id, clusters.c.name, clusters.c.head, clusters.c.created,
    clusters.c.kubernetes, clusters.c.gates, clusters.c.objects,
)  # fmt: skip


class Advanced(NamedTuple):
    """A cluster after a commit, and how far back its checkpoint is."""

    info: ClusterInfo
    checkpoint: int
    checkpoint_size: int
    pending: int


def every(connection: sa.Connection) -> tuple[ClusterInfo, ...]:
    """All clusters, by name."""
    found = (_info(row) for row in connection.execute(sa.select(*_INFO)))
    return tuple(sorted(found, key=lambda info: info.name))


def named(connection: sa.Connection, name: str) -> ClusterInfo | None:
    """A cluster by name."""
    row = connection.execute(sa.select(*_INFO).where(clusters.c.name == name)).one_or_none()
    return None if row is None else _info(row)


def numbered(connection: sa.Connection, cluster_id: int) -> ClusterInfo:
    """A cluster by id; raises UnknownClusterError."""
    row = None
    if cluster_id <= LARGEST:
        row = connection.execute(sa.select(*_INFO).where(clusters.c.id == cluster_id)).one_or_none()
    if row is None:
        raise UnknownClusterError
    return _info(row)


def add(
    connection: sa.Connection, info: ClusterInfo, *, checkpoint_size: int = 0, pending: int = 0
) -> ClusterInfo:
    """Make the row of a cluster at revision 1, and give it with its id; raises NameTakenError."""
    values = {
        "name": info.name, "head": info.head, "created": info.created, "kubernetes": info.kubernetes,
        "gates": info.gates, "objects": info.objects,
        "checkpoint": 1, "checkpoint_size": checkpoint_size, "pending": pending,
    }  # fmt: skip
    try:
        row = connection.execute(clusters.insert().values(values).returning(*_INFO)).one()
    except sa.exc.IntegrityError:
        raise NameTakenError(info.name) from None
    return _info(row)


def advance(
    connection: sa.Connection, cluster_id: int, expected: int, *, objects: int, size: int
) -> Advanced:
    """Move a cluster on to its next revision, if it is at the expected one.

    Raises ConflictError, or UnknownClusterError.
    """
    statement = (
        clusters.update()
        .where(clusters.c.id == cluster_id, clusters.c.head == expected)
        .values(head=expected + 1, objects=objects, pending=clusters.c.pending + size)
        .returning(*_INFO, clusters.c.checkpoint, clusters.c.checkpoint_size, clusters.c.pending)
    )
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise outrun(connection, cluster_id)
    *_, checkpoint, checkpoint_size, pending = row
    return Advanced(_info(row), checkpoint, checkpoint_size, pending)


def rebase(
    connection: sa.Connection, cluster_id: int, *, before: int, after: int, size: int, settled: int
) -> bool:
    """Note a newer checkpoint, with so many bytes of deltas before it; False if there is another one."""
    statement = (
        clusters.update()
        .where(clusters.c.id == cluster_id, clusters.c.checkpoint == before)
        .values(checkpoint=after, checkpoint_size=size, pending=clusters.c.pending - settled)
    )
    return connection.execute(statement).rowcount == 1


def remove(connection: sa.Connection, cluster_id: int, expected: int | None) -> str:
    """Remove a cluster with all that is its own, if it is at the expected revision; its name."""
    statement = clusters.delete().where(clusters.c.id == cluster_id)
    if expected is not None and expected > LARGEST:
        raise outrun(connection, cluster_id)
    if expected is not None:
        statement = statement.where(clusters.c.head == expected)
    name = connection.execute(statement.returning(clusters.c.name)).scalar_one_or_none()
    if name is None:
        raise outrun(connection, cluster_id)
    return name


def outrun(connection: sa.Connection, cluster_id: int) -> ConflictError:
    """Why a cluster wasn't changed: it is at another revision; raises UnknownClusterError if it is gone."""
    info = numbered(connection, cluster_id)
    return ConflictError(info.name, info.head)


def _info(row: sa.Row[*tuple[object, ...]]) -> ClusterInfo:
    found = row._mapping
    return ClusterInfo(**{column.name: found[column] for column in _INFO})
