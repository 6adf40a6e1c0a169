"""The transactions that write: each leaves a whole new state of the database behind, or nothing."""

from __future__ import annotations

from dataclasses import replace

from foretell.api.store import checkpoints, heads, history, loading
from foretell.api.store.chunks import Chunk, cut
from foretell.api.store.codec import Packed, packed, squashed, unpack
from foretell.api.store.engine import Database
from foretell.api.store.heads import Advanced
from foretell.api.store.notice import Notice, notice_text
from foretell.api.store.values import ClusterInfo, Entry, Origin, Revision
from foretell.model.cluster import Cluster
from foretell.model.collector import collector_paused
from foretell.model.deltas import encode_delta
from foretell.model.meta import Key


def create(
    database: Database, info: ClusterInfo, cluster: Cluster, entry: Entry
) -> tuple[ClusterInfo, Revision]:
    """Store a snapshot as revision 1 of a new cluster; raises NameTakenError."""
    with collector_paused():
        parts = list(cut(cluster))
    with database.writing() as connection:
        database.hold_blobs(connection)
        made = heads.add(connection, info)
        size = checkpoints.keep(connection, parts)
        first = _first(made, entry, moment=cluster.moment, puts=len(cluster), size=size)
        revision = history.add(connection, first, None)
        whole = checkpoints.add(connection, made.id, 1, parts)
        heads.rebase(connection, made.id, before=1, after=1, size=whole, settled=0)
        database.announce(connection, _text(made))
    return made, revision


def commit(
    database: Database, cluster_id: int, expected: int, change: Packed, after: Cluster, entry: Entry, *,
    reverts: int | None,
) -> tuple[Advanced, Revision]:  # fmt: skip
    """Store a delta as the revision after the expected one; raises ConflictError or UnknownClusterError."""
    delta, size = change.delta, len(change.data)
    with database.writing() as connection:
        advanced = heads.advance(connection, cluster_id, expected, objects=len(after), size=size)
        revision = history.add(
            connection,
            Revision(
                cluster_id=cluster_id, cluster=advanced.info.name, number=advanced.info.head, parent=expected,
                origin=None if reverts is None else Origin(advanced.info.name, reverts), entry=entry,
                puts=len(delta.puts), drops=len(delta.drops), objects=len(after), size=size,
                moment=delta.moment,
            ),
            change.data,
        )  # fmt: skip
        database.announce(connection, _text(advanced.info))
    return advanced, revision


def copy(
    database: Database, cluster_id: int, number: int, name: str, entry: Entry
) -> tuple[ClusterInfo, Revision]:
    """Make a cluster whose revision 1 is a revision of another one, over the same blobs.

    Raises NameTakenError, UnknownClusterError or UnknownRevisionError.
    """
    with database.reading() as connection:
        source = heads.numbered(connection, cluster_id)
        tail = loading.tail(connection, cluster_id, number)
    moment = tail.revision.moment
    over = packed(encode_delta(squashed(tail.deltas, moment))) if tail.deltas else None
    info = replace(source, name=name, head=1, created=entry.at, objects=tail.revision.objects)
    with database.writing() as connection:
        database.hold_blobs(connection)
        heads.numbered(connection, cluster_id)  # it may have been deleted meanwhile
        made = heads.add(connection, info, pending=len(over or b""), checkpoint_size=tail.checkpoint.size)
        first = _first(made, entry, moment=moment, puts=0, size=len(over or b""))
        origin = Origin(source.name, number)
        revision = history.add(connection, replace(first, origin=origin), over)
        checkpoints.share(connection, cluster_id, tail.checkpoint, made.id)
        database.announce(connection, _text(made))
    return made, revision


def delete(database: Database, cluster_id: int, expected: int | None) -> str:
    """Remove a cluster, its history and what only it refers to; its name.

    Raises ConflictError or UnknownClusterError.
    """
    with database.writing() as connection:
        database.sweep_blobs(connection)
        heads.numbered(connection, cluster_id)
        unused = checkpoints.own(connection, cluster_id)
        name = heads.remove(connection, cluster_id, expected)
        checkpoints.sweep(connection, unused)
        database.announce(connection, notice_text(Notice(cluster_id, name)))
    return name


def checkpoint(database: Database, advanced: Advanced, cluster: Cluster) -> bool:
    """Store the snapshot at a cluster's head, as far as it differs from the last checkpoint.

    False if another process has been faster, or the cluster is gone.
    """
    cluster_id, number = advanced.info.id, advanced.info.head
    with database.reading() as connection:
        tail = loading.tail(connection, cluster_id, number)
        known = checkpoints.digests(connection, cluster_id, tail.checkpoint.number)
    with collector_paused():
        parts: list[Chunk] = list(cut(cluster, known, _keys(tail.deltas)))
    with database.writing() as connection:
        database.hold_blobs(connection)
        settled = sum(map(len, tail.deltas))
        ours = heads.rebase(
            connection, cluster_id, before=tail.checkpoint.number, after=number, size=0, settled=settled
        )
        if not ours:
            return False
        checkpoints.keep(connection, parts)
        size = checkpoints.add(connection, cluster_id, number, parts)
        return heads.rebase(connection, cluster_id, before=number, after=number, size=size, settled=0)


def _first(info: ClusterInfo, entry: Entry, *, moment: float, puts: int, size: int) -> Revision:
    return Revision(
        cluster_id=info.id, cluster=info.name, number=1, parent=None, origin=None, entry=entry,
        puts=puts, drops=0, objects=info.objects, size=size, moment=moment,
    )  # fmt: skip


def _keys(deltas: tuple[bytes, ...]) -> set[Key]:
    """What the deltas touch."""
    found: set[Key] = set()
    for delta in map(unpack, deltas):
        found.update(delta.drops, (thing.key for thing in delta.puts))
    return found


def _text(info: ClusterInfo) -> str:
    return notice_text(Notice(info.id, info.name, info.head, info.objects))
