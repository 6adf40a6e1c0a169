"""Why a DaemonSet wants a pod on a node, or none: every reason, with what it stands on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from foretell.logic.desired import desired
from foretell.logic.desired_facts import desired_facts
from foretell.logic.vocabulary import Term, text_of
from foretell.logic.why.derivation import Derivations, derivations
from foretell.logic.why.grounds import code_of, ground_for_node, taint_text
from foretell.logic.why.origins import Origins
from foretell.logic.why.unable import unable
from foretell.model.cluster import Cluster
from foretell.model.explanation import Code, Ground, Group
from foretell.model.objects import DaemonSet

_FILES = ("reasons.lp",)


class Eligibility(NamedTuple):
    """Whether a DaemonSet wants a pod on a node, and every reason for or against it."""

    wanted: bool
    grounds: tuple[Ground, ...]


def eligibility(
    cluster: Cluster, daemonset: DaemonSet, nodes: Collection[str], gates: frozenset[str]
) -> Mapping[str, Eligibility]:
    """By node, of these alone: whether the DaemonSet wants a pod there, and why."""
    if grounds := unable(cluster, daemonset):
        return dict.fromkeys(nodes, Eligibility(False, grounds))
    told = [node for node in cluster.nodes if node.name in nodes]
    facts = desired_facts(Cluster([daemonset, *told]), gates, grouped=False)
    shape = text_of(facts.shape_of[daemonset.key])
    found = derivations(_FILES, facts.text, f"owed({shape},Node,Because)", f"left_out({shape},Node,Because)")
    origins = Origins(cluster)
    origins.of_template(daemonset, daemonset.spec.template.spec, "spec.template.")
    return {node.name: _of_node(node.name, found, origins) for node in told}


def _of_node(node: str, found: Derivations, origins: Origins) -> Eligibility:
    atoms = [atom for atom in found.asked if atom.arguments[1] == node]
    grounds = []
    for atom in atoms:
        because = atom.arguments[2]
        assert isinstance(because, Term)
        taint = because.arguments[0] if because.name == "tolerates" else because
        about = taint_text(taint) if isinstance(taint, Term) and taint.name == "taint" else ""
        grounds.append(ground_for_node(code_of(because), about, atom, found, origins))
    return Eligibility(any(atom.name == "owed" for atom in atoms), in_order(grounds))


def in_order(grounds: Collection[Ground]) -> tuple[Ground, ...]:
    """Grounds in the order of codes, as they are listed, then of what they are about."""
    ranks = {code.value: rank for rank, code in enumerate(Code)}
    return tuple(sorted(grounds, key=lambda one: (ranks.get(one.code.value, len(ranks)), one.about)))


def left_out(
    cluster: Cluster, daemonset: DaemonSet, gates: frozenset[str]
) -> tuple[tuple[str, ...], tuple[Group, ...]]:
    """The nodes on which a DaemonSet wants pods, and the others, grouped by what speaks against them."""
    if grounds := unable(cluster, daemonset):
        nodes = tuple(node.name for node in cluster.nodes)
        return (), (Group(nodes=nodes, grounds=grounds),) if nodes else ()
    mine = Cluster([daemonset, *cluster.nodes])
    pods = desired(mine, gates=gates)
    groups: dict[object, list[str]] = {}
    for one in pods.left_out(daemonset.key):
        groups.setdefault(one.reasons, []).append(one.node)
    firsts = eligibility(cluster, daemonset, [names[0] for names in groups.values()], gates)
    found = (Group(nodes=tuple(names), grounds=firsts[names[0]].grounds) for names in groups.values())
    return pods.nodes_of(daemonset.key), tuple(sorted(found, key=lambda one: (-len(one.nodes), one.nodes)))
