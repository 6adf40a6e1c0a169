"""What the pods on each node take up, kept from question to question and made anew where it changes."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from foretell.logic.amounts import (
    UNSAID,
    Amounts,
    Port,
    allocatable_of,
    ports_of,
    requests_of,
    scored_requests_of,
)
from foretell.model.cluster import Cluster
from foretell.model.meta import Object
from foretell.model.objects import Node, Pod


class Use(NamedTuple):
    """What the guests of a node take: pods that are bound to it and haven't ended.

    `scored` are the amounts by which nodes are scored; `social` are the guests that mind other pods.
    """

    guests: tuple[Pod, ...]
    taken: Amounts
    scored: Amounts
    ports: frozenset[Port]
    social: tuple[Pod, ...]

    def without(self, gone: Iterable[Pod]) -> Use:
        """The same with some guests thought away."""
        keys = {pod.key for pod in gone}
        return use_of(guest for guest in self.guests if guest.key not in keys)

    def with_guests(self, more: Iterable[Pod]) -> Use:
        """The same with others thought beside them."""
        return use_of((*self.guests, *more))


def use_of(guests: Iterable[Pod]) -> Use:
    """What these guests of one node take."""
    there = tuple(guests)
    taken: Amounts = {}
    scored = dict.fromkeys(UNSAID, 0)
    ports: set[Port] = set()
    for pod in there:
        for resource, amount in requests_of(pod.spec).items():
            taken[resource] = taken.get(resource, 0) + amount
        asked = scored_requests_of(pod.spec)
        for resource in UNSAID:
            scored[resource] += asked.get(resource, 0)
        ports |= ports_of(pod.spec)
    return Use(there, taken, scored, frozenset(ports), tuple(pod for pod in there if _social(pod)))


def _social(pod: Pod) -> bool:
    affinity = pod.spec.affinity
    return affinity is not None and bool(affinity.pod_affinity or affinity.pod_anti_affinity)


T = TypeVar("T")
View = dict[str, tuple[Node, Use, T]]
"""By node something that was made of the node and its use, to be used again while both are the same."""

_VIEWS = 64


@dataclass
class Standing:
    """What is known of each node's use and size; `forget` what a write may have changed.

    `domains` holds what was found of nodes by their topology keys, with the nodes that it was found of.
    """

    uses: dict[str, Use] = field(default_factory=dict)
    sizes: dict[str, Amounts | None] = field(default_factory=dict)
    views: dict[Hashable, View[Any]] = field(default_factory=dict)
    domains: dict[frozenset[str], tuple[tuple[Node, ...], Any]] = field(default_factory=dict)

    def view(self, asked: Hashable) -> View[Any]:
        """How nodes were last seen by who asks for the same; only the latest of such views are kept."""
        found = self.views.pop(asked, None)
        if found is None and len(self.views) >= _VIEWS:
            del self.views[next(iter(self.views))]
        self.views[asked] = {} if found is None else found
        return self.views[asked]

    def copy(self) -> Standing:
        """The same for itself."""
        return Standing(dict(self.uses), dict(self.sizes), self.views, self.domains)

    def use(self, cluster: Cluster, node: str) -> Use:
        """What the guests of a node take."""
        if node not in self.uses:
            there = cluster.pods_on(node)
            self.uses[node] = use_of(pod for pod in there if pod.spec.node_name and not pod.finished)
        return self.uses[node]

    def size(self, node: Node) -> Amounts | None:
        """What a node has in all; None where it says nothing."""
        if node.name not in self.sizes:
            self.sizes[node.name] = allocatable_of(node)
        return self.sizes[node.name]

    def forget(self, *things: Object | None) -> None:
        """Forget what these objects, as they were or are, have a part in."""
        for thing in things:
            if isinstance(thing, Pod) and thing.spec.node_name:
                self.uses.pop(thing.spec.node_name, None)
            elif isinstance(thing, Node):
                self.sizes.pop(thing.name, None)
