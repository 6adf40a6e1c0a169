"""SQLite: one file with a write-ahead log, on disk before a commit is acknowledged."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import sqlalchemy as sa

from foretell.api.store import urls
from foretell.api.store.engine import MOST, POOLED, Database
from foretell.api.store.source import News, Report, Source
from foretell.model.errors import ForetellError

_BUSY = 15.0
"""Seconds to wait for another process's transaction."""

_POLL = 0.25
"""Seconds between looks at whether another process has committed."""


class Sqlite(Database):
    """One file; writers take turns, and readers see the state before."""

    def __init__(self, url: sa.URL, *, read_only: bool) -> None:
        self._file = urls.file_of(url, there=read_only)
        engine = sa.create_engine(
            url,
            pool_size=POOLED,
            max_overflow=MOST - POOLED,
            hide_parameters=True,
            connect_args={"timeout": _BUSY},
        )
        sa.event.listen(engine, "connect", self._connected)
        sa.event.listen(engine, "begin", _begin)
        super().__init__(url, engine, read_only=read_only)
        self._writes = engine.execution_options(foretell_begin="BEGIN IMMEDIATE")
        # Threads of one process wait here, as SQLite's own waiting is a loop of ever longer pauses.
        self._turn = threading.Lock()

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that nothing else writes beside."""
        with self._turn, super().writing() as connection:
            yield connection

    def lock_layout(self, connection: sa.Connection) -> None:
        """Nothing to do: only one transaction writes."""

    def hold_blobs(self, connection: sa.Connection) -> None:
        """Nothing to do: only one transaction writes."""

    def sweep_blobs(self, connection: sa.Connection) -> None:
        """Nothing to do: only one transaction writes."""

    def announce(self, connection: sa.Connection, text: str) -> None:
        """Nothing to do: other processes look at the file."""

    def source(self, news: News) -> Source:
        """Looks at the file's version a few times a second."""
        return _Poller(news, str(self._file))

    def plain(self, reason: str) -> str:
        """The reason in words for those who don't know SQLite."""
        if reason == "file is not a database":
            return "it is no SQLite file"
        if "locked" in reason:
            return f"another process has been writing for {_BUSY:g} seconds"
        return reason

    def _reader(self) -> sa.Engine:
        return self.engine

    def _writer(self) -> sa.Engine:
        return self._writes

    def _connected(self, connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # transactions begin below, not wherever the driver thinks fit
        with closing(connection.cursor()) as cursor:
            cursor.execute("PRAGMA foreign_keys = ON")
            cursor.execute("PRAGMA synchronous = FULL")
            if self.read_only:
                cursor.execute("PRAGMA query_only = ON")
            else:
                cursor.execute("PRAGMA journal_mode = WAL")


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("foretell_begin", "BEGIN"))


class _Poller(Source):
    """Asks SQLite for the version of the file's data; it changes with every commit by other connections."""

    def __init__(self, news: News, file: str) -> None:
        super().__init__(news)
        self._file = file

    def listen(self, first: Report) -> None:
        """Look, and read all heads where something was committed."""
        seen: int | None = None
        try:
            with closing(sqlite3.connect(self._file, timeout=_BUSY, isolation_level=None)) as connection:
                while not self.stopped:
                    [version] = connection.execute("PRAGMA data_version").fetchone()
                    if version != seen:
                        self.news.refresh(first if seen is None else Report.CHANGED)
                        seen = version
                        self.ready()
                    self.pause(_POLL)
        except (ForetellError, sqlite3.Error):
            return
