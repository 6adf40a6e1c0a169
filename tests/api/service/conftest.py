"""What the tests of the services share: services over a new store, in the loop that a test runs in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from foretell.api.service.changing import Order
from foretell.api.service.services import Services
from foretell.api.solver.limits import Limits
from foretell.model.cluster import Cluster
from tests import builders as b

Open = Callable[..., AbstractAsyncContextManager[Services]]


@pytest.fixture
def services(tmp_path: Path) -> Open:
    """Opens services over one store; opened twice, they are those of two servers."""

    @asynccontextmanager
    async def opened(*, workers: int = 1, limits: Limits | None = None) -> AsyncIterator[Services]:
        made = Services.over(f"sqlite:///{tmp_path}/store.db", workers=workers, limits=limits)
        await made.start()
        try:
            yield made
        finally:
            await made.stop()

    return opened


async def create(services: Services, name: str, state: Cluster | None = None) -> None:
    """Make a cluster: by default one with a node and a DaemonSet that has yet to begin."""
    state = b.cluster(b.nodes(1), b.daemonset()) if state is None else state
    await services.changing.create(order(name, "createCluster"), state, kubernetes="1.36", gates={})


def order(name: str, action: str = "cordon", *, expected: int | None = None, dry_run: bool = False) -> Order:
    """Who wants what done."""
    return Order(cluster=name, action=action, by="somebody", expected=expected, dry_run=dry_run)
