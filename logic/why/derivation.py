"""Derivations: which instances of which rules support an atom, down to the facts that were given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple

from foretell.logic.pertinent import Statement
from foretell.logic.solve import RULES, solve_text
from foretell.logic.vocabulary import Argument, Term, text_of
from foretell.logic.why.instrumented import ANY, COUNTS, DEFEATS, DERIVES, LACKS, SOUGHT, instrumented

_ASKED = "why_asked"
_MOST_COUNTED = 20
"""How many of the things that an aggregate counts are gone into."""


class Derivation(NamedTuple):
    """Why an atom holds: by a rule and what its body names, or as a fact, which has no rule.

    `denied` says that the atom does not hold; then `because` says what keeps a rule from deriving it. An atom
    that was told before, in the same derivation, is not gone into again.
    """

    atom: Term
    rule: Statement | None = None
    because: tuple[Derivation, ...] = ()
    denied: bool = False
    again: bool = False

    @property
    def text(self) -> str:
        """The atom as clingo writes it."""
        return f"{'not ' if self.denied else ''}{text_of(self.atom)}"

    def parts(self) -> Iterator[Derivation]:
        """This and everything beneath it, from the top."""
        yield self
        for each in self.because:
            yield from each.parts()

    def leaves(self) -> Iterator[Derivation]:
        """What isn't derived: facts, and what is denied."""
        return (part for part in self.parts() if part.rule is None)


class _Instance(NamedTuple):
    rule: Statement
    present: tuple[Term, ...]
    absent: tuple[Term, ...]
    counted: tuple[Term, ...]


@dataclass(frozen=True)
class Derivations:
    """What supports each atom that was asked about, and each that this leads to."""

    asked: tuple[Term, ...]
    _instances: dict[Term, list[_Instance]] = field(repr=False)
    _defeats: dict[Term, list[Term]] = field(repr=False)
    _lacks: dict[Term, list[Term]] = field(repr=False)

    def of(self, atom: Term) -> Derivation:
        """The derivation of an atom; one that nothing supports is taken for a fact."""
        return self._of(atom, set())[0]

    def _of(self, atom: Term, told: set[Term]) -> tuple[Derivation, ...]:
        """The derivations by each instance that supports the atom."""
        instances = self._instances.get(atom)
        if instances is None:
            return (Derivation(atom),)
        if atom in told:
            return (Derivation(atom, again=True),)
        told.add(atom)
        found = []
        for instance in instances:
            because = [each for one in instance.present for each in self._of(one, told)]
            because += [each for one in instance.counted for each in self._of(one, told)]
            because += [self._denied(one, told) for one in instance.absent]
            found.append(Derivation(atom, instance.rule, tuple(because)))
        return tuple(found)

    def _denied(self, atom: Term, told: set[Term]) -> Derivation:
        denial = Term("not", (atom,))
        if denial in told:
            return Derivation(atom, denied=True, again=True)
        told.add(denial)
        because = [each for one in self._defeats.get(atom, ()) for each in self._of(one, told)]
        because += [self._denied(one, told) for one in self._lacks.get(atom, ())]
        return Derivation(atom, because=tuple(because), denied=True)

    def every(self, atom: Term) -> tuple[Derivation, ...]:
        """The derivations of an atom by each of the rules' instances that support it."""
        return self._of(atom, set())


def derivations(files: Iterable[str], facts: str, *asked: str) -> Derivations:
    """The derivations of all atoms that match what is asked, such as `refuses("worker-1",Pod,Reason)`.

    What a denied atom says of anything at all (`why_any`) matches all. Raises RulesError.
    """
    asked = tuple(_matching(pattern) for pattern in asked)
    given = frozenset([line.partition("(")[0].rstrip(".") for line in facts.splitlines()])
    names = frozenset([pattern.partition("(")[0] for pattern in asked])
    program = instrumented(tuple(RULES / name for name in files), given, names)
    questions = [f"{_ASKED}({pattern}) :- {pattern}." for pattern in asked]
    questions += [f"{SOUGHT}(Atom) :- {_ASKED}(Atom).", f"#show {_ASKED}/1."]
    answer = solve_text("\n".join((program.text, *questions)), facts)
    instances: dict[Term, list[_Instance]] = {}
    counted: dict[tuple[int, Term], list[Term]] = {}
    for number, head, atoms in answer.get(COUNTS, ()):
        assert isinstance(number, int)
        assert isinstance(head, Term)
        assert isinstance(atoms, Term)
        counted.setdefault((number, head), []).extend(_terms(atoms.arguments))
    for number, head, body in sorted(answer.get(DERIVES, ()), key=_order):
        assert isinstance(number, int)
        assert isinstance(head, Term)
        assert isinstance(body, Term)
        some = sorted(dict.fromkeys(counted.get((number, head), ())), key=text_of)[:_MOST_COUNTED]
        present = _marked(body, "yes")
        absent = (*_marked(body, "no"), *_marked(body, "none"))
        others = tuple(atom for atom in some if atom not in present)
        instances.setdefault(head, []).append(_Instance(program.rules[number], present, absent, others))
    defeats, lacks = _by_head(answer.get(DEFEATS, ())), _by_head(answer.get(LACKS, ()))
    roots = sorted(_terms(atom for (atom,) in answer.get(_ASKED, ())), key=text_of)
    return Derivations(tuple(roots), instances, defeats, lacks)


def _matching(pattern: str) -> str:
    """What is asked, with a variable for each argument that may be anything."""
    number = count(1)
    return re.sub(rf"\b{ANY}\b", lambda _: f"Any{next(number)}", pattern)


def _by_head(atoms: Iterable[tuple[Argument, ...]]) -> dict[Term, list[Term]]:
    found: dict[Term, list[Term]] = {}
    for _, head, atom in sorted(atoms, key=_order):
        found.setdefault(_term(head), []).append(_term(atom))
    return found


def _order(atom: tuple[Argument, ...]) -> tuple[str, ...]:
    return tuple(f"{each:06}" if isinstance(each, int) else text_of(each) for each in atom)


def _marked(body: Term, mark: str) -> tuple[Term, ...]:
    """The atoms of a body that bear a mark."""
    return tuple(
        _term(each.arguments[0]) for each in body.arguments if isinstance(each, Term) and each.name == mark
    )


def _terms(arguments: Iterable[Argument]) -> Iterator[Term]:
    return map(_term, arguments)


def _term(argument: Argument) -> Term:
    assert isinstance(argument, Term)
    return argument
