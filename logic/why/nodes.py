"""Why nodes refuse a pod: every reason of each, with what it stands on."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from foretell.logic.amounts import bound_of, conflicts, ports_of, requests_of
from foretell.logic.placing import asking, because, going
from foretell.logic.question import Question
from foretell.logic.schedule import Go
from foretell.logic.seen_nodes import port_text
from foretell.logic.standing import Standing
from foretell.logic.storage_facts import sole_users
from foretell.logic.vocabulary import Term, text_of
from foretell.logic.why.daemonsets import in_order
from foretell.logic.why.derivation import Derivation, Derivations, derivations
from foretell.logic.why.grounds import code_of, ground, taint_text, unmet_text
from foretell.logic.why.narrowing import narrowed
from foretell.logic.why.origins import Origins
from foretell.logic.why.words import FREED, amount, said
from foretell.model.cluster import Cluster
from foretell.model.explanation import Code, Ground, Group
from foretell.model.objects import Node, Pod

_FILES = ("place.lp",)
_ANY_ADDRESS = "0.0.0.0:"
_FEW = 3
_PODS_THERE = frozenset({Code.SKEW, Code.TOO_NEAR, Code.KEPT_AWAY})


class Refusals(NamedTuple):
    """What the nodes that were asked say of a pod: which refuse it, why, and which don't."""

    groups: tuple[Group, ...]
    feasible: tuple[str, ...]


def refusals(
    cluster: Cluster,
    pod: Pod,
    gates: frozenset[str],
    nodes: Collection[str] | None = None,
    now: float = 0.0,
) -> Refusals:
    """Why nodes, or these alone, refuse a pod; one that is bound is judged as if it weren't there."""
    narrow = None if nodes is None else narrowed(cluster, pod, nodes)
    there, standing = (cluster, None) if narrow is None else (narrow, Standing())
    go, waiting = going(there, pod, gates, now, standing)
    question = asking(go)
    asked = question.about(waiting, nodes)
    members = {
        first: tuple(name for name in names if nodes is None or name in nodes)
        for first, names in asked.members.items()
    }
    members = {first: names for first, names in members.items() if names}
    path = text_of(waiting.key.path)
    found = derivations(
        _FILES, asked.text, *(f"refuses({text_of(first)},{path},Reason)" for first in members)
    )
    by_node: dict[str, list[Term]] = {first: [] for first in members}
    for atom in found.asked:
        by_node[str(atom.arguments[0])].append(atom)
    alike: dict[tuple[str, ...], list[str]] = {}
    for first, atoms in by_node.items():
        alike.setdefault(tuple(text_of(atom.arguments[2]) for atom in atoms), []).append(first)
    teller = _Teller(go, waiting, question, found)
    groups = []
    for reasons, firsts in alike.items():
        if reasons:
            names = sorted(name for first in firsts for name in members[first])
            # The fields that are told are those of the first node.
            first = next(one for one in firsts if names[0] in members[one])
            grounds = in_order([teller.ground(atom, first, names) for atom in by_node[first]])
            groups.append(Group(nodes=tuple(names), grounds=grounds))
    feasible = sorted(name for first in alike.get((), ()) for name in members[first])
    return Refusals(tuple(sorted(groups, key=lambda one: (-len(one.nodes), one.nodes))), tuple(feasible))


class _Teller:
    """Tells of a pod that waits why a node refuses it."""

    def __init__(self, go: Go, pod: Pod, question: Question, found: Derivations) -> None:
        self._go, self._pod, self._question, self._found = go, pod, question, found

    def ground(self, atom: Term, first: str, nodes: list[str]) -> Ground:
        """The ground of an atom about the node that stands for these, by the fields of the first of them."""
        node = nodes[0]
        neighbours = self._question.neighbours
        origins = Origins(self._go.cluster, standing={first: node})
        origins.of_pod(self._pod)
        origins.of_neighbours(self._pod, neighbours)
        reason = atom.arguments[2]
        code = code_of(reason)
        subject = because(reason, neighbours).about
        about = subject.removeprefix(_ANY_ADDRESS)
        if code is Code.TAINT:
            assert isinstance(reason, Term)
            about = taint_text(reason)
        derived = self._found.every(atom)
        there = self._in_the_way(code, subject, derived, first, node)
        detail = self._detail(code, subject, nodes, there) or unmet_text(code, derived, origins)
        return ground(
            code, derived, origins, about=about, remedy=FREED[code],
            sentence=said(code, about) + (f": {detail}" if detail else ""),
            first=[origins.at(pod.key, "spec.nodeName") for pod in there[:_FEW]],
        )  # fmt: skip

    def _detail(self, code: Code, about: str, nodes: list[str], there: list[Pod]) -> str:
        if code is Code.INSUFFICIENT:
            return self._amounts(about, nodes)
        names = [f"pod {pod.name} on {pod.spec.node_name}" for pod in there[:_FEW]]
        return ", ".join(names + ["…"] * (len(there) > _FEW))

    def _amounts(self, resource: str, nodes: list[str]) -> str:
        """What is asked for, and what nodes have left of what they have in all."""
        found = set()
        for name in nodes:
            node = self._go.cluster.find(Node, name)
            size = (node and bound_of(self._go.standing.size(node), resource)) or 0
            # Room is held for pods that have been promised it.
            use = self._question.use(name, self._pod)
            found.add((max(0, size - use.taken.get(resource, 0)), size))
        wanted = amount(resource, requests_of(self._pod.spec)[resource])
        left, size = max(found)
        most = f"at most {amount(resource, left)}" if len(found) > 1 else amount(resource, left)
        return f"asks for {wanted}, {most} of {amount(resource, size)} left"

    def _in_the_way(
        self, code: Code, about: str, derived: Iterable[Derivation], first: str, node: str
    ) -> list[Pod]:
        """The pods that are in the way of this one."""
        if code in _PODS_THERE:
            return self._pods_there(derived, first, node)
        if code is Code.PORT_TAKEN:
            (port,) = [each for each in ports_of(self._pod.spec) if port_text(each) == about]
            guests = self._go.standing.use(self._go.cluster, node).guests
            return [pod for pod in guests if conflicts(port, ports_of(pod.spec))]
        if code is Code.CLAIM_IN_USE:
            keys = sole_users(self._go.cluster, self._pod).get(f"{self._pod.namespace}/{about}", ())
            return [pod for pod in self._go.cluster.pods if pod.key in keys]
        return []

    def _pods_there(self, derived: Iterable[Derivation], first: str, node: str) -> list[Pod]:
        """The pods that a derivation counts, as far as they are on nodes that it names."""
        found: dict[str, Pod] = {}
        for one in derived:
            for leaf in one.leaves():
                if leaf.atom.name in ("hosts", "guards") and not leaf.denied:
                    host = str(leaf.atom.arguments[0])
                    for pod in self._go.cluster.pods_on(node if host == first else host):
                        if self._is_meant(pod, leaf.atom):
                            found.setdefault(pod.key.path, pod)
        return list(found.values())

    def _is_meant(self, pod: Pod, atom: Term) -> bool:
        neighbours = self._question.neighbours
        if not pod.spec.node_name or pod.finished or pod.key == self._pod.key:
            return False
        if atom.name == "hosts":
            return str(atom.arguments[1]) in neighbours.named(neighbours.kinds_of([pod]))
        return any(term == atom.arguments[1] for term, _ in neighbours.minds_of([pod]))
