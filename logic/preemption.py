"""Preemption: which pods have to go from which node so that a more important one gets room."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from foretell.logic import vocabulary as v
from foretell.logic.deletion import deleted
from foretell.logic.question import Question
from foretell.logic.sentences import NO_VICTIMS, phrase_of, preemption_text
from foretell.logic.shapes import Shapes
from foretell.logic.solve import solve
from foretell.logic.standing import Standing
from foretell.logic.vocabulary import Term
from foretell.model.clock import seconds
from foretell.model.cluster import Cluster
from foretell.model.meta import Key, Object
from foretell.model.objects import Pod
from foretell.model.orders import ChoiceKind

Nominated = Mapping[str, Collection[Pod]]
Draw = Callable[[ChoiceKind, Pod, Sequence[str]], str]
"""Draws one of several nodes for a pod: of those with the most points, or with the least loss."""


@dataclass
class Preemption:
    """What preemption comes to: a node and the pods that have to go from it, or why none was found."""

    node: str = ""
    pods: list[Pod] = field(default_factory=list)
    phrases: list[str] = field(default_factory=list)

    def text(self, total: int, unhelped: int) -> str:
        """What is said where no victims were found, in a cluster of so many nodes."""
        return preemption_text(total, unhelped, self.phrases)

    def deleted(self, victim: Pod, now: float) -> list[tuple[Key, Object | None]]:
        """What is written when a victim is deleted."""
        change = deleted(victim, now)
        return [*((put.key, put) for put in change.puts), *((key, None) for key in change.drops)]


def preempted(
    cluster: Cluster,
    standing: Standing,
    gates: Iterable[str],
    nominated: Nominated,
    pod: Pod,
    nodes: Iterable[str],
    draw: Draw | None = None,
) -> Preemption:
    """Whom a pod drives off, from which of these nodes.

    All less important pods of a node are thought away; if that gives the pod room, they are let back one by
    one, the most important first, as long as there is room still. Each time the rules are asked about all
    nodes at once. Source: pkg/scheduler/framework/preemption, defaultpreemption `SelectVictimsOnNode`.
    """
    candidates: dict[str, list[Pod]] = {}
    phrases: list[str] = []
    for node in nodes:
        lower = [g for g in standing.use(cluster, node).guests if g.spec.priority < pod.spec.priority]
        if lower:
            candidates[node] = lower
        else:
            phrases.append(NO_VICTIMS)
    if not candidates:
        return Preemption(phrases=phrases)

    def without(removed: Mapping[str, Collection[Pod]]) -> dict[str, list[str]]:
        """By node what still speaks against the pod; nothing where it would fit."""
        question = Question(cluster, standing, gates, nominated=nominated, removed=removed, apart=True)
        asked = question.about(pod, tuple(removed))
        answer = solve(("preempt.lp",), asked.text)
        said: dict[str, set[str]] = {str(node): set() for node, _ in answer.get("feasible", ())}
        for node, _, reason in answer.get("says", ()):
            said.setdefault(str(node), set()).add(phrase_of(reason))
        members = asked.members.items()
        return {n: sorted(said.get(first, ())) for first, names in members for n in names if n in removed}

    emptied = without(candidates)
    fitting = [node for node, said in emptied.items() if not said]
    if not fitting:
        return Preemption(phrases=[*phrases, *(phrase for said in emptied.values() for phrase in said)])
    ordered = {node: _let_back_first(cluster, candidates[node]) for node in sorted(fitting)}
    gone = {node: [one for one, _ in order] for node, order in ordered.items()}
    for turn in range(max(map(len, gone.values()))):
        tried = {
            node: [one for one in gone[node] if one is not order[turn][0]]
            for node, order in ordered.items()
            if turn < len(order)
        }
        against = without(tried)
        gone.update((node, kept) for node, kept in tried.items() if not against[node])
    spared = _spared(cluster, ordered, gone, ranked=draw is None)
    chosen = spared[0] if draw is None else draw(ChoiceKind.PREEMPTION, pod, spared)
    return Preemption(node=chosen, pods=sorted(gone[chosen], key=lambda one: one.key))


def _importance(pod: Pod) -> tuple[int, float, str]:
    """The most important pod first: by priority, then by how long it has run. Source: `MoreImportantPod`."""
    started = pod.status.start_time or pod.metadata.creation_timestamp
    return (-pod.spec.priority, seconds(started) if started else 0.0, pod.name)


def _let_back_first(cluster: Cluster, pods: list[Pod]) -> list[tuple[Pod, bool]]:
    """The pods of a node in the order in which they are let back, each with whether a budget speaks for it.

    Those whose going would break a budget come first, then the more important ones.
    """
    order = sorted(pods, key=_importance)
    shapes, lines = Shapes(), []
    for rank, pod in enumerate(order):
        path = pod.key.path
        lines += [v.POD(path), v.PRECEDENCE(path, rank)]
        lines += [v.HAS(path, Term("label", (k,)), x) for k, x in sorted(pod.labels.items())]
    for budget in cluster.budgets:
        selector = budget.spec.selector
        if selector is None or not selector.requirements:
            continue
        name = budget.key.path
        lines.append(v.BUDGET(name, shapes.label_selector(selector)))
        lines.append(v.BUDGET_ALLOWS(name, budget.status.disruptions_allowed))
        lines += [
            v.BUDGET_COVERS_NAMESPACE(name, p.key.path) for p in order if p.namespace == budget.namespace
        ]
    if not shapes.facts:
        return [(pod, False) for pod in order]
    answer = solve(("victims.lp",), "\n".join([*lines, *shapes.facts]))
    spared = {str(path) for (path,) in answer.get("breaks_budget", ())}
    marked = [(pod, pod.key.path in spared) for pod in order]
    return sorted(marked, key=lambda entry: not entry[1])


def _spared(
    cluster: Cluster,
    ordered: Mapping[str, list[tuple[Pod, bool]]],
    gone: Mapping[str, list[Pod]],
    *,
    ranked: bool,
) -> list[str]:
    """The node whose victims weigh least; where nodes aren't ranked, all of those, in order."""
    there = [node.name for node in cluster.nodes if node.name in gone]
    lines = [v.RANK(node, rank if ranked else 0) for rank, node in enumerate(there)]
    sums = {node: sum(pod.spec.priority + 2**31 for pod in pods) for node, pods in gone.items()}
    tops = {node: max((pod.spec.priority for pod in pods), default=-(2**31)) for node, pods in gone.items()}
    starts = {
        node: min((_importance(p)[1] for p in pods if p.spec.priority == tops[node]), default=0.0)
        for node, pods in gone.items()
    }
    for predicate, values in ((v.HIGHEST_VICTIM, tops), (v.VICTIMS_WEIGH, sums), (v.VICTIMS_STARTED, starts)):
        order = sorted(set(values.values()))
        lines += [predicate(node, order.index(value)) for node, value in values.items()]
    for node, pods in gone.items():
        breaking = sum(1 for pod, breaks in ordered[node] if breaks and pod in pods)
        lines.append(v.VICTIMS(node, len(pods), breaking))
    return sorted(str(node) for (node,) in solve(("victims.lp",), "\n".join(lines))["spares_most"])
