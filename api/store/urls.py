"""URLs of databases: which are understood, and how they are shown without their passwords."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import sqlalchemy as sa

from foretell.api.store.errors import DriverMissingError, InvalidUrlError, UnavailableError

_EXPECTED = "expected a URL such as sqlite:///foretell.db or postgresql://user@host/database"
_POSTGRES = ("postgresql", "postgres", "postgresql+psycopg")
_SECRET_OPTIONS = ("password", "sslpassword", "passfile")


def parsed(text: str) -> sa.URL:
    """The URL of a text, with the driver that Foretell uses; raises InvalidUrlError or DriverMissingError."""
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        raise InvalidUrlError(f"the store's URL can't be read: {_EXPECTED}") from None
    if url.drivername == "sqlite":
        return _sqlite(url)
    if url.drivername in _POSTGRES:
        return _postgres(url)
    raise InvalidUrlError(f"a store can't be kept in {url.drivername!r}: {_EXPECTED}")


def shown(url: sa.URL) -> str:
    """The URL as it may be printed and logged."""
    plain = url.set(drivername=url.get_backend_name()).difference_update_query(_SECRET_OPTIONS)
    return plain.render_as_string(hide_password=True)


def secrets(url: sa.URL) -> tuple[str, ...]:
    """The texts in a URL that must not be printed, the longest first."""
    found = [url.password or ""]
    for option in _SECRET_OPTIONS:
        value = url.query.get(option, ())
        found += [value] if isinstance(value, str) else value
    return tuple(sorted(filter(None, found), key=len, reverse=True))


def file_of(url: sa.URL, *, there: bool) -> Path:
    """The file of an SQLite URL, which exists (`there`) or can be made; raises UnavailableError."""
    path = Path(url.database or "")
    if path.is_dir():
        raise UnavailableError(shown(url), "it is a directory")
    if not path.absolute().parent.is_dir():
        raise UnavailableError(shown(url), f"there is no directory {path.absolute().parent}")
    if there and not path.is_file():
        raise UnavailableError(shown(url), "there is no such file")
    return path


def _sqlite(url: sa.URL) -> sa.URL:
    if url.host or url.username or url.password or url.port:
        raise InvalidUrlError(
            f"an SQLite file is on no host: write three slashes, four before an absolute path; {_EXPECTED}"
        )
    if not url.database or url.database.startswith((":memory:", "file:")) or url.query:
        raise InvalidUrlError("a store in SQLite is one file: expected a URL such as sqlite:///foretell.db")
    return url


def _postgres(url: sa.URL) -> sa.URL:
    if any("@" in (part or "") for part in (url.host, url.database, url.username)):
        raise InvalidUrlError(
            "special characters in the user name or password of a URL are to be percent-encoded"
        )
    try:
        missing = find_spec("psycopg") is None
    except ValueError:
        missing = True
    if missing:
        raise DriverMissingError
    return url.set(drivername="postgresql+psycopg")
