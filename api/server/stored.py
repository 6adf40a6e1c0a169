"""What a server serves: the clusters of a store, with the workers that decide about them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from pathlib import Path

from foretell.api.access.roles import Principal, Role, check
from foretell.api.graphql.context import Context
from foretell.api.server.backend import Export, Replaced
from foretell.api.service.changing import Order
from foretell.api.service.services import Services
from foretell.api.solver import questions as q
from foretell.logic.gates import DEFAULT_VERSION
from foretell.model.cluster import Cluster
from foretell.model.writing import dump_pieces


class Stored:
    """A backend (foretell.api.server.backend) over the services of a store."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def start(self) -> None:
        """Start the workers, and listen for changes."""
        await self._services.start()

    async def stop(self) -> None:
        """Stop everything, the store last."""
        await self._services.stop()

    def context(self, principal: Principal) -> Context:
        """The context of one GraphQL request."""
        return Context(self._services, principal)

    async def unready(self) -> str | None:
        """Why requests can't be served now; None if they can."""
        stats = self._services.pool.stats()
        if not stats.idle and not stats.busy:
            return "no worker is ready yet"
        return await self._services.clusters.unreachable()

    def measures(self) -> Iterable[tuple[str, Mapping[str, str], float]]:
        """The workers and forecasts in numbers."""
        stats, forecasts = self._services.pool.stats(), self._services.forecasts
        for state in ("idle", "busy", "starting"):
            yield "workers", {"state": state}, getattr(stats, state)
        yield "tasks_waiting", {}, stats.waiting
        yield "workers_started", {}, stats.started
        yield "tasks_done", {}, stats.tasks
        for cause, count in sorted(stats.recycled.items()):
            yield "workers_recycled", {"cause": str(cause)}, count
        yield "forecasts", {"from": "memory"}, forecasts.hits
        yield "forecasts", {"from": "worker"}, forecasts.misses

    async def export(self, name: str, revision: int | None, principal: Principal) -> Export:
        """The dump of a cluster, as `kubectl get -o json` shapes it."""
        check(principal, name, Role.VIEWER)
        snapshot = await self._services.clusters.snapshot(name, revision)
        assert snapshot.number is not None
        return Export(snapshot.number, _pieces(snapshot.cluster))

    async def replace(self, name: str, body: Path, principal: Principal, *, expected: int | None) -> Replaced:
        """Make a cluster what a dump says, new or as its next revision."""
        check(principal, name, Role.OPERATOR)
        outcome = await self._services.changing.put(
            Order(cluster=name, action="importCluster", by=principal.name, expected=expected or None),
            q.ReadQuestion(path=str(body), source="the body"),
            kubernetes=DEFAULT_VERSION,
            gates={},
            replace=expected != 0,
        )
        assert outcome.revision is not None
        return Replaced(outcome.revision.number, outcome.revision.number == 1)


async def _pieces(cluster: Cluster) -> AsyncIterator[bytes]:
    """The dump in pieces, each made in a thread when it is asked for."""
    pieces: Iterator[bytes] = dump_pieces(cluster)
    while piece := await asyncio.to_thread(next, pieces, b""):
        yield piece
