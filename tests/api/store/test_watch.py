"""Watches are told of every change, whichever process made it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Queue

import pytest
import sqlalchemy as sa

from foretell.api.store.infos import Event, Infos
from foretell.api.store.notice import Notice, notice_of, notice_text
from foretell.api.store.source import Report
from foretell.api.store.store import Store
from foretell.api.store.values import ClusterInfo
from tests.api.store.conftest import Open
from tests.api.store.samples import ENTRY, NOON, found, in_threads, made, node, put
from tests.postgres import Server

LONG = 20.0
"""Seconds that suffice on any machine."""


class Heard:
    """A callback that remembers."""

    def __init__(self) -> None:
        self.queue: Queue[Event] = Queue()

    def __call__(self, name: str, head: int) -> None:
        self.queue.put(Event(name, head))

    def next(self) -> Event:
        return self.queue.get(timeout=LONG)

    def until(self, event: Event) -> list[Event]:
        """Everything up to an event."""
        events = [self.next()]
        while events[-1] != event:
            events.append(self.next())
        return events

    def all(self) -> list[Event]:
        return [self.queue.get_nowait() for _ in range(self.queue.qsize())]


@pytest.fixture
def heard() -> Heard:
    return Heard()


def eventually(condition: Callable[[], bool]) -> None:
    """Wait for what another thread brings about."""
    tick = threading.Event()
    for _ in range(int(LONG / 0.02)):
        if condition():
            return
        tick.wait(0.02)
    raise AssertionError("it didn't come about")


_OTHERS: set[threading.Thread] = set()


@pytest.fixture(autouse=True)
def others() -> None:
    """Note who listens already: other tests of this process may have stores of their own."""
    _OTHERS.clear()
    _OTHERS.update(listening())


def listening() -> list[threading.Thread]:
    """The threads that listen since the test began."""
    mine = (thread for thread in threading.enumerate() if thread not in _OTHERS)
    return [thread for thread in mine if thread.name == "foretell-watch"]


def test_changes_of_this_process_are_told_at_once(store: Store, heard: Heard) -> None:
    with store.watch(heard):
        info = made(store)
        store.commit(info.id, 1, put(node("a")), ENTRY)
        store.copy(info.id, 2, "copy", ENTRY)
        store.delete(info.id)
        assert heard.all() == [("prod", 1), ("prod", 2), ("copy", 1), ("prod", 0)]


def test_changes_of_another_process_are_told_soon_and_once(open_store: Open, heard: Heard) -> None:
    store, other = open_store(), open_store()
    made(store, "old")
    with store.watch(heard):
        info = made(other)
        assert heard.next() == ("prod", 1)
        other.commit(info.id, 1, put(node("a")), ENTRY)
        assert heard.next() == ("prod", 2)
        assert store.remembered("prod") == found(other)
        other.delete(info.id)
        assert heard.next() == ("prod", 0)
        assert store.cluster("prod") is None
        made(other)
        assert heard.next() == ("prod", 1)
        store.commit(found(store, "old").id, 1, put(node("a")), ENTRY)
        assert heard.next() == ("old", 2)
    assert heard.all() == []


def test_after_close_nothing_is_told_and_nothing_listens(store: Store, heard: Heard) -> None:
    first, second = store.watch(heard), store.watch(heard)
    assert len(listening()) == 1
    first.close()
    assert len(listening()) == 1
    made(store)
    assert heard.all() == [("prod", 1)]
    second.close()
    second.close()
    assert listening() == []
    made(store, "other")
    assert heard.all() == []


def test_closing_the_store_ends_its_watches(store: Store, heard: Heard) -> None:
    watch = store.watch(heard)
    store.close()
    assert listening() == []
    watch.close()


def test_what_happened_before_a_watch_is_not_told_but_known(open_store: Open, heard: Heard) -> None:
    store, other = open_store(), open_store()
    info = made(store)
    store.watch(heard).close()
    assert store.remembered("prod") is None
    other.commit(info.id, 1, put(node("a")), ENTRY)
    with store.watch(heard):
        remembered = store.remembered("prod")
        assert remembered is not None
        assert (remembered.head, remembered.objects) == (2, 4)
        assert heard.all() == []


def statements(store: Store) -> list[str]:
    """What is asked of the database from now on."""
    seen: list[str] = []
    sa.event.listen(
        store._database.engine, "before_cursor_execute", lambda _, __, statement, *___: seen.append(statement)
    )
    return seen


def test_a_cluster_is_looked_up_in_memory_while_somebody_watches(store: Store, heard: Heard) -> None:
    info = made(store)
    with store.watch(heard):
        asked = statements(store)
        assert store.cluster("prod") == info
        assert asked == []
        store.commit(info.id, 1, put(node("a")), ENTRY)
        asked.clear()
        assert found(store).head == 2
        assert asked == []
    assert found(store).head == 2
    assert len(asked) > 0


def test_without_a_watch_a_cluster_is_looked_up_in_the_database(open_store: Open) -> None:
    store, other = open_store(), open_store()
    info = made(store)
    other.commit(info.id, 1, put(node("a")), ENTRY)
    assert found(store).head == 2


def test_a_process_reads_its_own_writes_while_others_write(open_store: Open, heard: Heard) -> None:
    stores = [open_store(), open_store()]
    for number in range(2):
        made(stores[number], f"c{number}")

    def work(number: int) -> None:
        store, name = stores[number], f"c{number}"
        with store.watch(heard):
            for turn in range(1, 30):
                info = found(store, name)
                assert info.head == turn
                store.commit(info.id, turn, put(node(f"x{turn}")), ENTRY)
                if turn % 10 == 0:
                    store.copy(info.id, turn, f"{name}-{turn}", ENTRY)
                    copy = found(store, f"{name}-{turn}")
                    store.delete(copy.id)
                    assert store.cluster(copy.name) is None

    in_threads(2, work)


def test_heads_are_told_in_order_though_threads_commit(store: Store, heard: Heard) -> None:
    with store.watch(heard):
        infos = [made(store, f"c{number}") for number in range(4)]

        def work(number: int) -> None:
            for turn in range(1, 10):
                store.commit(infos[number].id, turn, put(node("a", f"t{turn}")), ENTRY)

        in_threads(4, work)
        events = [heard.next() for _ in range(40)]
    for info in infos:
        assert [head for name, head in events if name == info.name] == list(range(1, 11))


def test_a_callback_that_fails_harms_nobody(
    store: Store, heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(name: str, head: int) -> None:
        raise RuntimeError(f"{name} {head}")

    with store.watch(fail), store.watch(heard):
        made(store)
        assert heard.all() == [("prod", 1)]
    assert "prod 1" in caplog.text


def test_a_callback_may_use_the_store_and_close_its_watch(open_store: Open) -> None:
    store, other = open_store(), open_store()
    done = threading.Event()

    def react(name: str, head: int) -> None:
        if head == 1:
            store.commit(found(store, name).id, 1, put(node("reaction")), ENTRY)
        else:
            watch.close()
            done.set()

    watch = store.watch(react)
    made(other)
    assert done.wait(LONG)
    assert found(other).head == 2
    eventually(lambda: listening() == [])


def test_after_a_lost_connection_all_clusters_are_told_again(postgres_server: Server, heard: Heard) -> None:
    url = postgres_server.new_database()
    database = url.rpartition("/")[2]
    store, other = Store.open(url), Store.open(url)
    try:
        infos = {name: made(other, name) for name in ("a", "b", "c")}
        with store.watch(heard):
            # Nobody gets in until what the watch must not miss has happened.
            postgres_server.execute(f"ALTER DATABASE {database} ALLOW_CONNECTIONS false")
            mine = f"datname = '{database}' AND query LIKE 'LISTEN%'"
            postgres_server.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {mine}")
            eventually(lambda: store.remembered("a") is None)
            other.commit(infos["a"].id, 1, put(node("a")), ENTRY)
            other.delete(infos["b"].id)
            assert heard.all() == []
            postgres_server.execute(f"ALTER DATABASE {database} ALLOW_CONNECTIONS true")
            assert sorted(heard.next() for _ in range(3)) == [("a", 2), ("b", 0), ("c", 1)]
            other.commit(infos["c"].id, 1, put(node("a")), ENTRY)
            assert heard.next() == ("c", 2)
            remembered = store.remembered("a")
            assert remembered is not None
            assert remembered.head == 2
    finally:
        store.close()
        other.close()


def test_stores_in_other_schemas_of_the_database_are_not_heard(postgres_server: Server, heard: Heard) -> None:
    store, other = (Store.open(postgres_server.new_schema()) for _ in range(2))
    try:
        with store.watch(heard):
            made(other, "other")
            made(store, "mine")
            postgres_server.execute("SELECT pg_notify('foretell_' || oid, 'nonsense') FROM pg_namespace")
            assert heard.until(Event("mine", 1)) == [("mine", 1)]
    finally:
        store.close()
        other.close()


def info(number: int, name: str, head: int) -> ClusterInfo:
    return ClusterInfo(id=number, name=name, head=head, created=NOON, kubernetes="1.36", gates={}, objects=0)


def test_older_news_change_nothing() -> None:
    infos = Infos()
    assert infos.learn(info(1, "a", 3)) == (Event("a", 3),)
    assert infos.learn(info(1, "a", 3)) == ()
    assert infos.learn(info(1, "a", 2)) == ()
    assert infos.forget(1, "a") == (Event("a", 0),)
    assert infos.learn(info(1, "a", 4)) == ()
    assert infos.advance(1, "a", 5, 0) == ()
    assert infos.learn(info(2, "a", 1)) == (Event("a", 1),)
    assert infos.forget(1, "a") == ()
    assert infos.advance(3, "a", 5, 0) is None


def test_what_was_learned_during_a_refresh_outlives_it() -> None:
    infos = Infos()
    infos.learn(info(1, "old", 1))
    since = infos.count()
    infos.learn(info(2, "new", 2))
    assert infos.refresh([info(2, "new", 1)], since, report=Report.CHANGED) == (Event("old", 0),)
    kept = infos.get("new")
    assert kept is not None
    assert kept.head == 2
    since = infos.count()
    infos.learn(info(3, "newer", 1))
    assert infos.refresh([], since, report=Report.CHANGED) == (Event("new", 0),)
    assert infos.get("newer") is not None


def test_a_notice_is_read_as_it_was_written_and_nonsense_is_passed_over() -> None:
    notice = Notice(7, "prod", 3, 5000)
    assert notice_of(notice_text(notice)) == notice
    assert [notice_of(text) for text in ("", "{}", "[1]", "nonsense", '["a","b",1,2]')] == [None] * 5
