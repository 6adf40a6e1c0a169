"""A write that fails in the middle, wherever that is, leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from foretell.api.store import writing
from foretell.api.store.heads import Advanced
from foretell.api.store.store import Store
from foretell.api.store.tables import METADATA
from tests.api.store.samples import ENTRY, found, made, node, nodes, put

Rows = dict[str, list[tuple[object, ...]]]


class Fault(Exception):
    """What the tests let happen."""


def rows(store: Store) -> Rows:
    """Everything that is in the database."""
    with store._database.reading() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(sa.select(table))), key=repr)
            for table in METADATA.sorted_tables
        }


@contextmanager
def fault(store: Store, at: int) -> Iterator[list[str]]:
    """Fail instead of a writing statement, counted from 0; where there are fewer, instead of the commit.

    Gives the statements that were run, with `COMMIT` at the end if it came so far.
    """
    engine, ran = store._database.engine, list[str]()

    def before(_: object, __: object, statement: str, *___: object) -> None:
        if statement.startswith(("INSERT", "UPDATE", "DELETE", "SELECT pg_notify")):
            if len(ran) == at:
                raise Fault
            ran.append(statement)

    def commit(_: object) -> None:
        if ran:
            ran.append("COMMIT")
            raise Fault

    sa.event.listen(engine, "before_cursor_execute", before)
    sa.event.listen(engine, "commit", commit)
    try:
        yield ran
    finally:
        sa.event.remove(engine, "before_cursor_execute", before)
        sa.event.remove(engine, "commit", commit)


def _checkpoint(store: Store, prod: int) -> None:
    assert writing.checkpoint(store._database, Advanced(found(store), 1, 0, 0), store.load(prod, 2))


WRITES: dict[str, Callable[[Store, int], object]] = {
    "create": lambda store, _: store.create("new", nodes(100), ENTRY),
    "commit": lambda store, prod: store.commit(prod, 2, put(node("n1", "b")), ENTRY),
    "copy": lambda store, prod: store.copy(prod, 2, "new", ENTRY),
    "delete": lambda store, prod: store.delete(prod, 2),
    "checkpoint": _checkpoint,
}


@pytest.mark.parametrize("write", WRITES)
def test_a_write_that_fails_at_any_statement_leaves_nothing_behind(store: Store, write: str) -> None:
    prod = made(store, cluster=nodes(50)).id
    store.commit(prod, 1, put(node("n1", "a")), ENTRY)
    told: list[tuple[str, int]] = []
    before = rows(store)
    with store.watch(lambda name, head: told.append((name, head))):
        failures, ran = 0, list[str]()
        while "COMMIT" not in ran:
            with fault(store, failures) as ran, pytest.raises(Fault):
                WRITES[write](store, prod)
            failures += 1
            assert rows(store) == before
            assert (store.cached(prod, 3), store.cluster("new"), found(store).head) == (None, None, 2)
        assert failures > 2
        assert told == []
        WRITES[write](store, prod)
        assert len(told) == (write != "checkpoint")
    assert rows(store) != before
