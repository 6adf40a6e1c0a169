"""The leaves of an object's document, by path: places in lists are told as `[]`."""

from __future__ import annotations

from collections.abc import Iterator

from foretell.logic.vocabulary import Argument
from foretell.model.documents import to_document
from foretell.model.meta import Json, Object

_GREATEST = 2**31 - 1


def leaves(thing: Object, paths: frozenset[str] | None = None) -> Iterator[tuple[str, Argument]]:
    """Every leaf with its path, or those at some paths; values that are null aren't there."""
    for path, value in _leaves("", to_document(thing)):
        if paths is None or path in paths:
            yield path, value


def _leaves(path: str, value: Json) -> Iterator[tuple[str, Argument]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(f"{path}.{name}" if path else str(name), inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(f"{path}[]", inner)
    elif isinstance(value, bool):
        yield path, "true" if value else "false"
    elif isinstance(value, int) and abs(value) <= _GREATEST:
        yield path, value
    elif value is not None:
        yield path, str(value)
