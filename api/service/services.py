"""The services of a server, put together: store, workers, clusters, forecasts, changes and the feed."""

from __future__ import annotations

import asyncio

from foretell.api.service.changing import Changing
from foretell.api.service.clusters import Clusters
from foretell.api.service.feed import Feed
from foretell.api.service.forecasts import Forecasts
from foretell.api.solver.limits import Limits
from foretell.api.solver.pool import Pool
from foretell.api.store.store import Store

TASKS = "foretell.api.solver.tasks:tasks"


class Services:
    """What resolvers and routes work with; started and stopped with the server."""

    def __init__(self, store: Store, pool: Pool) -> None:
        self.store, self.pool = store, pool
        self.clusters = Clusters(store)
        self.forecasts = Forecasts(pool)
        self.changing = Changing(self.clusters, pool, self.forecasts)
        self.feed = Feed(store)

    @classmethod
    def over(cls, url: str, *, workers: int = 2, limits: Limits | None = None) -> Services:
        """The services over the store of a URL, with so many workers; raises what the store refuses."""
        store = Store.open(url)
        return cls(store, Pool(TASKS, {"store": url}, workers, limits or Limits()))

    async def start(self) -> None:
        """Start the workers, and listen for changes."""
        await self.pool.start()
        self.feed.start()

    async def stop(self) -> None:
        """Let running work end, then stop everything."""
        await asyncio.to_thread(self.feed.stop)
        await self.pool.stop()
        await asyncio.to_thread(self.store.close)
