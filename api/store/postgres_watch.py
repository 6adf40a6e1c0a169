"""News from PostgreSQL: a connection of its own that listens, and comes back when it breaks."""

from __future__ import annotations

import selectors
import socket
from collections.abc import Mapping
from contextlib import closing, suppress
from typing import Any

import psycopg
from psycopg import sql

from foretell.api.store.postgres import CHANNEL
from foretell.api.store.source import News, Report, Source
from foretell.model.errors import ForetellError

_QUIET = 30.0
"""Seconds without news after which the connection is tried."""


class Listener(Source):
    """Listens to the store's channel; what it missed meanwhile is made up for by reading all heads."""

    def __init__(self, news: News, parameters: Mapping[str, Any]) -> None:
        super().__init__(news)
        self._parameters = dict(parameters)
        self._bell, self._door = socket.socketpair()

    def stop(self) -> None:
        """Listen no more, and wait for the thread to end."""
        super().stop()
        self._bell.close()
        self._door.close()

    def wake(self) -> None:
        """End the wait for news."""
        with suppress(OSError):
            self._bell.send(b"\0")

    def listen(self, first: Report) -> None:
        """Listen first and read all heads then, so that nothing falls in between."""
        try:
            with closing(psycopg.connect(**self._parameters, autocommit=True)) as connection:
                [channel] = connection.execute(f"SELECT {CHANNEL}").fetchone() or ("",)
                connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                self.news.refresh(first)
                self.ready()
                self._hear(connection)
        except (ForetellError, psycopg.Error, OSError):
            return

    def _hear(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(connection.fileno(), selectors.EVENT_READ)
            selector.register(self._door, selectors.EVENT_READ)
            while not self.stopped:
                # What came along with an answer is known to the driver already, and wouldn't end the wait.
                for notice in connection.notifies(timeout=0):
                    self.news.heard(notice.payload)
                if not selector.select(_QUIET):
                    connection.execute("SELECT 1")
