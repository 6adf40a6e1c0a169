"""Stores for tests, each test on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from foretell.api.store.store import Store
from tests.postgres import Server
from tests.postgres import postgres_server as postgres_server

Open = Callable[..., Store]


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database, or of a schema of one, that is empty."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    server: Server = request.getfixturevalue("postgres_server")
    return server.new_schema()


@pytest.fixture
def open_store(url: str) -> Iterator[Open]:
    """Open the store, any number of times; all are closed at the end."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(closing(Store.open(url, **options)))


@pytest.fixture
def store(open_store: Open) -> Store:
    """A store on an empty database."""
    return open_store()
