"""Field paths in documents, such as `spec.taints[key=gpu]`: where exactly that is, and what stands there."""

from __future__ import annotations

import re
from typing import Any

import msgspec

_BY_TYPE = "type="
_PART = re.compile(r'([^.\[\]"]+)|\["([^"]*)"\]|\[([^\]"]*)\]')


def found(document: Any, path: str) -> tuple[str, str]:
    """The path with the places of items in lists, and the value as a text, empty where there is none.

    `[3]` is a place, `[key=gpu,effect=NoExecute]` the first item with such fields, `[*]` the first in which
    the rest of the path is found. Conditions go by their type, so `[type=Ready]` stays.
    """
    where, value = _found(document, list(_PART.finditer(path)), "")
    return where, text_of_value(value)


def text_of_value(value: Any) -> str:
    """A value as a text: texts as they stand, all else as compact JSON; empty for nothing."""
    if value is None or isinstance(value, str):
        return value or ""
    return msgspec.json.encode(value).decode()


def _found(document: Any, parts: list[re.Match[str]], before: str) -> tuple[str, Any]:
    if not parts:
        return before, document
    (part, *rest) = parts
    name, quoted, item = part.groups()
    if name is not None or quoted is not None:
        where = f'{before}["{quoted}"]' if name is None else f"{before}.{name}" if before else name
        within = document.get(name or quoted) if isinstance(document, dict) else None
        return _found(within, rest, where)
    items = document if isinstance(document, list) else []
    for place, one in enumerate(items):
        if item == "*":
            where, value = _found(one, rest, f"{before}[{place}]")
            if value is not None:
                return where, value
        elif item == str(place) or ("=" in item and _fits(one, item)):
            return _found(one, rest, f"{before}[{item if item.startswith(_BY_TYPE) else place}]")
    left = "".join(match[0] if match[0].startswith("[") else f".{match[0]}" for match in rest)
    return f"{before}{'' if item == '*' else f'[{item}]'}{left}", None


def _fits(one: Any, wanted: str) -> bool:
    pairs = (pair.partition("=") for pair in wanted.split(","))
    return isinstance(one, dict) and all(one.get(key, "") == value for key, _, value in pairs)
