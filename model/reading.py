"""Reading: manifests and dumps become a cluster, and every mistake in them one clear sentence."""

from __future__ import annotations

from collections import Counter

import msgspec

from foretell.model.checks import check
from foretell.model.cluster import Cluster
from foretell.model.defaults import defaulted
from foretell.model.documents import decode
from foretell.model.errors import ManifestError
from foretell.model.kinds import misfit
from foretell.model.meta import Key, Object
from foretell.model.objects import Other
from foretell.model.owners import missing_owner, with_uids
from foretell.model.pruning import pruned
from foretell.model.reading_sources import Located, Source, read_documents
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
    things: dict[Key, Object] = {}
    places: dict[Key, Located] = {}
    for located in read_documents(source):
        thing = _object(located)
        key = thing.key
        if key in things:
            first = places[key]
            raise ManifestError(
                f"{key.kind} {key.path} stands here a second time, after {first.source}, document {first.number}",
                source=located.source,
                document=located.number,
            )
        things[key], places[key] = thing, located
    things = with_uids(things)
    missing = missing_owner(things) if strict else None
    if missing:
        key, error = missing
        raise error.at(places[key].source, places[key].number)
    return Cluster(things.values()), _notes(things)


def _object(located: Located) -> Object:
    """The object of a document; raises ManifestError with its place."""
    try:
        try:
            head = _HEAD.decode(located.text)
        except msgspec.ValidationError as error:
            raise type_error(error, located.text) from None
        _check_head(head)
        thing = _stored(located) if head.metadata and head.metadata.uid else _written(located)
        check(thing)
    except ManifestError as error:
        raise error.at(located.source, located.number) from None
    except (msgspec.DecodeError, RecursionError) as error:
        problem = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise ManifestError(f"malformed JSON: {problem}", source=located.source, document=located.number) from None
    return thing


def _check_head(head: _Head) -> None:
    if not head.api_version:
        raise ManifestError("missing field: expected an apiVersion such as apps/v1", path="$.apiVersion")
    if not head.kind:
        raise ManifestError("missing field: expected a kind such as StatefulSet", path="$.kind")
    problem = misfit(head.api_version, head.kind)
    if problem:
        raise ManifestError(problem, path="$.kind")
    if head.metadata is None or not head.metadata.name:
        raise ManifestError("missing field: expected a non-empty string", path="$.metadata.name")


def _stored(located: Located) -> Object:
    """An object as an API server printed it; a null, which it never prints, is taken for nothing."""
    try:
        return decode(located.text)
    except ManifestError as error:
        if not error.problem.endswith("got null"):
            raise
        return decode(msgspec.json.encode(pruned(located.document)))


def _written(located: Located) -> Object:
    """An object as a person wrote it, filled in as the API server would do."""
    return decode(msgspec.json.encode(defaulted(located.document)))


def _notes(things: dict[Key, Object]) -> tuple[str, ...]:
    unknown = Counter((thing.kind, thing.api_version) for thing in things.values() if isinstance(thing, Other))
    return tuple(
        f"{count} {kind} ({api_version}): kept, but not looked at"
        for (kind, api_version), count in sorted(unknown.items())
    )
