"""The sandbox's own process: it takes orders, solves, and can neither open files nor outlive its limits."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Iterable
from contextlib import nullcontext, suppress
from typing import BinaryIO

import clingo

from foretell.logic.policy.frames import (
    LENGTH,
    Atom,
    Failed,
    Order,
    Reply,
    Solve,
    Solved,
    Take,
    Taken,
    Vet,
    framed,
    order_of,
)
from foretell.logic.policy.lexing import Fault
from foretell.logic.policy.vetting import ARITIES, LEVELS, fault_of, vetted
from foretell.logic.vocabulary import Argument, Term

MOST_FOUND = 10_000
"""How many findings a state may have."""
MOST_NOTED = 20
_DEEPEST = 20
OUT_OF_MEMORY = 77
"""The exit status of a process that has no memory left."""


class _Refused(Exception):
    """A finding can't be told."""


def main(memory: int, seconds: int) -> None:
    """Answer orders until there are no more; `memory` is in bytes, `seconds` of the processor's time."""
    orders, replies = sys.stdin.buffer, sys.stdout.buffer
    confine(memory, seconds)
    replies.write(framed(Taken()))
    replies.flush()
    solver = Solver()
    while order := _next(orders):
        try:
            reply = solver.answered(order)
        except MemoryError:
            os._exit(OUT_OF_MEMORY)
        replies.write(framed(reply))
        replies.flush()


def confine(memory: int, seconds: int) -> None:
    """Take from this process whatever solving doesn't need; its pipes stay open."""
    with open("/proc/self/statm", "rb") if sys.platform == "linux" else open(os.devnull, "rb") as file:
        mapped = int((file.read().split() or [b"0"])[0]) * resource.getpagesize()
    limits = {
        # What is mapped by now, for the most part shared, doesn't count.
        resource.RLIMIT_AS: mapped + memory,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        # No file can be opened any more, whatever else a policy has got through.
        resource.RLIMIT_NOFILE: 0,
        resource.RLIMIT_NPROC: 0,
    }
    for each, most in limits.items():
        hard = resource.getrlimit(each)[1]
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        # Not every platform knows every limit; Linux does.
        with nullcontext() if sys.platform == "linux" else suppress(ValueError, OSError):
            resource.setrlimit(each, (value, value))


def _next(orders: BinaryIO) -> Order | None:
    head = orders.read(LENGTH)
    return order_of(orders.read(int.from_bytes(head, "big"))) if len(head) == LENGTH else None


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


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
