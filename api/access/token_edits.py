"""Entries are added to a token file and taken out of it; everything else in it stays as it was written."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from foretell.api.access.errors import AccessFileError, TokenTakenError, UnknownTokenError
from foretell.api.access.token_file import read_tokens
from foretell.api.access.tokens import Token, entry_text, tokens_of
from foretell.model.writing import replace_file

_HEADER = re.compile(r"[ \t]*\[\[[ \t]*(?:token|\"token\"|'token')[ \t]*\]\]")


def add_token(path: str | Path, token: Token) -> None:
    """Add an entry at the end; the file is made, for its owner alone, if there is none.

    Raises TokenTakenError, AccessFileError, or OSError, with the file as it was.
    """
    with _alone(path):
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        before = read_tokens(path).entries
        if any(entry.name == token.name for entry in before):
            raise TokenTakenError(token.name)
        text = _text(path)
        gap = "" if not text or text.endswith("\n\n") else "\n" if text.endswith("\n") else "\n\n"
        _put(path, text + gap + entry_text(token), (*before, token))


def remove_token(path: str | Path, name: str) -> None:
    """Take an entry out, with the comments right above it.

    Raises UnknownTokenError, AccessFileError, or OSError, with the file as it was.
    """
    with _alone(path):
        before = read_tokens(path).entries
        number = next((number for number, entry in enumerate(before) if entry.name == name), None)
        if number is None:
            raise UnknownTokenError(name)
        head, *pieces = _pieces(_text(path))
        text = head + "".join(pieces[:number] + pieces[number + 1 :])
        _put(path, text, before[:number] + before[number + 1 :])


def _put(path: str | Path, text: str, expected: Sequence[Token]) -> None:
    """Write a text that holds just these entries; raises AccessFileError if it doesn't."""
    # Entries may be written in other ways than the one looked for above, or within texts of several lines.
    try:
        entries: Sequence[Token] | None = tokens_of(text.encode()).entries
    except AccessFileError:
        entries = None
    if entries != tuple(expected):
        raise AccessFileError(
            "can't be edited as it is written: expected entries that begin with [[token]]", source=str(path)
        )
    replace_file(path, text.encode())


def _pieces(text: str) -> list[str]:
    """What stands before the first entry, then each entry with the comments right above it."""
    pieces: list[list[str]] = [[]]
    for line in text.splitlines(keepends=True):
        if _HEADER.match(line):
            own: list[str] = []
            while pieces[-1] and pieces[-1][-1].lstrip().startswith("#"):
                own.insert(0, pieces[-1].pop())
            pieces.append(own)
        pieces[-1].append(line)
    return ["".join(lines) for lines in pieces]


def _text(path: str | Path) -> str:
    return Path(path).read_bytes().decode()


@contextmanager
def _alone(path: str | Path) -> Iterator[None]:
    """Let no other edit of the file happen meanwhile."""
    # Its folder is locked, as the file itself is replaced by each edit.
    folder = os.open(Path(os.path.realpath(path)).parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
