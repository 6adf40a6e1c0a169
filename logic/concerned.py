"""Which disruption budgets a change concerns: those whose pods, controllers or own spec are others now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy

from foretell.logic.covering import Anchor, Anchored, anchors_of
from foretell.logic.disruption import counted, scale_of
from foretell.model.cluster import Cluster
from foretell.model.meta import Key, Object
from foretell.model.objects import Node, Pod, PodDisruptionBudget


class Concerned:
    """Keeps in mind what has changed since the disruption controller last counted, and counts that."""

    def __init__(self, cluster: Cluster) -> None:
        self._kinds = cluster.kinds
        self._budgets = {budget.key for budget in cluster.budgets}
        self._anchors: set[Anchor] = set()
        self._owners: set[str] = set()
        self._all = True
        self._again: dict[Key, float] = {}

    def copy(self) -> Concerned:
        """Another one that keeps the same in mind."""
        other = copy(self)
        other._budgets, other._anchors = self._budgets.copy(), self._anchors.copy()
        other._owners, other._again = self._owners.copy(), self._again.copy()
        return other

    def note(self, before: Object | None, after: Object | None) -> None:
        """Keep a write in mind."""
        for thing in (before, after):
            if isinstance(thing, PodDisruptionBudget):
                self._budgets.add(thing.key)
            elif isinstance(thing, Pod):
                self._anchors.update(anchors_of(thing))
        if not isinstance(before or after, PodDisruptionBudget | Pod | Node):
            self._note_owner(before, after)

    def _note_owner(self, before: Object | None, after: Object | None) -> None:
        """An owner concerns budgets when it comes, goes, changes hands or asks for other replicas."""
        if before is not None and after is not None and _seen(before) == _seen(after):
            return
        self._owners.update(thing.metadata.uid for thing in (before, after) if thing is not None)

    def count(self, cluster: Cluster, now: float) -> list[PodDisruptionBudget]:
        """Count the budgets that are concerned or due; those whose numbers are out of date, with new ones."""
        self._again = {key: moment for key, moment in self._again.items() if key in cluster}
        due = [key for key, moment in self._again.items() if moment <= now]
        budgets = self.budgets(cluster, due)
        count = counted(cluster, budgets, now)
        for budget in budgets:
            self._again.pop(budget.key, None)
        self._again |= count.again
        return count.changed

    def only_uncounted(self, cluster: Cluster) -> None:
        """Count only the budgets that nothing says has ever been counted, not all."""
        self._all = False
        self._budgets = {budget.key for budget in cluster.budgets if not budget.status.conditions}

    def forget(self, budgets: Iterable[PodDisruptionBudget]) -> None:
        """These budgets have been written as they were counted just now."""
        self._budgets.difference_update(budget.key for budget in budgets)

    def next_timer(self, now: float) -> float | None:
        """When a budget is counted again by itself, after a moment."""
        return min((moment for moment in self._again.values() if moment > now), default=None)

    def budgets(self, cluster: Cluster, due: Iterable[Key] = ()) -> list[PodDisruptionBudget]:
        """The budgets to count, in the order of keys: those concerned, and those that are due anyway."""
        known, self._kinds = self._kinds, cluster.kinds
        if self._all or known != self._kinds:
            # Whether an owner that isn't there is gone depends on what kinds the state tells of.
            found = {budget.key for budget in cluster.budgets}
            self._all = False
        else:
            found = self._budgets | set(due)
            if not (found or self._anchors or self._owners):
                return []
            anchors = self._anchors | {
                anchor for uid in self._owners for pod in _pods_of(cluster, uid) for anchor in anchors_of(pod)
            }
            found |= Anchored(cluster.budgets).at(anchors)
        self._budgets, self._anchors, self._owners = set(), set(), set()
        budgets = (cluster.get(key) for key in sorted(found))
        return [budget for budget in budgets if isinstance(budget, PodDisruptionBudget)]


def _seen(thing: Object) -> tuple[object, ...]:
    """What a count sees of an owner."""
    owner = thing.metadata.controller
    return (thing.metadata.uid, owner and owner.uid, scale_of(thing))


def _pods_of(cluster: Cluster, uid: str) -> Iterator[Pod]:
    """The pods that an object owns, or its ReplicaSets."""
    for thing in cluster.owned_by(uid) if uid else ():
        if isinstance(thing, Pod):
            yield thing
        elif thing.kind == "ReplicaSet":
            yield from (pod for _, pod in cluster.owned_pods(thing.metadata.uid))
