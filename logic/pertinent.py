"""The rules that matter to given facts; to read all others is most of a short question's time.

A rule can apply where each atom that its body asks for has the predicate of a fact, or that of the head of a
rule that can apply itself; what the body denies, counts or compares is no matter. It matters if it is a
constraint, or if what it derives is shown or stands in a rule that matters. What is left out changes no
answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

_COMMENT = re.compile(r'%\*.*?\*%|%[^\n]*|("(?:\\.|[^"\\])*")', re.DOTALL)
# Up to a full stop that is neither in a text nor part of an interval.
_STATEMENT = re.compile(r'\s*((?:"(?:\\.|[^"\\])*"|\.\.|[^".]++)++\.)')
_TEXT = re.compile(r'"(?:\\.|[^"\\])*"')
_INNERMOST = re.compile(r"\([^(){}]*\)|\{[^(){}]*\}")
_NAME = re.compile(r"\b[a-z]\w*")

Names = frozenset[str]


class Statement(NamedTuple):
    """A statement of a rule file: all names in it, those in its head, and the predicates that it can't lack.

    Names may be of constants and functions, too: it is only more that is kept then.
    """

    text: str
    names: Names
    heads: Names = frozenset()
    conditions: Names = frozenset()


def _statement(text: str) -> Statement:
    head, _, body = _TEXT.sub("", text[:-1]).partition(":-")
    heads = frozenset(_NAME.findall(head))
    if text.startswith("#"):
        return Statement(text, heads)
    names = heads.union(_NAME.findall(body))
    before = ""
    while before != body:
        before, body = body, _INNERMOST.sub("", body)
    literals = map(str.strip, re.split("[,;]", body))
    conditions = frozenset(literal for literal in literals if _NAME.fullmatch(literal))
    return Statement(text, names, heads, conditions)


@cache
def statements(file: Path) -> tuple[Statement, ...]:
    """The statements of a rule file and of those that it includes, without comments and declarations."""
    found: list[Statement] = []
    for text in _STATEMENT.findall(_COMMENT.sub(lambda match: match[1] or "", file.read_text("utf-8"))):
        if text.startswith("#include"):
            found += statements(file.parent / text.split('"')[1])
        elif not text.startswith("#defined"):
            found.append(_statement(text))
    return tuple(found)


@lru_cache(maxsize=128)
def pertinent(files: tuple[Path, ...], given: Names) -> str:
    """The text of what matters, of rule files and those that they include, to facts of given predicates."""
    kept = [statement for file in files for statement in statements(file)]
    shows = any(statement.text.startswith("#show") for statement in kept)
    kept = _reached(kept, given, lambda one, known: one.conditions <= known, lambda one: one.heads)
    if shows:
        kept = _reached(kept[::-1], (), _is_asked_for, lambda one: one.names)
    return "\n".join(statement.text for statement in kept)


def _is_asked_for(statement: Statement, known: set[str]) -> bool:
    return not statement.heads or not statement.heads.isdisjoint(known)


def _reached(
    waiting: list[Statement],
    given: Iterable[str],
    is_reached: Callable[[Statement, set[str]], bool],
    makes_known: Callable[[Statement], Names],
) -> list[Statement]:
    """All statements that are reached by names that are given, or made known by those reached before."""
    known, reached = set(given), []
    while True:
        left = []
        for statement in waiting:
            if is_reached(statement, known):
                reached.append(statement)
                known |= makes_known(statement)
            else:
                left.append(statement)
        if len(left) == len(waiting):
            return reached
        waiting = left
