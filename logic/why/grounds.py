"""Grounds: what the rules derived, with the rule, the fields that it stands on, and words."""

from __future__ import annotations

from collections.abc import Iterable

from foretell.logic.pertinent import Statement
from foretell.logic.vocabulary import Argument, Term
from foretell.logic.why.derivation import Derivation, Derivations
from foretell.logic.why.origins import Origins
from foretell.logic.why.words import FREED, said, unmet
from foretell.model.cluster import Cluster
from foretell.model.explanation import AnyCode, Code, Ground, Rule, Source, Step
from foretell.model.meta import Key


def ground(
    code: AnyCode,
    derived: Iterable[Derivation],
    origins: Origins,
    *,
    sentence: str,
    about: str = "",
    remedy: str = "",
    first: Iterable[Source] = (),
) -> Ground:
    """A ground with its derivations; `first` are fields that stand before those of the derivation."""
    some = tuple(derived)
    rule = next((_deciding(one) for one in some), None)
    return Ground(
        code=code, about=about, sentence=sentence, remedy=remedy,
        rule=_rule(rule) if rule is not None else None,
        sources=tuple(dict.fromkeys((*first, *origins.all_of(some)))),
        because=tuple(step(one, origins) for one in some),
    )  # fmt: skip


def of_field(
    cluster: Cluster, key: Key, path: str, code: AnyCode, sentence: str, *, about: str = "", remedy: str = ""
) -> Ground:
    """A ground that a field of an object is by itself."""
    source = Origins(cluster).at(key, path)
    return Ground(code=code, about=about, sentence=sentence, remedy=remedy, sources=(source,))


def ground_for_node(code: Code, about: str, atom: Term, found: Derivations, origins: Origins) -> Ground:
    """A ground for or against a node, told by a derived atom."""
    derived = found.every(atom)
    detail = unmet_text(code, derived, origins)
    sentence = said(code, about) + (f": {detail}" if detail else "")
    return ground(code, derived, origins, sentence=sentence, about=about, remedy=FREED.get(code, ""))


def unmet_text(code: Code, derived: Iterable[Derivation], origins: Origins) -> str:
    """Of a selector or an affinity: the labels that are asked for, and what the node has; else nothing."""
    selects = code in (Code.NODE_SELECTOR, Code.NODE_AFFINITY)
    return unmet(_asked_and_borne(derived, origins)) if selects else ""


def _asked_and_borne(derived: Iterable[Derivation], origins: Origins) -> Iterable[tuple[Source, Source]]:
    """The expressions of selectors that aren't met, each with what the node has in place of it."""
    for one in derived:
        for part in one.parts():
            if part.denied and part.atom.name == "met":
                _, selector, index = part.atom.arguments
                asked = origins.of(Derivation(Term("expression", (selector, index))))
                borne = origins.of(part)
                if asked is not None and borne is not None:
                    yield asked, borne


def code_of(reason: Argument) -> Code:
    """The code of a reason of the rules for or against a node."""
    assert isinstance(reason, Term)
    return Code(reason.name.replace("_", "-"))


def taint_text(taint: Term) -> str:
    """A taint as kubectl writes it."""
    key, value, effect = map(str, taint.arguments)
    return f"{key}{'=' if value else ''}{value}:{effect}"


def step(derivation: Derivation, origins: Origins) -> Step:
    """A derivation as a value."""
    return Step(
        holds=derivation.text,
        rule=_rule(derivation.rule) if derivation.rule is not None else None,
        source=origins.of(derivation) if derivation.rule is None else None,
        because=tuple(step(one, origins) for one in derivation.because),
    )


# What says more than the rule above it: why something is waited for, a pod placed, or a node refused.
_DECIDING = frozenset({"concerns", "places", "rolls_onto", "futile", "astray", "repels"})


def _deciding(derivation: Derivation) -> Statement | None:
    """The rule that decides: those that only hand on what another one derived are passed over."""
    while True:
        within = [one for one in derivation.because if one.rule is not None]
        further = next((one for one in within if one.atom.name in _DECIDING), None)
        if further is None and len(derivation.because) == 1 and within:
            (further,) = within
        if further is None:
            return derivation.rule
        derivation = further


def _rule(statement: Statement) -> Rule:
    return Rule(file=statement.file, line=statement.line, law=statement.law)
