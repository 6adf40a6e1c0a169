"""Snapshots: what is kept in memory, and how much is read for one that isn't."""

from __future__ import annotations

from collections.abc import Callable
from threading import Semaphore

import pytest

from foretell.api.store import codec
from foretell.api.store.snapshots import REVISIONS, Place, Snapshots
from foretell.api.store.spacing import Spacing
from foretell.api.store.store import Store
from foretell.model.cluster import Cluster
from foretell.model.deltas import Delta
from tests.api.store.conftest import Open
from tests.api.store.samples import ENTRY, documents, in_threads, made, node, nodes, put


@pytest.fixture
def unpacked(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The stored texts, deltas and chunks, that are read."""
    seen: list[bytes] = []
    plain: Callable[[bytes], Delta] = codec.unpack

    def counted(data: bytes) -> Delta:
        seen.append(data)
        return plain(data)

    monkeypatch.setattr(codec, "unpack", counted)
    return seen


def tainted(store: Store, cluster_id: int, until: int) -> None:
    """Commit revisions 2, 3, …"""
    for number in range(1, until):
        store.commit(cluster_id, number, put(node("n1", f"t{number}"), moment=number), ENTRY)


def shared(one: Cluster, other: Cluster) -> int:
    """How many objects two snapshots have in common in memory."""
    return sum(other.get(thing.key) is thing for thing in one)


def test_a_commit_keeps_the_new_snapshot_which_shares_what_did_not_change(store: Store) -> None:
    info = made(store, cluster=nodes(100))
    before = store.load(info.id, 1)
    store.commit(info.id, 1, put(node("n1", "a")), ENTRY)
    after = store.cached(info.id, 2)
    assert after is not None
    assert shared(before, after) == 99


def test_all_processes_hold_equal_objects(store: Store, open_store: Open) -> None:
    """Also what tells where an object was read from is equal, which `documents` leaves aside."""
    info = made(store)
    patched = node("n1").__class__(kind="Node", api_version="v1", metadata=node("n1", zone="a").metadata)
    store.commit(info.id, 1, put(patched), ENTRY)
    assert store.cached(info.id, 2) == open_store().load(info.id, 2)


@pytest.mark.parametrize("spacing", [Spacing(), Spacing(deltas=1)], ids=["deltas only", "checkpoints"])
def test_the_revision_after_a_kept_one_takes_one_delta(
    open_store: Open, spacing: Spacing, unpacked: list[bytes]
) -> None:
    writer, reader = open_store(spacing=spacing), open_store()
    info = made(writer, cluster=nodes(100))
    tainted(writer, info.id, 6)
    before = reader.load(info.id, 4)
    unpacked.clear()
    after = reader.load(info.id, 5)
    assert len(unpacked) == 1
    assert shared(before, after) == 99
    assert after.moment == 4


def test_a_snapshot_is_read_from_the_nearest_checkpoint(open_store: Open, unpacked: list[bytes]) -> None:
    writer = open_store(spacing=Spacing(deltas=4))
    info = made(writer)
    tainted(writer, info.id, 30)
    for number in range(1, 31):
        reader = open_store()
        unpacked.clear()
        assert documents(reader.load(info.id, number)) == documents(writer.load(info.id, number))
        assert len(unpacked) == (number - 1) % 4
        reader.close()


def test_from_an_old_snapshot_the_checkpoint_between_is_taken_where_that_is_less(
    open_store: Open, unpacked: list[bytes]
) -> None:
    writer, reader = open_store(spacing=Spacing(deltas=20)), open_store()
    info = made(writer)
    tainted(writer, info.id, 23)
    reader.load(info.id, 1)
    unpacked.clear()
    assert documents(reader.load(info.id, 22)) == documents(writer.load(info.id, 22))
    assert len(unpacked) == 1


def test_loads_of_one_revision_at_once_are_one_load() -> None:
    snapshots, arrived, makes = Snapshots(1000), Semaphore(0), []

    def make() -> Cluster:
        for _ in range(8):
            arrived.acquire()
        makes.append(1)
        return nodes(3)

    got: list[Cluster] = []

    def load(_: int) -> None:
        arrived.release()
        got.append(snapshots.get_or_make(Place(1, 1), make))

    in_threads(8, load)
    assert len(makes) == 1
    assert len({id(cluster) for cluster in got}) == 1


def test_a_load_that_fails_fails_for_all_and_is_tried_again() -> None:
    snapshots = Snapshots(1000)

    def fail() -> Cluster:
        raise RuntimeError

    for _ in range(2):
        with pytest.raises(RuntimeError):
            snapshots.get_or_make(Place(1, 1), fail)
    assert len(snapshots.get_or_make(Place(1, 1), lambda: nodes(1))) == 1


def test_the_latest_used_snapshots_are_kept_as_far_as_their_objects_allow(open_store: Open) -> None:
    writer = open_store()
    info = made(writer, cluster=nodes(100))
    tainted(writer, info.id, 6)
    store = open_store(cached_objects=500)
    for number in (1, 2, 3, 1, 4):
        store.load(info.id, number)
    kept = [number for number in range(1, 7) if store.cached(info.id, number)]
    assert kept == [1, 3, 4]
    assert (store.stats().cached_snapshots, store.stats().cached_objects) == (3, 300)


def test_a_snapshot_larger_than_allowed_is_kept_alone() -> None:
    snapshots = Snapshots(10)
    for number in (1, 2):
        snapshots.put(Place(1, number), nodes(20))
    assert snapshots.size() == (1, 20)
    assert snapshots.get(Place(1, 2)) is not None


def test_of_a_cluster_that_changes_all_the_time_the_latest_used_are_kept() -> None:
    snapshots = Snapshots(1_000_000)
    snapshots.put(Place(2, 1), nodes(1))
    for number in range(1, 101):
        snapshots.put(Place(1, number), nodes(1))
        assert snapshots.get(Place(1, 1)) is not None
    kept = [number for number in range(1, 101) if snapshots.get(Place(1, number))]
    assert kept == [1, *range(102 - REVISIONS, 101)]
    assert snapshots.get(Place(2, 1)) is not None
    assert snapshots.size() == (REVISIONS + 1, REVISIONS + 1)


def test_the_nearest_earlier_snapshot_is_of_the_same_cluster() -> None:
    snapshots = Snapshots(10_000)
    for place in (Place(1, 1), Place(1, 4), Place(1, 9), Place(2, 5)):
        snapshots.put(place, nodes(place.number))
    near = snapshots.before(Place(1, 9))
    assert near is not None
    assert (near[0], len(near[1])) == (4, 4)
    assert snapshots.before(Place(1, 1)) is None
    assert snapshots.before(Place(3, 9)) is None
    snapshots.forget(1)
    assert snapshots.before(Place(1, 99)) is None
    assert snapshots.size() == (1, 5)
