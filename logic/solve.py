"""The solver: facts in, one answer out; the one module (but for policies) that imports clingo."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import clingo

from foretell.logic.pertinent import pertinent
from foretell.logic.vocabulary import Argument, Term
from foretell.model.errors import RulesError

RULES = Path(__file__).resolve().parent / "rules"

Answer = Mapping[str, list[tuple[Argument, ...]]]
"""The shown atoms of the one answer: arguments by predicate, in no particular order."""


def _value(symbol: clingo.Symbol) -> Argument:
    kind = symbol.type
    if kind is clingo.SymbolType.String:
        return symbol.string
    if kind is clingo.SymbolType.Number:
        return symbol.number
    return Term(symbol.name, tuple(map(_value, symbol.arguments)))


def solve(files: Iterable[str], facts: str) -> Answer:
    """The one answer of rule files over facts, one a line; short questions aren't asked twice.

    Raises RulesError when clingo has anything to say, or when there isn't exactly one answer: either is a
    fault in the rules or the facts.
    """
    if len(facts) <= _REMEMBERED_LENGTH:
        return _remembered(tuple(files), facts)
    return _solve(tuple(files), facts)


# What matters may ask for what can't hold; that all of the rules load in silence is tested.
_SILENT = ("--warn=all", "--warn=no-atom-undefined")

# Controllers are woken more often than they have anything new to see: a third of all questions repeat.
_REMEMBERED_LENGTH = 50_000


@lru_cache(maxsize=512)
def _remembered(files: tuple[str, ...], facts: str) -> Answer:
    return _solve(files, facts)


def solve_text(rules: str, facts: str) -> Answer:
    """The one answer of rules as a text over facts; raises RulesError as `solve` does."""
    messages: list[str] = []
    control = clingo.Control([*_SILENT, "2"], logger=lambda _, text: messages.append(text.strip()))
    try:
        control.add("base", [], facts)
        control.add("base", [], rules)
        control.ground([("base", [])])
    except RuntimeError as error:
        messages.append(str(error))
    if messages:
        raise RulesError("the rules don't load: " + " | ".join(messages))
    return _only(_enumerated(control))


def _grounded(files: tuple[str, ...], facts: str, options: list[str]) -> clingo.Control:
    control, messages = _loaded(files, facts, options, whole=False)
    if messages:
        # Only what is read from files is told of by file and line.
        messages = _loaded(files, facts, options, whole=True)[1] or messages
        raise RulesError("the rules don't load: " + " | ".join(messages))
    return control


def _loaded(
    files: tuple[str, ...], facts: str, options: list[str], *, whole: bool
) -> tuple[clingo.Control, list[str]]:
    """The files, or what of them matters to the facts, grounded; and what clingo has to say about it."""
    messages: list[str] = []
    paths = tuple(RULES / name for name in files)
    control = clingo.Control([*_SILENT, *options], logger=lambda _, text: messages.append(text.strip()))
    try:
        control.add("base", [], facts)
        if whole:
            for path in paths:
                control.load(str(path))
        else:
            given = frozenset([line.partition("(")[0].rstrip(".") for line in facts.splitlines()])
            control.add("base", [], pertinent(paths, given))
        control.ground([("base", [])])
    except RuntimeError as error:
        messages.append(str(error))
    return control, messages


def _answer(model: clingo.Model) -> Answer:
    answer: dict[str, list[tuple[Argument, ...]]] = {}
    for symbol in model.symbols(shown=True):
        answer.setdefault(symbol.name, []).append(tuple(map(_value, symbol.arguments)))
    return answer


def _solve(files: tuple[str, ...], facts: str) -> Answer:
    return _only(_enumerated(_grounded(files, facts, ["2"])))


def _only(found: tuple[Answer, ...]) -> Answer:
    if len(found) != 1:
        raise RulesError(f"the rules give {len(found) or 'no'} answers where there must be one")
    return found[0]


@lru_cache(maxsize=512)
def answers(files: tuple[str, ...], facts: str, most: int) -> tuple[Answer, ...]:
    """The answers of rule files that leave a choice, so many at most, in no particular order.

    Raises RulesError when clingo has anything to say, or when there is no answer.
    """
    found = _enumerated(_grounded(files, facts, [str(most)]))
    if not found:
        raise RulesError("the rules give no answer where there must be one at least")
    return found


def _enumerated(control: clingo.Control) -> tuple[Answer, ...]:
    with control.solve(yield_=True) as handle:
        return tuple([_answer(model) for model in handle])


class Optimum(NamedTuple):
    """The best answer that was found, whether there is no better one, and a bound on the first cost."""

    answer: Answer
    costs: tuple[int, ...]
    proven: bool
    bound: int


def optimum(files: Iterable[str], facts: str, seconds: float) -> Optimum | None:
    """The best answer of rule files over facts that is found within so many seconds; None where none is.

    Two threads look for it, one from above and one from below. Raises RulesError as `solve` does.
    """
    control = _grounded(tuple(files), facts, ["--parallel-mode=2", "--configuration=many", "0"])
    found: tuple[Answer, tuple[int, ...]] | None = None
    deadline = monotonic() + seconds
    with control.solve(yield_=True, async_=True) as handle:
        while True:
            handle.resume()
            if not handle.wait(max(0.0, deadline - monotonic())):
                handle.cancel()
                break
            model = handle.model()
            if model is None:
                break
            found = _answer(model), tuple(model.cost)
        proven = bool(handle.get().exhausted)
    if found is None:
        return None
    answer, costs = found
    lower = control.statistics["summary"]["lower"]
    # Where no choice is left to be weighed there are no costs at all.
    bound = (costs[0] if costs else 0) if proven else int(lower[0]) if lower else -(2**31)
    return Optimum(answer, costs, proven, bound)


class Cheapest(NamedTuple):
    """The answers of the least cost, in no particular order; there may be more where `whole` is false."""

    cost: int
    answers: tuple[Answer, ...]
    whole: bool


def cheapest(files: Iterable[str], facts: str, most: int) -> Cheapest | None:
    """All answers of the least cost, but no more than so many; None where there is no answer at all.

    Raises RulesError as `solve` does.
    """
    control = _grounded(tuple(files), facts, ["--opt-mode=optN", "--opt-strategy=usc", "0"])
    costs: tuple[int, ...] = ()
    answers: list[Answer] = []
    with control.solve(yield_=True) as handle:
        for model in handle:
            # Where no choice is left to be weighed there are no costs, and each answer is as good.
            if model.cost and not model.optimality_proven:
                continue
            costs = tuple(model.cost)
            answers.append(_answer(model))
            if len(answers) > most:
                break
    if not answers:
        return None
    return Cheapest(sum(costs), tuple(answers[:most]), len(answers) <= most)


def conflict(files: Iterable[str], facts: str, predicate: str) -> tuple[Argument, ...] | None:
    """A smallest set of arguments that together leave no answer; None where there is an answer.

    The arguments are those of a predicate that any answer may have: each of the set is an argument that no
    answer has if none has the others. Which set it is of several depends on the order of the arguments
    alone: the last ones are kept. Raises RulesError as `solve` does.
    """
    control = _grounded(tuple(files), facts, ["--opt-mode=ignore", "1"])
    atoms = control.symbolic_atoms.by_signature(predicate, 1)
    symbols = sorted(atom.symbol for atom in atoms if not atom.is_fact)
    held = symbols

    def answered(held: Iterable[clingo.Symbol]) -> bool:
        return bool(control.solve(assumptions=[(symbol, False) for symbol in held]).satisfiable)

    if answered(held):
        return None
    for symbol in symbols:
        without = [each for each in held if each != symbol]
        if not answered(without):
            held = without
    return tuple(_value(symbol.arguments[0]) for symbol in held)
