"""What is written of claims: those that are made for pods, and who owns them."""

from __future__ import annotations

import msgspec

from foretell.logic import vocabulary as v
from foretell.logic.round import Round, Subject, author_of
from foretell.logic.stamps import controller_reference, new_claim
from foretell.logic.vocabulary import Argument, Term
from foretell.model.forecast import Reason, Verb
from foretell.model.meta import OwnerReference
from foretell.model.objects import StatefulSet, Workload

replace = msgspec.structs.replace


def write_claims(work: Round) -> None:
    """Claims that are missing, then those whose owners the retention policy wants otherwise."""
    for term, _, path in work.each("creates_claim"):
        workload = work.workload(term)
        assert isinstance(workload, StatefulSet)
        claim = new_claim(workload, v.key_of("PersistentVolumeClaim", str(path)).name, work.now)
        work.put(claim)
        work.act(Verb.CREATE, claim, author_of(workload), Reason.CLAIM_MISSING, Subject(owners=()))
    wanted: dict[Argument, list[Argument]] = {}
    for _, path, owner in work.each("owns_claim"):
        wanted.setdefault(path, []).append(owner)
    for term, path in work.each("updates_claim"):
        workload = work.workload(term)
        updated = work.get(v.key_of("PersistentVolumeClaim", str(path)))
        if updated is None:
            continue
        old = updated.metadata.owner_references
        kept = [o for o in old if o.uid != workload.metadata.uid and o.kind != "Pod"]
        references = (*kept, *(_reference(work, workload, owner) for owner in wanted.get(path, [])))
        updated = replace(updated, metadata=replace(updated.metadata, owner_references=references))
        work.put(updated)
        owners = tuple(f"{o.kind}/{o.name}" for o in references)
        work.act(Verb.UPDATE, updated, author_of(workload), Reason.RETENTION, Subject(owners=owners))


def _reference(work: Round, workload: Workload, owner: Argument) -> OwnerReference:
    assert isinstance(owner, Term)
    if owner.name == "set":
        return controller_reference(workload)
    key = v.key_of("Pod", str(owner.arguments[0]))
    # A condemned pod that is bound nowhere may be gone already; its claims are to follow it.
    pod = work.get(key) or work.cluster.get(key)
    assert pod is not None
    uid = pod.metadata.uid
    return OwnerReference(
        api_version="v1", kind="Pod", name=pod.name, uid=uid, controller=True, block_owner_deletion=True
    )
