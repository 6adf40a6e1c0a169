"""The search for remedies: the rules propose the cheapest edits first, and a forecast tries each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import msgspec

from foretell.logic import vocabulary as v
from foretell.logic.carried import moment_of
from foretell.logic.remedy.asking import asked
from foretell.logic.remedy.conflicts import conflicts_of
from foretell.logic.remedy.trial import Bench, Trial
from foretell.logic.remedy.vicinity import is_daemonic, is_of_other, vicinity_of
from foretell.logic.remedy.weighing import weighed
from foretell.logic.solve import Answer, cheapest, solve
from foretell.logic.vocabulary import Term
from foretell.model.changes import Change
from foretell.model.errors import RejectedError
from foretell.model.forecast import Assumptions
from foretell.model.objects import Pod
from foretell.model.remedy import Against, EditPattern, Goal, Remedy, RunsOn, Spared

LIMIT, TRIES = 5, 200
"""How many remedies are found, and how many sets of edits are forecast, where nothing else is said."""

_BEARING, _REMEDY = ("bearing.lp",), ("remedy.lp",)
# What edits alter is told to the rules that choose as it was before them.
_ALTERED = (
    "taint", "unschedulable", "has", "toleration", "toleration_seconds", "expression", "affinity_required",
    "affinity_term", "requests",
)  # fmt: skip
_MOST_ANSWERS = 1000


class Search:
    """A search: the edits that bear on a goal that doesn't hold, and how often some were tried."""

    def __init__(
        self,
        bench: Bench,
        goal: Goal,
        stands: Trial,
        weights: Iterable[tuple[EditPattern, int]] = (),
        never: Iterable[EditPattern] = (),
    ) -> None:
        self.bench, self.goal, self.tried = bench, goal, 0
        self.nearest: Remedy | None = None
        self.refused = ""
        self._question = asked(goal, bench, stands)
        self._around = self._question.surroundings
        self._answer = solve(_BEARING, self._question.text)
        served = (edit for (edit,) in self._answer.get("serves", ()) if isinstance(edit, Term))
        self.candidates, self.unmatched = weighed(served, self._around, tuple(weights), tuple(never))
        lines = [_as_before(self._question.text)]
        lines += [v.EDIT(one.term, one.edit.cost) for one in self.candidates]
        lines += [v.FORBIDDEN(one.term, pattern) for one in self.candidates for pattern in one.never]
        self._facts = "\n".join(lines)
        self._near = self._vicinity(stands)

    def run(self, limit: int = LIMIT, tries: int = TRIES) -> tuple[tuple[Remedy, ...], bool]:
        """The remedies of the least cost, in order, and whether there are no others as cheap."""
        floor = 1
        while True:
            facts = f"{self._facts}\n{v.COSTS_AT_LEAST(floor)}"
            found = cheapest(_REMEDY, facts, _MOST_ANSWERS)
            if found is None:
                return (), True
            sets = sorted((self._chosen(answer) for answer in found.answers), key=self._rank)
            remedies: list[Remedy] = []
            for terms in sets:
                if len(remedies) == limit or self.tried == tries:
                    return tuple(remedies), False
                self.tried += 1
                trial = self.trial(terms)
                if trial is None:
                    continue
                told = self._remedy(trial, terms, found.cost)
                self.nearest = self.nearest or told
                remedies += [told] * trial.met
            if remedies or not found.whole:
                return tuple(remedies), found.whole
            floor = found.cost + 1

    def _chosen(self, answer: Answer) -> tuple[Term, ...]:
        terms = (edit for (edit,) in answer.get("chosen", ()) if isinstance(edit, Term))
        return tuple(sorted(terms, key=self._around.rank))

    def _rank(self, terms: tuple[Term, ...]) -> tuple[object, ...]:
        """The order of remedies: those of fewer edits first, then by the edits, in order."""
        return (len(terms), tuple(map(self._around.rank, terms)))

    def trial(self, terms: Iterable[Term]) -> Trial | None:
        """The trial of edits; None where they can't be made, or the API server refuses them."""
        if self._near is None:
            return self._trial(self.bench, self.goal, self._around.changes(terms))
        around = self._around._replace(members={first: (first,) for first in self._around.members})
        goal = self.goal
        if isinstance(goal, RunsOn):
            goal = msgspec.structs.replace(goal, nodes=self._question.near if goal.nodes else ())
        chosen = list(terms)
        others = [term for term in chosen if is_of_other(term, self.bench.start)]
        lost: list[Pod] = []
        if isinstance(goal, Spared):
            # What others than daemon pods lose has nothing to do with these.
            whole = self._trial(self.bench, goal, around.changes(others))
            if whole is None:
                return None
            lost += (pod for pod in whole.lost(goal) if not is_daemonic(pod))
        near = self._trial(self._near, goal, around.changes(term for term in chosen if term not in others))
        if near is None or not isinstance(goal, Spared):
            return near
        lost += (pod for pod in near.lost(goal) if is_daemonic(pod))
        return replace(near, met=not lost)

    def _trial(self, bench: Bench, goal: Goal, changes: tuple[Change, ...] | None) -> Trial | None:
        try:
            return None if changes is None else bench.tried(goal, changes)
        except RejectedError as error:
            self.refused = self.refused or str(error)
            return None

    def _vicinity(self, stands: Trial) -> Bench | None:
        """Where trials of the goal's vicinity start from, where these are enough."""
        near = self._question.near
        if not near or stands.story.waves or self.bench.assume != Assumptions():
            return None
        start = vicinity_of(self.bench.start, near)
        return None if start is None else replace(self.bench, start=start)

    def conflicts(self) -> tuple[tuple[Against, ...], ...]:
        """What rules out every remedy."""
        things = [Term("reason", why) for why in self._answer.get("obstructs", ())]
        things += [Term("too_few", (term,)) for term in self._around.subjects]
        things += self._question.obstacles
        things += sorted({Term("never", (pattern,)) for one in self.candidates for pattern in one.never})
        return conflicts_of(_REMEDY, self._facts, things, self._around, self._question.obstacles)

    def _remedy(self, trial: Trial, terms: tuple[Term, ...], cost: int) -> Remedy:
        edits = {one.term: one.edit for one in self.candidates}
        before, story = trial.before, trial.story
        whole = self._near is None or story.before is not self._near.start
        moments = [wave.at for wave in before.waves] if before else []
        begun = before.after.moment - moment_of(before.before) if before else 0.0
        moments += [begun + wave.at for wave in story.waves]
        return Remedy(
            cost=cost,
            edits=tuple(edits[term] for term in terms),
            changes=self._around.changes(terms) or (),
            waves=len(moments) if whole else None,
            seconds=(moments[-1] if moments else 0.0) if whole else None,
            obstacles=trial.last.verdict.obstacles,
            renewed=before is not None,
        )


def _as_before(text: str) -> str:
    """Facts with what edits alter told as it was before them."""
    return "\n".join(
        f"was_{line}" if line.partition("(")[0] in _ALTERED else line for line in text.splitlines()
    )
