"""Deletion as the API server does it: at once, or in steps that others have to finish."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from foretell.logic.facts_ownership import CLAIM_PROTECTION, FOREGROUND, ORPHAN
from foretell.model.changes import Drain
from foretell.model.clock import timestamp
from foretell.model.forecast import EvictionAnswer, Why
from foretell.model.meta import Key, Object
from foretell.model.objects import Condition, PersistentVolumeClaim, Pod

replace = msgspec.structs.replace


class DrainTask(NamedTuple):
    """What a drain in kubectl's manner has set out to do: remove these pods, unless some refuse it."""

    change: Drain
    pods: tuple[Pod, ...]
    refusals: tuple[tuple[Pod, Why], ...] = ()


@dataclass
class Edit:
    """What a change does to a cluster: objects to put and keys to drop, and what the server answered.

    `drain` is what is left to do of a drain when the server has answered.
    """

    puts: list[Object] = field(default_factory=list)
    drops: list[Key] = field(default_factory=list)
    answers: list[EvictionAnswer] = field(default_factory=list)
    drain: DrainTask | None = None


def disrupted(pod: Pod, reason: str, message: str, now: float) -> Pod:
    """The pod with the condition that says why it is taken away; one that is going keeps what it says."""
    if pod.terminating:
        return pod
    kept = (condition for condition in pod.status.conditions if condition.type != "DisruptionTarget")
    target = Condition(
        type="DisruptionTarget", status="True", reason=reason, message=message,
        last_transition_time=timestamp(now),
    )  # fmt: skip
    return replace(pod, status=replace(pod.status, conditions=(*kept, target)))


def deleted(thing: Object, now: float, *, grace: int | None = None, cascade: str = "Background") -> Edit:
    """What a DELETE does: the object goes at once, or begins to terminate.

    A pod goes at once when it is bound nowhere, has ended or is given no grace; a claim is held by its
    protection; an owner waits for its dependents in the foreground, and while they become orphans.
    Source: Kubernetes registry/core/pod/strategy.go (CheckGracefulDelete), generic/registry/store.go.
    """
    meta = thing.metadata
    marked = replace(meta, deletion_timestamp=meta.deletion_timestamp or timestamp(now))
    if isinstance(thing, Pod):
        given = thing.spec.termination_grace_period_seconds if grace is None else grace
        at_once = given == 0 or not thing.spec.node_name or thing.finished
        if at_once and not meta.finalizers:
            return Edit(drops=[thing.key])
        if at_once:
            # Only finalizers hold it now: it goes with the last of them.
            return Edit(puts=[replace(thing, metadata=replace(marked, deletion_grace_period_seconds=0))])
        return Edit(puts=[] if thing.terminating else [replace(thing, metadata=marked)])
    if isinstance(thing, PersistentVolumeClaim):
        finalizers = tuple(dict.fromkeys((*meta.finalizers, CLAIM_PROTECTION)))
        return Edit(puts=[replace(thing, metadata=replace(marked, finalizers=finalizers))])
    if cascade == "Background" and not meta.finalizers:
        return Edit(drops=[thing.key])
    extra = {"Foreground": (FOREGROUND,), "Orphan": (ORPHAN,)}.get(cascade, ())
    finalizers = tuple(dict.fromkeys((*meta.finalizers, *extra)))
    generation = meta.generation + 1 if meta.generation else 0
    return Edit(puts=[replace(thing, metadata=replace(marked, finalizers=finalizers, generation=generation))])
