"""JSON texts, and the items of a List as texts of their own, so that a dump is decoded once and typed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from mmap import mmap

import msgspec

from foretell.model.errors import ManifestError
from foretell.model.type_errors import type_error

Text = bytes | msgspec.Raw
Buffer = bytes | mmap


class _List(msgspec.Struct, rename="camel"):
    api_version: str | None = None
    kind: str | None = None
    items: list[msgspec.Raw] | None = None


class _Other(msgspec.Struct, rename="camel"):
    kind: str | None = None


_LIST = msgspec.json.Decoder(_List)
_KIND = msgspec.json.Decoder(_Other)
_ANY = msgspec.json.Decoder(msgspec.Raw)
_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])


def listed(text: Buffer) -> Iterator[Text] | None:
    """The items' texts of what is one List and nothing else, in one go; None if it isn't, or is malformed."""
    try:
        found = _LIST.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
    return _items(found) if _is_list(found) else None


def json_values(text: bytes) -> Iterator[bytes]:
    """The values of a JSON text; raises ManifestError with line and column.

    Several may follow one another, as `kubectl get --watch -o json` prints them.
    """
    try:
        try:
            _KIND.decode(text)
        except msgspec.ValidationError:
            # What is no object of Kubernetes', such as an array, may still break off further down.
            _ANY.decode(text)
    except msgspec.DecodeError as error:
        if "trailing characters" not in str(error):
            raise _malformed(error, text) from None
        yield from _split(text)
    else:
        yield text


def flattened(text: Text) -> Iterator[Text]:
    """The text itself, or the items' texts if it is a List (of kind List, PodList …) or an array."""
    start = bytes(memoryview(text)[:64]).lstrip()[:1]
    if start == b"[":
        for item in _ARRAY.decode(text):
            yield from flattened(item)
        return
    try:
        found = _LIST.decode(text)
    except msgspec.ValidationError as error:
        if start == b"{" and (_kind(text) or "").endswith("List"):
            raise type_error(error, text) from None
        yield text
        return
    if _is_list(found):
        yield from _items(found)
    else:
        yield text


def _is_list(found: _List) -> bool:
    kind = found.kind or ""
    return kind == "List" or (kind.endswith("List") and found.items is not None)


def _items(found: _List) -> Iterator[Text]:
    for item in found.items or ():
        yield item if found.kind == "List" else _typed(item, found)


def _kind(text: Text) -> str | None:
    try:
        return _KIND.decode(text).kind
    except msgspec.ValidationError:
        return None


def _typed(item: Text, holder: _List) -> Text:
    """An item of a PodList, which doesn't say its kind itself, as an object that does."""
    document = msgspec.json.decode(item)
    if not isinstance(document, dict) or "kind" in document:
        return item
    kind = (holder.kind or "").removesuffix("List")
    return msgspec.json.encode({"apiVersion": holder.api_version, "kind": kind, **document})


def _split(text: bytes) -> Iterator[bytes]:
    """Values that follow one another."""
    decoder, rest, at = json.JSONDecoder(), text.decode(), 0
    blank = re.compile(r"[ \t\r\n]*")
    while (at := blank.match(rest, at).end()) < len(rest):  # type: ignore[union-attr]
        try:
            end = decoder.raw_decode(rest, at)[1]
        except json.JSONDecodeError as error:
            place = f"line {error.lineno}, column {error.colno}"
            problem = error.msg[:1].lower() + error.msg[1:]
            raise ManifestError(f"malformed JSON at {place}: {problem}") from None
        yield rest[at:end].encode()
        at = end


def _malformed(error: msgspec.DecodeError, text: bytes) -> ManifestError:
    problem = str(error)
    if "truncated" in problem:
        last = text.count(b"\n") + 1
        return ManifestError(
            f"malformed JSON: it breaks off in line {last}, before its end: is the file cut in half?"
        )
    place = re.search(r" \(byte (\d+)\)", problem)
    if not place:
        return ManifestError(f"malformed JSON: {problem[:1].lower()}{problem[1:]}")
    before = text[: int(place[1])]
    line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
    problem = problem.removeprefix("JSON is malformed: ").replace(place[0], "")
    return ManifestError(f"malformed JSON at line {line}, column {column}: {problem}")
