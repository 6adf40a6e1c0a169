"""What stands against a goal that no edit serves: smallest sets of reasons and prohibitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from foretell.logic import vocabulary as v
from foretell.logic.placing import because
from foretell.logic.remedy.edits import Surroundings
from foretell.logic.solve import conflict
from foretell.logic.vocabulary import Term
from foretell.model.forecast import Obstacle
from foretell.model.remedy import Against

MOST = 20
"""How many conflicts are told."""


def conflicts_of(
    files: tuple[str, ...],
    facts: str,
    things: list[Term],
    surroundings: Surroundings,
    obstacles: Mapping[Term, Obstacle],
) -> tuple[tuple[Against, ...], ...]:
    """Smallest sets that each rule out every remedy, no two of which have a reason in common.

    Without any one of its things a set doesn't rule out all remedies. Sets are looked for as long as others
    do when the reasons of those before are thought away. Those that only say that something waits are left
    out where others say why.
    """
    found: list[tuple[Against, ...]] = []
    left = list(things)
    while len(found) < MOST:
        liftable = [v.LIFTABLE(thing) for thing in left]
        gone = [v.GONE(thing) for thing in things if thing not in left]
        core = conflict(files, "\n".join([facts, *liftable, *gone]), "lifted")
        if not core:
            break
        terms = [cast("Term", thing) for thing in core]
        found.append(tuple(_told(term, surroundings, obstacles) for term in _in_order(terms)))
        reasons = [term for term in terms if term.name != "never"]
        if not reasons:
            break
        left = [thing for thing in left if thing not in reasons]
    return tuple(filter(_says_why, found)) or tuple(found)


def _says_why(conflict: tuple[Against, ...]) -> bool:
    return any(one.workload is not None for one in conflict)


def _in_order(terms: list[Term]) -> list[Term]:
    return sorted(terms, key=lambda term: (term.name == "never", repr(term)))


def _told(term: Term, surroundings: Surroundings, obstacles: Mapping[Term, Obstacle]) -> Against:
    if term.name == "never":
        return Against(never=str(term.arguments[0]))
    if term in obstacles:
        return Against(obstacle=obstacles[term])
    workload = surroundings.subject(term.arguments[0]).key
    if term.name == "too_few":
        return Against(workload=workload)
    nodes = surroundings.members.get(str(term.arguments[1]), (str(term.arguments[1]),))
    return Against(workload=workload, nodes=nodes, reason=because(term.arguments[2]))
