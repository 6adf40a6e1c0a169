"""One round of the controllers: the answer of the rules, and what is written because of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from foretell.logic import vocabulary as v
from foretell.logic.deletion import deleted
from foretell.logic.facts import Facts
from foretell.logic.memory import Memory
from foretell.logic.scope import REVISIONED, WORKLOADS
from foretell.logic.solve import Answer
from foretell.logic.templates import HASH_LABEL, SET_LABEL
from foretell.logic.vocabulary import Argument, Term
from foretell.model.cluster import Cluster
from foretell.model.forecast import Action, Reason, Verb
from foretell.model.meta import Key, Object
from foretell.model.objects import Pod, Revisioned, Workload

AUTHORS = {
    "daemonset_controller": "daemon-set-controller",
    "statefulset_controller": "statefulset-controller",
    "replicaset_controller": "replicaset-controller",
    "deployment_controller": "deployment-controller",
    "job_controller": "job-controller",
    "cronjob_controller": "cronjob-controller",
    "ttl_controller": "ttl-after-finished-controller",
    "node_controller": "node-controller",
    "pod_garbage_collector": "pod-garbage-collector",
    "garbage_collector": "generic-garbage-collector",
    "scheduler": "kube-scheduler",
}
"""By controller, as the rules call it: the name under which it writes."""
KUBECTL = "kubectl"
"""The name under which a drain writes that goes on."""


class Subject(NamedTuple):
    """What an action says of its object beyond the name."""

    owner: str | None = None
    node: str | None = None
    revision: str | int | None = None
    owners: tuple[str, ...] | None = None
    replicas: int | None = None


def subject_of(thing: Object) -> Subject:
    """What an action says of a pod: owner, node and revision; of others nothing."""
    if not isinstance(thing, Pod):
        return Subject()
    owner = thing.metadata.controller
    return Subject(
        owner=f"{owner.kind}/{owner.name}" if owner else None,
        node=thing.spec.node_name or thing.pinned_to or None,
        revision=thing.labels.get(HASH_LABEL) or thing.labels.get(SET_LABEL),
    )


def action_on(verb: Verb, thing: Object, by: str, reason: Reason, subject: Subject | None = None) -> Action:
    """The action on an object."""
    owner, node, revision, owners, replicas = subject_of(thing) if subject is None else subject
    return Action(
        verb=verb, kind=thing.kind, namespace=thing.namespace, name=thing.name,
        owner=owner, node=node, revision=revision, owners=owners, replicas=replicas, by=(by,), reason=reason,
    )  # fmt: skip


@dataclass
class Round:
    """A round: what was derived from which cluster, and the writes so far (None where an object goes)."""

    cluster: Cluster
    facts: Facts
    answer: Answer
    memory: Memory
    now: float
    objects: dict[Key, Object | None] = field(default_factory=dict)
    actions: list[Action] = field(default_factory=list)

    def each(self, predicate: str) -> Iterable[tuple[Argument, ...]]:
        """The atoms of a predicate, in a fixed order."""
        return sorted(self.answer.get(predicate, ()), key=repr)

    def get(self, key: Key) -> Object | None:
        """The object as it is after what has been written so far."""
        return self.objects[key] if key in self.objects else self.cluster.get(key)

    def workload(self, term: Argument) -> Workload:
        """The workload of a term."""
        workload = self.get(v.workload_key(term))
        assert isinstance(workload, WORKLOADS)
        return workload

    def revisioned(self, term: Argument) -> Revisioned:
        """The DaemonSet or StatefulSet of a term."""
        workload = self.workload(term)
        assert isinstance(workload, REVISIONED)
        return workload

    def alike(
        self, path: Argument, limits: dict[str, int] | None = None, *, last: int | None = None
    ) -> list[Pod]:
        """All pods that the one of this path stands for, as many as its node's limit allows, or the last."""
        keys = self.facts.alike(v.key_of("Pod", str(path)), limits or {})
        return [pod for key in keys[-(last or 0) :] if isinstance(pod := self.get(key), Pod)]

    def put(self, thing: Object) -> None:
        """Write an object."""
        self.objects[thing.key] = thing

    def drop(self, key: Key) -> None:
        """Take an object away."""
        self.objects[key] = None

    def delete(self, thing: Object, *, grace: int | None = None, cascade: str = "Background") -> None:
        """Ask the API server to delete an object."""
        change = deleted(thing, self.now, grace=grace, cascade=cascade)
        for put in change.puts:
            self.put(put)
        for key in change.drops:
            self.drop(key)

    def act(self, verb: Verb, thing: Object, by: str, reason: Reason, subject: Subject | None = None) -> None:
        """Note an action."""
        self.actions.append(action_on(verb, thing, by, reason, subject))


def author_of(workload: Workload) -> str:
    """The name under which a workload's controller writes."""
    return AUTHORS[f"{workload.kind.lower()}_controller"]


def reason_of(argument: Argument) -> Reason:
    """The reason that the rules give."""
    return Reason(v.word_of(argument))


def number_of(argument: Argument) -> int:
    """The number that the rules give."""
    assert isinstance(argument, int)
    return argument


def name_of(argument: Argument) -> str:
    """The name of a constant or compound term."""
    assert isinstance(argument, Term)
    return argument.name
