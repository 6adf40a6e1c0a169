"""Where nothing was found to be left to do by an earlier answer: what is at rest needn't be told again."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import NamedTuple

MOST_FINDINGS = 200_000
"""How much is remembered to be at rest before all of that is forgotten."""


class Sight(NamedTuple):
    """What the rules see of a node: marks of its own facts, of its conditions, and of its stack.

    The name is empty where they don't see that, and `conditions` is None where none are looked at.
    """

    node: int
    conditions: int | None
    stack: tuple[int, ...]
    name: str = ""
    touched: bool = False

    @property
    def calm(self) -> Hashable:
        """What decides whether DaemonSets are at rest there."""
        return (self.node, self.stack, self.name)

    @property
    def sound(self) -> Hashable:
        """What decides whether the node controller has anything to do with it."""
        return (self.node, self.conditions)


@dataclass
class Rest:
    """What was found, of DaemonSets by a number for all that is told of them but their numbers of pods.

    `nodes` has, by what is seen of a node that doesn't stir, the DaemonSets that are at rest there; `pairs`
    that one is where it sees a node so; `sound` are nodes that the node controller leaves as they are, and
    `written` the DaemonSets that have nothing to do with their revisions while all of their pods are updated.
    """

    numbers: dict[Hashable, int] = field(default_factory=dict)
    nodes: dict[Hashable, frozenset[int]] = field(default_factory=dict)
    pairs: set[Hashable] = field(default_factory=set)
    sound: set[Hashable] = field(default_factory=set)
    written: set[int] = field(default_factory=set)

    def number(self, identity: Hashable) -> int:
        """The number of a DaemonSet; two never have the same, though all be forgotten in between."""
        return self.numbers.setdefault(identity, len(self.numbers))

    def spares(self, sight: Sight, daemonsets: frozenset[int]) -> bool:
        """Whether there is nothing to do on nodes that are seen so, with these DaemonSets."""
        found = self.nodes.get(sight.calm)
        if found is None or not daemonsets <= found:
            return False
        return sight.conditions is None or sight.sound in self.sound

    @property
    def size(self) -> int:
        """How much is remembered."""
        return len(self.numbers) + len(self.nodes) + len(self.pairs)
