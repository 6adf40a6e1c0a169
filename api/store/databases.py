"""Databases by URL, ready to be used."""

from __future__ import annotations

from foretell.api.store.engine import Database
from foretell.api.store.layout import bring_up_to_date
from foretell.api.store.postgres import Postgres
from foretell.api.store.sqlite import Sqlite
from foretell.api.store.urls import parsed


def opened(url: str, *, read_only: bool) -> Database:
    """The database of a URL, with today's tables.

    Raises InvalidUrlError, DriverMissingError, UnavailableError or VersionError.
    """
    where = parsed(url)
    kind = Sqlite if where.get_backend_name() == "sqlite" else Postgres
    database: Database = kind(where, read_only=read_only)
    try:
        bring_up_to_date(database)
    except BaseException:
        database.close()
        raise
    return database
