"""What is written of claims: those that are made for pods, and who owns them."""

from __future__ import annotations

import msgspec

from foretell.logic import vocabulary as v
from foretell.logic.round import Round, Subject, author_of
from foretell.logic.stamps import controller_reference, new_claim
from foretell.logic.vocabulary import Argument, Term
from foretell.model.forecast import Reason, Verb
from foretell.model.meta import Key, OwnerReference
from foretell.model.objects import StatefulSet, Workload

replace = msgspec.structs.replace


def write_claims(work: Round) -> None:
    """Claims that are missing, then those whose owners the retention policy wants otherwise."""
    for term, _, path in work.each("creates_claim"):
        workload = work.workload(term)
        assert isinstance(workload, StatefulSet)
        for key in _alike(work, path):
            claim = new_claim(workload, key.name, work.now)
            work.put(claim)
            work.act(Verb.CREATE, claim, author_of(workload), Reason.CLAIM_MISSING, Subject(owners=()))
    wanted: dict[Argument, list[Argument]] = {}
    for _, path, owner in work.each("owns_claim"):
        wanted.setdefault(path, []).append(owner)
    for term, path in work.each("updates_claim"):
        workload = work.workload(term)
        for place, key in enumerate(_alike(work, path)):
            updated = work.get(key)
            if updated is None:
                continue
            old = updated.metadata.owner_references
            kept = [o for o in old if o.uid != workload.metadata.uid and o.kind != "Pod"]
            owners = (_reference(work, workload, owner, place) for owner in wanted.get(path, []))
            references = (*kept, *owners)
            updated = replace(updated, metadata=replace(updated.metadata, owner_references=references))
            work.put(updated)
            told = Subject(owners=tuple(f"{o.kind}/{o.name}" for o in references))
            work.act(Verb.UPDATE, updated, author_of(workload), Reason.RETENTION, told)


def _alike(work: Round, path: Argument) -> list[Key]:
    """All claims that the one of this path stands for: one of each ordinal that its ordinal does."""
    return work.facts.alike(v.key_of("PersistentVolumeClaim", str(path)), {})


def _reference(work: Round, workload: Workload, owner: Argument, place: int) -> OwnerReference:
    """The reference to the set, or to the pod at a place among those that the owner stands for."""
    assert isinstance(owner, Term)
    if owner.name == "set":
        return controller_reference(workload)
    key = work.facts.alike(v.key_of("Pod", str(owner.arguments[0])), {})[place]
    # A condemned pod that is bound nowhere may be gone already; its claims are to follow it.
    pod = work.get(key) or work.cluster.get(key)
    assert pod is not None
    uid = pod.metadata.uid
    return OwnerReference(
        api_version="v1", kind="Pod", name=pod.name, uid=uid, controller=True, block_owner_deletion=True
    )
