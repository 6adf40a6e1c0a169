"""Opening a store: URLs, layouts of the tables, and what can be wrong with a database."""

from __future__ import annotations

import shutil
import socket
import sqlite3
import subprocess
import sys
import tomllib
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata

from foretell.api.store import layout, urls
from foretell.api.store.errors import (
    DriverMissingError,
    InvalidUrlError,
    ReadOnlyError,
    UnavailableError,
    VersionError,
)
from foretell.api.store.layout import VERSION_TABLE, context
from foretell.api.store.postgres import Postgres
from foretell.api.store.store import Store
from foretell.api.store.tables import METADATA
from foretell.model.deltas import Delta
from foretell.model.errors import ForetellError
from tests.api.store.conftest import Open
from tests.api.store.samples import ENTRY, found, in_threads, made, node, nodes, put
from tests.postgres import Server

ROOT = Path(__file__).resolve().parents[3]
NEEDLE = "needle-in-a-url"


def test_tables_and_migrations_agree(store: Store) -> None:
    with store._database.reading() as connection:
        assert compare_metadata(context(connection), METADATA) == []


def test_migrations_are_one_line_that_begins_at_nothing() -> None:
    scripts = layout.scripts()
    assert len(scripts.get_heads()) == len(scripts.get_bases()) == 1


def test_a_store_is_there_when_it_is_opened_again(store: Store, open_store: Open) -> None:
    info = made(store)
    store.commit(info.id, 1, put(node("a")), ENTRY)
    store.close()
    again = open_store()
    assert again.clusters() == (found(again),)
    assert len(again.load(info.id, 2)) == 4


def test_a_new_database_may_be_opened_by_many_at_once(url: str) -> None:
    def open_and_use(number: int) -> None:
        with closing(Store.open(url)) as store:
            made(store, f"c{number}")

    in_threads(6, open_and_use)
    with closing(Store.open(url)) as store:
        assert len(store.clusters()) == 6


def test_a_new_database_may_be_opened_by_many_processes_at_once(url: str) -> None:
    script = "import sys; from foretell.api.store.store import Store; Store.open(sys.argv[1]).close()"
    processes = [subprocess.Popen([sys.executable, "-c", script, url]) for _ in range(3)]
    assert [process.wait(30) for process in processes] == [0, 0, 0]


def test_a_database_of_a_newer_foretell_is_refused(store: Store, url: str) -> None:
    with store._database.writing() as connection:
        connection.execute(sa.text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    for read_only in (False, True):
        with pytest.raises(
            VersionError, match="was written by a newer Foretell: its layout is 9999"
        ) as caught:
            Store.open(url, read_only=read_only)
        assert_one_sentence(caught.value)


def test_an_empty_database_is_not_read(url: str) -> None:
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).touch()
    with pytest.raises(VersionError, match="has to be brought up to date first") as caught:
        Store.open(url, read_only=True)
    assert_one_sentence(caught.value)


def test_a_store_opened_for_reading_sees_what_others_write_and_writes_nothing(
    store: Store, open_store: Open
) -> None:
    reader = open_store(read_only=True)
    info = made(store)
    store.commit(info.id, 1, put(node("a")), ENTRY)
    assert len(reader.load(info.id, 2)) == 4
    for write in (
        lambda: reader.create("b", nodes(1), ENTRY),
        lambda: reader.commit(info.id, 2, Delta(), ENTRY),
        lambda: reader.copy(info.id, 1, "b", ENTRY),
        lambda: reader.delete(info.id),
    ):
        with pytest.raises(ReadOnlyError, match="for reading only"):
            write()


def assert_one_sentence(error: ForetellError) -> None:
    text = str(error)
    assert "\n" not in text
    assert "Traceback" not in text
    assert NEEDLE not in repr(error) + text
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None


@pytest.mark.parametrize(
    ("made_as", "path", "sentence"),
    [
        pytest.param("", "no/such/store.db", "there is no directory", id="no directory"),
        pytest.param("directory", "store.db", "it is a directory", id="a directory"),
        pytest.param("text", "store.db", "it is no SQLite file", id="no database"),
        pytest.param("other", "store.db", "it is another program's database", id="another program's"),
    ],
)
@pytest.mark.parametrize("read_only", [False, True], ids=["writing", "reading"])
def test_a_file_that_is_no_store_is_refused(
    tmp_path: Path, made_as: str, path: str, sentence: str, read_only: bool
) -> None:
    file = tmp_path / "store.db"
    if made_as == "directory":
        file.mkdir()
    elif made_as == "text":
        file.write_bytes(b"no database, but long enough to look at " * 100)
    elif made_as == "other":
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("CREATE TABLE theirs (a)")
    before = file.read_bytes() if file.is_file() else b""
    with pytest.raises(UnavailableError, match=sentence) as caught:
        Store.open(f"sqlite:///{tmp_path}/{path}", read_only=read_only)
    assert_one_sentence(caught.value)
    assert f"sqlite:///{tmp_path}/{path}" in str(caught.value)
    assert (file.read_bytes() if file.is_file() else b"")[:16] == before[:16]


