"""Claims of a token of OpenID Connect: where the values stand, and which grants each of them gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from foretell.api.access.errors import AccessFileError, UnauthenticatedError
from foretell.api.access.grants import grants_of, toml_of
from foretell.api.access.roles import Grant

_LONGEST_NAME = 256


def read_mapping(path: str | Path) -> dict[str, tuple[Grant, ...]]:
    """A file of lists of grants by the value of a claim; raises AccessFileError with the place."""
    try:
        document = toml_of(Path(path).read_bytes())
        return {value: grants_of(grants, repr(value)) for value, grants in document.items()}
    except OSError as error:
        reason = (error.strerror or "input or output error").lower()
        raise AccessFileError(f"can't be read: {reason}", source=str(path)) from None
    except AccessFileError as error:
        raise AccessFileError(error.problem, source=str(path), place=error.place) from None


def claim_at(claims: Mapping[str, object], path: str) -> object:
    """The value at a dotted path, None if there is none.

    A name may have dots of its own, as those that are URLs: of names that fit the longest counts.
    """
    if path in claims:
        return claims[path]
    for end in _dots(path):
        inner = claims.get(path[:end])
        if isinstance(inner, Mapping):
            return claim_at(inner, path[end + 1 :])
    return None


def _dots(path: str) -> Iterator[int]:
    end = path.rfind(".")
    while end > 0:
        yield end
        end = path.rfind(".", 0, end)


def granted(value: object, mapping: Mapping[str, Sequence[Grant]]) -> tuple[Grant, ...]:
    """The grants that a claim gives, each once and in order: its value is a text, or a list of texts."""
    values = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    known = sorted({text for text in values if isinstance(text, str) and text in mapping})
    grants = {grant for text in known for grant in mapping[text]}
    return tuple(sorted(grants, key=lambda grant: (grant.pattern, grant.role)))


def name_in(claims: Mapping[str, object], path: str) -> str:
    """The name of whoever holds the token; raises UnauthenticatedError if there is none to be shown."""
    name = claim_at(claims, path)
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        raise UnauthenticatedError(
            f"the token gives no name: expected at most {_LONGEST_NAME} printable characters "
            f"in its claim {path!r}"
        )
    return name
