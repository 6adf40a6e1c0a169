"""Timestamps as the API writes them, and the seconds that a forecast counts in."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from foretell.model.errors import ManifestError


@lru_cache(maxsize=65536)
def seconds(timestamp: str) -> float:
    """Seconds since the epoch of an RFC 3339 timestamp; raises ManifestError when it is none."""
    try:
        return datetime.fromisoformat(timestamp).timestamp()
    except ValueError:
        raise ManifestError(
            f"{timestamp!r} is no timestamp: expected RFC 3339, such as 2026-01-31T12:00:00Z"
        ) from None


def timestamp(moment: float) -> str:
    """The RFC 3339 timestamp, in whole seconds, of seconds since the epoch."""
    return _timestamp(int(moment))


@lru_cache(maxsize=1024)
def _timestamp(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment, UTC).replace(tzinfo=None).isoformat()}Z"
