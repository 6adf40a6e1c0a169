"""What is told of a goal that a trial has failed: facts, and what edits are made among."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from foretell.logic import vocabulary as v
from foretell.logic.edits import edit
from foretell.logic.facts_ordinals import replicas_of
from foretell.logic.finding import ordinal_of
from foretell.logic.remedy.edits import Surroundings
from foretell.logic.remedy.placement import placement_of
from foretell.logic.remedy.subject import Subject, own_pods, subject_of
from foretell.logic.remedy.trial import Bench, Trial
from foretell.logic.vocabulary import Term
from foretell.model import changes as c
from foretell.model.errors import RejectedError
from foretell.model.forecast import Obstacle
from foretell.model.meta import Key, Object
from foretell.model.objects import (
    DaemonSet,
    Deployment,
    Node,
    Pod,
    ReplicaSet,
    StatefulSet,
)


class Asked(NamedTuple):
    """The facts of a goal, what edits are made among, and the obstacles that the facts name, by term.

    `near` are nodes of which each stands for all that are like it to the goal's daemon pods.
    """

    text: str
    surroundings: Surroundings
    obstacles: dict[Term, Obstacle]
    near: tuple[str, ...] = ()


def is_daemonic(subject: Subject) -> bool:
    """Whether the subject is a DaemonSet, whose pods can't choose their nodes."""
    return isinstance(subject.thing, DaemonSet)


class Told:
    """Facts that are gathered about a goal that a trial has failed."""

    def __init__(self, bench: Bench, trial: Trial) -> None:
        self.bench, self.trial, self.cluster = bench, trial, bench.start
        self.lines: list[str] = []
        self.subjects: dict[Term, Subject] = {}
        self.obstacles: dict[Term, Obstacle] = {}

    def subject(self, key: Key) -> Subject:
        """A workload that edits may alter, with what is known of it; told once."""
        subject = subject_of(self.cluster, key)
        term, thing = subject.term, subject.thing
        if term in self.subjects:
            return subject
        self.subjects[term] = subject
        if isinstance(thing, StatefulSet | Deployment | ReplicaSet):
            replicas = replicas_of(thing) if isinstance(thing, StatefulSet) else thing.spec.replicas
            self.lines.append(v.REPLICAS(term, 1 if replicas is None else replicas))
        if self._has_earlier(thing):
            self.lines.append(v.HAS_EARLIER(term))
        return subject

    def _has_earlier(self, thing: Object) -> bool:
        if not isinstance(thing, StatefulSet | DaemonSet | Deployment):
            return False
        undo = c.Undo(kind=thing.kind, name=thing.name, namespace=thing.namespace)
        try:
            return bool(edit(self.cluster, undo, self.cluster.moment, self.bench.gates).puts)
        except RejectedError:
            return False

    def placed(self, subject: Subject) -> None:
        """How many of the subject's pods have nodes at the end of the trial."""
        pods = own_pods(self.trial.story.after, subject.thing)
        number = sum(bool(pod.spec.node_name) and not pod.finished for pod in pods)
        self.lines.append(v.HAS_PLACED(subject.term, number))

    def hindrances(self, subject: Subject) -> None:
        """What the subject waits for at the end of the trial, that is there in the beginning."""
        for obstacle in self.trial.story.verdict.obstacles:
            if (obstacle.namespace, obstacle.workload) == (subject.key.namespace, str(subject.key)):
                self.hindrance(subject.term, obstacle)

    def hindrance(self, term: Term, obstacle: Obstacle) -> None:
        """One obstacle, on a pod or on the workload itself."""
        kind, _, name = obstacle.on.partition("/")
        key = Key(kind, obstacle.namespace, name)
        thing = term
        if kind == "Pod" and key in self.cluster:
            thing = Term("pod", (key.path,))
        elif key.path != term.arguments[0]:
            thing = Term("other", (key.path,))
        why = Term(obstacle.why.replace("-", "_"))
        self.obstacles[Term("obstacle", (term, thing, why))] = obstacle
        self.lines.append(v.HINDERED(term, thing, why))
        pod = self.cluster.get(key)
        if isinstance(pod, Pod) and term.name == "statefulset":
            ordinal = ordinal_of(pod, self.subjects[term].key.name)
            self.lines += [] if ordinal is None else [v.ORDINAL(key.path, term, ordinal)]

    def asked(self, nodes: Iterable[Node], *, several: bool) -> Asked:
        """The facts of placement on these nodes beside what was gathered."""
        place = placement_of(
            self.trial.story.after, list(self.subjects.values()), tuple(nodes), self.bench.gates
        )
        return Asked(
            "\n".join([*self.lines, *place.lines]),
            Surroundings(self.subjects, place.members, place.left, several),
            self.obstacles,
        )
