"""Reading: manifests and dumps become a cluster, and every mistake in them one clear sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property

import msgspec

from foretell.model.admission import admitted
from foretell.model.checks import Checks
from foretell.model.cluster import Cluster
from foretell.model.collector import collector_paused
from foretell.model.defaults import defaulted
from foretell.model.documents import decode, stored_pod
from foretell.model.errors import ManifestError, RejectedError
from foretell.model.kinds import misfit
from foretell.model.meta import Json, Key, Object
from foretell.model.objects import Other
from foretell.model.owners import missing_owner, with_uids
from foretell.model.pruning import pruned
from foretell.model.reading_sources import Located, Source, read_documents
from foretell.model.sharing import Sharing
from foretell.model.type_errors import type_error

__all__ = ["Located", "Source", "read", "read_documents", "read_with_notes"]


class _Names(msgspec.Struct):
    name: str | None = None
    uid: str | None = None


class _Head(msgspec.Struct, rename="camel"):
    api_version: str | None = None
    kind: str | None = None
    metadata: _Names | None = None


_HEAD = msgspec.json.Decoder(_Head)


def read(source: Source, *, strict: bool = True) -> Cluster:
    """The cluster of a source (see `read_documents`).

    Objects with a uid are taken as they were stored; others look hand-written, and get defaults and a uid.
    Raises ManifestError; unless `strict`, not for workloads that own objects but aren't there.
    """
    return read_with_notes(source, strict=strict)[0]


def read_with_notes(source: Source, *, strict: bool = True) -> tuple[Cluster, tuple[str, ...]]:
    """The cluster of a source, and a note for each kind of objects that is kept, but not understood."""
    with collector_paused():
        return _read(read_documents(source), strict=strict)


def _read(documents: list[Located], *, strict: bool) -> tuple[Cluster, tuple[str, ...]]:
    things: dict[Key, Object] = {}
    beside, sharing, checks = _Beside(documents), Sharing(), Checks()
    for located in documents:
        thing = _object(located, beside, sharing, checks)
        key = thing.key
        if key in things:
            first = _place(key, things, documents)
            raise ManifestError(
                f"{key.kind} {key.path} stands here again, after {first.source}, document {first.number}",
                source=located.source,
                document=located.number,
            )
        things[key] = thing
    whole = with_uids(things)
    missing = missing_owner(whole) if strict else None
    if missing:
        place = _place(missing[0], things, documents)
        raise missing[1].at(place.source, place.number)
    return Cluster.keyed(whole), _notes(whole)


def _place(key: Key, things: dict[Key, Object], documents: list[Located]) -> Located:
    """Where an object was read: each document has become one object, in the same order."""
    return documents[list(things).index(key)]


class _Beside:
    """The priority and storage classes of a source, looked up once a hand-written object asks for them."""

    def __init__(self, documents: list[Located]) -> None:
        self._documents = documents

    @cached_property
    def classes(self) -> dict[str, list[Json]]:
        """The documents of classes by kind."""
        found: dict[str, list[Json]] = {"PriorityClass": [], "StorageClass": []}
        for located in self._documents:
            if b"PriorityClass" in bytes(located.text) or b"StorageClass" in bytes(located.text):
                document = located.document
                if isinstance(document, dict) and document.get("kind") in found:
                    found[document["kind"]].append(document)
        return found


def _object(located: Located, beside: _Beside, sharing: Sharing, checks: Checks) -> Object:
    """The object of a document; raises ManifestError with its place."""
    try:
        thing = stored_pod(located.text, sharing) or _any(located, beside, sharing)
        checks.check(thing)
    except ManifestError as error:
        raise error.at(located.source, located.number) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        problem = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise ManifestError(
            f"malformed JSON: {problem}", source=located.source, document=located.number
        ) from None
    return thing


def _any(located: Located, beside: _Beside, sharing: Sharing) -> Object:
    try:
        head = _HEAD.decode(located.text)
    except msgspec.ValidationError as error:
        raise type_error(error, located.text) from None
    known = _known(head)
    stored = head.metadata is not None and head.metadata.uid
    return _stored(located, known, sharing) if stored else _written(located, beside, sharing)


def _known(head: _Head) -> tuple[str, str]:
    """The apiVersion and kind of a document that has all that it needs."""
    if not head.api_version:
        raise ManifestError("missing field: expected an apiVersion such as apps/v1", path="$.apiVersion")
    if not head.kind:
        raise ManifestError("missing field: expected a kind such as StatefulSet", path="$.kind")
    problem = misfit(head.api_version, head.kind)
    if problem:
        raise ManifestError(problem, path="$.kind")
    if head.metadata is None or not head.metadata.name:
        raise ManifestError("missing field: expected a non-empty string", path="$.metadata.name")
    return head.api_version, head.kind


def _stored(located: Located, head: tuple[str, str], sharing: Sharing) -> Object:
    """An object as an API server printed it; a null, which it never prints, is taken for nothing."""
    try:
        return decode(located.text, head=head, sharing=sharing)
    except ManifestError as error:
        if not error.problem.endswith("got null"):
            raise
        return decode(msgspec.json.encode(pruned(located.document)), sharing=sharing)


def _written(located: Located, beside: _Beside, sharing: Sharing) -> Object:
    """An object as a person wrote it, filled in as the API server would do."""
    document = defaulted(located.document)
    if document.get("kind") in ("PersistentVolume", "PersistentVolumeClaim", "Pod"):
        # A part of a cluster may well be shown without its priority classes.
        with suppress(RejectedError):
            document = admitted(
                document,
                priority_classes=beside.classes["PriorityClass"],
                storage_classes=beside.classes["StorageClass"],
            )
    return decode(msgspec.json.encode(document), sharing=sharing)


# Kinds without a type of their own that forecasts look at: by labels, and by what they say of priorities.
_LOOKED_AT = frozenset({"Namespace", "PriorityClass"})


def _notes(things: Mapping[Key, Object]) -> tuple[str, ...]:
    unknown = Counter(
        (thing.kind, thing.api_version)
        for thing in things.values()
        if isinstance(thing, Other) and thing.kind not in _LOOKED_AT
    )
    return tuple(
        f"{count} {kind} ({api_version}): kept, but not looked at"
        for (kind, api_version), count in sorted(unknown.items())
    )
