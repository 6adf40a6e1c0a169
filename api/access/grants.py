"""Grants as files write them: `{ role = "operator", cluster = "team-a-*" }`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

from foretell.api.access.errors import AccessFileError
from foretell.api.access.roles import Grant, Role

ROLES = {role.word: role for role in Role}
_PATTERN = re.compile(r"[a-z0-9.*?!\[\]-]{1,100}")
_LARGEST = 4 * 2**20


def toml_of(data: bytes) -> Mapping[str, object]:
    """The tables of a TOML document; raises AccessFileError."""
    if len(data) > _LARGEST:
        raise AccessFileError(f"expected at most {_LARGEST // 2**20} MiB")
    try:
        # Nesting that is too deep for tomllib is no document of ours, either.
        return tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise AccessFileError(f"expected TOML in UTF-8: {error}") from None


def grants_of(value: object, place: str) -> tuple[Grant, ...]:
    """A list of grants, as it is written; raises AccessFileError with the place."""
    if not isinstance(value, list) or not value:
        expected = 'expected a list such as [{ role = "viewer", cluster = "*" }]'
        raise AccessFileError(expected, place=place)
    return tuple(_grant(item, f"{place}, grant {number}") for number, item in enumerate(value, 1))


def _grant(value: object, place: str) -> Grant:
    if not isinstance(value, dict) or set(value) != {"role", "cluster"}:
        raise AccessFileError("expected `role` and `cluster`, and nothing else", place=place)
    role = ROLES.get(value["role"]) if isinstance(value["role"], str) else None
    if role is None:
        raise AccessFileError(f"`role`: expected {', '.join(map(repr, ROLES))}", place=place)
    pattern = value["cluster"]
    if not isinstance(pattern, str):
        raise AccessFileError("`cluster`: expected text", place=place)
    return Grant(checked_pattern(pattern, f"{place}, `cluster`"), role)


def checked_pattern(pattern: str, place: str = "") -> str:
    """A pattern of clusters' names that can match one; raises AccessFileError."""
    if not _PATTERN.fullmatch(pattern):
        expected = "lowercase letters, digits, '-', '.' and the wildcards '*', '?' and '[…]', at most 100"
        raise AccessFileError(f"expected a cluster's name or a pattern of it: {expected}", place=place)
    return pattern
