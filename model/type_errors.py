"""Wrong types in a document: one sentence with the field's path, made of what the decoder says."""

from __future__ import annotations

import re

import msgspec

from foretell.model.errors import ManifestError
from foretell.model.meta import Json

_EXPECTED = re.compile(r"Expected `([^`]+)`, got `([^`]+)`")
_MISSING = re.compile(r"Object missing required field `([^`]+)`")
_NAMES = {
    "array": "a list", "bool": "a boolean", "float": "a number", "int": "an integer", "null": "null",
    "object": "a mapping", "str": "a string",
}  # fmt: skip
_TYPES: dict[str, type | tuple[type, ...]] = {
    "array": list, "bool": bool, "float": float, "int": int, "null": type(None), "object": dict, "str": str,
}  # fmt: skip


def type_error(error: msgspec.ValidationError, text: bytes | msgspec.Raw) -> ManifestError:
    """The ManifestError of a JSON text that doesn't fit its type."""
    problem, _, path = str(error).partition(" - at `")
    path = path.rstrip("`") or "$"
    if missing := _MISSING.fullmatch(problem):
        return ManifestError(f"missing field: expected {missing[1]}", path=path)
    expected = _EXPECTED.fullmatch(problem)
    if not expected:
        return ManifestError(problem[:1].lower() + problem[1:], path=path)
    if "[...]" in path:
        path = _pinpointed(path, msgspec.json.decode(text), expected[2])
    return ManifestError(
        f"expected {_named(expected[1])}, got {_NAMES.get(expected[2], expected[2])}", path=path
    )


def _named(types: str) -> str:
    """The types that are expected; that null is fine too goes without saying."""
    names = [_NAMES.get(name, name) for name in types.split(" | ") if name != "null"]
    return " or ".join(dict.fromkeys(names))


def _pinpointed(path: str, document: Json, got: str) -> str:
    """The path with the first key that has the type of the wrong one in place of the decoder's dots."""
    place, value = "$", document
    for step in re.findall(r"\.([^.\[\]]+)|\[(\.\.\.|\d+)\]", path):
        name, index = step
        if name:
            place, value = f"{place}.{name}", value.get(name) if isinstance(value, dict) else None
        elif index != "...":
            place, value = f"{place}[{index}]", value[int(index)] if isinstance(value, list) else None
        else:
            pairs = value.items() if isinstance(value, dict) else ()
            name = next((key for key, item in pairs if _is(item, got)), "...")
            place, value = f"{place}.{name}", value.get(name) if isinstance(value, dict) else None
    return place


def _is(item: Json, got: str) -> bool:
    kind = _TYPES.get(got)
    return kind is not None and isinstance(item, kind) and (got == "bool" or not isinstance(item, bool))
