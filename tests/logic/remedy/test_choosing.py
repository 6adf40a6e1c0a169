"""The solver's part: the answers of the least cost, and the smallest sets that leave none."""

from __future__ import annotations

import pytest

from foretell.logic.solve import cheapest, conflict
from foretell.logic.vocabulary import text_of

EDITS = ("edit(a(1),2).", "edit(b(2),1).", "edit(c(3),1).")
HINDERED = "hindered(job(1),job(1),suspended)."
X, Y = [f'forbidden({edit},"x").' for edit in ("a(1)", "b(2)")], 'forbidden(c(3),"y").'
LIFTABLE = ('liftable(never("x")).', 'liftable(never("y")).', "liftable(obstacle(job(1),job(1),suspended)).")
REMEDY = ("remedy.lp",)


def chosen(*facts: str, most: int = 10) -> tuple[int, list[list[str]], bool] | None:
    """The least cost, the sets of edits that have it, and whether these are all."""
    found = cheapest(REMEDY, "\n".join([*EDITS, *facts]), most)
    if found is None:
        return None
    sets = [sorted(text_of(edit) for (edit,) in answer.get("chosen", ())) for answer in found.answers]
    return found.cost, sorted(sets), found.whole


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        pytest.param([], (0, [[]], True), id="nothing-is-wanted"),
        pytest.param([HINDERED], (1, [["b(2)"], ["c(3)"]], True), id="the-cheapest"),
        pytest.param(
            [HINDERED, "costs_at_least(2)."], (2, [["a(1)"], ["b(2)", "c(3)"]], True), id="the-next-cheapest"
        ),
        pytest.param([HINDERED, "costs_at_least(5)."], None, id="nothing-is-as-dear"),
        pytest.param([HINDERED, *X], (1, [["c(3)"]], True), id="some-are-forbidden"),
        pytest.param([HINDERED, *X, Y], None, id="all-are-forbidden"),
    ],
)
def test_the_cheapest_sets_are_chosen(facts: list[str], found: object) -> None:
    assert chosen(*facts) == found


def test_no_more_answers_are_given_than_wanted() -> None:
    found = chosen(HINDERED, most=1)
    assert found is not None
    assert (found[0], len(found[1]), found[2]) == (1, 1, False)


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        pytest.param([HINDERED], None, id="there-is-a-remedy"),
        pytest.param(
            [HINDERED, *X, Y],
            {'never("x")', 'never("y")', "obstacle(job(1),job(1),suspended)"},
            id="both-prohibitions",
        ),
        pytest.param(
            [HINDERED, *X, 'forbidden(c(3),"x").', Y],
            {'never("x")', "obstacle(job(1),job(1),suspended)"},
            id="one-prohibition-is-no-matter",
        ),
    ],
)
def test_a_conflict_has_nothing_that_can_be_spared(facts: list[str], found: set[str] | None) -> None:
    core = conflict(REMEDY, "\n".join([*EDITS, *facts, *LIFTABLE]), "lifted")
    assert (None if core is None else set(map(text_of, core))) == found
