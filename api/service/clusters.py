"""Clusters as they are served: by name and revision, from the store or from memory."""

from __future__ import annotations

import asyncio

from foretell.api.service.snapshots import Snapshot, base_of, edition_of
from foretell.api.store.errors import UnknownClusterError, UnknownRevisionError
from foretell.api.store.store import Store
from foretell.api.store.values import ClusterInfo, Revision
from foretell.model.errors import ForetellError


class Clusters:
    """Looks clusters up; what is at hand is given at once, the rest is read in a thread."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def infos(self) -> tuple[ClusterInfo, ...]:
        """Every cluster, by name."""
        return await asyncio.to_thread(self.store.clusters)

    async def info(self, name: str) -> ClusterInfo:
        """A cluster by name; raises UnknownClusterError."""
        info = self.store.remembered(name)
        if info is None:
            info = await asyncio.to_thread(self.store.cluster, name)
        if info is None:
            raise UnknownClusterError(name)
        return info

    async def fresh(self, name: str) -> ClusterInfo:
        """A cluster as the database has it, as news of others take a while; raises UnknownClusterError."""
        infos = await self.infos()
        found = next((info for info in infos if info.name == name), None)
        if found is None:
            raise UnknownClusterError(name)
        return found

    def at_hand(self, name: str, number: int | None = None) -> Snapshot | None:
        """A snapshot, by default the newest, if nothing has to be read for it."""
        info = self.store.remembered(name)
        if info is None:
            return None
        wanted = info.head if number is None else number
        cluster = self.store.cached(info.id, wanted)
        return None if cluster is None else Snapshot(info, wanted, cluster, base_of(info, wanted))

    async def snapshot(self, name: str, number: int | None = None) -> Snapshot:
        """A snapshot, by default the newest; raises UnknownClusterError or UnknownRevisionError."""
        return self.at_hand(name, number) or await self.read(await self.info(name), number)

    async def read(self, info: ClusterInfo, number: int | None = None) -> Snapshot:
        """A snapshot of a cluster that has been looked up; raises UnknownRevisionError."""
        wanted = info.head if number is None else number
        if wanted > info.head:
            info = await self.fresh(info.name)
        if not 1 <= wanted <= info.head:
            raise UnknownRevisionError(info.name, wanted)
        cluster = await asyncio.to_thread(self.store.load, info.id, wanted)
        return Snapshot(info, wanted, cluster, base_of(info, wanted))

    async def revision(self, info: ClusterInfo, number: int) -> Revision:
        """A revision's entry in the history; raises UnknownRevisionError."""
        return await asyncio.to_thread(self.store.revision, info.id, number)

    async def history(self, info: ClusterInfo, *, before: int, limit: int) -> tuple[Revision, ...]:
        """The revisions before one, the newest first."""
        return await asyncio.to_thread(self.store.revisions, info.id, before=before, limit=limit)

    async def unreachable(self) -> str | None:
        """Why the database can't be asked, in a sentence; None if it can."""
        try:
            await asyncio.to_thread(self.store.clusters)
        except ForetellError as error:
            return str(error)
        return None

    def head(self, name: str) -> int:
        """The newest revision of a cluster as far as is known without asking the database; 0 for none."""
        info = self.store.remembered(name)
        return 0 if info is None else info.head

    def edition(self, name: str) -> int:
        """The edition of a cluster's newest snapshot as far as is known without asking the database; or 0."""
        info = self.store.remembered(name)
        return 0 if info is None else edition_of(info)
