"""Policies that may be judged: through the gate, looked through in the sandbox, every word in them known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import NamedTuple

from foretell.logic.policy.frames import Head, Mention, Vet, Vetted
from foretell.logic.policy.lexing import Fault, plain
from foretell.logic.policy.moments import sorts_of
from foretell.logic.policy.sandbox import Sandbox
from foretell.logic.policy.wording import Words, words_of
from foretell.logic.policy.words import needed, words
from foretell.logic.vocabulary import text_of
from foretell.model.errors import PolicyError
from foretell.model.policy import Policy

_MOST_TOLD = 20
_GREATEST = 2**31 - 1
FINDINGS = frozenset({"deny", "warn"})


class Ready(NamedTuple):
    """A policy that may be judged: what clingo reads of it, and what it needs to be told.

    `rules` are those of the vocabulary that it stands on, `paths` the fields that it asks for, or None for
    all; `sums` says that it gives a sum a name.
    """

    source: str
    text: str
    words: Words
    heads: tuple[Head, ...]
    constants: tuple[str, ...]
    told: tuple[str, ...]
    rules: str
    paths: frozenset[str] | None
    sums: bool

    @property
    def sorts(self) -> frozenset[str]:
        """The sorts of moments in which it can find anything."""
        return frozenset().union(*(sorts_of(head.conditions) for head in self.heads))


def vetted(policies: Iterable[Policy], sandbox: Sandbox) -> tuple[Ready, ...]:
    """The policies, looked through; raises PolicyError with every fault of all of them."""
    faults: list[str] = []
    ready: list[Ready] = []
    for policy in policies:
        text, notes, found = plain(policy.text)
        said, unclear = words_of(notes)
        looked = Vetted(found + unclear)
        if not looked.faults:
            reply = sandbox.ask(Vet(text))
            if not isinstance(reply, Vetted):
                raise PolicyError(f"{policy.source}: {getattr(reply, 'sentence', 'no answer')}")
            looked = reply
        here = looked.faults or tuple(sorted(_faults(looked, said)))
        faults += [placed(policy.source, fault) for fault in here[:_MOST_TOLD]]
        if len(here) > _MOST_TOLD:
            faults.append(f"{policy.source}: and {len(here) - _MOST_TOLD:,} faults more")
        told, rules = needed(each.name for each in looked.asked)
        paths = None if looked.paths is None else frozenset(looked.paths)
        ready.append(
            Ready(policy.source, text, said, looked.heads, looked.constants, told, rules, paths, looked.sums)
        )
    if faults:
        raise PolicyError(*faults)
    return tuple(ready)


def placed(source: str, fault: Fault) -> str:
    """A fault with its place before it."""
    return f"{source}:{fault.line}:{fault.column}: {fault.sentence}"


def given(policies: Iterable[Ready], constants: Mapping[str, str | int]) -> tuple[dict[str, str], ...]:
    """The constants that are set from outside, for each policy those that it has, as clingo reads them.

    Raises PolicyError for one that no policy has.
    """
    policies = tuple(policies)
    known = sorted({name for policy in policies for name in policy.constants})
    for name in constants:
        if name not in known:
            raise PolicyError(f"no policy has a constant {name!r}{_guess(name, known)}")
        if isinstance(constants[name], int) and abs(int(constants[name])) > _GREATEST:
            raise PolicyError(f"the constant {name} is too large: numbers go up to {_GREATEST:,}")
    texts = {name: text_of(value) for name, value in constants.items()}
    return tuple(
        {name: text for name, text in texts.items() if name in policy.constants} for policy in policies
    )


def _faults(looked: Vetted, said: Words) -> Iterable[Fault]:
    """What is wrong with the words of a policy."""
    made = {(each.name, each.arity) for each in looked.made}
    for each in looked.made:
        if each.name in words():
            yield _fault(
                each, f"{each.name} belongs to the vocabulary and can't be derived: take another name"
            )
    for each in looked.asked:
        if each.name in FINDINGS:
            yield _fault(each, f"{each.name} can't be asked for: it is what a policy finds")
        elif (each.name, each.arity) not in made and not _is_known(each):
            yield _fault(each, _unknown(each, {name for name, _ in made}))
    if not looked.heads and not any(each.name in FINDINGS for each in looked.made):
        yield Fault(1, 1, "it finds nothing: expected a rule that derives deny(…) or warn(…)")
    policies = {head.policy for head in looked.heads}
    for head in looked.heads:
        if head.policy in looked.constants:
            yield Fault(head.line, 1, f"{head.policy} is a constant: a policy has a name of its own")
    for name, line in said.lines.items():
        if name not in policies:
            yield Fault(line, 1, f"no rule denies or warns of {name}{_guess(name, policies)}")


def _is_known(mention: Mention) -> bool:
    word = words().get(mention.name)
    return word is not None and len(word.arguments) == mention.arity


def _unknown(mention: Mention, made: Iterable[str]) -> str:
    word = words().get(mention.name)
    if word is not None:
        return f"{mention.name} doesn't take {mention.arity} arguments: expected {word.written}"
    near = get_close_matches(mention.name, {*words(), *made} - FINDINGS, n=1)
    guess = f": did you mean {words()[near[0]].written if near[0] in words() else near[0]}?" if near else ""
    return f"{mention.name}/{mention.arity} is neither told nor derived{guess}"


def _guess(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1)
    return f": did you mean {near[0]}?" if near else ""


def _fault(mention: Mention, sentence: str) -> Fault:
    return Fault(mention.line, mention.column, sentence)
