"""Reading a snapshot: from the nearest one in memory or in a checkpoint, and the deltas since."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from foretell.api.store import checkpoints, heads, history
from foretell.api.store.checkpoints import Checkpoint
from foretell.api.store.codec import assembled, squashed
from foretell.api.store.errors import DamagedError, UnknownRevisionError
from foretell.api.store.values import LARGEST, Revision
from foretell.model.cluster import Cluster
from foretell.model.collector import collector_paused


class Tail(NamedTuple):
    """What a revision is made of: a checkpoint and the stored deltas that lie over it."""

    revision: Revision
    checkpoint: Checkpoint
    deltas: tuple[bytes, ...]


def read(
    connection: sa.Connection, cluster_id: int, number: int, kept: tuple[int, Cluster] | None
) -> Cluster:
    """The snapshot of a revision, made from an earlier one in memory where that means reading less.

    Raises UnknownClusterError, UnknownRevisionError or DamagedError.
    """
    revision = revision_at(connection, cluster_id, number)
    checkpoint = _checkpoint(connection, cluster_id, number)
    with collector_paused():
        if kept is not None and _is_nearer(connection, cluster_id, kept[0], checkpoint):
            since = history.deltas(connection, cluster_id, kept[0], number)
            return squashed(since, revision.moment).after(kept[1])
        texts = checkpoints.texts(connection, cluster_id, checkpoint.number)
        return assembled(texts, _over(connection, cluster_id, checkpoint, number), revision.moment)


def tail(connection: sa.Connection, cluster_id: int, number: int) -> Tail:
    """What a revision is made of; raises as `read` does."""
    revision = revision_at(connection, cluster_id, number)
    checkpoint = _checkpoint(connection, cluster_id, number)
    return Tail(revision, checkpoint, _over(connection, cluster_id, checkpoint, number))


def revision_at(connection: sa.Connection, cluster_id: int, number: int) -> Revision:
    """A revision; raises UnknownClusterError or UnknownRevisionError."""
    if max(cluster_id, number) <= LARGEST and (revision := history.one(connection, cluster_id, number)):
        return revision
    raise UnknownRevisionError(heads.numbered(connection, cluster_id).name, number)


def _checkpoint(connection: sa.Connection, cluster_id: int, number: int) -> Checkpoint:
    checkpoint = checkpoints.nearest(connection, cluster_id, number)
    if checkpoint is None:
        raise DamagedError("a cluster has no stored snapshot: the database is damaged")
    return checkpoint


def _over(
    connection: sa.Connection, cluster_id: int, checkpoint: Checkpoint, number: int
) -> tuple[bytes, ...]:
    """The deltas over a checkpoint: it has its own revision's in it, unless that is the first."""
    first = 0 if checkpoint.number == 1 else checkpoint.number
    return history.deltas(connection, cluster_id, first, number)


def _is_nearer(connection: sa.Connection, cluster_id: int, kept: int, checkpoint: Checkpoint) -> bool:
    """Whether the deltas from a kept revision up to a checkpoint are less to read than that."""
    if kept >= checkpoint.number:
        return True
    return history.weight(connection, cluster_id, kept, checkpoint.number) <= checkpoint.size
