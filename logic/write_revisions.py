"""What is written of revisions and ownership: remembered templates, adoptions, releases."""

from __future__ import annotations

import msgspec

from foretell.logic import vocabulary as v
from foretell.logic.round import Round, Subject, author_of, number_of, reason_of
from foretell.logic.stamps import controller_reference, new_revision
from foretell.logic.templates import HASH_LABEL, next_revision_name
from foretell.logic.vocabulary import Argument, Term
from foretell.model.forecast import Reason, Verb
from foretell.model.meta import Key
from foretell.model.objects import ControllerRevision, Revisioned

replace = msgspec.structs.replace


def _subject(workload: Revisioned, number: int | None = None) -> Subject:
    return Subject(owner=f"{workload.kind}/{workload.name}", revision=number)


def _revision(work: Round, path: Argument) -> ControllerRevision:
    revision = work.get(v.key_of("ControllerRevision", str(path)))
    assert isinstance(revision, ControllerRevision)
    return revision


def write_revisions(work: Round) -> None:
    """New revisions, those of templates that came back, and those that are forgotten."""
    for term, value in work.each("creates_revision"):
        workload, number = work.revisioned(term), number_of(value)
        revision = new_revision(workload, next_revision_name(workload), number, work.now)
        work.put(revision)
        work.act(Verb.CREATE, revision, author_of(workload), Reason.NEW_TEMPLATE, _subject(workload, number))
    for term, path, value in work.each("renumbers"):
        workload, number, revision = work.revisioned(term), number_of(value), _revision(work, path)
        work.put(replace(revision, revision=number))
        work.act(Verb.UPDATE, revision, author_of(workload), Reason.ROLLED_BACK, _subject(workload, number))
    for term, path, reason in work.each("deletes_revision"):
        workload, revision = work.revisioned(term), _revision(work, path)
        work.drop(revision.key)
        work.act(Verb.DELETE, revision, author_of(workload), reason_of(reason), _subject(workload))


def write_ownership(work: Round) -> None:
    """Orphans that are adopted, pods that are released or get the label of another revision."""
    for term, path in work.each("adopts"):
        workload = work.workload(term)
        for key in _adopted(work, path):
            thing = work.get(key)
            if thing is None or thing.metadata.controller is not None:
                continue
            owners = (*thing.metadata.owner_references, controller_reference(workload))
            adopted = replace(thing, metadata=replace(thing.metadata, owner_references=owners))
            work.put(adopted)
            work.act(Verb.PATCH, adopted, author_of(workload), Reason.ADOPTED)
    for term, path in work.each("releases"):
        workload = work.workload(term)
        for pod in [work.workload(path)] if isinstance(path, Term) else work.alike(path):
            kept = tuple(o for o in pod.metadata.owner_references if o.uid != workload.metadata.uid)
            released = replace(pod, metadata=replace(pod.metadata, owner_references=kept))
            work.put(released)
            work.act(Verb.PATCH, released, author_of(workload), Reason.RELEASED)
    for term, path, label in work.each("relabels"):
        workload = work.workload(term)
        for pod in work.alike(path):
            labels = {**pod.labels, HASH_LABEL: str(label)}
            relabelled = replace(pod, metadata=replace(pod.metadata, labels=labels))
            work.put(relabelled)
            work.act(Verb.PATCH, relabelled, author_of(workload), Reason.RELABELLED)


def _adopted(work: Round, name: Argument) -> list[Key]:
    """The keys that an adopted name means: a ReplicaSet, a revision, or all pods that a pod stands for."""
    if isinstance(name, Term):
        return [v.workload_key(name)]
    path = str(name)
    pod = v.key_of("Pod", path)
    if pod in work.cluster:
        return work.facts.alike(pod, {})
    return [v.key_of("ControllerRevision", path)]
