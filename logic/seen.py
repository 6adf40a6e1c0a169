"""What has been told of pods and nodes before, so that a round tells anew only what has changed."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import NamedTuple

from foretell.logic import vocabulary as v
from foretell.logic.rest import Rest
from foretell.model.meta import Key, Object
from foretell.model.objects import Pod, PodSpec

Rows = tuple[tuple[object, ...], ...]
"""Facts of one thing: each a predicate and its arguments but for the first, which is the thing."""


Attributes = tuple[PodSpec, frozenset[str], frozenset[str]]
"""The template of a DaemonSet, and the labels and names of nodes that it asks for."""


class Told(NamedTuple):
    """What is told of a thing; equal marks say that two are alike but for their names and nodes."""

    rows: Rows
    mark: int


class Member(NamedTuple):
    """What is told of a pod of a StatefulSet but for its ordinal; it lasts where it holds at any time.

    Equal marks say that two are alike but for their names. A canonical name is the very one that the
    set gives the pod of the ordinal.
    """

    pod: Pod
    ordinal: int
    canonical: bool
    rows: Rows
    mark: int
    lasting: bool


class Claimed(NamedTuple):
    """What is told of the claims of an ordinal, by its claim templates; `uid` is that of its pod."""

    keys: tuple[Key, ...]
    claims: tuple[Object | None, ...]
    uid: str | None
    rows: tuple[Rows, ...]
    mark: int


def facts_from(name: str, rows: Rows) -> list[str]:
    """The texts of a thing's facts."""
    return [predicate(name, *arguments) for predicate, *arguments in rows]  # type: ignore[operator]


def ageless(rows: Rows) -> Rows:
    """What is told of a pod but for its node, and for its age, which only tells it from others there."""
    apart = (v.BOUND, v.PINNED, v.AGE)
    return tuple([(row[0],) if row[0] in apart else row for row in rows])


@dataclass
class Seen:
    """What was told of each pod, with the object and all else that it was told from.

    `shapes` has, by the names of shapes that were told of pods, a spec of that shape; `asked` which labels
    and names of nodes a DaemonSet's template asks for; `rest` what has been found at rest, `daemonsets` by
    which number it calls a DaemonSet, and what lasts of what is told of that.
    """

    pods: dict[Key, tuple[Pod, object, Told]] = field(default_factory=dict)
    replicas: dict[Key, tuple[Pod, str, tuple[str, ...], Told]] = field(default_factory=dict)
    members: dict[Key, tuple[object, float, dict[Key, Member]]] = field(default_factory=dict)
    claims: dict[Key, tuple[object, dict[int, Claimed]]] = field(default_factory=dict)
    marks: dict[Hashable, int] = field(default_factory=dict)
    shapes: dict[str, PodSpec] = field(default_factory=dict)
    asked: dict[Key, Attributes] = field(default_factory=dict)
    daemonsets: dict[Key, tuple[tuple[object, ...], int, tuple[str, ...]]] = field(default_factory=dict)
    rest: Rest = field(default_factory=Rest)

    def marked(self, rows: Rows) -> Told:
        """The rows with their mark."""
        nodeless = tuple((row[0],) if row[0] in (v.BOUND, v.PINNED) else row for row in rows)
        return Told(rows, self.mark(nodeless))

    def mark(self, said: Hashable) -> int:
        """A number that only what is equal has as well."""
        return self.marks.setdefault(said, len(self.marks))
