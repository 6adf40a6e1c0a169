"""The vocabulary of the rules, facts and answers, as people and programs read it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from foretell.api.telling.rulebook import Page, Predicate, rulebook

INPUTS = "inputs.lp"
_VERSION = re.compile(r"^vocabulary\((\d+), (\d+)\)\.", re.MULTILINE)
_PREFACE = (
    "`foretell rules --vocabulary` prints this page, from the rules' own words; "
    "[embedding.md](embedding.md) tells how to\nuse it, and what is promised.\n"
)
_Signature = tuple[str, int]


class Entry(NamedTuple):
    """An entry point of the rules, with the answers that it shows; those of `beside` are left out."""

    file: str
    about: str
    beside: str
    answers: tuple[Predicate, ...]


class Lexicon(NamedTuple):
    """The vocabulary: its version, the facts that rules read, and the entry points with their answers.

    `between` is what else is described, and can be asked for with `#show`.
    """

    version: str
    facts: tuple[Predicate, ...]
    entries: tuple[Entry, ...]
    between: tuple[Predicate, ...]

    def signatures(self) -> tuple[str, ...]:
        """What is promised, such as `fact node(Node)` and `sync.lp deletes(Controller, Pod, Reason)`."""
        answers = (f"{entry.file} {answer}" for entry in self.entries for answer in entry.answers)
        return (*(f"fact {fact}" for fact in self.facts), *answers)


def lexicon() -> Lexicon:
    """The vocabulary as the rules' own files describe it, in their order."""
    pages = {page.name: page for page in rulebook()}
    described = {(p.name, len(p.arguments)): p for page in pages.values() for p in page.predicates}
    shown = {page.name: tuple(_shown(page, pages)) for page in pages.values() if page.includes}
    facts = pages[INPUTS].predicates
    told = {*((p.name, len(p.arguments)) for p in facts), *chain.from_iterable(shown.values())}
    [(major, minor)] = _VERSION.findall(pages[INPUTS].source)
    return Lexicon(
        version=f"{major}.{minor}",
        facts=facts,
        entries=tuple(_entry(pages[name], shown, described) for name in shown),
        between=tuple(predicate for signature, predicate in described.items() if signature not in told),
    )


def _shown(page: Page, pages: dict[str, Page]) -> Iterator[_Signature]:
    """What a file and those that it includes show."""
    yield from page.shows
    for name in page.includes:
        yield from _shown(pages[name], pages)


def _entry(
    page: Page, shown: dict[str, tuple[_Signature, ...]], described: dict[_Signature, Predicate]
) -> Entry:
    """An entry point; what another one shows that it takes over as a whole isn't told again."""
    mine = shown[page.name]
    within = [name for name, some in shown.items() if set(some) < set(mine)]
    beside = max(within, key=lambda name: len(shown[name]), default="")
    others = shown.get(beside, ())
    return Entry(page.name, page.about, beside, tuple(described[one] for one in mine if one not in others))


def document(told: Lexicon) -> dict[str, object]:
    """The vocabulary in JSON form."""
    return {
        "version": told.version,
        "facts": [_described(fact) for fact in told.facts],
        "entries": [
            {
                "file": entry.file,
                "about": entry.about,
                "beside": entry.beside,
                "answers": [_described(answer) for answer in entry.answers],
            }
            for entry in told.entries
        ],
        "between": [_described(predicate) for predicate in told.between],
    }


def _described(predicate: Predicate) -> dict[str, object]:
    return {"name": predicate.name, "arguments": predicate.arguments, "about": predicate.about}


def markdown(told: Lexicon) -> str:
    """The vocabulary as a document."""
    parts = [
        f"# The vocabulary of the rules, version {told.version}\n",
        _PREFACE,
        "## Facts\n",
        "What every entry point may be given; `foretell facts` tells a state so.\n",
        _table("fact", told.facts),
        "## Answers\n",
        "What each entry point shows.\n",
    ]
    for entry in told.entries:
        beside = f" It answers all that {entry.beside} does, and:" if entry.beside else ""
        parts += [f"### {entry.file}\n", f"{entry.about}.{beside}\n", _table("answer", entry.answers)]
    parts += [
        "## In between\n",
        "What rules derive on their way, and `#show` can ask for. This may change with the laws.\n",
        _table("predicate", told.between),
    ]
    return "\n".join(parts)


def _table(head: str, predicates: tuple[Predicate, ...]) -> str:
    rows = (f"| `{predicate}` | {predicate.about} |\n" for predicate in predicates)
    return f"| {head} | says |\n|---|---|\n" + "".join(rows)
