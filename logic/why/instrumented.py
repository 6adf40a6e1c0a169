"""Rules that say of themselves which of their instances support what is asked about.

For a rule `head :- a, not b, #sum { … } = N` there is another one that derives `why_derives`, with the head
and what the body asks for, wherever the head is sought; what its body names is sought in turn. So a program
of both gives exactly the derivations of what is asked about, and no other rule is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from foretell.logic.pertinent import Names, Statement, cone

DERIVES, ABSENT, COUNTS, DEFEATS, LACKS, SOUGHT = (
    "why_derives", "why_absent", "why_counts", "why_defeats", "why_lacks", "why_sought",
)  # fmt: skip
"""An instance of a rule, what isn't there, what an aggregate counts, and why a rule doesn't apply: something
holds that it denies, or the first of what it asks for doesn't."""
ANY = "why_any"
"""Stands for an argument of a denied atom that may be anything."""

_ANONYMOUS = re.compile(r'"(?:\\.|[^"\\])*"|\b_\b')
_ATOM = re.compile(r"[a-z]\w*(?:\(.*\))?\Z", re.DOTALL)
_COMPARED = re.compile(r"(.*?[^<>!=])(<=|>=|<|>)([^<>=].*)\Z", re.DOTALL)
_AGGREGATE = re.compile(r"#\w+\s*\{(.*)\}", re.DOTALL)
_TEXT = re.compile(r'"(?:\\.|[^"\\])*"')
_VARIABLE = re.compile(r"\b[A-Z]\w*")


class Instrumented(NamedTuple):
    """A program with the rules that tell of the others, and the rules by their numbers in it."""

    text: str
    rules: tuple[Statement, ...]


@lru_cache(maxsize=128)
def instrumented(files: tuple[Path, ...], given: Names, asked: Names) -> Instrumented:
    """The rules by which given predicates lead to those that are asked about, telling of themselves."""
    rules = cone(files, given, asked)
    parts = [_parts(rule) for rule in rules]
    there = [part for part in parts if part is not None]
    denied = _denied(there)
    lines = [rule.text for rule in rules]
    for number, part in enumerate(parts):
        if part is not None:
            lines += part.telling(number)
            if _name(part.head) in denied:
                lines += part.defeats(number)
    lines += _seeking(there)
    lines += [f"#show {name}/3." for name in (DERIVES, COUNTS, DEFEATS, LACKS)]
    return Instrumented("\n".join(lines), rules)


def _denied(parts: Iterable[_Parts]) -> set[str]:
    """The predicates of which something may be denied, and those that they are derived from."""
    some = list(parts)
    denied = {_name(atom) for part in some for atom in part.negative if not _is_open(atom)}
    while True:
        more = {_name(atom) for part in some if _name(part.head) in denied for atom in part.positive}
        if more <= denied:
            return denied
        denied |= more


def _seeking(parts: Iterable[_Parts]) -> Iterator[str]:
    """The rules that seek what instances name, by how much they name and where it stands."""
    told: set[tuple[str, str, int, int]] = set()
    for part in parts:
        marks = [atom.partition("(")[0] for atom in part.told]
        for place, mark in enumerate(marks):
            if mark in _SEEKS:
                told.add((DERIVES, mark, place, len(marks)))
        for element in part.elements:
            told.update((COUNTS, "", place, len(element)) for place in range(len(element)))
    for predicate, mark, place, length in sorted(told):
        some = ["_"] * length
        some[place] = f"{mark}(Atom)" if mark else "Atom"
        yield f"{_SEEKS[mark]}(Atom) :- {predicate}(_,_,({','.join(some)},))."
    yield f"{SOUGHT}(Atom) :- {DEFEATS}(_,_,Atom)."
    yield f"{ABSENT}(Atom) :- {LACKS}(_,_,Atom)."


# By the mark of what an instance names: what has to be sought of it.
_SEEKS = {"yes": SOUGHT, "no": ABSENT, "": SOUGHT}


@lru_cache(maxsize=4096)
def _parts(rule: Statement) -> _Parts | None:
    return _Parts.of(rule)


