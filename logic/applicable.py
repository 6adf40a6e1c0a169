"""The rules that can apply to given facts; to read all others is most of a short question's time.

A rule can apply where each atom that its body asks for has the predicate of a fact, or that of the head of a
rule that can apply itself. What the body denies, counts or compares is no matter. So what is left out derives
nothing.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

_COMMENT = re.compile(r'%\*.*?\*%|%[^\n]*|("(?:\\.|[^"\\])*")', re.DOTALL)
# Up to a full stop that is neither in a text nor part of an interval.
_STATEMENT = re.compile(r'\s*((?:"(?:\\.|[^"\\])*"|\.\.|[^".]++)++\.)')
_TEXT = re.compile(r'"(?:\\.|[^"\\])*"')
_INNERMOST = re.compile(r"\([^(){}]*\)|\{[^(){}]*\}")
_NAME = re.compile(r"\b[a-z]\w*")


class Statement(NamedTuple):
    """A statement of a rule file, the predicates that it may derive, and those that it can't do without."""

    text: str
    heads: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()


def _statement(text: str) -> Statement:
    if text.startswith("#"):
        return Statement(text)
    head, _, body = _TEXT.sub("", text[:-1]).partition(":-")
    before = ""
    while before != body:
        before, body = body, _INNERMOST.sub("", body)
    literals = map(str.strip, re.split("[,;]", body))
    conditions = frozenset(literal for literal in literals if _NAME.fullmatch(literal))
    return Statement(text, frozenset(_NAME.findall(head)), conditions)


@cache
def statements(file: Path) -> tuple[Statement, ...]:
    """The statements of a rule file and of those that it includes, without comments and declarations."""
    found: list[Statement] = []
    for text in _STATEMENT.findall(_COMMENT.sub(r"\1", file.read_text(encoding="utf-8"))):
        if text.startswith("#include"):
            found += statements(file.with_name(text.split('"')[1]))
        elif not text.startswith("#defined"):
            found.append(_statement(text))
    return tuple(found)


@lru_cache(maxsize=128)
def applicable(files: tuple[Path, ...], given: frozenset[str]) -> str:
    """The text of what can apply, of rule files and those that they include, to facts of given predicates."""
    known, kept = set(given), []
    waiting = [statement for file in files for statement in statements(file)]
    while True:
        left = []
        for statement in waiting:
            if statement.conditions <= known:
                kept.append(statement.text)
                known |= statement.heads
            else:
                left.append(statement)
        if len(left) == len(waiting):
            return "\n".join(kept)
        waiting = left
