"""The facts of ReplicaSets and Deployments."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from foretell.logic import vocabulary as v
from foretell.logic.memory import Memory
from foretell.logic.scope import near, owner_of
from foretell.logic.shapes import bound, clamped
from foretell.logic.templates import pattern_of
from foretell.logic.vocabulary import Term
from foretell.model.clock import seconds
from foretell.model.cluster import Cluster
from foretell.model.meta import Object
from foretell.model.objects import Deployment, ReplicaSet

REVISION = "deployment.kubernetes.io/revision"
HISTORY = "deployment.kubernetes.io/revision-history"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MOST = "deployment.kubernetes.io/max-replicas"
_NO_LIMIT = 2**31 - 1
Name = Callable[[str], str]
"""Gives a text a short name, the same for equal texts."""


def replicaset_facts(workload: ReplicaSet, name: Term) -> list[str]:
    """What is wanted of a ReplicaSet."""
    lines = [
        v.REPLICASET(name),
        v.REPLICAS(name, replicas_of(workload)),
        v.MIN_READY_SECONDS(name, workload.spec.min_ready_seconds),
    ]
    labels = workload.spec.template.metadata.labels
    return lines + [v.TEMPLATE_LABEL(name, key, value) for key, value in sorted(labels.items())]


def deployment_facts(
    cluster: Cluster, memory: Memory, workload: Deployment, name: Term, now: float, named: Name
) -> list[str]:
    """What is wanted of a Deployment, and its ReplicaSets."""
    spec, status = workload.spec, workload.status
    rolling = spec.strategy.rolling_update
    lines = [
        v.DEPLOYMENT(name),
        v.REPLICAS(name, replicas_of(workload)),
        v.STRATEGY(name, spec.strategy.type or "RollingUpdate"),
        v.MIN_READY_SECONDS(name, spec.min_ready_seconds),
        v.PATTERN(name, named(pattern_of(workload))),
        v.REPORTED(name, Term("updated"), status.updated_replicas),
    ]
    unavailable = rolling.max_unavailable if rolling else None
    surge = rolling.max_surge if rolling else None
    lines.append(v.MAX_UNAVAILABLE(name, bound("25%" if unavailable is None else unavailable)))
    lines.append(v.MAX_SURGE(name, bound("25%" if surge is None else surge)))
    if spec.revision_history_limit not in (None, _NO_LIMIT):
        lines.append(v.HISTORY_LIMIT(name, spec.revision_history_limit or 0))
    if spec.paused:
        lines.append(v.PAUSED(name))
    if spec.progress_deadline_seconds not in (None, _NO_LIMIT):
        lines.append(v.PROGRESS_DEADLINE(name, spec.progress_deadline_seconds or 0))
    for condition in status.conditions:
        lines.append(v.STATED(name, condition.type, condition.status, condition.reason))
        since = condition.last_update_time or condition.last_transition_time
        ago = 0 if since is None else max(0.0, now - seconds(since))
        lines.append(v.STATED_FOR(name, condition.type, clamped(ago)))
    lines += _observed(workload, name)
    lines += _annotated(workload, name, workload.metadata.annotations, named)
    for position, thing in enumerate(_sets(cluster, workload)):
        lines += _set_facts(cluster, memory, workload, name, thing, named)
        lines.append(v.AGE(v.workload_term(thing.key), position))
    return lines


def _sets(cluster: Cluster, workload: Deployment) -> list[ReplicaSet]:
    """The ReplicaSets that the Deployment controls or may adopt, the oldest first."""
    owned: Iterable[Object] = cluster.owned_by(workload.metadata.uid)
    sets = [
        thing for thing in owned if isinstance(thing, ReplicaSet) and owner_of(cluster, thing) == workload
    ]
    orphans = cluster.orphans(workload.namespace)
    sets += [thing for thing in orphans if isinstance(thing, ReplicaSet) and near(thing, workload)]
    return sorted(sets, key=lambda thing: (thing.metadata.creation_timestamp or "", thing.name))


def _set_facts(
    cluster: Cluster, memory: Memory, workload: Deployment, owner: Term, thing: ReplicaSet, named: Name
) -> list[str]:
    name = v.workload_term(thing.key)
    lines = [
        v.REPLICAS(name, replicas_of(thing)),
        v.MIN_READY_SECONDS(name, thing.spec.min_ready_seconds),
        v.PATTERN(name, named(pattern_of(thing))),
    ]
    if thing.metadata.controller is None:
        lines += [v.ORPHAN(name), v.NEAR(name, owner)]
    else:
        lines.append(v.OWNER(name, owner))
    selector = workload.spec.selector
    keys = {r.key for r in selector.requirements} if selector else set()
    for key in sorted(keys & set(thing.labels)):
        lines.append(v.HAS(name, Term("label", (key,)), thing.labels[key]))
    if thing.terminating:
        lines.append(v.DELETING(name))
    if thing.key in memory.touched:
        lines.append(v.TOUCHED(name))
    for predicate, key in ((v.REMEMBERS_DESIRED, DESIRED), (v.REMEMBERS_MOST, MOST)):
        number = number_in(thing, key)
        if number is not None:
            lines.append(predicate(name, number))
    if workload.spec.strategy.type == "Recreate":
        pods = cluster.owned_pods(thing.metadata.uid)
        lines.append(v.UNENDED(name, sum(1 for _, pod in pods if not pod.finished)))
    return lines + _observed(thing, name) + _annotated(thing, name, workload.metadata.annotations, named)


def _observed(thing: ReplicaSet | Deployment, name: Term) -> list[str]:
    """What the status of either kind says, and which revision the thing bears."""
    status = thing.status
    lines = [
        v.REPORTED(name, Term("replicas"), status.replicas),
        v.REPORTED(name, Term("ready"), status.ready_replicas),
        v.REPORTED(name, Term("available"), status.available_replicas),
    ]
    if status.terminating_replicas is not None:
        lines.append(v.REPORTED(name, Term("terminating"), status.terminating_replicas))
    if status.observed_generation < thing.metadata.generation:
        lines.append(v.UNOBSERVED(name))
    number = number_in(thing, REVISION)
    return lines if number is None else [*lines, v.REVISION_NUMBER(name, number)]


def _annotated(thing: Object, name: Term, keys: Iterable[str], named: Name) -> list[str]:
    there = thing.metadata.annotations
    return [v.ANNOTATED(name, key, named(there[key])) for key in sorted(set(keys) & set(there))]


def number_in(thing: Object, key: str) -> int | None:
    """The number that an annotation says; None where there is none, or what it says is no 32-bit number."""
    text = thing.metadata.annotations.get(key, "")
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not (digits.isascii() and digits.isdigit()):
        return None
    number = int(text)
    return number if -(2**31) <= number < 2**31 else None


def replicas_of(workload: ReplicaSet | Deployment) -> int:
    """How many replicas are wanted; one where it isn't said."""
    return 1 if workload.spec.replicas is None else workload.spec.replicas
