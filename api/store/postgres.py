"""PostgreSQL: one database that several servers share, and that tells each of what the others commit."""

from __future__ import annotations

import sqlalchemy as sa

from foretell.api.store.engine import MOST, POOLED, Database
from foretell.api.store.source import News, Source

CHANNEL = "(SELECT 'foretell_' || oid::text FROM pg_namespace WHERE nspname = current_schema())"
"""The channel, as an expression: stores in other schemas of the database have others."""

# Two numbers for an advisory lock: the first says that it is Foretell's.
_FORETELL, _LAYOUT, _BLOBS = 0x464F5245, 1, 2
_PATIENCE = {"connect_timeout": "10", "tcp_user_timeout": "30000", "application_name": "foretell"}


class Postgres(Database):
    """A PostgreSQL database, or one of its schemas."""

    def __init__(self, url: sa.URL, *, read_only: bool) -> None:
        patient = url.update_query_dict({k: v for k, v in _PATIENCE.items() if k not in url.query})
        engine = sa.create_engine(
            patient,
            pool_size=POOLED,
            max_overflow=MOST - POOLED,
            pool_pre_ping=True,
            hide_parameters=True,
            isolation_level="READ COMMITTED",
        )
        super().__init__(url, engine, read_only=read_only)
        self._patient = patient
        self._reads = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def lock_layout(self, connection: sa.Connection) -> None:
        """Take the lock on the tables' layout."""
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_FORETELL, _LAYOUT)))

    def hold_blobs(self, connection: sa.Connection) -> None:
        """Take a share of the lock on blobs."""
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock_shared(_FORETELL, _BLOBS)))

    def sweep_blobs(self, connection: sa.Connection) -> None:
        """Take the lock on blobs for this transaction alone."""
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_FORETELL, _BLOBS)))

    def announce(self, connection: sa.Connection, text: str) -> None:
        """Notify the channel."""
        connection.execute(sa.select(sa.func.pg_notify(sa.literal_column(CHANNEL), text)))

    def source(self, news: News) -> Source:
        """Listens to the channel."""
        # The driver is an extra.
        from foretell.api.store.postgres_watch import Listener

        return Listener(news, self.engine.dialect.create_connect_args(self._patient)[1])

    def _reader(self) -> sa.Engine:
        return self._reads

    def _writer(self) -> sa.Engine:
        return self.engine
