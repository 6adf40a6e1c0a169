"""What nodes were found to be at rest by an earlier answer: such nodes needn't be told again."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from foretell.logic import vocabulary as v
from foretell.logic.vocabulary import Argument

MOST_FINDINGS = 100_000
"""How many kinds of nodes are remembered to be at rest before all of that is forgotten."""

# Nothing on a node at rest depends on these facts of a DaemonSet.
_PASSING = tuple(f"{each.name}(" for each in (v.TOUCHED, v.BACKED_OFF, v.BACKING_OFF, v.REPORTED))


class Sight(NamedTuple):
    """What the rules see of a node: marks of its own facts, of its conditions, and of its stack.

    The name is empty where they don't see that, and `conditions` is None where none are looked at.
    """

    node: int
    conditions: int | None
    stack: tuple[int, ...]
    name: str = ""
    touched: bool = False


@dataclass
class Rest:
    """What was found: for which DaemonSets nodes are at rest, and which nodes are sound."""

    daemonsets: dict[tuple[str, ...], int] = field(default_factory=dict)
    at_rest: dict[Hashable, frozenset[int]] = field(default_factory=dict)
    sound: set[Hashable] = field(default_factory=set)

    def daemonset(self, lines: Iterable[str]) -> int:
        """A number for a DaemonSet by its facts, and by those of the version and its gates."""
        known = tuple([line for line in lines if not line.startswith(_PASSING)])
        return self.daemonsets.setdefault(known, len(self.daemonsets))


@dataclass
class Question:
    """What is asked about nodes in one round: with which DaemonSets, and which nodes are told."""

    rest: Rest
    daemonsets: frozenset[int]
    told: dict[str, Sight] = field(default_factory=dict)

    def spares(self, sight: Sight) -> bool:
        """Whether nodes that are seen so were at rest with all of these DaemonSets."""
        if sight.conditions is not None and (sight.node, sight.conditions) not in self.rest.sound:
            return False
        found = self.rest.at_rest.get((sight.node, sight.stack, sight.name))
        return found is not None and self.daemonsets <= found

    def learn(self, answer: Mapping[str, list[tuple[Argument, ...]]]) -> None:
        """Remember what the answer says of the nodes that were told."""
        rest = self.rest
        if len(rest.at_rest) + len(rest.daemonsets) > MOST_FINDINGS:
            # The numbers of DaemonSets in this question are forgotten, too.
            rest.daemonsets.clear()
            rest.at_rest.clear()
            rest.sound.clear()
            return
        for (node,) in answer.get("at_rest", ()):
            sight = self.told[str(node)]
            key = (sight.node, sight.stack, sight.name)
            rest.at_rest[key] = rest.at_rest.get(key, frozenset()) | self.daemonsets
        for (node,) in answer.get("sound", ()):
            sight = self.told[str(node)]
            rest.sound.add((sight.node, sight.conditions))
