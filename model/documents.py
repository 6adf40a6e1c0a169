"""Objects from JSON documents and back, without loss."""

from __future__ import annotations

from functools import cache
from threading import Lock
from typing import Any

import msgspec

from foretell.model.errors import ManifestError
from foretell.model.kinds import is_foreign
from foretell.model.meta import Json, Object
from foretell.model.objects import CLUSTER_SCOPED, KINDS, Other, Pod
from foretell.model.sharing import Sharing
from foretell.model.type_errors import type_error


class _Head(msgspec.Struct, rename="camel"):
    api_version: str = ""
    kind: str = ""


_HEAD = msgspec.json.Decoder(_Head)
_BEGINNING = 128
replace = msgspec.structs.replace


def decode(
    text: bytes | msgspec.Raw, *, head: tuple[str, str] | None = None, sharing: Sharing | None = None
) -> Object:
    """The object of a JSON text; its apiVersion and kind (`head`, where they are known) decide the type.

    With `sharing` its values are those of equal pods. Raises ManifestError with the field's path.
    """
    try:
        api_version, kind = head or _head(text)
        foreign = is_foreign(api_version)
        thing: Object = _decoder(Other if foreign else KINDS.get(kind, Other)).decode(text)
    except msgspec.ValidationError as error:
        raise type_error(error, text) from None
    except msgspec.DecodeError as error:
        raise ManifestError(f"malformed JSON: {error}") from None
    meta = thing.metadata
    if not meta.name:
        raise ManifestError("missing field: expected a non-empty string", path="$.metadata.name")
    if foreign:
        pass  # whether custom resources have namespaces isn't known
    elif not meta.namespace and thing.kind not in CLUSTER_SCOPED:
        thing = replace(thing, metadata=replace(meta, namespace="default"))
    elif meta.namespace and thing.kind in CLUSTER_SCOPED:
        thing = replace(thing, metadata=replace(meta, namespace=""))
    return replace(thing, text=bytes(text)) if sharing is None else sharing.shared(thing, compact(text))


def stored_pod(text: bytes | msgspec.Raw, sharing: Sharing) -> Object | None:
    """The pod of a text that begins as `kubectl` prints one, decoded in one go; None for all other texts.

    It has a uid. Whatever there is to find fault with is left to `decode`.
    """
    if b'"Pod"' not in bytes(memoryview(text)[:_BEGINNING]):
        return None
    try:
        text = compact(text)
        pod: Pod = _decoder(Pod).decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    meta = pod.metadata
    if (pod.api_version, pod.kind) != ("v1", "Pod") or not (meta.uid and meta.name and meta.namespace):
        return None
    return sharing.shared(pod, text)


def compact(text: bytes | msgspec.Raw) -> bytes:
    """A JSON text without the blanks between its parts, which it is decoded faster from, too.

    Raises UnicodeDecodeError; the decoder looks only at strings that it gives out.
    """
    whole = bytes(text)
    whole.decode()
    return msgspec.json.format(whole, indent=-1)


def _head(text: bytes | msgspec.Raw) -> tuple[str, str]:
    head = _HEAD.decode(text)
    return head.api_version, head.kind


# What msgspec knows of a type is half made while it makes it, and a thread that decodes with that crashes.
_MAKING = Lock()


@cache
def _decoder(kind: type[Object]) -> msgspec.json.Decoder[Any]:
    with _MAKING:
        return msgspec.json.Decoder(kind)


def from_document(document: Json) -> Object:
    """The object of a JSON document; raises ManifestError with the field's path."""
    return decode(msgspec.json.encode(document))


def to_document(thing: Object) -> dict[str, Any]:
    """The whole JSON document of an object: what it was read from, with today's typed fields laid over it."""
    origin = thing.origin
    if not origin:
        document: dict[str, Any] = _plain(thing)
        document.pop("~origin", None)
        return document
    document = msgspec.json.decode(origin)
    overlaid: dict[str, Any] = _overlay(document, decode(origin), thing)
    return overlaid


def _plain(value: Any) -> Any:
    """A typed value as JSON's own types: lists, where `to_builtins` would leave tuples."""
    return msgspec.json.decode(msgspec.json.encode(value))


def _overlay(document: Any, before: Any, after: Any) -> Any:
    """The document of a value after a change: what is equal stays as it was written."""
    if before == after and type(before) is type(after) and not isinstance(before, Object):
        return document
    if isinstance(after, msgspec.Struct) and type(before) is type(after) and isinstance(document, dict):
        overlaid = dict(document)
        for field in msgspec.structs.fields(after):
            old, new = getattr(before, field.name), getattr(after, field.name)
            if field.encode_name == "~origin" or old == new:
                continue
            fresh = _overlay(document.get(field.encode_name), old, new)
            if fresh in (None, {}, []) and new == _default(field):
                overlaid.pop(field.encode_name, None)
            else:
                overlaid[field.encode_name] = fresh
        return overlaid
    if isinstance(after, tuple) and isinstance(document, list):
        known = [(old, text) for old, text in zip(before or (), document, strict=False)]
        return [_item(known, new) for new in after]
    return _plain(after)


def _item(known: list[tuple[Any, Any]], new: Any) -> Any:
    """A list's item: as it was written where it is the same one or bears the same name or type."""
    for old, text in known:
        if old == new:
            return text
    for mark in ("name", "type", "uid"):
        value = getattr(new, mark, None)
        for old, text in known:
            if value and getattr(old, mark, None) == value:
                return _overlay(text, old, new)
    return _plain(new)


def _default(field: msgspec.structs.FieldInfo) -> Any:
    return (
        field.default
        if field.default is not msgspec.NODEFAULT
        else (field.default_factory() if field.default_factory is not msgspec.NODEFAULT else None)
    )
