"""What stands in the way of evictions and drains when a forecast ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from foretell.logic.draining import Draining
from foretell.logic.verdict import obstacle
from foretell.model.cluster import Cluster
from foretell.model.forecast import EvictionAnswer, Obstacle, Why

_SEVERAL = 500


def obstacles_of_answers(answers: Iterable[EvictionAnswer], drains: Iterable[Draining]) -> Iterator[Obstacle]:
    """The budgets that refuse evictions, by the last answer for each pod; drains see to theirs themselves."""
    theirs = {pod.key for draining in drains for pod in draining.task.pods}
    last = {(answer.namespace, answer.pod): answer for answer in answers}
    names = {(key.namespace, key.name) for key in theirs}
    for key, answer in last.items():
        if not answer.allowed and key not in names:
            yield _refused(answer)


def obstacles_of_drains(drains: Iterable[Draining], cluster: Cluster) -> Iterator[Obstacle]:
    """The pods that refuse a drain, the budgets that its pods wait for, and the pods that don't go."""
    for draining in drains:
        node = f"Node/{draining.task.change.node}"
        for pod, why in draining.task.refusals:
            yield obstacle(node, f"Pod/{pod.name}", why, pod.namespace)
        for pod in draining.left(cluster):
            answer = draining.last.get((pod.namespace, pod.name))
            if answer is not None and not answer.allowed and not pod.terminating:
                yield _refused(answer)
            else:
                yield obstacle(node, f"Pod/{pod.name}", Why.POD_TERMINATING, pod.namespace)


def _refused(answer: EvictionAnswer) -> Obstacle:
    why = Why.SEVERAL_BUDGETS if answer.code == _SEVERAL else Why.BUDGET
    return obstacle(f"Pod/{answer.pod}", f"PodDisruptionBudget/{answer.budget}", why, answer.namespace)
