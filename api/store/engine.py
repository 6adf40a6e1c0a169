"""The database behind the store: transactions for reading and for writing, and its errors in one sentence."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from foretell.api.store.errors import ReadOnlyError, UnavailableError
from foretell.api.store.source import News, Source
from foretell.api.store.urls import secrets, shown

POOLED = 5
MOST = 40
"""Connections that are kept open, and how many there are at most: one for each thread that works."""


class Database(ABC):
    """A database; what SQLite and PostgreSQL do in ways of their own is in the two classes below this one."""

    def __init__(self, url: sa.URL, engine: sa.Engine, *, read_only: bool) -> None:
        self.url, self.engine, self.read_only = url, engine, read_only
        self.shown = shown(url)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A transaction that sees one state of the database; raises UnavailableError."""
        with self._explained(), self._reader().begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that is undone as a whole if anything is raised in it; raises UnavailableError."""
        if self.read_only:
            raise ReadOnlyError
        with self._explained(), self._writer().begin() as connection:
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def explained(self, error: BaseException) -> UnavailableError:
        """What went wrong, without a secret, in the first line of the driver's words."""
        text = " ".join(str(error).strip().partition("\n")[0].split()).rstrip(".")
        for secret in secrets(self.url):
            text = text.replace(secret, "***")
        return UnavailableError(self.shown, self.plain(text) or type(error).__name__)

    def plain(self, reason: str) -> str:
        """A driver's words in plainer ones, where there are any."""
        return reason

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.TimeoutError:
            raise UnavailableError(self.shown, "all of its connections are in use") from None
        except sa.exc.DBAPIError as error:
            raise self.explained(error.orig or error) from None
        except sa.exc.SQLAlchemyError as error:
            raise self.explained(error) from None

    @abstractmethod
    def lock_layout(self, connection: sa.Connection) -> None:
        """Let no other process change the tables until the end of the transaction."""

    @abstractmethod
    def hold_blobs(self, connection: sa.Connection) -> None:
        """Let no blob be removed until the end of the transaction, which may refer to some."""

    @abstractmethod
    def sweep_blobs(self, connection: sa.Connection) -> None:
        """Wait for all transactions that hold blobs, and keep new ones out until the end of this one."""

    @abstractmethod
    def announce(self, connection: sa.Connection, text: str) -> None:
        """Let other processes hear a text once the transaction is committed."""

    @abstractmethod
    def source(self, news: News) -> Source:
        """What tells of commits by other processes."""

    @abstractmethod
    def _reader(self) -> sa.Engine: ...

    @abstractmethod
    def _writer(self) -> sa.Engine: ...
