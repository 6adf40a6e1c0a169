"""A question with several answers is asked once up to names, and answered under the names that are meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from foretell.logic.renaming import all_solved
from foretell.logic.solve import answers

RULES = "#show taken/2. { taken(Node, Pod) : on(Pod, Node) } = 1. :- taken(Node, _), tainted(Node)."


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """One pod is taken, of a node without taint."""
    (tmp_path / "open.lp").write_text(RULES)
    monkeypatch.setattr("foretell.logic.solve.RULES", tmp_path)
    answers.cache_clear()
    return "open.lp"


def taken(file: str, facts: str, *groups: tuple[str, ...]) -> list[tuple[object, ...]]:
    """What is taken in each answer."""
    found = all_solved([file], facts, groups, 9)
    return sorted(atom for answer in found for atom in answer["taken"])


def test_answers_have_the_names_that_were_asked_about(file: str) -> None:
    facts = 'on("p", "n").\non("q", "m").\non("r", "o").\ntainted("o").'
    assert taken(file, facts, ("n", "p"), ("m", "q"), ("o", "r")) == [("m", "q"), ("n", "p")]


def test_groups_that_change_places_are_the_same_question(file: str) -> None:
    groups = (("n", "p"), ("m", "q"))
    assert taken(file, 'on("p", "n").\non("q", "m").\ntainted("m").', *groups) == [("n", "p")]
    asked = answers.cache_info().misses
    assert taken(file, 'tainted("n").\non("q", "m").\non("p", "n").', *groups) == [("m", "q")]
    assert answers.cache_info().misses == asked


def test_names_in_no_group_stay_as_they_are(file: str) -> None:
    assert taken(file, 'on("p", "n").\non("~0", "n").', ("n",)) == [("n", "p"), ("n", "~0")]
