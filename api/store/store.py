"""The store: clusters and all their revisions, in a database that outlives the process."""

from __future__ import annotations

from foretell.api.store import heads, history, loading, writing
from foretell.api.store.codec import pack
from foretell.api.store.databases import opened
from foretell.api.store.engine import Database
from foretell.api.store.errors import ConflictError, NameTakenError
from foretell.api.store.infos import Infos
from foretell.api.store.news import Newsroom
from foretell.api.store.snapshots import Place, Snapshots
from foretell.api.store.spacing import Spacing, checkpoint_if_due
from foretell.api.store.stats import measured
from foretell.api.store.values import LARGEST, ClusterInfo, Entry, Revision, Stats, checked_name, is_name
from foretell.api.store.watch import Callback, Watch
from foretell.model.cluster import Cluster
from foretell.model.deltas import Delta

CACHED_OBJECTS = 400_000
"""Objects of all snapshots that are kept in memory together; what two snapshots share counts twice."""


class Store:
    """Clusters and their revisions, for any number of threads; other processes may use the same database.

    Every method raises UnavailableError when the database can't be used.
    """

    def __init__(self, database: Database, *, cached_objects: int, spacing: Spacing) -> None:
        self._database, self._spacing = database, spacing
        self._snapshots = Snapshots(cached_objects)
        self._infos = Infos()
        self._news = Newsroom(database, self._infos)

    @classmethod
    def open(
        cls,
        url: str,
        *,
        read_only: bool = False,
        cached_objects: int = CACHED_OBJECTS,
        spacing: Spacing | None = None,
    ) -> Store:
        """Open the store of a URL (`sqlite:///path`, `postgresql://…`), made or migrated unless `read_only`.

        Raises InvalidUrlError, DriverMissingError, UnavailableError or VersionError.
        """
        database = opened(url, read_only=read_only)
        return cls(database, cached_objects=cached_objects, spacing=spacing or Spacing())

    def __repr__(self) -> str:
        return f"Store({self._database.shown})"

    def close(self) -> None:
        """End all watches and close all connections."""
        self._news.close()
        self._database.close()

    def clusters(self) -> tuple[ClusterInfo, ...]:
        """Every cluster, by name."""
        with self._database.reading() as connection:
            return heads.every(connection)

    def cluster(self, name: str) -> ClusterInfo | None:
        """A cluster by name: from memory while a watch keeps that fresh, else from the database."""
        if (info := self._infos.get(name)) is not None or not is_name(name):
            return info
        with self._database.reading() as connection:
            return heads.named(connection, name)

    def remembered(self, name: str) -> ClusterInfo | None:
        """A cluster by name, if a watch keeps it fresh in memory; never asks the database."""
        return self._infos.get(name)

    def check_new(self, name: str) -> None:
        """Check that a cluster could be made under this name; raises InvalidNameError or NameTakenError."""
        if self.cluster(checked_name(name)) is not None:
            raise NameTakenError(name)

    def create(
        self,
        name: str,
        cluster: Cluster,
        entry: Entry,
        *,
        kubernetes: str = "1.36",
        gates: dict[str, bool] | None = None,
    ) -> Revision:
        """Make a cluster whose revision 1 is this snapshot; raises InvalidNameError or NameTakenError."""
        info = ClusterInfo(
            id=0, name=checked_name(name), head=1, created=entry.at, kubernetes=kubernetes,
            gates=gates or {}, objects=len(cluster),
        )  # fmt: skip
        made, revision = writing.create(self._database, info, cluster, entry)
        self._news.tell(self._infos.learn(made))
        return revision

    def commit(
        self, cluster_id: int, expected: int, delta: Delta, entry: Entry, *, reverts: int | None = None
    ) -> Revision:
        """Make a delta to the expected revision the next one; `reverts` notes which one that brings back.

        Raises ConflictError if the cluster is at another revision, UnknownClusterError if it is gone.
        """
        before = self._at_head(cluster_id, expected)
        change = pack(delta)
        after = change.delta.after(before)
        advanced, revision = writing.commit(
            self._database, cluster_id, expected, change, after, entry, reverts=reverts
        )
        self._snapshots.put(Place(cluster_id, revision.number), after)
        self._news.tell(self._infos.learn(advanced.info))
        checkpoint_if_due(self._database, self._spacing, advanced, after)
        return revision

    def copy(self, cluster_id: int, number: int, new_name: str, entry: Entry) -> Revision:
        """Make a cluster whose revision 1 is a revision of another one; takes little time and room.

        Raises InvalidNameError, NameTakenError, UnknownClusterError or UnknownRevisionError.
        """
        name = checked_name(new_name)
        made, revision = writing.copy(self._database, cluster_id, number, name, entry)
        if (kept := self._snapshots.get(Place(cluster_id, number))) is not None:
            self._snapshots.put(Place(made.id, 1), kept)
        self._news.tell(self._infos.learn(made))
        return revision

    def delete(self, cluster_id: int, expected: int | None = None) -> None:
        """Remove a cluster and its history; raises ConflictError or UnknownClusterError."""
        name = writing.delete(self._database, cluster_id, expected)
        self._snapshots.forget(cluster_id)
        self._news.tell(self._infos.forget(cluster_id, name))

    def load(self, cluster_id: int, number: int) -> Cluster:
        """The snapshot of a revision; raises UnknownClusterError, UnknownRevisionError or DamagedError."""
        place = Place(cluster_id, number)
        return self._snapshots.get_or_make(place, lambda: self._read(place))

    def cached(self, cluster_id: int, number: int) -> Cluster | None:
        """The snapshot of a revision, if it is in memory; never asks the database."""
        return self._snapshots.get(Place(cluster_id, number))

    def revision(self, cluster_id: int, number: int) -> Revision:
        """An entry of a cluster's history; raises UnknownClusterError or UnknownRevisionError."""
        with self._database.reading() as connection:
            return loading.revision_at(connection, cluster_id, number)

    def revisions(
        self,
        cluster_id: int,
        *,
        after: int = 0,
        before: int | None = None,
        limit: int = 100,
        newest_first: bool = True,
    ) -> tuple[Revision, ...]:
        """The first so many entries with numbers between two, both excluded; none if the cluster is gone."""
        until = LARGEST if before is None else min(before, LARGEST)
        if cluster_id > LARGEST or limit < 1 or after >= until:
            return ()
        with self._database.reading() as connection:
            return history.page(
                connection, cluster_id, after=after, before=until, limit=limit, newest_first=newest_first
            )

    def watch(self, callback: Callback) -> Watch:
        """Call back with the name and newest revision (0: deleted) of every cluster that changes.

        Changes by this process are told at once, those by others soon after. Calls come from any thread, one
        at a time; they should be quick. After contact with the database was lost, all clusters are told.
        """
        return self._news.watch(callback)

    def stats(self) -> Stats:
        """How much is stored and in memory."""
        with self._database.reading() as connection:
            return measured(connection, *self._snapshots.size())

    def _read(self, place: Place) -> Cluster:
        with self._database.reading() as connection:
            return loading.read(connection, *place, self._snapshots.before(place))

    def _at_head(self, cluster_id: int, expected: int) -> Cluster:
        """The snapshot that a commit goes on from; whether it still is the newest, the commit decides."""
        kept = self._snapshots.get(Place(cluster_id, expected))
        if kept is not None:
            return kept
        with self._database.reading() as connection:
            info = heads.numbered(connection, cluster_id)
        if info.head != expected:
            raise ConflictError(info.name, info.head)
        return self.load(cluster_id, expected)
