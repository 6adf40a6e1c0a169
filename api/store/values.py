"""What the store tells: clusters, their revisions, and who made each of them when and why."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from foretell.api.store.errors import InvalidNameError
from foretell.model.meta import Json

_LABEL = "[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_LONGEST = 63

LARGEST = 2**31 - 1
"""No id and no number of a revision is larger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Who did what when and why; `changes` are in JSON form, `told` is what came of it in lines of text."""

    at: datetime
    by: str
    action: str
    changes: tuple[Json, ...] = ()
    why: str = ""
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterInfo:
    """A cluster as it is listed: `head` is its newest revision, `objects` how many that one has."""

    id: int
    name: str
    head: int
    created: datetime
    kubernetes: str
    gates: dict[str, bool]
    objects: int


class Origin(NamedTuple):
    """The revision that another one was copied from or brings back, and its cluster's name at the time."""

    cluster: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One entry of a cluster's history.

    `parent` is the revision before it, None for the first. `puts` and `drops` count the objects that differ,
    `objects` all that are there; `size` is the bytes that the revision added to the store; `moment` is the
    snapshot's, in seconds since the epoch.
    """

    cluster_id: int
    cluster: str
    number: int
    parent: int | None
    origin: Origin | None
    entry: Entry
    puts: int
    drops: int
    objects: int
    size: int
    moment: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """How much there is: rows and compressed bytes in the database, snapshots and objects in memory."""

    clusters: int
    revisions: int
    checkpoints: int
    blobs: int
    delta_bytes: int
    blob_bytes: int
    cached_snapshots: int
    cached_objects: int


def is_name(name: str) -> bool:
    """Whether a cluster can have this name."""
    return len(name) <= _LONGEST and _NAME.fullmatch(name) is not None


def checked_name(name: str) -> str:
    """The name, if it can be a cluster's; raises InvalidNameError."""
    if not is_name(name):
        raise InvalidNameError(name)
    return name


def storable(text: str) -> str:
    """The text as any database takes it: U+FFFD stands for NUL and for halves of surrogate pairs."""
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
