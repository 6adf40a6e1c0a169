"""What the garbage collector writes, and what the node controller writes on nodes."""

from __future__ import annotations

import msgspec

from foretell.logic import vocabulary as v
from foretell.logic.facts_ownership import CLAIM_PROTECTION, FOREGROUND, ORPHAN
from foretell.logic.round import AUTHORS, Round, reason_of
from foretell.logic.vocabulary import Argument
from foretell.model.forecast import Reason, Verb
from foretell.model.meta import Key, Object
from foretell.model.objects import Node
from foretell.model.selectors import Taint

replace = msgspec.structs.replace


def _object(work: Round, name: Argument) -> Object | None:
    kind, _, path = str(name).partition("/")
    return work.get(v.key_of(kind, path))


def write_garbage(work: Round) -> None:
    """Objects whose owners go, orphans, owners that nothing holds back, claims that no pod uses."""
    by = AUTHORS["garbage_collector"]
    for name, reason in work.each("collects"):
        thing = _object(work, name)
        if thing is not None:
            work.act(Verb.DELETE, thing, by, reason_of(reason))
            work.delete(thing)
    for name, uid in work.each("orphans"):
        thing = _object(work, name)
        if thing is not None:
            kept = tuple(owner for owner in thing.metadata.owner_references if owner.uid != uid)
            orphan = replace(thing, metadata=replace(thing.metadata, owner_references=kept))
            work.put(orphan)
            work.act(Verb.PATCH, orphan, by, Reason.ORPHANED)
    for (uid,) in work.each("finishes"):
        owner = work.cluster.by_uid(str(uid))
        if owner is None:
            continue
        rest = tuple(f for f in owner.metadata.finalizers if f not in (FOREGROUND, ORPHAN))
        if rest:
            work.put(replace(owner, metadata=replace(owner.metadata, finalizers=rest)))
        else:
            work.drop(owner.key)
    for (path,) in work.each("frees_claim"):
        claim = work.get(v.key_of("PersistentVolumeClaim", str(path)))
        if claim is not None and set(claim.metadata.finalizers) <= {CLAIM_PROTECTION}:
            work.drop(claim.key)


def write_taints(work: Round) -> None:
    """Taints that the node controller puts on, and takes off."""
    for name, key, effect in work.each("puts_taint"):
        for node in _nodes(work, name):
            taints = (*node.spec.taints, Taint(key=str(key), effect=str(effect)))
            work.put(replace(node, spec=replace(node.spec, taints=taints)))
    for name, key, effect in work.each("lifts_taint"):
        for node in _nodes(work, name):
            taints = tuple(t for t in node.spec.taints if (t.key, t.effect) != (key, effect))
            work.put(replace(node, spec=replace(node.spec, taints=taints)))


def _nodes(work: Round, name: Argument) -> list[Node]:
    members = work.facts.nodes_alike(str(name), {})
    return [node for member in members if isinstance(node := work.get(Key("Node", "", member)), Node)]
