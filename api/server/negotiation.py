"""Which media type an answer has: what a client accepts, against what is given."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple


class Media(StrEnum):
    """The media types of GraphQL answers; a closed set."""

    RESPONSE = "application/graphql-response+json"
    JSON = "application/json"
    EVENTS = "text/event-stream"


class Accepted(NamedTuple):
    """What a client wants, and whether it would take a stream where the answer is one."""

    media: Media
    events: bool


_GIVEN = {str(media): media for media in Media}
# A client that doesn't care may be older than the newer type.
_WILD = {"*/*": Media.JSON, "application/*": Media.JSON, "text/*": Media.EVENTS}


@lru_cache(maxsize=256)
def accepted(header: str | None) -> Accepted | None:
    """What a header Accept asks for: the highest quality, then the first; None for nothing that is given."""
    if header is None or not header.strip():
        return Accepted(Media.JSON, False)
    found: list[tuple[float, Media]] = []
    for part in header.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        media = _GIVEN.get(name) or _WILD.get(name)
        quality = _quality(parameters)
        if media is not None and quality > 0 and _is_utf8(parameters):
            found.append((quality, media))
    if not found:
        return None
    return Accepted(max(found, key=lambda each: each[0])[1], any(media is Media.EVENTS for _, media in found))


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def _is_utf8(parameters: list[str]) -> bool:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip(' "') not in ("utf-8", "utf8"):
            return False
    return True


@lru_cache(maxsize=256)
def is_json(header: str | None) -> bool:
    """Whether a header Content-Type says JSON in UTF-8."""
    name, *parameters = (piece.strip().lower() for piece in (header or "").split(";"))
    return name == "application/json" and _is_utf8(parameters)
