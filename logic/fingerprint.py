"""A number for a state without names, ages and moments, by which it is known when it comes again."""

from __future__ import annotations

from collections.abc import Hashable

import msgspec

from foretell.logic.scope import WORKLOADS
from foretell.logic.templates import HASH_LABEL
from foretell.model.job_pods import counted, of_job
from foretell.model.meta import Object
from foretell.model.objects import (
    Condition,
    ControllerRevision,
    DeploymentStatus,
    JobStatus,
    Node,
    PersistentVolumeClaim,
    Pod,
    Workload,
)

replace = msgspec.structs.replace
_WIDTH = 2**64
_ENDLESS = 50
"""With how many failures a Job counts as one that fails for ever, if its back-off limit hasn't ended it."""


class Fingerprint:
    """By how much the sum of what is known of each object has moved since the beginning.

    Two states that differ have moved by the same with a probability of one in 2^64.
    """

    def __init__(self) -> None:
        self.moved = 0

    def note(self, before: Object | None, after: Object | None) -> None:
        """Take a change into account."""
        self.moved = (self.moved - _weight(before) + _weight(after)) % _WIDTH


def _weight(thing: Object | None) -> int:
    mark = None if thing is None else _mark(thing)
    return 0 if mark is None else hash(mark) % _WIDTH


def _mark(thing: Object) -> Hashable:
    """What is known of an object; None for one that doesn't count."""
    if isinstance(thing, Pod):
        if _left_behind(thing) or (counted(thing) and of_job(thing)):
            return None
        return (
            (thing.metadata.controller or thing).name, thing.spec.node_name, thing.pinned_to,
            thing.labels.get(HASH_LABEL, ""), thing.phase, thing.ready, thing.terminating,
        )  # fmt: skip
    if isinstance(thing, WORKLOADS):
        return (thing.key, _said(thing))
    if isinstance(thing, ControllerRevision | PersistentVolumeClaim | Node):
        return (thing.key, thing.terminating)
    return None


def _left_behind(pod: Pod) -> bool:
    """Whether a pod has ended and its controller has made another in its place: it won't look at it again."""
    owner = pod.metadata.controller
    return pod.finished and owner is not None and owner.kind == "ReplicaSet"


def _said(workload: Workload) -> str:
    """The status of a workload, but for the moments of its conditions.

    A Job that has failed very often does so for ever, as far as anyone can see.
    """
    status = workload.status
    if isinstance(status, JobStatus):
        return repr(replace(status, failed=min(status.failed, _ENDLESS)))
    if isinstance(status, DeploymentStatus):
        conditions = tuple(
            Condition(type=c.type, status=c.status, reason=c.reason) for c in status.conditions
        )
        return repr(replace(status, conditions=conditions))
    return repr(status)
