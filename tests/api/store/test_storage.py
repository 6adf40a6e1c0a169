"""What is stored of a cluster: deltas, checkpoints, and chunks that are shared."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from statistics import median
from threading import Thread
from time import perf_counter

import pytest
import sqlalchemy as sa

from foretell.api.store.chunks import FULL, Chunk, cut
from foretell.api.store.codec import unpacked
from foretell.api.store.errors import DamagedError
from foretell.api.store.spacing import Spacing
from foretell.api.store.store import Store
from foretell.api.store.tables import blobs, revisions
from foretell.model.cluster import Cluster
from foretell.model.deltas import decode_delta
from tests.api.store.conftest import Open
from tests.api.store.samples import (
    ENTRY,
    documents,
    drop,
    found,
    in_threads,
    made,
    node,
    nodes,
    pod,
    put,
    real_node,
)
from tests.postgres import Server

EVERY = Spacing(deltas=1)
EVERY_THIRD = Spacing(deltas=3)


def test_a_thousand_taints_on_5000_nodes_take_less_room_than_three_copies(tmp_path: Path) -> None:
    """What is stored is the same on both databases."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with closing(Store.open(url)) as store:
        info = made(store, cluster=Cluster(real_node(number) for number in range(5000)))
        copy = store.stats().blob_bytes
        times = []
        for number in range(1, 1001):
            delta = put(real_node(number * 7 % 5000, f"t{number}"), moment=number)
            start = perf_counter()
            store.commit(info.id, number, delta, ENTRY)
            times.append(perf_counter() - start)
        stats, last = store.stats(), store.load(info.id, 1001)
    assert stats.revisions == 1001
    assert stats.delta_bytes + stats.blob_bytes < 3 * copy
    assert median(times) < 0.05
    with closing(Store.open(url)) as store:
        loaded = store.load(info.id, 1001)
    assert documents(loaded) == documents(last)
    assert loaded.moment == 1000


def test_a_checkpoint_stores_only_the_chunks_that_changed(open_store: Open) -> None:
    store = open_store(spacing=EVERY)
    info = made(store, cluster=nodes(2000))
    before = store.stats()
    store.commit(info.id, 1, put(node("n1234", "a")), ENTRY)
    after = store.stats()
    assert (after.checkpoints, after.blobs) == (2, before.blobs + 1)
    assert after.blob_bytes - before.blob_bytes < before.blob_bytes / 25


def test_a_checkpoint_after_drops_and_new_kinds_is_the_cluster(open_store: Open) -> None:
    store = open_store(spacing=EVERY_THIRD)
    info = made(store, cluster=nodes(200))
    deltas = [
        drop(*(f"n{number}" for number in range(0, 200, 3))),
        put(*(pod(f"p{number}", "n1") for number in range(100))),
        put(node("n1", "a")),
        drop(*(f"n{number}" for number in range(200))),
        put(node("n7")),
        put(pod("p3", "n7"), node("n8")),
    ]
    for number, delta in enumerate(deltas, start=1):
        store.commit(info.id, number, delta, ENTRY)
    assert store.stats().checkpoints == 3
    for number in range(7, 0, -1):
        with_none_kept = open_store(cached_objects=0)
        assert documents(with_none_kept.load(info.id, number)) == documents(store.load(info.id, number))


def test_checkpoints_are_as_far_apart_as_a_copy_is_large(open_store: Open) -> None:
    store = open_store(spacing=Spacing(least=0))
    info = made(store, cluster=nodes(500))
    size = store.stats().blob_bytes
    number = pending = 0
    while store.stats().checkpoints == 1:
        number += 1
        assert pending < size
        pending += store.commit(info.id, number, put(node(f"n{number}", "a")), ENTRY).size
    assert pending >= size


def test_copies_share_all_blobs_and_deletion_leaves_what_others_need(open_store: Open) -> None:
    store = open_store(spacing=EVERY_THIRD)
    info = made(store, cluster=nodes(500))
    for number in range(1, 6):
        store.commit(info.id, number, put(node(f"n{number}", "a")), ENTRY)
    before = store.stats()
    store.copy(info.id, 6, "copy", ENTRY)
    assert store.stats().blobs == before.blobs
    store.delete(info.id)
    copy = found(store, "copy")
    assert 0 < store.stats().blobs < before.blobs
    assert len(open_store().load(copy.id, 1)) == 500
    store.delete(copy.id)
    assert (store.stats().blobs, store.stats().revisions, store.stats().checkpoints) == (0, 0, 0)


def test_equal_clusters_share_their_blobs(store: Store) -> None:
    made(store, "a", nodes(500))
    one = store.stats().blob_bytes
    made(store, "b", nodes(500))
    assert store.stats().blob_bytes == one
    assert store.revisions(found(store, "b").id)[0].size == 0


def test_creating_and_deleting_beside_each_other_loses_nothing(open_store: Open) -> None:
    """Equal clusters come and go, so that the same blobs are wanted and given up at the same time."""
    stores = [open_store() for _ in range(4)]

    def work(number: int) -> None:
        store, name = stores[number], f"c{number}"
        for turn in range(6):
            info = made(store, name, nodes(100))
            if turn % 2:
                store.copy(info.id, 1, f"{name}-copy", ENTRY)
                store.delete(info.id)
                info = found(store, f"{name}-copy")
            assert len(open_without_cache(info.id)) == 100
            store.delete(info.id)

    reader = open_store(cached_objects=0)

    def open_without_cache(cluster_id: int) -> Cluster:
        return reader.load(cluster_id, 1)

    in_threads(4, work)
    assert (stores[0].stats().blobs, stores[0].stats().clusters) == (0, 0)


