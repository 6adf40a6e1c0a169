"""What edits cost, and which are ruled out, by patterns that people give."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from foretell.logic.remedy.edits import Surroundings
from foretell.logic.vocabulary import Term
from foretell.model.remedy import WEIGHTS, Edit, EditPattern


class Candidate(NamedTuple):
    """An edit that bears on a goal, with its cost, and the patterns that rule it out, as they were given."""

    term: Term
    edit: Edit
    never: tuple[str, ...]


class Weighed(NamedTuple):
    """The candidates in order, and the patterns that match none of them."""

    candidates: tuple[Candidate, ...]
    unmatched: tuple[str, ...]


def weighed(
    terms: Iterable[Term],
    surroundings: Surroundings,
    weights: tuple[tuple[EditPattern, int], ...],
    never: tuple[EditPattern, ...],
) -> Weighed:
    """The edits with what they cost; of several weights that match the last counts.

    An edit costs its weight for each object that it touches, and is ruled out when one of them is. Edits
    that can't be made, as a container has less than it would have to give up, are left out. Raises
    ValueError for a weight that isn't above nought.
    """
    for pattern, weight in weights:
        if weight < 1:
            raise ValueError(f"the weight of {pattern} is {weight}: expected 1 or more")
    found: list[Candidate] = []
    matched: set[EditPattern] = set()
    for term in sorted(set(terms), key=surroundings.rank):
        if surroundings.changes([term]) is None:
            continue
        edit = surroundings.edit(term)
        cost = 0
        for thing in edit.objects:
            fitting = [(pattern, weight) for pattern, weight in weights if pattern.matches(edit.kind, thing)]
            matched.update(pattern for pattern, _ in fitting)
            cost += fitting[-1][1] if fitting else WEIGHTS[edit.kind]
        bars = [p for p in never if any(p.matches(edit.kind, thing) for thing in edit.objects)]
        matched.update(bars)
        texts = tuple(dict.fromkeys(map(str, bars)))
        found.append(Candidate(term, msgspec.structs.replace(edit, cost=cost), texts))
    given = dict.fromkeys([*(pattern for pattern, _ in weights), *never])
    return Weighed(tuple(found), tuple(str(p) for p in given if p not in matched))
