"""The rule files as a book: what each decides, and the predicates that it describes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from foretell.logic.solve import RULES

_DOCSTRING = re.compile(r"%\*!\s*(\w+)(?:\(([^)]*)\))?\s*(.*?)\*%", re.DOTALL)
_INCLUDE = re.compile(r'^#include "([^"]+)"\.', re.MULTILINE)
_SHOWN = re.compile(r"^#show (\w+)/(\d+)\.", re.MULTILINE)


class Predicate(NamedTuple):
    """A described predicate."""

    name: str
    arguments: tuple[str, ...]
    about: str
    file: str

    def __str__(self) -> str:
        return f"{self.name}({', '.join(self.arguments)})" if self.arguments else self.name


class Page(NamedTuple):
    """A file of rules; `about` is the first sentence of its banner, `shows` the answers, with their arity."""

    name: str
    about: str
    includes: tuple[str, ...]
    shows: tuple[tuple[str, int], ...]
    source: str
    predicates: tuple[Predicate, ...]


def rulebook() -> tuple[Page, ...]:
    """Every file of rules, by name."""
    return tuple(_page(path) for path in sorted(RULES.rglob("*.lp")))


def _page(path: Path) -> Page:
    source = path.read_text(encoding="utf-8")
    return Page(
        name=path.name,
        about=about(source),
        includes=tuple(_INCLUDE.findall(source)),
        shows=tuple((name, int(arity)) for name, arity in _SHOWN.findall(source)),
        source=source,
        predicates=tuple(
            Predicate(
                name=name,
                arguments=tuple(part.strip() for part in arguments.split(",") if part.strip()),
                about=" ".join(text.split()),
                file=path.name,
            )
            for name, arguments, text in _DOCSTRING.findall(source)
        ),
    )


def about(source: str) -> str:
    """The first sentence of a file's banner."""
    banner: list[str] = []
    for line in source.splitlines():
        if not line.startswith("%"):
            break
        banner.append(line.strip("% "))
    return " ".join(banner).partition(". ")[0].rstrip(".")
