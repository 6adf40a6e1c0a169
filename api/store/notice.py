"""What servers tell each other about a commit: few bytes, as a notification has little room."""

from __future__ import annotations

from typing import NamedTuple

import msgspec


class Notice(NamedTuple):
    """A cluster's newest revision and its number of objects; both are 0 when it was deleted."""

    cluster_id: int
    name: str
    head: int = 0
    objects: int = 0


def notice_text(notice: Notice) -> str:
    """The notice as JSON."""
    return msgspec.json.encode(notice).decode()


def notice_of(text: str) -> Notice | None:
    """The notice of a JSON text; None if it is none, as anybody may write to a channel."""
    try:
        return msgspec.json.decode(text, type=Notice)
    except msgspec.MsgspecError:
        return None
