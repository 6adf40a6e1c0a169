"""What is written of ReplicaSets, their pods, and the Deployments that make them."""

from __future__ import annotations

import msgspec

from foretell.logic.facts_replicas import DESIRED, HISTORY, MOST, REVISION, replicas_of
from foretell.logic.round import Round, Subject, author_of, number_of, reason_of
from foretell.logic.stamps import new_replicaset, replica_pod
from foretell.logic.templates import set_hash
from foretell.logic.vocabulary import Argument, Term
from foretell.model.clock import timestamp
from foretell.model.forecast import Reason, Verb
from foretell.model.meta import Key
from foretell.model.objects import Deployment, DeploymentCondition, Pod, ReplicaSet

replace = msgspec.structs.replace


def write_replicas(work: Round) -> None:
    """ReplicaSets that are brought up to date, made, sized and forgotten, in this order; then new pods."""
    copied: dict[Argument, list[str]] = {}
    for term, key in work.each("takes_over"):
        copied.setdefault(term, []).append(str(key))
    most = {term: number_of(number) for term, number in work.each("allows")}
    _update(work, copied)
    _create(work, copied, most)
    for term, name, number, reason in work.each("sizes"):
        workload, thing = _deployment(work, term), _replicaset(work, name)
        marked = _marked(thing, {DESIRED: str(replicas_of(workload)), MOST: str(most[term])})
        _put(work, workload, thing, _sized(marked, number_of(number)), reason_of(reason))
    for term, name, reason in work.each("deletes_set"):
        workload, thing = _deployment(work, term), _replicaset(work, name)
        work.act(Verb.DELETE, thing, author_of(workload), reason_of(reason), _subject(workload, None))
        work.delete(thing)
    _state(work)
    for term, place, _, reason in work.each("creates"):
        replicaset = work.workload(term)
        if isinstance(replicaset, ReplicaSet):
            assert isinstance(place, Term)
            for _ in range(number_of(place.arguments[0])):
                pod = _pod(work, replicaset)
                work.put(pod)
                work.act(Verb.CREATE, pod, author_of(replicaset), reason_of(reason))


def _pod(work: Round, workload: ReplicaSet) -> Pod:
    """A new pod, under a name that no pod has or had."""
    while True:
        work.memory.serial += 1
        pod = replica_pod(work.cluster, workload, work.now, work.memory.serial)
        if work.get(pod.key) is None and pod.key not in work.memory.spent:
            work.memory.spent.add(pod.key)
            return pod


def _update(work: Round, copied: dict[Argument, list[str]]) -> None:
    """New sets that get another revision number, or take over what their Deployments say."""
    numbers = {(term, name): number_of(number) for term, name, number in work.each("revises")}
    following = {(term, name) for term, name in work.each("follows")}
    for term, name in sorted({*numbers, *following}, key=repr):
        workload, thing = _deployment(work, term), _replicaset(work, name)
        marks = {}
        number = numbers.get((term, name))
        if number is not None:
            marks = _revised(thing, number)
        marks |= {key: workload.metadata.annotations[key] for key in copied.get(term, ())}
        fresh = _marked(thing, marks)
        seconds = workload.spec.min_ready_seconds
        if seconds != fresh.spec.min_ready_seconds:
            fresh = _counted(replace(fresh, spec=replace(fresh.spec, min_ready_seconds=seconds)))
        _put(work, workload, thing, fresh, Reason.FOLLOWS if number is None else Reason.ROLLED_BACK)


def _revised(thing: ReplicaSet, number: int) -> dict[str, str]:
    """The annotations of a set that gets another revision number: it remembers those that it had."""
    marks, old = {REVISION: str(number)}, thing.metadata.annotations
    if REVISION in old:
        marks[HISTORY] = ",".join(filter(None, (old.get(HISTORY, ""), old[REVISION])))
    return marks


def _create(work: Round, copied: dict[Argument, list[str]], most: dict[Argument, int]) -> None:
    """New sets, each under a name that no set has."""
    for term, revision, number in work.each("creates_set"):
        workload = _deployment(work, term)
        hashed = _hash(work, workload)
        marks = {key: workload.metadata.annotations[key] for key in copied.get(term, ())}
        marks |= {
            REVISION: str(revision), DESIRED: str(replicas_of(workload)), MOST: str(most[term]),
        }  # fmt: skip
        work.memory.serial += 1
        serial = work.memory.serial
        thing = new_replicaset(workload, hashed, number_of(number), marks, work.now, serial)
        work.put(thing)
        subject = _subject(workload, thing)
        work.act(Verb.CREATE, thing, author_of(workload), Reason.NEW_TEMPLATE, subject)


def _hash(work: Round, workload: Deployment) -> str:
    """The hash of the Deployment's template, reckoned with as many collisions as leave its name free."""
    collisions = workload.status.collision_count
    while True:
        hashed = set_hash(workload, collisions)
        if work.get(Key("ReplicaSet", workload.namespace, f"{workload.name}-{hashed}")) is None:
            return hashed
        collisions += 1


def _state(work: Round) -> None:
    """Conditions of Deployments, and the revision number that each bears."""
    for term, number in work.each("numbers"):
        workload = _deployment(work, term)
        annotations = {**workload.metadata.annotations, REVISION: str(number)}
        work.put(replace(workload, metadata=replace(workload.metadata, annotations=annotations)))
    for term, kind in work.each("unstates"):
        workload = _deployment(work, term)
        kept = tuple(c for c in workload.status.conditions if c.type != kind)
        work.put(replace(workload, status=replace(workload.status, conditions=kept)))
    moment = timestamp(work.now)
    for term, kind, status, reason in work.each("states"):
        workload = _deployment(work, term)
        old = next((c for c in workload.status.conditions if c.type == kind), None)
        since = old.last_transition_time if old is not None and old.status == status else moment
        fresh = DeploymentCondition(
            type=str(kind), status=str(status), reason=str(reason),
            last_update_time=moment, last_transition_time=since,
        )  # fmt: skip
        kept = tuple(c for c in workload.status.conditions if c.type != kind)
        work.put(replace(workload, status=replace(workload.status, conditions=(*kept, fresh))))


def _deployment(work: Round, term: Argument) -> Deployment:
    workload = work.workload(term)
    assert isinstance(workload, Deployment)
    return workload


def _replicaset(work: Round, term: Argument) -> ReplicaSet:
    workload = work.workload(term)
    assert isinstance(workload, ReplicaSet)
    return workload


def _subject(workload: Deployment, thing: ReplicaSet | None) -> Subject:
    replicas = None if thing is None else replicas_of(thing)
    return Subject(owner=f"{workload.kind}/{workload.name}", replicas=replicas)


def _marked(thing: ReplicaSet, marks: dict[str, str]) -> ReplicaSet:
    annotations = {**thing.metadata.annotations, **marks}
    return replace(thing, metadata=replace(thing.metadata, annotations=annotations))


def _counted(thing: ReplicaSet) -> ReplicaSet:
    """The set with what is wanted of it counted as a new generation."""
    return replace(thing, metadata=replace(thing.metadata, generation=thing.metadata.generation + 1))


def _sized(thing: ReplicaSet, replicas: int) -> ReplicaSet:
    if replicas_of(thing) == replicas:
        return thing
    return _counted(replace(thing, spec=replace(thing.spec, replicas=replicas)))


def _put(work: Round, workload: Deployment, old: ReplicaSet, fresh: ReplicaSet, reason: Reason) -> None:
    assert fresh != old, "the rules write a set only where something changes"
    work.put(fresh)
    work.act(Verb.UPDATE, fresh, author_of(workload), reason, _subject(workload, fresh))