def test_for_reading_no_file_is_made(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="there is no such file"):
        Store.open(f"sqlite:///{tmp_path}/store.db", read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_another_process_keeps_locked_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foretell.api.store.sqlite._BUSY", 0.1)
    url = f"sqlite:///{tmp_path}/store.db"
    with closing(Store.open(url)) as store, closing(sqlite3.connect(tmp_path / "store.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(UnavailableError, match="another process has been writing for") as caught:
            store.create("a", nodes(1), ENTRY)
        assert_one_sentence(caught.value)
        other.rollback()
        store.create("a", nodes(1), ENTRY)


def test_sqlite_survives_a_crash_of_the_machine(tmp_path: Path) -> None:
    """As far as settings can tell: each commit is on disk before it is acknowledged."""
    with (
        closing(Store.open(f"sqlite:///{tmp_path}/store.db")) as store,
        store._database.reading() as connection,
    ):
        pragmas = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    assert pragmas == ["wal", 2, 1, 15_000]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("store.db", id="a path"),
        pytest.param("mysql://u:needle-in-a-url@h/d", id="another database"),
        pytest.param("postgresql+asyncpg://u:needle-in-a-url@h/d", id="another driver"),
        pytest.param("postgresql://u:needle-in-a-url@h:port/d", id="a port that is no number"),
        pytest.param("postgresql://u:p@needle-in-a-url/x@h/d", id="an at sign in the password"),
        pytest.param("sqlite://", id="no file"),
        pytest.param("sqlite:///:memory:", id="memory"),
        pytest.param("sqlite://u:needle-in-a-url@host/store.db", id="a file on a host"),
        pytest.param("sqlite://store.db", id="two slashes"),
        pytest.param("sqlite:///store.db?mode=ro", id="options of a file"),
    ],
)
def test_a_url_that_is_none_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(InvalidUrlError) as caught:
        Store.open(text)
    assert_one_sentence(caught.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_postgresql_is_spoken_to_through_psycopg(scheme: str) -> None:
    url = urls.parsed(
        f"{scheme}://me:needle-in-a-url@host:5432/name?sslmode=require&password=needle-in-a-url"
    )
    assert url.drivername == "postgresql+psycopg"
    assert urls.shown(url) == "postgresql://me:***@host:5432/name?sslmode=require"


def test_a_missing_driver_is_named_with_the_extra_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(DriverMissingError, match=r"pip install 'foretell\[postgres\]'") as caught:
        Store.open("postgresql://u:needle-in-a-url@h/d")
    assert_one_sentence(caught.value)


def test_a_server_that_cannot_be_reached_is_reported_without_the_password(postgres_server: Server) -> None:
    del postgres_server  # without the driver nothing could be reached
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    with pytest.raises(UnavailableError, match="refused") as caught:
        Store.open(f"postgresql://me:{NEEDLE}@127.0.0.1:{port}/name")
    assert_one_sentence(caught.value)
    assert f"postgresql://me:***@127.0.0.1:{port}/name" in str(caught.value)


def test_a_database_that_does_not_exist_is_reported_without_the_password(postgres_server: Server) -> None:
    url = postgres_server.url("missing").replace("foretell@", f"foretell:{NEEDLE}@")
    with pytest.raises(UnavailableError, match='database "missing" does not exist') as caught:
        Store.open(url)
    assert_one_sentence(caught.value)


def test_a_secret_that_a_driver_repeats_is_not_shown() -> None:
    pytest.importorskip("psycopg", reason="the driver psycopg is not installed")
    url = urls.parsed(f"postgresql://me:{NEEDLE}@host/name")
    with closing(Postgres(url, read_only=False)) as database:
        error = database.explained(Exception(f"  cannot log in with {NEEDLE}.\n\tIs it right?"))
    assert error.reason == "cannot log in with ***"


def test_a_store_is_shown_without_its_password(postgres_server: Server) -> None:
    url = postgres_server.new_schema().replace("foretell@", f"foretell:{NEEDLE}@")
    with closing(Store.open(url)) as store:
        assert NEEDLE not in repr(store)
        assert "foretell:***@" in repr(store)


def test_an_installed_package_migrates(tmp_path: Path) -> None:
    """A copy of the packages that pyproject.toml lists, laid out as a wheel does, is enough."""
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    for package in setuptools["packages"]:
        top, _, rest = package.removeprefix("foretell").lstrip(".").partition(".")
        source = ROOT / (top or "foretell") / rest.replace(".", "/")
        target = tmp_path / "site" / package.replace(".", "/")
        target.mkdir(parents=True, exist_ok=True)
        for file in source.glob("*.py"):
            shutil.copy(file, target)
    script = (
        "from foretell.api.store import layout, store\n"
        "store.Store.open('sqlite:///store.db').close()\n"
        "print(layout.__file__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env={"PYTHONPATH": "site"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    assert done.stdout.strip() == str(tmp_path / "site/foretell/api/store/layout.py")
