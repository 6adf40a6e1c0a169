"""The gate: a policy's text is looked through before any parser sees it, and only what is plain gets through.

clingo reads a file at `#include` while it parses. So what is parsed isn't the text as it was written, but
what is made of it here: without comments, and with no other `#` words, texts and characters than are known.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

MOST_NESTED = 50
"""How deep brackets may be nested."""
_MOST_FAULTS = 20
_GREATEST = 2**31 - 1
_MOST_DIGITS = 10
_WORDS = frozenset({
    "#const", "#count", "#sum", "#min", "#max", "#true", "#false", "#inf", "#infimum", "#sup", "#supremum",
})  # fmt: skip
_TOKEN = re.compile(
    r"""(?P<blank>[ \t\r\n]+)
    | (?P<note>%!(?P<said>[^\n]*))
    | (?P<block>%\*)
    | (?P<comment>%[^\n]*)
    | (?P<text>"(?:[^"\\\n\x00-\x1f\x7f]|\\["\\n])*")
    | (?P<word>\#[A-Za-z_]*)
    | (?P<weak>:~)
    | (?P<call>@)
    | (?P<theory>&)
    | (?P<open>[({\[])
    | (?P<close>[)}\]])
    | (?P<quote>")
    | (?P<plain>[A-Za-z0-9_']+|[\x21-\x7e])
    """,
    re.VERBOSE,
)
_REFUSED = {
    "weak": "weak constraints are not for policies",
    "call": "calls of functions are not for policies",
    "theory": "'&' is not for policies",
    "quote": r'this text has no end on its line, or holds a control character or an escape '
    r'other than \", \\ and \n',
}  # fmt: skip
_BLOCK_EDGE = re.compile(r"%\*|\*%")


class Note(NamedTuple):
    """A line that begins with `%!`: where it stands, and what it says."""

    line: int
    text: str


class Fault(NamedTuple):
    """What is wrong, and where: lines and columns count from 1."""

    line: int
    column: int
    sentence: str


class Plain(NamedTuple):
    """A text that clingo may parse, everything at its place; its notes, and what is wrong with it."""

    text: str
    notes: tuple[Note, ...]
    faults: tuple[Fault, ...]


def plain(text: str) -> Plain:
    """What gets through of a policy's text; nothing of it may be parsed where there are faults."""
    starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def fault(place: int, sentence: str) -> Fault:
        line = bisect_right(starts, place)
        return Fault(line, place - starts[line - 1] + 1, sentence)

    kept: list[str] = []
    notes: list[Note] = []
    faults: list[Fault] = []
    place, depth = 0, 0
    while place < len(text) and len(faults) < _MOST_FAULTS:
        token = _TOKEN.match(text, place)
        kind = token.lastgroup if token else ""
        if token is None:
            faults.append(fault(place, f"the character {text[place]!r} may stand in texts alone"))
            place += 1
            continue
        found, end = token[0], token.end()
        if token["note"] is not None:
            notes.append(Note(bisect_right(starts, place), token["said"].strip()))
            kept.append(_blank(found))
        elif kind == "comment":
            kept.append(_blank(found))
        elif kind == "block":
            end = _end_of_block(text, place)
            if end < 0:
                faults.append(fault(place, "this comment has no end: expected *%"))
                break
            kept.append(_blank(text[place:end]))
        elif found.isdigit() and (len(found) > _MOST_DIGITS or int(found) > _GREATEST):
            faults.append(fault(place, f"numbers go up to {_GREATEST:,}"))
        elif kind == "word" and found not in _WORDS:
            faults.append(fault(place, f"{found} is not for policies"))
        elif kind in _REFUSED:
            faults.append(fault(place, _REFUSED[kind or ""]))
            if kind == "quote":
                break
        else:
            depth += (kind == "open") - (kind == "close")
            if depth > MOST_NESTED:
                faults.append(fault(place, f"brackets are nested more than {MOST_NESTED} deep"))
                break
            kept.append(found)
        place = end
    return Plain("".join(kept), tuple(notes), tuple(faults))


def _end_of_block(text: str, start: int) -> int:
    """Where a comment ends that may hold others; -1 where it doesn't."""
    depth, place = 0, start
    while edge := _BLOCK_EDGE.search(text, place):
        depth += 1 if edge[0] == "%*" else -1
        place = edge.end()
        if not depth:
            return place
    return -1


def _blank(text: str) -> str:
    return re.sub(r"[^\r\n]", " ", text)
