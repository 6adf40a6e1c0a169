"""Where manifests come from: files, folders, standard input, open files, bytes and objects at hand."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import IO, Any

import msgspec

from foretell.model.documents import to_document
from foretell.model.errors import ManifestError
from foretell.model.meta import Json, Object
from foretell.model.reading_json import Buffer, Text, flattened, json_values, listed
from foretell.model.reading_yaml import yaml_documents

Source = str | Path | IO[str] | IO[bytes] | bytes | Mapping[str, Any] | Iterable[Mapping[str, Any] | Object]
_SUFFIXES = (".json", ".yaml", ".yml")
_BEGINS_AS_JSON = re.compile(rb"\s*[{\[]")
_LARGE = 16 * 2**20
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}


class Located(msgspec.Struct, frozen=True):
    """A raw document and where it stands: `number` counts from 1 in its source, items of Lists one by one."""

    text: bytes | msgspec.Raw
    source: str = ""
    number: int = 0

    @property
    def document(self) -> Json:
        """The document as Python's own types."""
        try:
            return msgspec.json.decode(self.text)
        except (msgspec.DecodeError, RecursionError) as error:
            raise ManifestError(
                f"malformed JSON: {error}", source=self.source, document=self.number
            ) from None


def read_documents(source: Source) -> list[Located]:
    """The documents of a source, Lists and arrays taken apart.

    A source is the path of a file or a folder (of *.yaml, *.yml and *.json, at any depth, in the order of
    paths), `-` for standard input, an open file, bytes, or objects and documents at hand. Raises
    ManifestError for what can't be read, and for a source without any document; an empty List is one.
    """
    found: list[Located] = []
    empty = True
    for name, text in _texts(source):
        numbers = count(1)
        try:
            for documents in _values(text):
                empty = False
                found += (Located(document, name, next(numbers)) for document in documents)
        except ManifestError as error:
            raise error.at(name) from None
        except RecursionError:
            raise ManifestError("malformed JSON: nested too deeply", source=name) from None
    if empty:
        raise ManifestError("empty: expected at least one object", source=_name(source))
    return found


def _values(text: Buffer) -> Iterator[Iterator[Text]]:
    """The values in a text, each as the JSON texts of its documents; its first byte tells what is JSON."""
    for mark, encoding in _MARKS.items():
        if text[: len(mark)] == mark:
            text = bytes(text).decode(encoding, errors="replace").encode()
    if not _BEGINS_AS_JSON.match(text):
        yield from (flattened(msgspec.json.encode(value)) for value in yaml_documents(bytes(text)))
    elif (items := listed(text)) is not None:
        yield items
    else:
        yield from map(flattened, json_values(bytes(text)))


def _texts(source: Source) -> Iterator[tuple[str, Buffer]]:
    if isinstance(source, bytes):
        yield _name(source), source
    elif isinstance(source, (str, Path)):
        for path in _paths(source):
            yield _name(path), _content(path)
    elif isinstance(source, Mapping):
        yield _name(source), msgspec.json.encode(source)
    elif hasattr(source, "read"):
        content = source.read()
        yield _name(source), content.encode() if isinstance(content, str) else content
    else:
        things = [to_document(thing) if isinstance(thing, Object) else thing for thing in source]
        yield _name(source), msgspec.json.encode(things)


def _name(source: Source) -> str:
    if isinstance(source, (str, Path)):
        return "<stdin>" if str(source) == "-" else str(source)
    if isinstance(source, bytes):
        return "<bytes>"
    name = getattr(source, "name", "<objects>")
    return name if isinstance(name, str) else "<file>"


def _paths(source: str | Path) -> list[Path]:
    root = Path(source)
    if str(source) == "-" or not root.is_dir():
        return [root]
    found = (path for path in root.rglob("*") if path.suffix in _SUFFIXES and path.is_file())
    paths = sorted(path for path in found if not _hidden(path.relative_to(root)))
    if not paths:
        raise ManifestError("nothing to read: expected a *.yaml, *.yml or *.json file", source=str(source))
    return paths


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _content(path: Path) -> Buffer:
    if str(path) == "-":
        return sys.stdin.buffer.read()
    try:
        with path.open("rb") as file:
            # Pages of a file can be dropped from memory again, what was read from it can't.
            large = os.fstat(file.fileno()).st_size >= _LARGE
            return mmap(file.fileno(), 0, access=ACCESS_READ) if large else file.read()
    except OSError as error:
        raise ManifestError(f"can't be read: {error.strerror}", source=str(path)) from None
