"""Which disruption budgets cover which pods, as the rules select."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from foretell.logic import vocabulary as v
from foretell.logic.shapes import Shapes
from foretell.logic.solve import solve
from foretell.logic.vocabulary import Term
from foretell.model.cluster import Cluster
from foretell.model.meta import Key
from foretell.model.objects import Pod, PodDisruptionBudget
from foretell.model.selectors import LabelSelector, Requirement

Labels = tuple[tuple[str, str], ...]
NAMESPACE = Term("field", ("metadata.namespace",))
"""A pod's namespace, as selectors see it."""


class Anchor(NamedTuple):
    """What every pod that a budget covers has: its namespace and, if the selector names one, a label."""

    namespace: str
    key: str = ""
    value: str = ""


def anchor_of(budget: PodDisruptionBudget) -> Anchor:
    """The anchor of a budget; pods without it needn't be held against the selector."""
    pairs = sorted(budget.spec.selector.match_labels.items()) if budget.spec.selector else []
    return Anchor(budget.namespace, *pairs[0]) if pairs else Anchor(budget.namespace)


def anchors_of(pod: Pod) -> Iterator[Anchor]:
    """Every anchor that a pod has."""
    yield Anchor(pod.namespace)
    yield from (Anchor(pod.namespace, key, value) for key, value in pod.labels.items())


class Anchored:
    """Budgets by anchor: those that can concern a pod are found without a look at all others."""

    def __init__(self, budgets: Iterable[PodDisruptionBudget]) -> None:
        self._budgets: dict[Anchor, list[PodDisruptionBudget]] = {}
        for budget in budgets:
            if budget.spec.selector is not None:
                self._budgets.setdefault(anchor_of(budget), []).append(budget)

    def near(self, pods: Iterable[Pod]) -> list[PodDisruptionBudget]:
        """Every budget that may cover one of the pods, in the order of keys."""
        anchors = set(chain.from_iterable(map(anchors_of, pods)))
        return sorted(self._at(anchors), key=lambda budget: budget.key)

    def at(self, anchors: Iterable[Anchor]) -> set[Key]:
        """The key of every budget that has one of these anchors."""
        return {budget.key for budget in self._at(anchors)}

    def _at(self, anchors: Iterable[Anchor]) -> Iterator[PodDisruptionBudget]:
        return chain.from_iterable(self._budgets.get(anchor, ()) for anchor in anchors)


def seen_labels(pod: Pod, keys: Iterable[str]) -> Labels:
    """The pod's labels as far as selectors that ask for these keys can see, the keys being in order."""
    return tuple((key, pod.labels[key]) for key in keys if key in pod.labels)


def label_facts(path: str, labels: Labels) -> list[str]:
    """The facts of a pod's labels."""
    return [v.HAS(path, Term("label", (key,)), value) for key, value in labels]


def namespaced_selector(namespace: str, selector: LabelSelector, shapes: Shapes) -> str:
    """The name of a selector that selects in one namespace alone."""
    within = Requirement(key="metadata.namespace", operator="In", values=(namespace,))
    return shapes.selector([("field", within), *(("label", each) for each in selector.requirements)])


def covered(cluster: Cluster, budget: PodDisruptionBudget) -> list[Pod]:
    """The pods that a budget covers: none without a selector, all of the namespace with an empty one."""
    selector = budget.spec.selector
    if selector is None:
        return []
    namespace, key, value = anchor_of(budget)
    near = cluster.pods_labelled(namespace, key, value) if key else cluster.pods
    keys = sorted({requirement.key for requirement in selector.requirements})
    sets: dict[Labels, list[Pod]] = {}
    for pod in near:
        if pod.namespace == namespace:
            sets.setdefault(seen_labels(pod, keys), []).append(pod)
    chosen = _chosen(selector, sorted(sets))
    return sorted((pod for labels in chosen for pod in sets[labels]), key=lambda pod: pod.key)


def covers(budget: PodDisruptionBudget, pod: Pod) -> bool:
    """Whether a budget covers a pod, which may be one that isn't there."""
    selector = budget.spec.selector
    if selector is None or budget.namespace != pod.namespace:
        return False
    keys = sorted({requirement.key for requirement in selector.requirements})
    return bool(_chosen(selector, [seen_labels(pod, keys)]))


def _chosen(selector: LabelSelector, sets: list[Labels]) -> list[Labels]:
    """Those of the label sets that the selector selects; pods that it can't tell apart are told once.

    Keys and values are only ever compared, so they are told by numbers: most budgets ask the same then, and
    what was asked before isn't asked again.
    """
    numbers: dict[str, str] = {}

    def number(text: str) -> str:
        return numbers.setdefault(text, str(len(numbers)))

    asked = tuple(
        Requirement(key=number(r.key), operator=r.operator, values=tuple(map(number, r.values)))
        for r in selector.requirements
    )
    shapes = Shapes()
    name = shapes.label_selector(LabelSelector(match_expressions=asked))
    lines = [v.BUDGET("budget", name), *shapes.facts]
    for index, labels in enumerate(sets):
        told = tuple((number(key), number(value)) for key, value in labels)
        lines += [v.POD(str(index)), *label_facts(str(index), told)]
    answer = solve(("covers.lp",), "\n".join(lines))
    return [sets[int(str(index))] for _, index in answer.get("covers", ())]
