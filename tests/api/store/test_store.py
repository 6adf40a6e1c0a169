"""Clusters and their revisions, as callers see them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from foretell.api.store.errors import (
    ConflictError,
    InvalidNameError,
    NameTakenError,
    UnknownClusterError,
    UnknownRevisionError,
)
from foretell.api.store.store import Store
from foretell.api.store.values import Origin
from foretell.model.cluster import Cluster
from foretell.model.deltas import Delta
from foretell.model.errors import ForetellError
from tests.api.store.conftest import Open
from tests.api.store.samples import (
    ENTRY,
    NOON,
    documents,
    drop,
    found,
    in_threads,
    made,
    node,
    nodes,
    pod,
    put,
    taints,
)


def test_a_new_cluster_is_at_revision_1_and_has_what_was_given(store: Store, open_store: Open) -> None:
    revision = store.create("prod", nodes(100), ENTRY, kubernetes="1.35", gates={"A": True, "B": False})
    info = found(store)
    assert (info.name, info.head, info.created, info.objects) == ("prod", 1, NOON, 100)
    assert (info.kubernetes, info.gates) == ("1.35", {"A": True, "B": False})
    loaded = open_store().load(info.id, 1)
    assert documents(loaded) == documents(nodes(100))
    assert loaded.moment == 1.5
    assert (revision.number, revision.parent, revision.puts, revision.objects) == (1, None, 100, 100)


def test_an_empty_cluster_can_be_stored_and_filled(store: Store, open_store: Open) -> None:
    info = made(store, cluster=Cluster(moment=7))
    store.commit(info.id, 1, put(node("a")), ENTRY)
    other = open_store()
    assert (len(other.load(info.id, 1)), other.load(info.id, 1).moment) == (0, 7)
    assert list(documents(other.load(info.id, 2))) == [node("a").key]


def test_each_revision_stays_what_it_was(store: Store, open_store: Open) -> None:
    info = made(store)
    store.commit(info.id, 1, put(node("n1", "a")), ENTRY)
    store.commit(info.id, 2, Delta((node("n1", "b"), pod("p", "n1")), drop("n0").drops, 3.5), ENTRY)
    store.commit(info.id, 3, Delta(moment=4.5), ENTRY)
    for reader in (store, open_store()):
        states = [reader.load(info.id, number) for number in (1, 2, 3, 4)]
        assert [state.moment for state in states] == [1.5, 2.5, 3.5, 4.5]
        assert [len(state) for state in states] == [3, 3, 3, 3]
        assert [taints(state, "n1") for state in states] == [[], ["a"], ["b"], ["b"]]
    assert (found(store).head, found(store).objects) == (4, 3)


def test_a_revision_says_who_did_what_when_and_why(store: Store, open_store: Open) -> None:
    info = made(store)
    later = NOON.astimezone(timezone(timedelta(hours=5))) + timedelta(seconds=1)
    entry = replace(
        ENTRY, at=later, by="bob", why="maintenance", changes=({"drain": {"node": "n1"}}, [1, None])
    )
    committed = store.commit(info.id, 1, Delta((node("n1", "a"), pod("p")), drop("n2").drops, 9), entry)
    read = open_store().revision(info.id, 2)
    assert read == committed
    assert read.entry == replace(entry, at=later)
    assert (read.cluster, read.parent, read.origin) == ("prod", 1, None)
    assert (read.puts, read.drops, read.objects, read.moment) == (2, 1, 3, 9)
    assert read.size > 0


def test_what_no_text_column_takes_is_replaced_in_words_and_kept_in_changes(store: Store) -> None:
    info = made(store)
    change = {"odd": "a\0b\ud800"}
    entry = replace(ENTRY, why="a\0b\ud800c", changes=(change,), told=("x\0",))
    committed = store.commit(info.id, 1, put(node("n1", "a")), entry)
    assert committed.entry.why == "a\ufffdb\ufffdc"
    assert store.revision(info.id, 2) == committed
    assert committed.entry.changes == (change,)


def test_a_kind_or_name_may_be_any_text(store: Store, open_store: Open) -> None:
    odd = [pod("p" * 5000), pod("a\0b"), pod("ü/ö")]
    info = made(store, cluster=Cluster(odd))
    assert set(documents(open_store().load(info.id, 1))) == {thing.key for thing in odd}


@pytest.mark.parametrize("expected", [1, 3, 2**40, 0, -1])
def test_a_commit_to_any_other_revision_than_the_head_is_a_conflict(store: Store, expected: int) -> None:
    info = made(store)
    store.commit(info.id, 1, put(node("n1", "a")), ENTRY)
    with pytest.raises(ConflictError, match="'prod' is at revision 2, not at the expected one") as caught:
        store.commit(info.id, expected, put(node("n1", "b")), ENTRY)
    assert (caught.value.name, caught.value.head) == ("prod", 2)
    assert (found(store).head, len(store.revisions(info.id))) == (2, 2)


def test_of_many_commits_to_the_same_revision_one_is_accepted(open_store: Open) -> None:
    stores = [open_store() for _ in range(4)]
    info = made(stores[0])
    accepted, refused = [], []

    def commit(number: int) -> None:
        try:
            accepted.append(stores[number].commit(info.id, 1, put(node("n1", f"t{number}")), ENTRY))
        except ConflictError as error:
            refused.append(error.head)

    in_threads(4, commit)
    assert [revision.number for revision in accepted] == [2]
    assert refused == [2, 2, 2]


def test_commits_by_threads_and_processes_that_try_again_are_all_kept(open_store: Open) -> None:
    stores = [open_store(), open_store()]
    info = made(stores[0])

    def commit(number: int) -> None:
        store = stores[number % 2]
        for turn in range(5):
            while True:
                try:
                    store.commit(info.id, found(store).head, put(node(f"new-{number}-{turn}")), ENTRY)
                except ConflictError:
                    continue
                break

    in_threads(4, commit)
    head = found(stores[0])
    assert (head.head, head.objects) == (21, 23)
    assert len(open_store().load(info.id, 21)) == 23


def test_clusters_are_listed_by_name(store: Store) -> None:
    for name in ("b", "a.b", "a-b", "a"):
        made(store, name)
    assert [info.name for info in store.clusters()] == ["a", "a-b", "a.b", "b"]


@pytest.mark.parametrize(
    "name",
    ["", "Prod", "a_b", "-a", "a-", ".a", "a..b", "a.-b", "a" * 64, "a\n", "ä", "a/b", "x" * 1000],
)
def test_a_name_that_is_none_is_refused_by_all_that_make_clusters(store: Store, name: str) -> None:
    info = made(store)
    with pytest.raises(InvalidNameError, match="can't name a cluster") as caught:
        store.create(name, nodes(1), ENTRY)
    assert len(str(caught.value)) < 300
    with pytest.raises(InvalidNameError):
        store.copy(info.id, 1, name, ENTRY)
    with pytest.raises(InvalidNameError):
        store.check_new(name)
    assert store.cluster(name) is None


@pytest.mark.parametrize("name", ["a", "0", "a.b-c.d", "a" * 63, "a--b"])
def test_a_good_name_is_taken_once(store: Store, name: str) -> None:
    store.check_new(name)
    info = made(store, name)
    with pytest.raises(NameTakenError, match="already"):
        store.create(name, nodes(1), ENTRY)
    with pytest.raises(NameTakenError, match="already"):
        store.copy(info.id, 1, name, ENTRY)
    with pytest.raises(NameTakenError, match="already"):
        store.check_new(name)
    assert len(store.clusters()) == 1


def test_of_many_that_take_a_name_at_once_one_gets_it(open_store: Open) -> None:
    stores = [open_store() for _ in range(4)]
    refused = []

    def create(number: int) -> None:
        try:
            stores[number].create("prod", nodes(number + 1), ENTRY)
        except NameTakenError:
            refused.append(number)

    in_threads(4, create)
    assert len(refused) == 3
    assert len(stores[0].load(found(stores[0]).id, 1)) == found(stores[0]).objects


@pytest.mark.parametrize("number", [0, -1, 2, 2**31, 2**70])
def test_a_revision_that_is_none_is_unknown(store: Store, number: int) -> None:
    info = made(store)
    with pytest.raises(UnknownRevisionError, match=f"'prod' has no revision {number}"):
        store.load(info.id, number)
    with pytest.raises(UnknownRevisionError):
        store.revision(info.id, number)
    with pytest.raises(UnknownRevisionError):
        store.copy(info.id, number, "copy", ENTRY)
    assert store.cached(info.id, number) is None


@pytest.mark.parametrize("cluster_id", [0, 99, 2**31, 2**70])
def test_a_cluster_that_is_none_is_unknown(store: Store, cluster_id: int) -> None:
    for use in (
        lambda: store.load(cluster_id, 1),
        lambda: store.revision(cluster_id, 1),
        lambda: store.commit(cluster_id, 1, Delta(), ENTRY),
        lambda: store.copy(cluster_id, 1, "copy", ENTRY),
        lambda: store.delete(cluster_id, 1),
        lambda: store.delete(cluster_id),
    ):
        with pytest.raises(UnknownClusterError):
            use()
    assert store.revisions(cluster_id) == ()


@pytest.fixture
def history(store: Store) -> int:
    """A cluster with ten revisions."""
    info = made(store)
    for number in range(1, 10):
        store.commit(info.id, number, put(node("n1", f"t{number}")), replace(ENTRY, why=str(number)))
    return info.id


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        pytest.param({}, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1], id="all, newest first"),
        pytest.param({"limit": 3}, [10, 9, 8], id="the newest"),
        pytest.param({"limit": 3, "before": 8}, [7, 6, 5], id="then older ones"),
        pytest.param({"limit": 3, "newest_first": False}, [1, 2, 3], id="the oldest"),
        pytest.param({"limit": 3, "newest_first": False, "after": 3}, [4, 5, 6], id="then newer ones"),
        pytest.param({"after": 3, "before": 6}, [5, 4], id="between two"),
        pytest.param({"after": 10}, [], id="after the last"),
        pytest.param({"before": 2**70}, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1], id="before far away"),
        pytest.param({"after": 2**70}, [], id="after far away"),
        pytest.param({"after": -5, "before": 2}, [1], id="from before the first"),
        pytest.param({"limit": 0}, [], id="none"),
    ],
)
def test_history_is_paged_in_both_directions(
    store: Store, history: int, options: dict[str, int], numbers: list[int]
) -> None:
    assert [revision.number for revision in store.revisions(history, **options)] == numbers  # type: ignore[arg-type]


def test_a_page_has_the_same_entries_as_single_revisions(store: Store, history: int) -> None:
    page = store.revisions(history, limit=4)
    assert page == tuple(store.revision(history, revision.number) for revision in page)
    assert [revision.entry.why for revision in page] == ["9", "8", "7", "6"]


def test_a_revert_is_a_new_revision_that_says_what_it_brings_back(store: Store, history: int) -> None:
    reverted = store.commit(history, 10, put(node("n1")), replace(ENTRY, action="revert"), reverts=1)
    assert store.revision(history, 11) == reverted
    assert (reverted.parent, reverted.origin) == (10, Origin("prod", 1))


@pytest.mark.parametrize("number", [1, 5, 10])
def test_a_copy_starts_with_the_revision_that_was_copied(
    store: Store, open_store: Open, history: int, number: int
) -> None:
    original = store.load(history, number)
    revision = store.copy(history, number, "sandbox", replace(ENTRY, action="copy"))
    copy = found(store, "sandbox")
    assert (revision.cluster_id, revision.number, revision.parent) == (copy.id, 1, None)
    assert (revision.origin, revision.objects) == (Origin("prod", number), 3)
    for reader in (store, open_store()):
        loaded = reader.load(copy.id, 1)
        assert (documents(loaded), loaded.moment) == (documents(original), original.moment)
        assert reader.revision(copy.id, 1) == revision


def test_a_copy_and_its_original_go_ways_of_their_own(store: Store, open_store: Open, history: int) -> None:
    store.copy(history, 5, "sandbox", ENTRY)
    copy = found(store, "sandbox")
    store.commit(copy.id, 1, put(node("n2", "copy")), ENTRY)
    store.copy(copy.id, 2, "third", ENTRY)
    store.delete(history)
    third = found(store, "third")
    store.commit(third.id, 1, put(node("n0", "third")), ENTRY)
    store.delete(copy.id)
    state = open_store().load(third.id, 2)
    assert [taints(state, name) for name in ("n0", "n1", "n2")] == [["third"], ["t4"], ["copy"]]


def test_a_copy_keeps_version_and_gates(store: Store) -> None:
    store.create("prod", nodes(1), ENTRY, kubernetes="1.34", gates={"G": True})
    store.copy(found(store).id, 1, "copy", ENTRY)
    copy = found(store, "copy")
    assert (copy.kubernetes, copy.gates, copy.head, copy.objects) == ("1.34", {"G": True}, 1, 1)


def test_a_deleted_cluster_is_gone_and_its_name_is_free(store: Store, open_store: Open) -> None:
    info = made(store)
    store.load(info.id, 1)
    store.delete(info.id, 1)
    assert store.cluster("prod") is None
    assert store.clusters() == ()
    assert store.cached(info.id, 1) is None
    with pytest.raises(UnknownClusterError):
        store.load(info.id, 1)
    again = made(store)
    assert again.id != info.id
    assert [each.id for each in open_store().clusters()] == [again.id]


@pytest.mark.parametrize("expected", [2, 0, 2**40])
def test_a_cluster_at_another_revision_than_expected_is_not_deleted(store: Store, expected: int) -> None:
    info = made(store)
    with pytest.raises(ConflictError) as caught:
        store.delete(info.id, expected)
    assert caught.value.head == 1
    assert len(store.load(info.id, 1)) == 3


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        pytest.param(
            ConflictError("x", 7), "cluster 'x' is at revision 7, not at the expected one", id="conflict"
        ),
        pytest.param(
            ConflictError("x", 0),
            "there is no cluster 'x' that could be at the expected revision",
            id="conflict with nothing",
        ),
        pytest.param(UnknownClusterError("x"), "there is no cluster 'x'", id="unknown"),
        pytest.param(UnknownClusterError(), "the cluster has been deleted", id="deleted"),
    ],
)
def test_errors_are_sentences(error: ForetellError, sentence: str) -> None:
    assert str(error) == sentence
