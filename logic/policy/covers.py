"""Which budgets cover a pod, or the pods of a workload's template, as facts; equal labels are asked once."""

from __future__ import annotations

from collections.abc import Iterator

from foretell.logic.covering import Anchored, covers
from foretell.logic.policy.containers import template_of
from foretell.logic.policy.terms import term_of
from foretell.logic.vocabulary import text_of
from foretell.model.cluster import Cluster
from foretell.model.meta import Key, Object, ObjectMeta
from foretell.model.objects import Pod, PodDisruptionBudget
from foretell.model.selectors import LabelSelector

Labels = tuple[tuple[str, str], ...]
Selectors = tuple[tuple[Key, LabelSelector | None], ...]


class Covers:
    """What the budgets of a cluster cover; another cluster's may be the same ones."""

    def __init__(self) -> None:
        self._selectors: Selectors = ()
        self._anchored = Anchored(())
        self._known: dict[tuple[str, Labels], tuple[Key, ...]] = {}

    def renew(self, cluster: Cluster) -> bool:
        """Take a cluster's budgets; whether they select otherwise than those before."""
        selectors = tuple((budget.key, budget.spec.selector) for budget in cluster.budgets)
        if selectors == self._selectors:
            return False
        self._selectors, self._anchored, self._known = selectors, Anchored(cluster.budgets), {}
        return True

    def facts(self, thing: Object) -> Iterator[str]:
        """The facts of a pod or workload, without full stops."""
        template = template_of(thing)
        if template is None and not isinstance(thing, Pod):
            return
        labels = template.metadata.labels if template else thing.labels
        subject = text_of(term_of(thing.key))
        for budget in self._over(thing.namespace, labels):
            yield f"covers({text_of(term_of(budget))},{subject})"

    def _over(self, namespace: str, labels: dict[str, str]) -> tuple[Key, ...]:
        asked = (namespace, tuple(sorted(labels.items())))
        if asked not in self._known:
            pod = Pod(metadata=ObjectMeta(namespace=namespace, labels=labels))
            near: list[PodDisruptionBudget] = self._anchored.near([pod])
            self._known[asked] = tuple(budget.key for budget in near if covers(budget, pod))
        return self._known[asked]
