"""A PostgreSQL server to measure with: the one that the tests make, on a free port of this machine."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

# The tests are found from the folder above.
sys.path.append(str(Path(__file__).resolve().parent.parent))

from tests.postgres import postgres_server


@contextmanager
def new_database() -> Iterator[str]:
    """The URL of an empty database, until the end of the block."""
    with closing(inspect.unwrap(postgres_server)()) as servers:
        yield next(servers).new_database()
