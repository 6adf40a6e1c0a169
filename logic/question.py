"""A question to the scheduling rules: pending pods, and the nodes as far as those can see them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from foretell.logic import vocabulary as v
from foretell.logic.amounts import ports_of, requests_of
from foretell.logic.facts import gate_facts
from foretell.logic.neighbours import Kind, Neighbours
from foretell.logic.seen_nodes import (
    Class,
    Domains,
    Orders,
    Seen,
    Signature,
    domains_of,
    foremost,
    orders_of,
    port_text,
    seen_by,
    told_apart,
    view_of,
)
from foretell.logic.shapes import Shapes
from foretell.logic.standing import Standing, Use, View
from foretell.logic.storage_facts import sole_users, storage_facts
from foretell.model.cluster import Cluster
from foretell.model.meta import Key
from foretell.model.objects import Node, Pod

Removed = Mapping[str, Collection[Pod]]


Row = tuple[v.Predicate, str, tuple[int, ...]]
"""A fact of a node without the node: a predicate, a kind of pods, a term or a claim, and numbers."""


@dataclass(frozen=True)
class Asked:
    """The facts of a question, and by told node the nodes that it stands for, itself first."""

    text: str
    members: dict[str, tuple[str, ...]]


class Question:
    """Tells the rules of pending pods and nodes; alike nodes are told once.

    `nominated` are pending pods that room is held for, by node; `removed` are guests that are thought away
    from a node when it is judged. With `apart` nodes that only their points tell apart are told apart too:
    else of those that only points tell apart the best are told, which is enough to choose one.
    """

    def __init__(
        self,
        cluster: Cluster,
        standing: Standing,
        gates: Iterable[str] = (),
        *,
        nominated: Mapping[str, Collection[Pod]] | None = None,
        removed: Removed | None = None,
        apart: bool = False,
    ) -> None:
        self.cluster, self.standing, self.gates, self.apart = cluster, standing, gates, apart
        self.nominated, self.removed = nominated or {}, removed or {}
        self.shapes = Shapes()
        self.neighbours = Neighbours(cluster, self.shapes)
        self.nodes = cluster.nodes
        self._sole_users: Mapping[str, frozenset[Key]] = {}

    # --- the two forms of a question ---

    def about(self, pod: Pod, nodes: Collection[str] | None = None) -> Asked:
        """The facts of one pod and every node, or of these only where no pod minds another."""
        self.neighbours.ask(pod)
        if pod.confined_to:
            # The rules see this node by its name: it is like no other.
            self.shapes.node_names.add(pod.confined_to)
        if pod.status.nominated_node_name:
            self.shapes.node_names.add(pod.status.nominated_node_name)
        orders = orders_of([requests_of(pod.spec)])
        lines = self._of_pod(pod, orders)
        self._sole_users = sole_users(self.cluster, pod)
        uses = {node.name: self.use(node.name, pod) for node in self.nodes}
        counted = self._counted(uses)
        guests = {name: self._guests(name, use, counted[name]) for name, use in uses.items()}
        kinds, terms = self.neighbours.meant(pod) if self.neighbours.minded else (frozenset(), frozenset())
        concerned = {*kinds, *terms, *self._sole_users}
        social = {name: _social_facts(rows, concerned) for name, rows in guests.items()}
        there = self.nodes
        if nodes is not None and not self.neighbours.minded:
            there = tuple(node for node in self.nodes if node.name in nodes)
        domains = self._domains()
        view = self.standing.view(view_of(pod, self.shapes))
        seen = [
            self._seen(pod, node, uses[node.name], orders, view).among(domains[node.name], social[node.name])
            for node in there
        ]
        return self._asked([pod], seen, lines)

    def _seen(self, pod: Pod, node: Node, use: Use, orders: Orders, view: View[Seen]) -> Seen:
        """The node as it is seen for a pod by itself, as it was seen before where it is the same."""
        known = view.get(node.name)
        if known is not None and known[0] is node and known[1] is use:
            return known[2]
        seen = seen_by(pod, node, self.standing.size(node), use, self.shapes, orders=orders)
        view[node.name] = (node, use, seen)
        return seen

    def about_pinned(self, pods: Mapping[str, Pod]) -> Asked:
        """The facts of pods that are pinned, each to a node of its own, and that mind no others."""
        there = [node for name in sorted(pods) if (node := self.cluster.find(Node, name)) is not None]
        asked = {node.name: requests_of(pods[node.name].spec) for node in there}
        orders = {name: orders_of([amounts]) for name, amounts in asked.items()}
        wanted = {
            name: (self._shape(pods[name]), tuple(sorted(amounts.items())), ports_of(pods[name].spec))
            for name, amounts in asked.items()
        }
        # What is looked at of nodes has to be known before they are seen; alike pods look at the same.
        for name in {wants: name for name, wants in wanted.items()}.values():
            self._of_pod(pods[name], orders[name])
        seen: dict[Signature, Class] = {}
        for node in there:
            pod, use = pods[node.name], self.use(node.name, pods[node.name])
            one = seen_by(pod, node, self.standing.size(node), use, self.shapes, orders=orders[node.name])
            own = node.name if pod.claims else ""
            signature = one.signature._replace(pod=(wanted[node.name], own))
            seen.setdefault(signature, []).append(Seen(node.name, signature))
        first = [alike[0].name for alike in seen.values()]
        told = [line for name in first for line in self._of_pod(pods[name], orders[name])]
        return self._asked(
            [pods[name] for name in first], [one for alike in seen.values() for one in alike], told
        )

    def about_batch(self, pods: list[Pod]) -> Asked:
        """The facts of several pods of different kinds, and of every node by itself."""
        for pod in pods:
            self.neighbours.ask(pod)
        orders = orders_of(requests_of(pod.spec) for pod in pods)
        lines = [line for pod in pods for line in self._of_pod(pod, orders)]
        uses = {node.name: self.standing.use(self.cluster, node.name) for node in self.nodes}
        counted = self._counted(uses)
        guests = {name: self._guests(name, use, counted[name]) for name, use in uses.items()}
        names = {name for rows in guests.values() for _, name, _ in rows}
        social = {name: _social_facts(rows, names) for name, rows in guests.items()}
        domains = self._domains()
        self.shapes.node_names.update(node.name for node in self.nodes)
        seen = [
            seen_by(
                pods[0], node, self.standing.size(node), uses[node.name], self.shapes, orders=orders
            ).among(domains[node.name], social[node.name])
            for node in self.nodes
        ]
        return self._asked(pods, seen, lines)

    # --- pods ---

    def _shape(self, pod: Pod) -> str:
        return self.shapes.of_spec(pod.spec, pinned=bool(pod.confined_to))

    def _of_pod(self, pod: Pod, orders: Orders) -> list[str]:
        path, shape = pod.key.path, self._shape(pod)
        lines = [v.PENDING(path), v.SHAPE(path, shape)]
        if pod.confined_to:
            lines.append(v.PINNED(path, pod.confined_to))
        if pod.spec.preemption_policy:
            lines.append(v.PREEMPTION_POLICY(path, pod.spec.preemption_policy))
        lines += self._promised(pod)
        lines += self.shapes.preferences(shape, pod.spec)
        for resource, amount in sorted(requests_of(pod.spec).items()):
            lines.append(v.REQUESTS(path, resource, bisect_right(orders[resource], amount)))
        lines += [v.WANTS_PORT(path, port_text(port)) for port in sorted(ports_of(pod.spec))]
        return lines + storage_facts(self.cluster, self.shapes, pod)

    def _promised(self, pod: Pod) -> list[str]:
        """The node on which room is held for the pod, and who makes way there."""
        node = pod.status.nominated_node_name
        if not node:
            return []
        leaving = [
            guest
            for guest in self.standing.use(self.cluster, node).guests
            if guest.terminating and guest.spec.priority < pod.spec.priority
        ]
        makes_way = [v.MAKES_WAY(node, len(leaving))] if leaving else []
        return [v.NOMINATED(pod.key.path, node), *makes_way]

    # --- nodes ---

    def use(self, name: str, pod: Pod) -> Use:
        """What the node's guests take, with the nominated pods that come before this one."""
        use = self.standing.use(self.cluster, name)
        if name in self.removed:
            use = use.without(self.removed[name])
        held = [
            other
            for other in self.nominated.get(name, ())
            if other.key != pod.key and other.spec.priority >= pod.spec.priority
        ]
        return use.with_guests(held) if held else use

    def _counted(self, uses: Mapping[str, Use]) -> dict[str, Mapping[Kind, int]]:
        """How many guests of each kind are on each node; those thought away from it are among them.

        Where a node's guests were counted before in the same manner they aren't again.
        """
        view = self.standing.view(("kinds", self.neighbours.lens))
        # The first time it is quicker to go by labels than by nodes.
        anchored = None if view or self.nominated else self.neighbours.anchored()
        counted: dict[str, Mapping[Kind, int]] = {}
        for node in self.nodes:
            name = node.name
            there = self.standing.use(self.cluster, name) if name in self.removed else uses[name]
            known = view.get(name)
            if known is None or known[1] is not there:
                guests = filter(self.neighbours.counts, there.guests)
                kinds = self.neighbours.kinds_of(guests if anchored is None else anchored.get(name, ()))
                known = view[name] = (node, there, kinds)
            counted[name] = known[2]
        return counted

    def _guests(self, name: str, use: Use, counted: Mapping[Kind, int]) -> list[Row]:
        """Who is on the node, and whom its guests mind; those thought away are told as such."""
        there = self.standing.use(self.cluster, name) if name in self.removed else use
        if not counted and not there.social and name not in self.removed:
            return []
        kinds, minds = self.neighbours.named(counted), self.neighbours.minds_of(there.social)
        rows: list[Row] = [(v.HOSTS, kind, (count,)) for kind, count in sorted(kinds.items())]
        for (term, weight), count in sorted(minds.items()):
            rows.append((v.GUEST_LEANS, term, (weight, count)) if weight else (v.GUARDS, term, (count,)))
        if name in self.removed:
            gone = self.removed[name]
            kinds, minds = self.neighbours.of_guests(gone, [pod for pod in there.social if pod in gone])
            rows += [(v.REMOVED, kind, (count,)) for kind, count in sorted(kinds.items())]
            rows += [(v.RELIEVED, term, (n,)) for (term, weight), n in sorted(minds.items()) if not weight]
            keys = {pod.key for pod in gone}
            rows += [(v.CLAIM_FREED, claim, ()) for claim, users in self._sole_users.items() if users <= keys]
        return rows

    def _domains(self) -> Mapping[str, Domains]:
        """By node its domains, as they were found before for the same nodes."""
        keys = frozenset(self.neighbours.topology_keys)
        known = self.standing.domains.get(keys)
        if known is None or known[0] is not self.nodes:
            known = self.standing.domains[keys] = (self.nodes, domains_of(self.nodes, keys))
        return known[1]

    # --- together ---

    def _asked(self, pods: list[Pod], seen: Iterable[Seen], lines: list[str]) -> Asked:
        ranks = {node.name: rank for rank, node in enumerate(self.nodes)}
        classes: dict[Signature, Class] = {}
        for one in seen:
            classes.setdefault(one.signature, []).append(one)
        found = [
            pair
            for alike in classes.values()
            for pair in (told_apart(alike) if self.apart else foremost(alike))
        ]
        members = {one.name: names for one, names in found}
        told: list[str] = []
        # Ranks are those among the nodes that are told: more than who comes before whom they needn't say.
        found.sort(key=lambda pair: ranks[pair[0].name])
        for rank, (one, names) in enumerate(found):
            told += [*one.facts(), v.STANDS_FOR(one.name, len(names)), v.RANK(one.name, rank)]
        text = [*gate_facts(self.gates), *lines, *self.neighbours.facts(pods, len(self.nodes)), *told]
        text += [*self.shapes.facts, *self.shapes.integer_facts(self._texts())]
        return Asked("\n".join(text), members)

    def _texts(self) -> Iterable[str]:
        """The texts that an expression may compare as integers."""
        if self.shapes.compares:
            for node in self.nodes:
                yield from (taint.value for taint in node.spec.taints)
                yield from node.labels.values()


def _social_facts(rows: Iterable[Row], concerned: Collection[str]) -> tuple[str, ...]:
    """The facts of kinds, terms and claims that have to do with the pod, with an empty text for the node."""
    return tuple([_social_fact(*row) for row in rows if row[1] in concerned])


@lru_cache(maxsize=16384)
def _social_fact(predicate: v.Predicate, name: str, numbers: tuple[int, ...]) -> str:
    return predicate("", name, *numbers)
