"""Changes made one after the other, before any controller acts, and what each did in kubectl's words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from foretell.api.telling.done import done
from foretell.logic.carried import moment_of
from foretell.logic.deletion import Edit
from foretell.logic.edits import edit
from foretell.model.changes import Change
from foretell.model.cluster import Cluster
from foretell.model.meta import Object


class Made(NamedTuple):
    """A change, what it did, what there was in place of each object that it put, and all that in words.

    The clusters in between are let go: each is a copy of much of the one before.
    """

    change: Change
    edit: Edit
    olds: tuple[Object | None, ...]
    told: tuple[str, ...]


def made(
    cluster: Cluster, changes: Iterable[Change], gates: frozenset[str], now: float | None = None
) -> tuple[Cluster, list[Made]]:
    """The cluster after the changes, all at a moment, by default its own now.

    Raises RejectedError at the first change that is refused.
    """
    if now is None:
        now = moment_of(cluster)
    steps = []
    for change in changes:
        one = edit(cluster, change, now, gates)
        olds = tuple(cluster.get(thing.key) for thing in one.puts)
        steps.append(Made(change, one, olds, tuple(done(change, cluster, one))))
        cluster = cluster.replaced(one.puts, one.drops)
    return cluster, steps
