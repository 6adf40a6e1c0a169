"""A derivation is one: what it names holds, what it denies doesn't, and it ends in facts that were given."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings

from foretell.logic.embedding import facts_text
from foretell.logic.pertinent import statements
from foretell.logic.solve import RULES, solve_text
from foretell.logic.vocabulary import Term, text_of
from foretell.logic.why.derivation import Derivation, Derivations, derivations
from foretell.logic.why.instrumented import ANY
from tests.logic.golden import CASES, RULES_OF, case_names
from tests.logic.strategies import Scenario, scenarios

ENTRIES = ("sync.lp", "verdict.lp", "reasons.lp", "place.lp", "evict.lp", "drain.lp", "diff.lp")
FEW = settings(max_examples=20)


# --- where rules stand, and what law they state ---


@pytest.mark.parametrize("path", sorted(RULES.glob("*.lp")), ids=lambda path: path.name)
def test_each_rule_is_at_its_line_under_its_law(path: Path) -> None:
    lines = path.read_text().splitlines()
    for one in statements(path):
        if one.file == path.name and not one.text.startswith("#"):
            assert lines[one.line - 1].strip() == one.text.splitlines()[0].strip()
            assert one.law, (path.name, one.line)
            assert one.law.split()[0] in path.read_text()


def test_rules_that_follow_each_other_share_their_law() -> None:
    laws = {one.law for one in statements(RULES / "owing.lp") if one.text.startswith("left_out(")}
    assert laws == {"A node is left out for each reason against it, not only the first."}


# --- derivations of golden cases, which cover all the rules ---


def facts_of_case(name: str) -> str:
    """The facts of a golden case, one a line."""
    rules = [one.text for one in statements(CASES / name / "case.lp") if not one.text.startswith("#show")]
    return "\n".join(
        f"{text_of(Term(predicate, atom))}."
        for predicate, atoms in solve_text("\n".join(rules), "").items()
        for atom in atoms
    )


def whole_answer(files: tuple[str, ...], facts: str) -> frozenset[str]:
    """Every atom of the answer, shown or not."""
    rules = [one.text for file in files for one in statements(RULES / file)]
    answer = solve_text("\n".join(rule for rule in rules if not rule.startswith("#show")), facts)
    return frozenset(text_of(Term(name, atom)) for name, atoms in answer.items() for atom in atoms)


def shown_by(files: tuple[str, ...], answer: frozenset[str]) -> list[str]:
    """What to ask about: each atom of a predicate that the entry point shows."""
    shows = {
        one.text.split()[1].partition("/")[0]
        for file in files
        for one in statements(RULES / file)
        if one.text.startswith("#show") and "/" in one.text
    }
    return sorted(atom for atom in answer if atom.partition("(")[0] in shows)


def check(derivation: Derivation, given: frozenset[str], answer: frozenset[str]) -> None:
    """Each part of a derivation is so."""
    for part in derivation.parts():
        text = text_of(part.atom)
        if part.denied:
            assert ANY in text or text not in answer
            assert part.rule is None
        else:
            assert text in answer
            assert part.rule is not None or part.again or text in given
            assert part.rule is None or part.atom.name in part.rule.heads


def check_all(found: Derivations, facts: str, answer: frozenset[str]) -> None:
    given = frozenset(line.removesuffix(".") for line in facts.splitlines())
    for atom in found.asked:
        every = found.every(atom)
        assert every
        for one in every:
            assert one.atom == atom
            assert one.rule is not None or text_of(atom) in given
            check(one, given, answer)


ENTERED = [name for name in case_names() if RULES_OF[name.partition("/")[0]][0] in ENTRIES]


def some_cases() -> Iterator[str]:
    """A few cases of each topic."""
    by_topic: dict[str, list[str]] = {}
    for name in ENTERED:
        by_topic.setdefault(name.partition("/")[0], []).append(name)
    for names in by_topic.values():
        yield from names[:: max(1, len(names) // 3)]


@pytest.mark.parametrize("name", list(some_cases()))
def test_whatever_a_golden_case_shows_is_derived_from_its_facts(name: str) -> None:
    files, facts = RULES_OF[name.partition("/")[0]], facts_of_case(name)
    answer = whole_answer(files, facts)
    asked = shown_by(files, answer)
    found = derivations(files, facts, *asked)
    assert {text_of(atom) for atom in found.asked} == set(asked)
    check_all(found, facts, answer)


# --- derivations of random clusters ---

ASKED = {
    "sync.lp": ("creates(Workload,Place,Hash,Reason)", "deletes(Controller,Pod,Reason)"),
    "verdict.lp": ("waits(Workload,Object,Why)",),
}


@FEW
@given(scenarios())
def test_what_controllers_do_and_wait_for_in_a_random_cluster_is_derived(scenario: Scenario) -> None:
    facts = facts_text(scenario.cluster)
    for file, patterns in ASKED.items():
        found = derivations((file,), facts, *patterns)
        answer = whole_answer((file,), facts)
        names = tuple(pattern.partition("(")[0] for pattern in patterns)
        assert {text_of(atom) for atom in found.asked} == {
            atom for atom in answer if atom.partition("(")[0] in names
        }
        check_all(found, facts, answer)


# --- how rules are taken apart ---


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("foretell.logic.why.derivation.RULES", tmp_path)
    return tmp_path / "some.lp"


def told(derivation: Derivation) -> list[str]:
    """The parts of a derivation as texts, from the top."""
    return [part.text for part in derivation.parts()]


@pytest.mark.parametrize(
    ("text", "facts", "asked", "expected"),
    [
        pytest.param(
            'a(X) :- b(X, ("x"; "y")).', 'b(1,"y").', "a(1)", ["a(1)", 'b(1,"y")'], id="pool"
        ),
        pytest.param("a(X) :- b(X, _).", "b(1,2).", "a(1)", ["a(1)", "b(1,2)"], id="anonymous"),
        pytest.param(
            "a(X) :- b(X), not c(X, _).", "b(1).", "a(1)", ["a(1)", "b(1)", f"not c(1,{ANY})"],
            id="denied-of-anything",
        ),
        pytest.param(
            "a(N) :- N = #sum { C, X : b(X, C), not d(X) }.", "b(x,2).\nb(y,3).\nd(y).", "a(N)",
            ["a(2)", "b(x,2)"], id="counted",
        ),
        pytest.param(
            "a(X + Y) :- b(X), c(Y).", "b(1).\nc(2).", "a(3)", ["a(3)", "b(1)", "c(2)"], id="sum"
        ),
        pytest.param(
            "a(X) :- b(X), not e(X). e(X) :- c(X), not d(X).", "b(1).\nc(1).\nd(1).", "a(1)",
            ["a(1)", "b(1)", "not e(1)", "d(1)"], id="what-keeps-a-rule-from-applying",
        ),
        pytest.param(
            "a(X) :- b(X), not e(X). e(X) :- c(X), f(X).", "b(1).\nc(1).\nf(2).", "a(1)",
            ["a(1)", "b(1)", "not e(1)", "not f(1)"], id="what-a-rule-lacks",
        ),
        pytest.param('a("x, not y(;") :- b.', "b.", "a(X)", ['a("x, not y(;")', "b"], id="text"),
        pytest.param("#const most = 3. a(most) :- b.", "b.", "a(3)", ["a(3)", "b"], id="constant"),
    ],
)  # fmt: skip
def test_a_derivation_tells_what_its_rule_asks_for(
    rules: Path, text: str, facts: str, asked: str, expected: list[str]
) -> None:
    rules.write_text(text)
    found = derivations(("some.lp",), facts, asked)
    (root,) = found.asked
    derivation = found.of(root)
    assert [part for part in told(derivation) if part in expected] == expected


def test_every_instance_that_supports_an_atom_is_told(rules: Path) -> None:
    rules.write_text("a :- b(X). a :- c.")
    found = derivations(("some.lp",), "b(1).\nb(2).\nc.", "a")
    assert [told(one) for one in found.every(Term("a"))] == [["a", "b(1)"], ["a", "b(2)"], ["a", "c"]]


def test_rules_that_go_round_in_circles_are_gone_round_once(rules: Path) -> None:
    rules.write_text("p(X, Y) :- e(X, Y). p(X, Z) :- p(X, Y), e(Y, Z).")
    found = derivations(("some.lp",), "e(1,2).\ne(2,1).", "p(1,1)")
    derivation = found.of(found.asked[0])
    assert set(told(derivation)) == {"p(1,1)", "p(1,2)", "e(1,2)", "e(2,1)"}
    assert len(told(derivation)) < 10


def test_what_is_not_so_has_no_derivation(rules: Path) -> None:
    rules.write_text("a(X) :- b(X).")
    assert derivations(("some.lp",), "b(1).", "a(2)").asked == ()
