"""A trial: whether a goal holds after changes, as a forecast has it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import singledispatchmethod

from foretell.logic.drain import is_mirror
from foretell.logic.finding import find, find_node
from foretell.logic.forecast import forecast
from foretell.logic.remedy.renewal import renewed
from foretell.logic.remedy.subject import own_pods, subject_of
from foretell.model import changes as c
from foretell.model.changes import Change
from foretell.model.cluster import Cluster
from foretell.model.forecast import Assumptions, Forecast, Obstacle, Reason, Verb
from foretell.model.meta import Key
from foretell.model.objects import Pod
from foretell.model.remedy import Drained, Goal, RunsOn, Schedulable, Spared, Unstuck

_LOST = (Reason.NO_EXECUTE, Reason.TOLERATION_ENDED, Reason.NOT_ELIGIBLE)


@dataclass(frozen=True)
class Trial:
    """Whether a goal holds, the forecast after the changes, and what follows its occasion if it has one.

    `before` is the forecast up to where pods that are made anew from an earlier template are taken to work,
    in spite of what was assumed of the pods that were there.
    """

    met: bool
    story: Forecast
    sequel: Forecast | None = None
    before: Forecast | None = None

    @property
    def last(self) -> Forecast:
        """What is forecast last."""
        return self.sequel or self.story

    def lost(self, goal: Spared) -> tuple[Pod, ...]:
        """The pods of the node that its taint drives off, but for those that have ended, by their keys."""
        assert self.sequel is not None
        before = self.story.after
        gone = {
            (action.namespace, action.name)
            for action in self.sequel.actions
            if action.kind == "Pod" and action.verb is Verb.DELETE and action.reason in _LOST
        }
        there = (pod for pod in before.pods_on(goal.node) if not pod.finished)
        return tuple(pod for pod in there if (pod.namespace, pod.name) in gone)


def check(goal: Goal, cluster: Cluster) -> None:
    """See to it that all is there that a goal names; raises NotFoundError."""
    if isinstance(goal, RunsOn):
        find(cluster, *_words(goal.workload))
        for name in goal.nodes:
            find_node(cluster, name)
    elif isinstance(goal, Schedulable):
        find(cluster, *_words(goal.thing))
    elif isinstance(goal, Unstuck):
        find(cluster, *_words(goal.workload))
    elif isinstance(goal, Drained | Spared):
        find_node(cluster, goal.node)


def _words(key: Key) -> tuple[str, str, str]:
    return key.kind, key.name, key.namespace


@dataclass(frozen=True)
class Bench:
    """Where trials start from: a cluster, and how it is forecast."""

    start: Cluster
    assume: Assumptions
    gates: frozenset[str]
    patience: float | None = None
    horizon: int | None = None
    resync: bool = True

    def story(self, changes: Iterable[Change], start: Cluster | None = None) -> Forecast:
        """What happens after changes."""
        return forecast(
            self.start if start is None else start, changes, self.assume, self.horizon,
            patience=self.patience, gates=self.gates, resync=self.resync,
        )  # fmt: skip

    def tried(self, goal: Goal, changes: tuple[Change, ...]) -> Trial:
        """Whether a goal holds after changes; raises RejectedError for a change that the server refuses."""
        story = self.story(changes)
        trial = self._judged(goal, story)
        released = None if trial.met else renewed(self.assume, self.start, changes, story)
        if released is None:
            return trial
        later = replace(self, assume=released)
        trial = later._judged(goal, later.story((), story.after))
        return replace(trial, before=story)

    @singledispatchmethod
    def _judged(self, goal: Goal, story: Forecast) -> Trial:  # noqa: ARG002 - each goal has its own
        raise TypeError(f"no such goal: {goal!r}")

    @_judged.register
    def _(self, goal: RunsOn, story: Forecast) -> Trial:
        after = story.after
        wanted = set(goal.nodes or (node.name for node in after.nodes))
        top = subject_of(after, goal.workload).thing
        running = {pod.spec.node_name for pod in own_pods(after, top) if _runs(pod)}
        return Trial(wanted <= running, story)

    @_judged.register
    def _(self, goal: Schedulable, story: Forecast) -> Trial:
        after, top = story.after, subject_of(self.start, goal.thing).thing
        now = after.get(top.key)
        if now is None:
            return Trial(False, story)
        pods = own_pods(after, now)
        return Trial(bool(pods) and all(pod.spec.node_name for pod in pods if not pod.finished), story)

    @_judged.register
    def _(self, goal: Unstuck, story: Forecast) -> Trial:
        return Trial(not _waits(story, subject_of(self.start, goal.workload).key), story)

    @_judged.register
    def _(self, goal: Spared, story: Forecast) -> Trial:
        taint = c.AddTaint(node=goal.node, key=goal.key, value=goal.value, effect=goal.effect)
        trial = Trial(False, story, self.story([taint], story.after))
        return replace(trial, met=not trial.lost(goal))

    @_judged.register
    def _(self, goal: Drained, story: Forecast) -> Trial:
        sequel = self.story([drain_of(goal)], story.after)
        left = [pod for pod in sequel.after.guests_on(goal.node) if not pod.finished and not is_mirror(pod)]
        return Trial(not sequel.refusals and not left, story, sequel)


def drain_of(goal: Drained, *, force: bool = False) -> c.Drain:
    """The drain that a goal speaks of, or one that no pod refuses."""
    return c.Drain(
        node=goal.node,
        kubectl=True,
        ignore_daemonsets=True,
        force=goal.force or force,
        delete_emptydir_data=goal.delete_emptydir_data or force,
    )


def _runs(pod: Pod) -> bool:
    return bool(pod.spec.node_name) and pod.phase == "Running" and not pod.terminating


def _waits(story: Forecast, workload: Key) -> list[Obstacle]:
    """What a workload waits for in the end."""
    return [
        obstacle
        for obstacle in story.verdict.obstacles
        if (obstacle.namespace, obstacle.workload) == (workload.namespace, str(workload))
    ]
