"""A drain under way: pods that wait for their budgets are asked for again, on virtual time."""

from __future__ import annotations

from copy import copy
from math import ceil

from foretell.logic.covering import Anchored
from foretell.logic.deletion import DrainTask, Edit
from foretell.logic.evictions import TOO_MANY, evicted
from foretell.logic.round import KUBECTL, action_on
from foretell.model.cluster import Cluster
from foretell.model.forecast import Action, EvictionAnswer, Reason, Verb
from foretell.model.meta import Object
from foretell.model.objects import Pod

INTERVAL = 5.0
"""After how many seconds kubectl asks again for an eviction. Source: kubectl pkg/drain/drain.go."""


class Draining:
    """A drain in kubectl's manner: what it set out to do, what waits, and when it asks again.

    It asks again only where something that the answer depends on has changed since it last asked, so that a
    drain that nothing helps comes to rest.
    """

    def __init__(self, task: DrainTask, cluster: Cluster, edit: Edit, now: float) -> None:
        self.task, self.began, self.asked = task, now, now
        self.last: dict[tuple[str, str], EvictionAnswer] = {}
        self._waiting = task.pods
        self._note(edit.answers)
        self._seen = self._concerning(cluster)
        self._cluster = cluster
        self.next: float | None = None

    def copy(self) -> Draining:
        """Another drain that has come as far."""
        other = copy(self)
        other.last = self.last.copy()
        return other

    def waiting(self, cluster: Cluster) -> list[Pod]:
        """The pods that are still to be evicted, as they are now, in the order of names."""
        return [pod for pod in self._there(cluster, self._waiting) if not pod.terminating]

    def left(self, cluster: Cluster) -> list[Pod]:
        """The pods that it set out to remove and that are still there."""
        return self._there(cluster, self.task.pods)

    @staticmethod
    def _there(cluster: Cluster, pods: tuple[Pod, ...]) -> list[Pod]:
        found = ((pod, cluster.get(pod.key)) for pod in pods)
        return [now for was, now in found if isinstance(now, Pod) and now.metadata.uid == was.metadata.uid]

    def due(self, cluster: Cluster, now: float) -> bool:
        """Whether it asks now; it makes up its mind when to ask, if that could get another answer."""
        self._look(cluster, now)
        return self.next is not None and self.next <= now

    def next_timer(self, now: float) -> float | None:
        """When it asks next, after a moment."""
        return self.next if self.next is not None and self.next > now else None

    def _look(self, cluster: Cluster, now: float) -> None:
        if self.next is not None or not self._waiting or cluster is self._cluster:
            return
        self._cluster = cluster
        if self._concerning(cluster) == self._seen:
            return
        rounds = max(ceil((now - self.began) / INTERVAL), int((self.asked - self.began) / INTERVAL) + 1)
        moment = self.began + rounds * INTERVAL
        timeout = self.task.change.timeout
        if not timeout or moment < self.began + timeout:
            self.next = moment

    def ask(self, cluster: Cluster, now: float) -> tuple[Edit, list[Action]]:
        """Ask for the evictions once more; only news are among the answers, and what goes is an action."""
        self.next, self.asked = None, now
        pods = self.waiting(cluster)
        edit = evicted(cluster, pods, now) if pods else Edit()
        before = dict(self.last)
        self._note(edit.answers)
        edit.answers = [each for each in edit.answers if each.code != TOO_MANY or _key(each) not in before]
        there = {(pod.namespace, pod.name): pod for pod in pods}
        gone = [there[_key(answer)] for answer in edit.answers if answer.allowed]
        return edit, [action_on(Verb.EVICT, pod, KUBECTL, Reason.DRAINED) for pod in gone]

    def settle(self, cluster: Cluster) -> None:
        """Take note of the cluster as it is after it asked."""
        self._cluster = cluster
        self._seen = self._concerning(cluster)

    def _note(self, answers: list[EvictionAnswer]) -> None:
        self.last.update((_key(answer), answer) for answer in answers)
        kept = {key for key, answer in self.last.items() if answer.code == TOO_MANY}
        self._waiting = tuple(pod for pod in self._waiting if (pod.namespace, pod.name) in kept)

    def _concerning(self, cluster: Cluster) -> tuple[Object, ...]:
        """The pods that wait, and the budgets that may have a say in it."""
        pods = self.waiting(cluster)
        return (*pods, *Anchored(cluster.budgets).near(pods))


def _key(answer: EvictionAnswer) -> tuple[str, str]:
    return (answer.namespace, answer.pod)
