"""Nodes that the rules can't tell apart are grouped; one stands for all, and answers are lifted to all."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain


@dataclass
class Grouping:
    """Classes of nodes: the members of each in order, by the node that stands for them."""

    members: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def ranks(self) -> dict[str, int]:
        """The position of each node among all, class by class."""
        return {node: rank for rank, node in enumerate(chain.from_iterable(self.members.values()))}

    @classmethod
    def of(cls, signatures: Iterable[tuple[str, Hashable]], *, grouped: bool = True) -> Grouping:
        """Group nodes, given in their order with all that a rule can see of each.

        A node's rank follows its class (by the first member), then its place in it, so that answers over
        single nodes and over groups are the same.
        """
        classes: dict[Hashable, list[str]] = {}
        for node, signature in signatures:
            classes.setdefault(signature, []).append(node)
        grouping = cls()
        for members in classes.values():
            if grouped:
                grouping.members[members[0]] = tuple(members)
            else:
                grouping.members.update((node, (node,)) for node in members)
        return grouping
