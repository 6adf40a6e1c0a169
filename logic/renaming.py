"""Questions up to names: one that was answered under other names isn't asked again.

To the rules a name is nothing but what tells one thing from another: whatever they answer about some names,
they answer about others in the same places.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from foretell.logic.solve import Answer, solve
from foretell.logic.vocabulary import Argument, Term, text_of

_PLAIN = re.compile(r"[a-z0-9./-]+")
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
    return {
        predicate: [tuple(_named(argument, meant) for argument in atom) for atom in atoms]
        for predicate, atoms in solve(files, facts).items()
    }


def _named(argument: Argument, meant: dict[str, str]) -> Argument:
    if isinstance(argument, str):
        return meant.get(argument, argument)
    if isinstance(argument, Term):
        return Term(argument.name, tuple(_named(inner, meant) for inner in argument.arguments))
    return argument
