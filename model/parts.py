"""Parts of documents that may have any shape: looked up without a stumble over what doesn't fit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from foretell.model.meta import Json


def mapping(parent: Json, key: str) -> dict[str, Any]:
    """The mapping that stands under a key; an empty one that stands nowhere where there is none."""
    value = parent.get(key) if isinstance(parent, dict) else None
    return value if isinstance(value, dict) else {}


def mappings(parent: Json, *keys: str) -> Iterator[dict[str, Any]]:
    """The mappings in the lists that stand under these keys, in order."""
    for key in keys:
        value = parent.get(key) if isinstance(parent, dict) else None
        for item in value if isinstance(value, list) else ():
            if isinstance(item, dict):
                yield item


def made(parent: dict[str, Any], key: str) -> dict[str, Any]:
    """The mapping under a key, put there when it is missing; something else that stands there is left."""
    value = parent.setdefault(key, {})
    return value if isinstance(value, dict) else {}
