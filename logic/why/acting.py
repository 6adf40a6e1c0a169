"""Which atom of a round's answer an action comes from."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from foretell.logic import vocabulary as v
from foretell.logic.round import Round
from foretell.logic.vocabulary import Argument, Term
from foretell.model.forecast import Action, Verb
from foretell.model.meta import Key

# What the garbage collector does to an object of whichever kind.
_COLLECTED = {"collects": Verb.DELETE, "orphans": Verb.PATCH}
_PATCHES = ("adopts", "releases", "relabels", "lets_go")
# By predicate: what is done to which kind of object, which its second argument names.
_NAMED = {
    "renumbers": (Verb.UPDATE, "ControllerRevision"),
    "deletes_revision": (Verb.DELETE, "ControllerRevision"),
    "updates_claim": (Verb.UPDATE, "PersistentVolumeClaim"),
    "sizes": (Verb.UPDATE, "ReplicaSet"),
    "follows": (Verb.UPDATE, "ReplicaSet"),
    "revises": (Verb.UPDATE, "ReplicaSet"),
    "deletes_set": (Verb.DELETE, "ReplicaSet"),
    "deletes_job": (Verb.DELETE, "Job"),
    "starts_run": (Verb.CREATE, "Job"),
}
# What a workload makes under a name that no atom tells.
_MADE = {
    "creates_revision": "ControllerRevision", "creates_set": "ReplicaSet", "starts_pods": "Pod",
    "starts_index": "Pod",
}  # fmt: skip


def atoms_of(work: Round) -> dict[Hashable, Term]:
    """The atoms of a round's answer by what they do; `atom_of` finds an action's among them."""
    found: dict[Hashable, Term] = {}
    for predicate in ("deletes", "creates", "creates_claim", *_COLLECTED, *_NAMED, *_MADE, *_PATCHES):
        for arguments in work.each(predicate):
            for done in _done(work, predicate, arguments):
                found.setdefault(done, Term(predicate, arguments))
    return found


def atom_of(action: Action, atoms: dict[Hashable, Term]) -> Term | None:
    """The atom that an action comes from; None for what no controller's rule decided."""
    kind, _, name = (action.owner or "").partition("/")
    owner = Key(kind, action.namespace, name)
    own = Key(action.kind, action.namespace, action.name)
    tried: tuple[Hashable, ...] = (
        (action.verb, action.kind, own, action.reason),
        (action.verb, action.kind, own),
        (action.verb, action.kind, owner, action.node or ""),
        (action.verb, action.kind, owner),
    )
    return next((atoms[one] for one in tried if one in atoms), None)


def _done(work: Round, predicate: str, arguments: tuple[Argument, ...]) -> Iterator[Hashable]:
    """What an atom does: a verb, a kind, and the object or its owner."""
    if predicate == "deletes":
        for key in work.facts.alike(v.key_of("Pod", str(arguments[1])), {}):
            yield Verb.DELETE, "Pod", key, v.word_of(arguments[2])
    elif predicate == "creates":
        yield from _created(work, v.workload_key(arguments[0]), arguments[1])
    elif predicate == "creates_claim":
        yield Verb.CREATE, "PersistentVolumeClaim", v.key_of("PersistentVolumeClaim", str(arguments[2]))
    elif predicate in _COLLECTED:
        kind, _, path = str(arguments[0]).partition("/")
        yield _COLLECTED[predicate], kind, v.key_of(kind, path)
    elif predicate in _NAMED:
        verb, kind = _NAMED[predicate]
        yield verb, kind, _key(kind, arguments[1])
    elif predicate in _MADE:
        yield Verb.CREATE, _MADE[predicate], v.workload_key(arguments[0])
    else:
        thing = arguments[0] if predicate == "lets_go" else arguments[1]
        for kind in ("Pod", "ControllerRevision", "ReplicaSet"):
            yield Verb.PATCH, kind, _key(kind, thing)


def _created(work: Round, owner: Key, place: Argument) -> Iterator[Hashable]:
    """The pods that an atom of `creates` makes."""
    assert isinstance(place, Term)
    (where,) = place.arguments
    if place.name == "on":
        for node in work.facts.nodes_alike(str(where), {}):
            yield Verb.CREATE, "Pod", owner, node
    elif place.name == "ordinal":
        for ordinal in work.facts.ordinals_alike(owner, int(str(where))):
            yield Verb.CREATE, "Pod", Key("Pod", owner.namespace, f"{owner.name}-{ordinal}")
    else:
        yield Verb.CREATE, "Pod", owner


def _key(kind: str, named: Argument) -> Key:
    return v.workload_key(named) if isinstance(named, Term) else v.key_of(kind, str(named))
