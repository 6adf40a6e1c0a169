"""Nodes that the rules can't tell apart are grouped; one stands for all, and answers are lifted to all."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Signature = TypeVar("Signature", bound=Hashable)


@dataclass
class Grouping:
    """Classes of nodes: the members of each in order, by the node that stands for them."""

    members: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ranks: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, signatures: Iterable[tuple[str, Hashable]], *, grouped: bool = True) -> Grouping:
        """Group nodes, given in their order with all that a rule can see of each."""
        classes: dict[Hashable, list[str]] = {}
        for node, signature in signatures:
            classes.setdefault(signature, []).append(node)
        grouping = cls()
        for members in classes.values():
            grouping.add(tuple(members), grouped=grouped)
        return grouping

    def add(self, members: tuple[str, ...], *, grouped: bool = True) -> list[str]:
        """Add a class, the next by its first member: the nodes that stand for its members.

        A node's rank follows its class, then its place in it, so that answers over single nodes and over
        groups are the same.
        """
        several = (members,) if grouped else [(node,) for node in members]
        for alike in several:
            self.ranks[alike[0]] = len(self.ranks)
            self.members[alike[0]] = alike
        return [alike[0] for alike in several]


@dataclass
class Classes(Generic[Signature]):
    """Classes of nodes that are kept, and brought up to date for nodes that have changed."""

    members: dict[Signature, tuple[str, ...]] = field(default_factory=dict)
    signatures: dict[str, Signature] = field(default_factory=dict)
    stale: set[str] = field(default_factory=set)

    def bring(self, signature_of: Callable[[str], Signature | None]) -> None:
        """Look at each stale node anew; one without a signature is no more."""
        gone: dict[Signature, set[str]] = {}
        come: dict[Signature, set[str]] = {}
        for node in self.stale:
            before, now = self.signatures.get(node), signature_of(node)
            if before == now:
                continue
            if before is not None:
                gone.setdefault(before, set()).add(node)
                del self.signatures[node]
            if now is not None:
                come.setdefault(now, set()).add(node)
                self.signatures[node] = now
        self.stale = set()
        for signature in gone.keys() | come.keys():
            left = set(self.members.pop(signature, ())) - gone.get(signature, set())
            left |= come.get(signature, set())
            if left:
                self.members[signature] = tuple(sorted(left))

    def without(self, nodes: Iterable[str]) -> list[tuple[Signature, tuple[str, ...]]]:
        """All classes, in no particular order, each without these nodes."""
        apart: dict[Signature, set[str]] = {}
        for node in nodes:
            if node in self.signatures:
                apart.setdefault(self.signatures[node], set()).add(node)
        found = []
        for signature, members in self.members.items():
            if signature in apart:
                members = tuple([node for node in members if node not in apart[signature]])
            if members:
                found.append((signature, members))
        return found