def test_a_deletion_waits_for_whoever_is_about_to_refer_to_the_same_blobs(postgres_server: Server) -> None:
    url = postgres_server.new_database()
    with closing(Store.open(url)) as store, closing(Store.open(url)) as other:
        info = made(other, "first", nodes(100))
        deletion = Thread(target=other.delete, args=(info.id,))
        waiting = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"

        def delete_meanwhile(_: object, __: object, statement: str, *___: object) -> None:
            if statement.startswith("INSERT INTO checkpoints"):
                deletion.start()
                while deletion.is_alive() and not postgres_server.execute(waiting):
                    deletion.join(0.01)

        sa.event.listen(store._database.engine, "before_cursor_execute", delete_meanwhile)
        store.create("second", nodes(100), ENTRY)
        deletion.join()
        assert [each.name for each in store.clusters()] == ["second"]
        assert len(store.load(found(store, "second").id, 1)) == 100


def test_checkpoints_made_beside_commits_and_deletion_leave_whole_clusters(open_store: Open) -> None:
    stores = [open_store(spacing=EVERY), open_store(spacing=EVERY)]
    for number in range(2):
        made(stores[number], f"c{number}", nodes(50))

    def work(number: int) -> None:
        store, info = stores[number], found(stores[number], f"c{number}")
        for turn in range(1, 11):
            store.commit(info.id, turn, put(node(f"n{turn}", "same")), ENTRY)
        if number:
            store.delete(info.id)

    in_threads(2, work)
    reader = open_store()
    info = found(reader, "c0")
    assert documents(reader.load(info.id, 11)) == documents(stores[0].load(info.id, 11))


@pytest.mark.parametrize(
    "data",
    [pytest.param(b"no", id="nothing that was compressed"), pytest.param(None, id="another blob")],
)
def test_a_damaged_blob_is_noticed(store: Store, url: str, data: bytes | None) -> None:
    info = made(store, cluster=nodes(200))
    with closing_engine(url) as engine, engine.begin() as connection:
        rows = connection.execute(sa.select(blobs.c.data).order_by(blobs.c.digest)).scalars().all()
        connection.execute(blobs.update().where(blobs.c.data == rows[0]).values(data=data or rows[1]))
    with pytest.raises(DamagedError, match="damaged"):
        store.load(info.id, 1)


def test_a_damaged_delta_is_noticed(store: Store, open_store: Open, url: str) -> None:
    info = made(store)
    store.commit(info.id, 1, put(node("a")), ENTRY)
    with closing_engine(url) as engine, engine.begin() as connection:
        connection.execute(revisions.update().where(revisions.c.number == 2).values(delta=b"no"))
    with pytest.raises(DamagedError, match="damaged"):
        open_store().load(info.id, 2)


class closing_engine:  # noqa: N801  used as a function
    """An engine of the test's own, closed at the end."""

    def __init__(self, url: str) -> None:
        self._engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))

    def __enter__(self) -> sa.Engine:
        return self._engine

    def __exit__(self, *_: object) -> None:
        self._engine.dispose()


def slots(cluster: Cluster) -> dict[bytes, Chunk]:
    return {chunk.slot: chunk for chunk in cut(cluster)}


@pytest.mark.parametrize("count", [0, 1, FULL, FULL + 1, 1000])
def test_chunks_are_small_and_have_every_object_once(count: int) -> None:
    parts = list(cut(nodes(count)))
    held = [decode_delta(unpacked(part.data or b"")).puts for part in parts]
    assert sorted(thing.key for things in held for thing in things) == [each.key for each in nodes(count)]
    assert all(len(things) <= FULL for things in held)
    assert len(parts) <= 1 + count / FULL * 3


def test_chunks_do_not_depend_on_how_a_cluster_came_about() -> None:
    grown = Cluster()
    for number in reversed(range(300)):
        grown = grown.replaced([node(f"n{number}")])
    grown = grown.replaced([node("more"), pod("p")]).replaced(drops=[node("more").key, pod("p").key])
    assert slots(grown) == slots(nodes(300))


def test_one_change_touches_one_chunk() -> None:
    before, after = slots(nodes(1000)), slots(nodes(1000).replaced([node("n500", "a")]))
    assert sum(before[slot] != after[slot] for slot in before | after) == 1


def test_chunks_without_changes_are_not_encoded_again() -> None:
    before = nodes(1000)
    known = {slot: chunk.digest for slot, chunk in slots(before).items()}
    gone, new = [node(f"n{number}").key for number in (3, 4, 5)], [node("n7", "a"), *map(pod, "abc")]
    after = before.replaced(new, gone)
    parts = list(cut(after, known, [*gone, *(thing.key for thing in new)]))
    assert {part.slot: part.digest for part in parts} == {
        slot: chunk.digest for slot, chunk in slots(after).items()
    }
    assert 0 < sum(part.data is not None for part in parts) <= 5


def test_a_checkpoint_that_fails_does_not_fail_the_commit(
    open_store: Open, caplog: pytest.LogCaptureFixture
) -> None:
    store = open_store(spacing=EVERY)
    info = made(store)
    engine = store._database.engine

    def fail(_: object, __: object, statement: str, *___: object) -> None:
        if statement.startswith("INSERT INTO checkpoints"):
            raise sa.exc.OperationalError(statement, {}, Exception("the disk is full"))

    sa.event.listen(engine, "before_cursor_execute", fail)
    revision = store.commit(info.id, 1, put(node("a")), replace(ENTRY, by="ada"))
    assert "no checkpoint at revision 2 of prod" in caplog.text
    assert "the disk is full" in caplog.text
    sa.event.remove(engine, "before_cursor_execute", fail)
    store.commit(info.id, revision.number, put(node("b")), ENTRY)
    assert store.stats().checkpoints == 2
    with closing(open_store(cached_objects=0)) as other:
        assert len(other.load(info.id, 3)) == 5
