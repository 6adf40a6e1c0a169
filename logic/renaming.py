"""Questions up to names: one that was answered under other names isn't asked again.

To the rules a name is nothing but what tells one thing from another: whatever they answer about some names,
they answer about others in the same places.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from foretell.logic.solve import Answer, answers, solve
from foretell.logic.vocabulary import Argument, Term, text_of

_PLAIN = re.compile(r"[a-z0-9./-]+")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_MARK = "~"
MOST_NAMES = 200
"""With how many names a question is too large to be asked again under others."""


def solved(files: Iterable[str], facts: str, names: Sequence[str]) -> Answer:
    """The one answer of rule files over facts, in which the rules compare no names by their order.

    `names` are those that may be others another time. Raises RulesError as `solve` does.
    """
    if len(names) > MOST_NAMES or f'"{_MARK}' in facts:
        return solve(files, facts)
    plain = [name for name in dict.fromkeys(names) if _PLAIN.fullmatch(name)]
    for number, name in enumerate(plain):
        facts = facts.replace(text_of(name), f'"{_MARK}{number}"')
    meant = {f"{_MARK}{number}": name for number, name in enumerate(plain)}
    return _meant(solve(files, facts), meant)


def all_solved(files: Iterable[str], facts: str, groups: Sequence[Sequence[str]], most: int) -> list[Answer]:
    """The answers of rule files over facts, so many at most, in which the rules compare no names.

    Names that belong together are a group, such as those of a node and its pods. Where groups have changed
    places it is the same question still. Raises RulesError as `answers` does.
    """
    if f'"{_MARK}' in facts:
        return list(answers(tuple(files), facts, most))
    lines = facts.splitlines()
    place = {name: (number, inner) for number, some in enumerate(groups) for inner, name in enumerate(some)}
    looks: list[list[str]] = [[] for _ in groups]
    for line in lines:
        there = {place[name][0] for name in _QUOTED.findall(line) if name in place}
        for number in there:
            looks[number].append(_QUOTED.sub(_as_seen_from(number, place), line))
    order = sorted(range(len(groups)), key=lambda number: sorted(looks[number]))
    names = [name for number in order for name in groups[number]]
    marks = {name: f'"{_MARK}{number}"' for number, name in enumerate(names)}
    told = sorted(_QUOTED.sub(lambda found: marks.get(found[1], found[0]), line) for line in lines)
    meant = {mark.strip('"'): name for name, mark in marks.items()}
    return [_meant(one, meant) for one in answers(tuple(files), "\n".join(told), most)]


def _meant(answer: Answer, meant: Mapping[str, str]) -> Answer:
    """An answer with the names that are meant by marks."""
    return {
        predicate: [tuple(_named(argument, meant) for argument in atom) for atom in atoms]
        for predicate, atoms in answer.items()
    }


def _as_seen_from(group: int, place: Mapping[str, tuple[int, int]]) -> Callable[[re.Match[str]], str]:
    """Turns the names of a group into their places in it, and those of others into nothing."""

    def seen(found: re.Match[str]) -> str:
        number, inner = place.get(found[1], (-1, 0))
        return found[0] if number < 0 else f'"{_MARK}{inner}"' if number == group else _MARK

    return seen


def _named(argument: Argument, meant: Mapping[str, str]) -> Argument:
    if isinstance(argument, str):
        return meant.get(argument, argument)
    if isinstance(argument, Term):
        return Term(argument.name, tuple(_named(inner, meant) for inner in argument.arguments))
    return argument
