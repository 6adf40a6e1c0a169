"""What has been told of pods and nodes before, so that a round tells anew only what has changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from foretell.logic import vocabulary as v
from foretell.logic.rest import Rest
from foretell.model.meta import Key
from foretell.model.objects import Pod, PodSpec

Rows = tuple[tuple[object, ...], ...]
"""Facts of one thing: each a predicate and its arguments but for the first, which is the thing."""


Attributes = tuple[PodSpec, frozenset[str], frozenset[str]]
"""The template of a DaemonSet, and the labels and names of nodes that it asks for."""


class Told(NamedTuple):
    """What is told of a thing; equal marks say that two are alike but for their names and nodes."""

    rows: Rows
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
    marks: dict[Rows, int] = field(default_factory=dict)
    shapes: dict[str, PodSpec] = field(default_factory=dict)
    asked: dict[Key, Attributes] = field(default_factory=dict)
    daemonsets: dict[Key, tuple[tuple[object, ...], int, tuple[str, ...]]] = field(default_factory=dict)
    rest: Rest = field(default_factory=Rest)

    def marked(self, rows: Rows) -> Told:
        """The rows with their mark."""
        nodeless = tuple((row[0],) if row[0] in (v.BOUND, v.PINNED) else row for row in rows)
        return Told(rows, self.marks.setdefault(nodeless, len(self.marks)))
