"""Owners of objects that were read: uids for those without, and references made whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import itemgetter
from uuid import UUID, uuid5

import msgspec

from foretell.model.defaults import defaulted
from foretell.model.documents import from_document, to_document
from foretell.model.errors import ManifestError
from foretell.model.kinds import group_of
from foretell.model.meta import Key, Object, OwnerReference
from foretell.model.objects import CLUSTER_SCOPED, KINDS, DaemonSet, Job, Pod, StatefulSet

_FORETELL = UUID("6f0a3f3c-7c52-5d0e-9b0e-0d6c5d1f7a11")
_WORKLOADS = ("DaemonSet", "StatefulSet")
replace = msgspec.structs.replace


def uid_of(key: Key) -> str:
    """The uid of an object that was written by hand: the same for the same kind, namespace and name."""
    return str(uuid5(_FORETELL, "/".join(key)))


def with_uids(things: Mapping[Key, Object]) -> Mapping[Key, Object]:
    """The objects, each with a uid, and owner references without one resolved by kind and name."""
    unknown = [key for key, thing in things.items() if not thing.metadata.uid]
    if unknown:
        things = {**things, **{key: _identified(key, things[key]) for key in unknown}}
    loose = [key for key, thing in things.items() if _names_only(thing)]
    return {**things, **{key: _resolved(things[key], things) for key in loose}} if loose else things


def _names_only(thing: Object) -> bool:
    """Whether a reference of the object names its owner, but not the owner's uid."""
    owners = thing.metadata.owner_references
    return bool(owners) and not all(owner.uid for owner in owners)


def _identified(key: Key, thing: Object) -> Object:
    named = replace(thing, metadata=replace(thing.metadata, uid=uid_of(key)))
    # A Job's selector and its pods' labels are made of its uid.
    return from_document(defaulted(to_document(named))) if isinstance(named, Job) else named


def _resolved(thing: Object, things: Mapping[Key, Object]) -> Object:
    whole = tuple(_whole(owner, thing, things) for owner in thing.metadata.owner_references)
    return replace(thing, metadata=replace(thing.metadata, owner_references=whole))


def _whole(owner: OwnerReference, thing: Object, things: Mapping[Key, Object]) -> OwnerReference:
    if owner.uid:
        return owner
    key = owner_key(owner, thing)
    found = things.get(key)
    return replace(owner, uid=found.metadata.uid if found else uid_of(key))


def owner_key(owner: OwnerReference, thing: Object) -> Key:
    """The key of the object that a reference names; owners stand in the same namespace, or in none."""
    return Key(owner.kind, "" if owner.kind in CLUSTER_SCOPED else thing.namespace, owner.name)


def missing_owner(things: Mapping[Key, Object]) -> tuple[Key, ManifestError] | None:
    """The first object whose controller, a DaemonSet or StatefulSet, isn't there, but for terminating ones.

    Without any pod or workload there is nothing to forecast, and no need for owners.
    """
    if not any(isinstance(thing, (Pod, DaemonSet, StatefulSet)) for thing in things.values()):
        return None
    uids = {thing.metadata.uid for thing in things.values()}
    missing = [
        (key, owner)
        for key, owner in _owned(things)
        if owner.uid not in uids and owner_key(owner, things[key]) not in things
    ]
    if not missing:
        return None
    key, owner = min(missing, key=itemgetter(0))
    return key, ManifestError(
        f"{key} is controlled by {owner.kind} {owner.name!r}, which isn't there: "
        "expected it among the objects, or no such ownerReference",
        path="$.metadata.ownerReferences",
    )


def _owned(things: Mapping[Key, Object]) -> Iterator[tuple[Key, OwnerReference]]:
    """Objects of known kinds under the control of a DaemonSet or StatefulSet of Kubernetes' own."""
    for key, thing in things.items():
        owner = thing.metadata.controller if thing.metadata.owner_references else None
        if owner is None or owner.kind not in _WORKLOADS or group_of(owner.api_version) not in ("", "apps"):
            continue
        if key.kind in KINDS and not thing.terminating:
            yield key, owner
