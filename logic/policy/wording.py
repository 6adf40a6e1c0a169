"""The words of a policy: what its notes say of it, and findings as sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from foretell.logic.policy.lexing import Fault, Note
from foretell.logic.policy.terms import key_of
from foretell.logic.vocabulary import Argument, Term, text_of
from foretell.model.meta import Key

_NOTE = re.compile(r"([a-z]\w*)(?:\(([^)]*)\))?:\s*(\S.*)")
_HOLE = re.compile(r"\{(\w+)\}")
_SUBJECT = "Subject"
_LONGEST = 1000
"""How many characters, and how many pieces, of a term are told."""


class Template(NamedTuple):
    """A sentence with holes, by the names that its term's arguments have."""

    arguments: tuple[str, ...]
    sentence: str


class Words(NamedTuple):
    """What the notes of a file say of its policies, and in which lines they begin; and of its terms."""

    titles: dict[str, str]
    lines: dict[str, int]
    helps: dict[str, str]
    templates: dict[tuple[str, int], Template]


def words_of(notes: Iterable[Note]) -> tuple[Words, tuple[Fault, ...]]:
    """The words of a file, and the notes that can't be understood.

    `%! name: sentence` says what a policy is for, and if there are several, what helps against it;
    `%! name(Argument, …): sentence` how a term is told, a message above all, with `{Argument}` and
    `{Subject}` in it.
    """
    words, faults = Words({}, {}, {}, {}), []
    for line, text in notes:
        match = _NOTE.fullmatch(text)
        if match is None:
            faults.append(
                Fault(line, 1, "a note reads `%! policy: sentence` or `%! message(Argument, …): sentence`")
            )
            continue
        name, arguments, sentence = match.groups()
        if arguments is None:
            if name not in words.titles:
                words.titles[name], words.lines[name] = sentence, line
            else:
                words.helps[name] = f"{words.helps[name]} {sentence}" if name in words.helps else sentence
            continue
        named = tuple(part.strip() for part in arguments.split(",") if part.strip())
        unknown = [hole for hole in _HOLE.findall(sentence) if hole not in (*named, _SUBJECT)]
        if unknown:
            faults.append(Fault(line, 1, f"{{{unknown[0]}}} is no argument of {name}"))
        words.templates[name, len(named)] = Template(named, sentence)
    return words, tuple(faults)


class Speaker:
    """Says terms; `called` says how objects are called, `kinds` are those of the clusters."""

    def __init__(self, called: Callable[[Key], str], kinds: Iterable[str]) -> None:
        self._called, self._kinds = called, tuple(kinds)

    def key(self, term: Argument) -> Key | None:
        """The key of the object that a term names, if it names one."""
        return key_of(term, self._kinds)

    def term(self, term: Argument, words: Words, subject: Argument = "") -> str:
        """A term as people read it, unless it is very long: an object by its name, others by templates."""
        text = ""
        # Templates within templates may multiply without end, even where nothing is in them.
        for count, piece in enumerate(self._pieces(term, words, subject)):
            text += piece[:_LONGEST]
            if max(len(text), count) > _LONGEST:
                return text[:_LONGEST] + "…"
        return text

    def _pieces(self, term: Argument, words: Words, subject: Argument) -> Iterator[str]:
        name, arguments = term if isinstance(term, Term) else ("", ())
        template = words.templates.get((name, len(arguments)))
        key = self.key(term)
        if isinstance(term, str):
            yield term
        elif key is not None:
            yield self._called(key)
        elif template is None:
            yield text_of(term)
        else:
            given = {_SUBJECT: subject, **dict(zip(template.arguments, arguments, strict=True))}
            for place, piece in enumerate(_HOLE.split(template.sentence)):
                if place % 2:
                    yield from self._pieces(given[piece], words, "")
                else:
                    yield piece
