"""YAML as kubectl understands it: YAML 1.1 without timestamps and sexagesimals, every key a string."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import isinf

import yaml

from foretell.model.errors import ManifestError
from foretell.model.meta import Json

_DEEPEST = 200
_LONGEST_INTEGER = 20
_MOST = 10_000_000
_WORDS: dict[str, Json] = dict.fromkeys(("", "~", "null", "Null", "NULL"))
for _truth, _spellings in ((True, "y yes on true"), (False, "n no off false")):
    for _word in _spellings.split():
        _WORDS |= dict.fromkeys((_word, _word.capitalize(), _word.upper()), _truth)
_INTEGER = re.compile(r"[-+]?(0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


def yaml_documents(text: bytes) -> Iterator[Json]:
    """The values of a YAML stream, but for empty documents; raises ManifestError with line and column."""
    try:
        yield from _documents(text.decode())
    except UnicodeDecodeError as error:
        raise ManifestError(f"no text: byte {error.start + 1} is no UTF-8") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        context = f" {error.context}" if error.context else ""
        raise ManifestError(f"malformed YAML{place}: {error.problem}{context}") from None
    except yaml.reader.ReaderError as error:
        raise ManifestError(f"malformed YAML: character {error.position + 1} is not allowed") from None


def _documents(text: str) -> Iterator[Json]:
    """Built of events, not of nodes: the composer calls itself, and deep nesting ends the process."""
    builder = _Builder()
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.DocumentStartEvent):
            builder = _Builder()
        elif isinstance(event, yaml.DocumentEndEvent):
            if builder.document is not None:
                yield builder.document
        elif isinstance(event, yaml.NodeEvent):
            builder.take(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            builder.close()


class _Open:
    """A collection that isn't closed yet, with the number of values in it, those of aliases included."""

    __slots__ = ("anchor", "key", "merged", "merging", "size", "value")

    def __init__(self, value: dict[str, Json] | list[Json], anchor: str | None) -> None:
        self.value, self.anchor, self.size = value, anchor, 1
        self.key: str | None = None
        self.merged: dict[str, Json] = {}
        self.merging = False


class _Builder:
    """Builds the value of one document."""

    def __init__(self) -> None:
        self.document: Json = None
        self.stack: list[_Open] = []
        self.anchors: dict[str, tuple[Json, int]] = {}

    def take(self, event: yaml.NodeEvent) -> None:
        """A scalar, an alias, or the start of a collection."""
        holder = self.stack[-1] if self.stack else None
        if holder is not None and holder.key is None and isinstance(holder.value, dict):
            holder.key = _key(event, holder.value)
            holder.merging = isinstance(event, yaml.ScalarEvent) and event.value == "<<" and event.implicit[0]
            return
        if isinstance(event, yaml.ScalarEvent):
            self._put(_scalar(event), 1, event.anchor)
        elif isinstance(event, yaml.AliasEvent):
            value, size = self.anchors.get(event.anchor or "", (None, 0))
            if not size:
                raise _misfit(event, f"the alias *{event.anchor} stands for nothing that came before")
            self._put(value, size, None)
        elif len(self.stack) >= _DEEPEST:
            raise _misfit(event, f"nested deeper than {_DEEPEST} levels")
        else:
            self.stack.append(_Open({} if isinstance(event, yaml.MappingStartEvent) else [], event.anchor))

    def close(self) -> None:
        """The end of a collection."""
        done = self.stack.pop()
        if isinstance(done.value, dict) and done.merged:
            done.value = {**done.merged, **done.value}
        self._put(done.value, done.size, done.anchor)

    def _put(self, value: Json, size: int, anchor: str | None) -> None:
        if anchor:
            self.anchors[anchor] = value, size
        if not self.stack:
            self.document = value
            return
        holder = self.stack[-1]
        holder.size += size
        if holder.size > _MOST:
            raise ManifestError(f"malformed YAML: aliases make more than {_MOST} values of it")
        if isinstance(holder.value, list):
            holder.value.append(value)
        elif holder.merging:
            for source in value if isinstance(value, list) else [value]:
                if not isinstance(source, dict):
                    raise ManifestError("malformed YAML: a merge (<<) of something that is no mapping")
                holder.merged = {**source, **holder.merged}
            holder.key = None
        else:
            holder.value[holder.key or ""] = value
            holder.key = None


def _key(event: yaml.NodeEvent, known: dict[str, Json]) -> str:
    """A key as a string, which JSON wants. Source: sigs.k8s.io/yaml `convertToJSONableObject`."""
    if not isinstance(event, yaml.ScalarEvent):
        raise _misfit(event, "a key that is no scalar")
    value = _scalar(event)
    if value is None:
        raise _misfit(event, "a key that is null")
    key = str(value).lower() if isinstance(value, bool) else str(value)
    if key in known:
        raise _misfit(event, f"the key {key!r} stands here a second time")
    return key


def reads_as_text(text: str) -> bool:
    """Whether a string needs no quotes to be read as that string."""
    return text not in _WORDS and text != "<<" and not (_digits(text) and _looks_numeric(text))


def _digits(text: str) -> str:
    """The text without the underscores between its digits; empty if it can't be a number."""
    return text.replace("_", "") if text[:1].isdigit() or text[:1] in ("+", "-", ".") else ""


def _looks_numeric(text: str) -> bool:
    digits = _digits(text)
    return bool(_INTEGER.fullmatch(digits) or _FLOAT.fullmatch(digits) or _NOT_FINITE.fullmatch(text))


def _scalar(event: yaml.ScalarEvent) -> Json:
    text: str = event.value
    if event.implicit[0]:
        return _plain(event, text)
    tag = (event.tag or "!").removeprefix("tag:yaml.org,2002:")
    if tag in ("!", "str", "timestamp", "binary"):
        return text
    if tag in ("int", "float", "bool", "null"):
        return _plain(event, text)
    raise _misfit(event, f"the tag {event.tag} has no meaning here")


def _plain(event: yaml.ScalarEvent, text: str) -> Json:
    if text in _WORDS:
        return _WORDS[text]
    digits = _digits(text)
    if not digits or not _looks_numeric(text):
        return text
    if _INTEGER.fullmatch(digits) and len(digits) < _LONGEST_INTEGER:
        return _integer(digits)
    number = float(digits) if _FLOAT.fullmatch(digits) else None
    if _NOT_FINITE.fullmatch(text) or (number is not None and isinf(number)):
        raise _misfit(event, f"{text[:40]} has no place in JSON")
    return text if number is None else number


def _integer(digits: str) -> int:
    """As Go's `strconv.ParseInt(digits, 0, 64)`: `0644` is octal."""
    bare = digits.lstrip("+-").lower()
    octal = len(bare) > 1 and bare[0] == "0" and bare[1].isdigit()
    value = int(bare, 8) if octal else int(bare, 0)
    return -value if digits[0] == "-" else value


def _misfit(event: yaml.Event, problem: str) -> ManifestError:
    mark = event.start_mark
    place = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    return ManifestError(f"malformed YAML{place}: {problem}")
