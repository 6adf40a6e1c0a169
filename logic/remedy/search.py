"""The search for remedies: the rules propose the cheapest edits first, and a forecast tries each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from foretell.logic import vocabulary as v
from foretell.logic.gates import default_gates
from foretell.logic.remedy.asking import Asked, asked
from foretell.logic.remedy.conflicts import conflicts_of
from foretell.logic.remedy.trial import Bench, Trial
from foretell.logic.remedy.weighing import Candidate, weighed
from foretell.logic.solve import Answer, cheapest, solve
from foretell.logic.vocabulary import Term
from foretell.model.changes import Change, change_from_json
from foretell.model.cluster import Cluster
from foretell.model.errors import RejectedError
from foretell.model.forecast import Assumptions, assumptions_from_json
from foretell.model.remedy import Against, Edit, EditPattern, Goal, Remedies, Remedy

LIMIT, TRIES = 5, 200
"""How many remedies are found, and how many sets of edits are forecast for them, where nothing else is said."""

_BEARING, _REMEDY = ("bearing.lp",), ("remedy.lp",)
# What edits alter is told to the rules that choose as it was before them.
_ALTERED = (
    "taint", "unschedulable", "has", "toleration", "toleration_seconds", "expression", "affinity_required",
    "affinity_term", "requests",
)  # fmt: skip
_MOST_ANSWERS = 1000


def remedy(
    cluster: Cluster,
    goal: Goal,
    changes: Iterable[Change | Mapping[str, Any]] = (),
    assume: Assumptions | Mapping[str, Any] | None = None,
    *,
    weights: Iterable[tuple[EditPattern, int]] = (),
    never: Iterable[EditPattern] = (),
    limit: int = LIMIT,
    tries: int = TRIES,
    horizon: int | None = None,
    patience: float | None = None,
    gates: frozenset[str] | None = None,
    resync: bool = True,
) -> Remedies:
    """The cheapest edits after which a goal holds, or what stands against it.

    The goal is asked for once the `changes` have had their consequences. Of `weights` the last pattern that
    matches says what an edit costs for each object that it touches; `never` rules edits out. All remedies of
    the least cost are found, up to `limit`, each of them tried by a forecast; after so many `tries` the
    search is given up. Everything else is as for `forecast`.

    Raises NotFoundError where the goal names what isn't there, RejectedError for a bad change, and
    ValueError for a weight that isn't above nought.
    """
    wanted = [change_from_json(change) if isinstance(change, Mapping) else change for change in changes]
    assumed = assumptions_from_json(assume) if isinstance(assume, Mapping) else assume or Assumptions()
    on = default_gates() if gates is None else gates
    bench = Bench(cluster, assumed, on, patience, horizon, resync)
    if wanted:
        bench = replace(bench, start=bench.story(wanted).after)
    stands = bench.tried(goal, ())
    obstacles = stands.last.verdict.obstacles
    if stands.met:
        return Remedies(goal=goal, holds=True, obstacles=obstacles)
    question = asked(goal, bench, stands)
    answer = solve(_BEARING, question.text)
    found = weighed(_served(answer), question.surroundings, tuple(weights), tuple(never))
    search = _Search(bench, goal, question, answer, found.candidates, limit, tries)
    remedies, complete = search.run()
    free = tuple(one.edit for one in found.candidates if not one.never)
    return Remedies(
        goal=goal,
        holds=False,
        remedies=remedies,
        complete=complete,
        tried=search.tried,
        candidates=free,
        conflicts=() if remedies or not complete else search.conflicts(),
        obstacles=obstacles,
        unmatched=found.unmatched,
    )


def _served(answer: Answer) -> list[Term]:
    return [edit for (edit,) in answer.get("serves", ()) if isinstance(edit, Term)]


class _Search:
    """A search on its way: what is asked, what may be chosen, and how many sets of edits have been tried."""

    def __init__(
        self,
        bench: Bench,
        goal: Goal,
        question: Asked,
        answer: Answer,
        candidates: Sequence[Candidate],
        limit: int,
        tries: int,
    ) -> None:
        self.bench, self.goal, self.question, self.answer = bench, goal, question, answer
        self.candidates, self.limit, self.tries, self.tried = candidates, limit, tries, 0
        self.facts = _as_before(question.text)
        self.costs = [v.EDIT(one.term, one.edit.cost) for one in candidates]
        self.costs += [v.FORBIDDEN(one.term, pattern) for one in candidates for pattern in one.never]

    def run(self) -> tuple[tuple[Remedy, ...], bool]:
        """The remedies of the least cost, in order, and whether there are no others as cheap."""
        floor = 1
        while True:
            facts = "\n".join([self.facts, *self.costs, v.COSTS_AT_LEAST(floor)])
            found = cheapest(_REMEDY, facts, _MOST_ANSWERS)
            if found is None:
                return (), True
            sets = sorted((self._chosen(answer) for answer in found.answers), key=self._rank)
            remedies: list[Remedy] = []
            for terms in sets:
                if len(remedies) == self.limit or self.tried == self.tries:
                    return tuple(remedies), False
                remedies += self._tried(terms, found.cost)
            if remedies or not found.whole:
                return tuple(remedies), found.whole
            floor = found.cost + 1

    def _chosen(self, answer: Answer) -> tuple[Term, ...]:
        terms = (edit for (edit,) in answer.get("chosen", ()) if isinstance(edit, Term))
        return tuple(sorted(terms, key=self.question.surroundings.rank))

    def _rank(self, terms: tuple[Term, ...]) -> tuple[object, ...]:
        """The order of remedies: those of fewer edits first, then by the edits, in order."""
        return (len(terms), tuple(map(self.question.surroundings.rank, terms)))

    def _tried(self, terms: tuple[Term, ...], cost: int) -> list[Remedy]:
        """The remedy that these edits are, if a forecast says so."""
        self.tried += 1
        changes = self.question.surroundings.changes(terms)
        if changes is None:
            return []
        try:
            trial = self.bench.tried(self.goal, changes)
        except RejectedError:
            return []
        return [_remedy(trial, changes, [self._edit(term) for term in terms], cost)] if trial.met else []

    def _edit(self, term: Term) -> Edit:
        return next(one.edit for one in self.candidates if one.term == term)

    def conflicts(self) -> tuple[tuple[Against, ...], ...]:
        """What rules out every remedy."""
        things = [Term("against", reason) for reason in self.answer.get("obstructs", ())]
        things += self.question.obstacles
        things += sorted({Term("never", (pattern,)) for one in self.candidates for pattern in one.never})
        facts = "\n".join([self.facts, *self.costs])
        return conflicts_of(_REMEDY, facts, things, self.question.surroundings, self.question.obstacles)


def _as_before(text: str) -> str:
    """Facts with what edits alter told as it was before them."""
    return "\n".join(
        f"was_{line}" if line.partition("(")[0] in _ALTERED else line for line in text.splitlines()
    )


def _remedy(trial: Trial, changes: tuple[Change, ...], edits: list[Edit], cost: int) -> Remedy:
    waves = trial.story.waves
    return Remedy(
        cost=cost,
        edits=tuple(edits),
        changes=changes,
        waves=len(waves),
        seconds=waves[-1].at if waves else 0.0,
        obstacles=trial.last.verdict.obstacles,
    )
