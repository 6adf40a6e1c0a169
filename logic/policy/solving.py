"""Solving in the sandbox: a policy over several states, of which what they share is grounded once."""

from __future__ import annotations

import os
from collections.abc import Iterable

import clingo

from foretell.logic.policy.frames import (
    OUT_OF_MEMORY,
    Atom,
    Failed,
    Order,
    Reply,
    Solve,
    Solved,
    Take,
    Taken,
    Vet,
)
from foretell.logic.policy.lexing import Fault
from foretell.logic.policy.vetting import ARITIES, LEVELS, fault_of, vetted
from foretell.logic.vocabulary import Argument, Term

MOST_FOUND = 10_000
"""How many findings a state may have."""
MOST_NOTED = 20
_DEEPEST = 20


class _Refused(Exception):
    """A finding can't be told."""


class Solver:
    """Answers orders; it keeps the policy that was taken last, and the facts that hold in all states."""

    def __init__(self) -> None:
        self._policy = Take("", {}, "")
        self._facts = Facts()

    def answered(self, order: Order) -> Reply:
        """The reply to an order."""
        if isinstance(order, Vet):
            return vetted(order.text)
        if isinstance(order, Take):
            self._policy, self._facts = order, Facts()
            return Taken()
        self._facts.change(order.fallen, order.risen)
        return self._solved(order)

    def _solved(self, order: Solve) -> Reply:
        said: list[Fault] = []

        def log(_: object, text: str) -> None:
            if len(said) < MOST_NOTED:
                said.append(fault_of(text))

        try:
            control = clingo.Control(self._options(), logger=log)
            self._load(control, order.varying)
            states = _states(control, order)
            atoms = sorted(set().union(*states))
            told = tuple(_atom(atom) for atom in atoms)
        except _Refused as error:
            return Failed(str(error))
        except RuntimeError as error:
            if "bad_alloc" in str(error):
                os._exit(OUT_OF_MEMORY)
            first = said[0] if said else Fault(1, 1, str(error))
            return Failed(first.sentence, first.line, first.column)
        places = {atom: place for place, atom in enumerate(atoms)}
        return Solved(
            told,
            tuple(tuple(sorted(places[atom] for atom in state)) for state in states),
            tuple(sorted(set(said))),
        )

    def _options(self) -> list[str]:
        options = ["--warn=all", "--warn=no-atom-undefined", "2"]
        for name, value in self._policy.constants.items():
            options += ["-c", f"{name}={value}"]
        return options

    def _load(self, control: clingo.Control, varying: tuple[str, ...]) -> None:
        control.add("base", [], self._policy.text)
        shown = "".join(f"#show {level}/{arity}." for level in LEVELS for arity in ARITIES)
        control.add("base", [], f"{self._policy.rules}\n{shown}")
        control.add("base", [], "".join(f"#external {fact}." for fact in varying))
        control.add("base", [], self._facts.rules())
        control.ground([("base", [])], context=self._facts)


class Facts:
    """Facts that hold in all states: the grounder calls for them, as to let texts be parsed takes long."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, int], dict[str, clingo.Symbol]] = {}

    def change(self, fallen: Iterable[str], risen: Iterable[str]) -> None:
        """Let facts hold no longer, and others from now on."""
        for fact in fallen:
            for rows in self._rows.values():
                rows.pop(fact, None)
        for fact in risen:
            atom = clingo.parse_term(fact)
            rows = self._rows.setdefault((atom.name, len(atom.arguments)), {})
            rows[fact] = clingo.Tuple_(atom.arguments)

    def rules(self) -> str:
        """The rules by which the grounder gets all facts."""
        lines = []
        for (name, arity), rows in self._rows.items():
            if rows and arity:
                variables = ",".join(f"X{place}" for place in range(arity))
                lines.append(f'{name}({variables}) :- ({variables},) = @told("{name}",{arity}).')
            elif rows:
                lines.append(f"{name}.")
        return "\n".join(lines)

    def told(self, name: clingo.Symbol, arity: clingo.Symbol) -> list[clingo.Symbol]:
        """The arguments of all facts of a predicate."""
        return list(self._rows[name.string, arity.number].values())


def _states(control: clingo.Control, order: Solve) -> list[frozenset[clingo.Symbol]]:
    """What is found in each state."""
    symbols = [clingo.parse_term(fact) for fact in order.varying]
    known: dict[tuple[int, ...], frozenset[clingo.Symbol]] = {}
    holding: frozenset[int] = frozenset()
    for state in order.states:
        if state not in known:
            now = frozenset(state)
            for place in holding ^ now:
                control.assign_external(symbols[place], place in now)
            holding = now
            known[state] = _answer(control)
    return [known[state] for state in order.states]


def _answer(control: clingo.Control) -> frozenset[clingo.Symbol]:
    with control.solve(yield_=True) as handle:
        answers = []
        for model in handle:
            found = model.symbols(shown=True)
            if len(found) > MOST_FOUND:
                raise _Refused(f"there are more than {MOST_FOUND:,} findings in one state")
            answers.append(frozenset(found))
    if len(answers) != 1:
        few = "no answer" if not answers else "more than one answer"
        raise _Refused(f"the rules have {few} where there must be one: some rule denies what it stands on")
    return answers[0]


def _atom(symbol: clingo.Symbol) -> Atom:
    arguments = tuple(_value(argument, _DEEPEST) for argument in symbol.arguments)
    return Atom(symbol.name, arguments)


def _value(symbol: clingo.Symbol, deep: int) -> Argument:
    if symbol.type is clingo.SymbolType.Number:
        return symbol.number
    if symbol.type is clingo.SymbolType.String:
        return symbol.string
    if symbol.type is not clingo.SymbolType.Function or not deep:
        if not deep:
            raise _Refused(f"a finding holds a term that is nested more than {_DEEPEST} deep")
        return str(symbol)
    return Term(symbol.name, tuple(_value(argument, deep - 1) for argument in symbol.arguments))
