"""What doesn't matter to given facts is left out of the rules, and no answer tells."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from clingo.ast import AST, ASTSequence, ASTType, Sign, parse_files
from hypothesis import given
from hypothesis import strategies as st

from foretell.logic.pertinent import pertinent, statements
from foretell.logic.solve import RULES, solve
from foretell.model.errors import RulesError
from tests.logic.golden import CASES, RULES_OF, answers, case_names, expected_of, together

PLAIN = sorted(path.name for path in RULES.glob("*.lp") if "#include" not in path.read_text())


# --- the rules as they are read, against clingo's own reading ---


def parsed(file: str) -> list[AST]:
    found: list[AST] = []
    parse_files([str(RULES / file)], found.append)
    left_out = (ASTType.Comment, ASTType.Defined, ASTType.Program)
    return [each for each in found if each.ast_type not in left_out]


def names_in(part: AST | ASTSequence) -> set[str]:
    """The predicates of all atoms within a part of a rule."""
    if isinstance(part, ASTSequence):
        return set().union(*map(names_in, part))
    if part.ast_type is ASTType.SymbolicAtom:
        return {part.symbol.name}
    children = (getattr(part, key) for key in part.child_keys)
    return set().union(*(names_in(child) for child in children if isinstance(child, AST | ASTSequence)))


def conditions_of(rule: AST) -> set[str]:
    """The predicates of the atoms that a body asks for, without those of conditions and aggregates."""
    positive = [each for each in rule.body if each.ast_type is ASTType.Literal and each.sign == Sign.NoSign]
    return {each.atom.symbol.name for each in positive if each.atom.ast_type is ASTType.SymbolicAtom}


@pytest.mark.parametrize("file", PLAIN)
def test_rules_are_read_as_clingo_reads_them(file: str) -> None:
    found, expected = statements(RULES / file), parsed(file)
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert one.conditions == (conditions_of(other) if other.ast_type is ASTType.Rule else set())
        assert other.ast_type is not ASTType.Rule or names_in(other.head) <= one.heads


def test_texts_and_intervals_and_comments_hold_full_stops(tmp_path: Path) -> None:
    (tmp_path / "some.lp").write_text(
        'a("x. y :- z(\\".", 1..2). % no. b.\n%* c :- d.\n*%\ne(1..N) :-\n  f("%, g"), N = 0..2, not h. i.\n'
    )
    first, second, third = statements(tmp_path / "some.lp")
    assert first.heads == {"a"}
    assert not first.conditions
    assert second.heads == {"e"}
    assert second.conditions == {"f"}
    assert third.text == "i."


# --- what matters ---


def kept(folder: Path, rules: str, *told: str) -> list[str]:
    (folder / "rules.lp").write_text(rules)
    return sorted(pertinent((folder / "rules.lp",), frozenset(told)).splitlines())


def test_a_rule_is_kept_where_facts_or_rules_that_are_kept_fulfil_it(tmp_path: Path) -> None:
    rules = "c :- b, not never. b :- a. x :- y, a. z :- x. :- x, not a."
    rules += "n :- #count { X : w(X) } = 0. { e : g } :- c."
    assert kept(tmp_path, rules, "a") == [
        "b :- a.", "c :- b, not never.", "n :- #count { X : w(X) } = 0.", "{ e : g } :- c.",
    ]  # fmt: skip


def test_a_rule_is_kept_where_it_is_asked_for_by_what_is_shown_or_by_a_constraint(tmp_path: Path) -> None:
    rules = "#show d/1. a. b :- a. c :- a. d(1) :- not c. e :- b. f :- a. :- not f."
    assert kept(tmp_path, rules) == ["#show d/1.", ":- not f.", "a.", "c :- a.", "d(1) :- not c.", "f :- a."]


def test_where_nothing_is_said_to_be_shown_everything_is(tmp_path: Path) -> None:
    assert kept(tmp_path, "#const two = 2. a(two). b :- a(X).") == [
        "#const two = 2.",
        "a(two).",
        "b :- a(X).",
    ]


def test_rules_of_several_files_fulfil_each_other(tmp_path: Path) -> None:
    (tmp_path / "one.lp").write_text('#include "three.lp". c :- b, d.')
    (tmp_path / "two.lp").write_text("b :- a.")
    (tmp_path / "three.lp").write_text("a. d.")
    assert "c :- b, d." in pertinent((tmp_path / "one.lp", tmp_path / "two.lp"), frozenset())


@pytest.mark.parametrize("name", case_names())
def test_golden_cases_have_the_same_answer_by_the_rules_that_matter(name: str) -> None:
    rules = [RULES / file for file in RULES_OF[name.partition("/")[0]]]
    _, found = answers([], pertinent((CASES / name / "case.lp", *rules), frozenset()))
    assert together(found) == expected_of(name)


@st.composite
def stratified(draw: st.DrawFn) -> str:
    """Rules about p0 to p7, each of which asks for and denies what is before it alone."""
    rules = []
    for _ in range(draw(st.integers(1, 12))):
        head = draw(st.integers(1, 7))
        signs = st.sampled_from(["", "not ", "not not ", "0 = #count { 1 : ", "1 = #count { 1 : "])
        body = draw(st.lists(st.tuples(signs, st.integers(0, head - 1)), max_size=3))
        literals = [f"{sign}p{number}" + " }" * ("{" in sign) for sign, number in body]
        rules.append(f"p{head}" + " :- " * bool(body) + ", ".join(literals) + ".")
    return "\n".join(rules)


@given(stratified(), st.sets(st.integers(0, 7)), st.sets(st.integers(0, 7)))
def test_any_stratified_rules_have_the_same_answer(rules: str, told: set[int], shown: set[int]) -> None:
    rules += "".join(f"\n#show p{number}/0." for number in sorted(shown))
    with TemporaryDirectory() as folder:
        (Path(folder) / "rules.lp").write_text(rules)
        text = pertinent.__wrapped__((Path(folder) / "rules.lp",), frozenset(f"p{n}" for n in told))
    facts = "".join(f"p{number}. " for number in sorted(told))
    assert answers([], facts + text)[1] == answers([], facts + rules)[1]


# --- errors ---


def test_errors_name_the_file_and_the_line_of_a_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foretell.logic.solve.RULES", tmp_path)
    (tmp_path / "wrong.lp").write_text("% One.\n% Two.\nb(X + 1) :- a(X).\n")
    with pytest.raises(RulesError, match=r"wrong\.lp:3:3-4: info: operation undefined"):
        solve(("wrong.lp",), 'a("text").')
    assert solve(("wrong.lp",), "a(1).")["b"] == [(2,)]


def test_rules_that_cannot_be_read_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foretell.logic.solve.RULES", tmp_path)
    (tmp_path / "broken.lp").write_text("a.\nb :- a))).\n")
    with pytest.raises(RulesError, match=r"broken\.lp:2:7-8: error: syntax error"):
        solve(("broken.lp",), "")


def test_facts_that_leave_several_answers_are_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foretell.logic.solve.RULES", tmp_path)
    (tmp_path / "open.lp").write_text("{ b } :- a.\n")
    with pytest.raises(RulesError, match="2 answers where there must be one"):
        solve(("open.lp",), "a.")
    assert solve(("open.lp",), "") == {}
