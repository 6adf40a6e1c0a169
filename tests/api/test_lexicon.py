"""The vocabulary is told from the rules' own words, in whole."""

from __future__ import annotations

import json
from pathlib import Path

import clingo
import pytest
from click.testing import CliRunner

from foretell.api.cli.program import PROGRAM
from foretell.api.telling.lexicon import Lexicon, document, lexicon, markdown
from foretell.api.telling.rulebook import Predicate
from foretell.logic.embedding import facts_text
from foretell.logic.solve import RULES
from foretell.logic.vocabulary import INPUTS
from tests.builders import daemonset, nodes, settled

DOCUMENT = Path(__file__).parents[2] / "docs" / "vocabulary.md"


@pytest.fixture(scope="module")
def told() -> Lexicon:
    return lexicon()


def test_the_document_is_what_the_command_prints() -> None:
    """`make vocabulary` writes it anew."""
    printed = CliRunner().invoke(PROGRAM, ["rules", "--vocabulary"]).output
    assert printed == DOCUMENT.read_text(encoding="utf-8")


def test_every_fact_that_python_tells_is_described(told: Lexicon) -> None:
    assert {fact.name for fact in told.facts} == {fact.name for fact in INPUTS} | {"vocabulary"}


def test_every_entry_point_is_told_with_answers(told: Lexicon) -> None:
    files = {path.name for path in RULES.glob("*.lp") if "#include" in path.read_text(encoding="utf-8")}
    assert {entry.file for entry in told.entries} == files
    assert all(entry.answers for entry in told.entries)


def test_what_another_entry_point_answers_is_told_once(told: Lexicon) -> None:
    of = {entry.file: entry for entry in told.entries}
    assert of["round.lp"].beside == "sync.lp"
    assert set(of["round.lp"].answers).isdisjoint(of["sync.lp"].answers)


def test_answers_are_those_that_clingo_shows(told: Lexicon) -> None:
    """The predicates of a real answer are among those that are described."""
    control = clingo.Control()
    control.add("base", [], facts_text(settled(nodes(2), daemonset())))
    control.load(str(RULES / "sync.lp"))
    control.ground()
    with control.solve(yield_=True) as handle:
        shown = {(atom.name, len(atom.arguments)) for model in handle for atom in model.symbols(shown=True)}
    [sync] = [entry for entry in told.entries if entry.file == "sync.lp"]
    assert shown
    assert shown <= {(answer.name, len(answer.arguments)) for answer in sync.answers}


def test_nothing_is_described_twice(told: Lexicon) -> None:
    def signatures(some: tuple[Predicate, ...]) -> set[tuple[str, int]]:
        return {(each.name, len(each.arguments)) for each in some}

    answers = {signature for entry in told.entries for signature in signatures(entry.answers)}
    assert len(signatures(told.between)) == len(told.between)
    assert signatures(told.between).isdisjoint(answers | signatures(told.facts))


def test_as_json_it_says_the_same(told: Lexicon) -> None:
    printed = CliRunner().invoke(PROGRAM, ["rules", "--vocabulary", "-o", "json"]).output
    assert json.loads(printed) == json.loads(json.dumps(document(told)))


def test_its_version_is_the_one_that_rules_can_ask_for(told: Lexicon) -> None:
    major, minor = told.version.split(".")
    control = clingo.Control()
    control.load(str(RULES / "inputs.lp"))
    control.add("base", [], f":- not vocabulary({major}, {minor}).")
    control.ground()
    assert control.solve().satisfiable
    assert markdown(told).startswith(f"# The vocabulary of the rules, version {told.version}\n")


def test_a_listing_and_a_vocabulary_are_two_questions() -> None:
    result = CliRunner().invoke(PROGRAM, ["rules", "--list", "--vocabulary"])
    assert result.exit_code == 1
    assert "--list or for the --vocabulary" in result.output
