"""The vocabulary of policies: every predicate of `inputs.lp`, told or derived."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from foretell.logic.pertinent import statements

FILE = Path(__file__).resolve().parent / "inputs.lp"
_DOCSTRING = re.compile(r"%\*! ([a-z]\w*)(?:\((.*?)\))?\s+(.*?)\s*\*%", re.DOTALL)


class Word(NamedTuple):
    """A predicate, what its arguments are called, and what an atom of it says."""

    name: str
    arguments: tuple[str, ...]
    meaning: str

    @property
    def written(self) -> str:
        """The predicate with its arguments, such as `bound(Pod, Node)`."""
        return f"{self.name}({', '.join(self.arguments)})" if self.arguments else self.name


@cache
def words() -> dict[str, Word]:
    """The vocabulary by names, in the order of the file."""
    found = _DOCSTRING.findall(FILE.read_text("utf-8"))
    return {
        name: Word(name, tuple(filter(None, arguments.split(", "))), " ".join(meaning.split()))
        for name, arguments, meaning in found
    }


@cache
def derived() -> frozenset[str]:
    """The names of what rules derive; all others are told."""
    return frozenset().union(*(statement.heads & words().keys() for statement in statements(FILE)))


def needed(mentioned: Iterable[str]) -> tuple[tuple[str, ...], str]:
    """What has to be told so that these words mean something, and the rules that derive the others."""
    known = set(mentioned)
    while True:
        rules = [each for each in statements(FILE) if each.heads & known & derived()]
        more = known.union(*(each.names & words().keys() for each in rules))
        if more == known:
            break
        known = more
    told = tuple(name for name in words() if name in known - derived())
    return told, "\n".join(rule.text for rule in rules)
