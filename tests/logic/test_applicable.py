"""What can't apply to given facts is left out of the rules, and no answer tells."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import clingo
import pytest
from clingo.ast import AST, ASTSequence, ASTType, Sign, parse_files
from hypothesis import given
from hypothesis import strategies as st

from foretell.logic.applicable import applicable, statements
from foretell.logic.solve import RULES, solve
from foretell.model.errors import RulesError
from tests.logic.golden import CASES, RULES_OF, answers, case_names, expected_of

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
    assert first.heads == {"a"} and not first.conditions
    assert second.heads == {"e"} and second.conditions == {"f"}
    assert third.text == "i."


# --- what can apply ---


def test_a_rule_is_kept_where_facts_or_rules_that_are_kept_fulfil_it(tmp_path: Path) -> None:
    (tmp_path / "rules.lp").write_text(
        "c :- b, not never. b :- a. x :- y, a. z :- x. :- x, not a. n :- #count { X : w(X) } = 0.\n"
        '#include "others.lp".'
    )
    (tmp_path / "others.lp").write_text("#const two = 2. d(two) :- c. { e : g } :- c. #show d/1.")
    text = applicable((tmp_path / "rules.lp",), frozenset({"a"}))
    assert [line.partition(" :-")[0].rstrip(".") for line in sorted(text.splitlines())] == [
        "#const two = 2", "#show d/1", "b", "c", "d(two)", "n", "{ e : g }",
    ]  # fmt: skip


def test_rules_of_several_files_fulfil_each_other(tmp_path: Path) -> None:
    (tmp_path / "one.lp").write_text("a. c :- b.")
    (tmp_path / "two.lp").write_text("b :- a.")
    assert "c :- b." in applicable((tmp_path / "one.lp", tmp_path / "two.lp"), frozenset())


@pytest.mark.parametrize("name", case_names())
def test_golden_cases_have_the_same_answer_by_what_can_apply(name: str) -> None:
    case = CASES / name / "case.lp"
    control = clingo.Control(["--warn=none"])
    control.load(str(case))
    control.ground()
    told = frozenset(name for name, _, _ in control.symbolic_atoms.signatures)
    rules = tuple(RULES / file for file in RULES_OF[name.partition("/")[0]])
    _, found = answers([case], applicable(rules, told))
    assert found == [expected_of(name)]


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


@given(stratified(), st.sets(st.integers(0, 7)))
def test_any_stratified_rules_have_the_same_answer(rules: str, told: set[int]) -> None:
    with TemporaryDirectory() as folder:
        (Path(folder) / "rules.lp").write_text(rules)
        text = applicable.__wrapped__((Path(folder) / "rules.lp",), frozenset(f"p{n}" for n in told))
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
