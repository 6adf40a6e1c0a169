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

    Names may be of constants and functions, too: it is only more that is kept then. `law` is the sentence
    above it, `line` where it begins in its file.
    """

    text: str
    names: Names
    heads: Names = frozenset()
    conditions: Names = frozenset()
    file: str = ""
    line: int = 0
    law: str = ""


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
    source = file.read_text("utf-8")
    lines = source.splitlines()
    # What is left of a comment are its line breaks, so that statements stay on their lines.
    bare = _COMMENT.sub(lambda match: match[1] or "\n" * match[0].count("\n"), source)
    line, counted = 1, 0
    for match in _STATEMENT.finditer(bare):
        text, start = match[1], match.start(1)
        line, counted = line + bare.count("\n", counted, start), start
        if text.startswith("#include"):
            found += statements(file.parent / text.split('"')[1])
        elif not text.startswith("#defined"):
            law = _law(lines, line - 1)
            found.append(_statement(text)._replace(file=file.name, line=line, law=law))
    return tuple(found)


def _law(lines: list[str], place: int) -> str:
    """The sentence above a line; rules that follow each other without a blank line share it."""
    while place > 0 and lines[place - 1].strip() and not lines[place - 1].startswith("%"):
        place -= 1
    first = place
    while first > 0 and lines[first - 1].startswith("% "):
        first -= 1
    return " ".join(line.strip("% ") for line in lines[first:place])


@lru_cache(maxsize=128)
def pertinent(files: tuple[Path, ...], given: Names) -> str:
    """The text of what matters, of rule files and those that they include, to facts of given predicates."""
    kept = [statement for file in files for statement in statements(file)]
    shows = any(statement.text.startswith("#show") for statement in kept)
    kept = _reached(kept, given, lambda one, known: one.conditions <= known, lambda one: one.heads)
    if shows:
        kept = _reached(kept[::-1], (), _is_asked_for, lambda one: one.names)
    return "\n".join(statement.text for statement in kept)


@lru_cache(maxsize=128)
def cone(files: tuple[Path, ...], given: Names, asked: Names) -> tuple[Statement, ...]:
    """The statements by which given predicates lead to those that are asked for, in order."""
    kept = [one for file in files for one in statements(file) if not one.text.startswith("#show")]
    kept = _reached(kept, given, lambda one, known: one.conditions <= known, lambda one: one.heads)
    wanted = set(_reached(kept[::-1], asked, _is_asked_for, lambda one: one.names))
    return tuple(statement for statement in kept if statement in wanted)


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