class _Parts(NamedTuple):
    """A rule taken apart; pools and anonymous variables have got names, which `bindings` bind."""

    head: str
    positive: tuple[str, ...]
    negative: tuple[str, ...]
    comparisons: tuple[str, ...]
    elements: tuple[tuple[str, ...], ...]
    bindings: tuple[str, ...]
    others: tuple[str, ...]

    @classmethod
    def of(cls, rule: Statement) -> _Parts | None:
        """The parts of a rule; None for what is none, or leaves a choice."""
        head, _, body = _cut(rule.text[:-1])
        if rule.text.startswith("#") or not _ATOM.match(head):
            return None
        names = _Fresh(known=frozenset(_VARIABLE.findall(re.sub(r"\{.*?\}", "", rule.text, flags=re.DOTALL))))
        bound = names.named(head)
        positive, negative, comparisons, elements, others = [], [], [], [], []
        for literal in _split(body):
            aggregate = _AGGREGATE.search(literal)
            if aggregate:
                others.append(literal)
                elements += [names.element(element) for element in _split(aggregate[1], ";")]
            elif literal.startswith("not ") and _ATOM.match(literal[4:].strip()):
                negative.append(literal[4:].strip())
            elif _ATOM.match(literal):
                positive.append(names.named(literal))
            else:
                others.append(literal)
                if _COMPARED.match(literal):
                    comparisons.append(literal)
        return cls(
            bound, tuple(positive), tuple(negative), tuple(comparisons), tuple(filter(None, elements)),
            tuple(names.bindings), tuple(others),
        )  # fmt: skip

    @property
    def body(self) -> tuple[str, ...]:
        """What the body asks for, as it stands but for its names."""
        return (*self.positive, *self.bindings, *(f"not {atom}" for atom in self.negative), *self.others)

    @property
    def told(self) -> tuple[str, ...]:
        """What is told of an instance: what is there, and what isn't; `none` of anything at all."""
        return (
            *(f"yes({atom})" for atom in self.positive),
            *(f"{'none' if _is_open(a) else 'no'}({_ANONYMOUS.sub(_any, a)})" for a in self.negative),
            *map(_comparison, self.comparisons),
        )

    def telling(self, number: int) -> Iterator[str]:
        """The rules that tell of this one's instances, and of what it counts."""
        sought = f"{SOUGHT}({self.head})"
        told = ",".join((*self.told, ""))
        yield f"{DERIVES}({number},{self.head},({told})) :- {', '.join((sought, *self.body))}."
        for element in self.elements:
            counted = f"{COUNTS}({number},{self.head},({','.join(element)},))"
            yield f"{counted} :- {', '.join((sought, *self.body, *element))}."

    def defeats(self, number: int) -> Iterator[str]:
        """The rules that tell what keeps this one from deriving what is absent: what it denies holds."""
        for place, denied in enumerate(self.negative):
            atom = _Fresh(f"Denied{place}").named(denied)
            wanted = (f"{ABSENT}({self.head})", *self.positive, *self.bindings, *self.others, atom)
            yield f"{DEFEATS}({number},{self.head},{atom}) :- {', '.join(wanted)}."
        known = set(_VARIABLE.findall(_TEXT.sub("", self.head)))
        for place, atom in enumerate(self.positive):
            variables = set(_VARIABLE.findall(_TEXT.sub("", atom)))
            if variables <= known and not self.bindings:
                wanted = (f"{ABSENT}({self.head})", *self.positive[:place], f"not {atom}")
                yield f"{LACKS}({number},{self.head},{atom}) :- {', '.join(wanted)}."
            known |= variables


class _Fresh:
    """Gives names to what has none: anonymous variables, pools, and sums; `known` are variables of a rule."""

    def __init__(self, stem: str = "Fresh", known: Names = frozenset()) -> None:
        self.bindings: list[str] = []
        self._stem, self._count, self._known = stem, 0, known

    def _next(self) -> str:
        self._count += 1
        return f"{self._stem}{self._count}"

    def named(self, atom: str) -> str:
        """An atom whose variables all have names, without pools and sums."""
        for pool in (*_pools(atom), *_sums(atom)):
            name = self._next()
            self.bindings.append(f"{name} = {pool}")
            atom = atom.replace(pool, name, 1)
        return _ANONYMOUS.sub(lambda match: match[0] if match[0] != "_" else self._next(), atom)

    def element(self, element: str) -> tuple[str, ...]:
        """The atoms of an aggregate's element; what only it knows gets another name than in the aggregate."""
        conditions = _split(_VARIABLE.sub(self._apart, element.partition(":")[2]))
        return tuple(self.named(each) for each in conditions if _ATOM.match(each))

    def _apart(self, match: re.Match[str]) -> str:
        return match[0] if match[0] in self._known else f"Local{match[0]}"


def _is_open(atom: str) -> bool:
    """Whether an atom has an anonymous variable."""
    return bool(re.search(r"\b_\b", _TEXT.sub("", atom)))


def _any(match: re.Match[str]) -> str:
    return ANY if match[0] == "_" else match[0]


def _comparison(text: str) -> str:
    match = _COMPARED.match(text)
    assert match is not None
    return f'is("{match[2]}",{match[1].strip()},{match[3].strip()})'


def _name(atom: str) -> str:
    return atom.partition("(")[0]


def _cut(text: str) -> tuple[str, str, str]:
    head, sign, body = text.partition(":-")
    return head.strip(), sign, body


def _split(text: str, at: str = ",") -> list[str]:
    """The parts between separators that stand in no text, parenthesis or brace."""
    parts, depth, start, inside = [], 0, 0, False
    for place, character in enumerate(text):
        if character == '"' and text[place - 1] != "\\":
            inside = not inside
        elif inside:
            continue
        elif character in "({":
            depth += 1
        elif character in ")}":
            depth -= 1
        elif character == at and depth == 0:
            parts.append(text[start:place])
            start = place + 1
    return [part.strip() for part in (*parts, text[start:]) if part.strip()]


def _sums(atom: str) -> list[str]:
    """The arguments of an atom that are calculated."""
    arguments = _split(atom.partition("(")[2][:-1])
    return [each for each in arguments if re.search(r"\w\s*[-+*/]\s*\w", _TEXT.sub("", each))]


def _pools(atom: str) -> Iterable[str]:
    """The pools of an atom, such as `("Equal"; "")`, the outer ones."""
    opened: list[int] = []
    pools: set[int] = set()
    found: list[str] = []
    for place, character in enumerate(_TEXT.sub(lambda match: "_" * len(match[0]), atom)):
        if character == "(":
            opened.append(place)
        elif character == ";":
            pools.add(opened[-1])
        elif character == ")":
            start = opened.pop()
            if start in pools:
                found.append(atom[start : place + 1])
    return found
