"""Global ids: opaque texts that name a cluster, or an object of one, whatever the revision."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import NamedTuple

import msgspec

from foretell.api.service.errors import InvalidInputError
from foretell.model.meta import Key


class Named(NamedTuple):
    """What an id names: a cluster, a revision of it, or an object in it."""

    cluster: str
    revision: int = 0
    key: Key | None = None


def global_id(named: Named) -> str:
    """The id of what is named."""
    text = msgspec.json.encode([named.cluster, named.revision, *(named.key or ())])
    return urlsafe_b64encode(text).decode().rstrip("=")


def named_by(text: str) -> Named:
    """What an id names; raises InvalidInputError."""
    try:
        parts = msgspec.json.decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=list[int | str])
        cluster, revision, *key = parts
        if isinstance(cluster, str) and isinstance(revision, int) and len(key) in (0, len(Key._fields)):
            return Named(cluster, revision, Key(*map(str, key)) if key else None)
    except (ValueError, msgspec.DecodeError):
        pass
    raise InvalidInputError(f"{text!r} is no id: expected one that this server gave", "id")
