"""The token file as a server uses it: read again whenever it has changed, and never half-read."""

from __future__ import annotations

import logging
import os
import stat
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from foretell.api.access.errors import AccessFileError, UnauthenticatedError
from foretell.api.access.roles import Principal
from foretell.api.access.tokens import Tokens, tokens_of

_LOG = logging.getLogger("foretell.api.access")

_COARSE = 100_000_000
"""Nanoseconds within which a file system may give two writes the same time."""


@dataclass(frozen=True, slots=True)
class _State:
    """What tells one version of a file from another; the mode, since it may be what was mended."""

    modified: int
    size: int
    inode: int
    mode: int


def read_tokens(path: str | Path) -> Tokens:
    """The entries of a token file; raises AccessFileError, also where not only its owner may use the file."""
    source = str(path)
    try:
        with open(source, "rb") as file:
            _check_mode(source, os.fstat(file.fileno()))
            data = file.read()
    except OSError as error:
        reason = (error.strerror or "input or output error").lower()
        raise AccessFileError(f"can't be read: {reason}", source=source) from None
    try:
        return tokens_of(data)
    except AccessFileError as error:
        raise AccessFileError(error.problem, source=source, place=error.place) from None


class TokenFile:
    """A token file that is watched: every look-up sees its newest good version.

    Raises AccessFileError when the first version is no good; later ones are told to the log, once each, and
    the last good version counts on.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = str(path)
        self._lock = threading.Lock()
        self._told = ""
        self._state = _state(self._path)
        self._tokens = read_tokens(self._path)

    def authenticate(self, secret: str) -> Principal:
        """Whoever holds a token; raises UnauthenticatedError."""
        found = self._newest().find(secret)
        if found is None:
            raise UnauthenticatedError("the token is not known, or was revoked")
        if found.expired(datetime.now(UTC)):
            raise UnauthenticatedError("the token has expired")
        return found.principal

    def _newest(self) -> Tokens:
        with self._lock:
            # The state is of before the reading: what is written meanwhile makes another one.
            state = _state(self._path)
            if state is None or state != self._state:
                self._state = state
                try:
                    self._tokens, self._told = read_tokens(self._path), ""
                except AccessFileError as error:
                    self._tell(str(error))
            return self._tokens

    def _tell(self, sentence: str) -> None:
        if sentence != self._told:
            self._told = sentence
            _LOG.error("%s; the tokens read before stay in force", sentence)


def _state(path: str) -> _State | None:
    """The state of a file; None where it can't be told from the state after a next write."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    if 0 <= time.time_ns() - status.st_mtime_ns < _COARSE:
        return None
    return _State(status.st_mtime_ns, status.st_size, status.st_ino, status.st_mode)


def _check_mode(source: str, status: os.stat_result) -> None:
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o077:
        raise AccessFileError(
            f"not only its owner may use the file (mode {mode:04o}): expected mode 0600, as by chmod 600",
            source=source,
        )
