"""Tasks of every temper, for the tests of the pool; a worker loads this file by its path."""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import clingo

from foretell.api.solver import guard
from foretell.logic.gates import UnknownGateError
from foretell.model.errors import ForetellError, ManifestError, NotFoundError, QuantityError, RejectedError

_SERIAL = count()
_REPLIES = 4
"""The descriptor on which a worker replies."""


class PrivateError(RejectedError):
    """An error that only the worker knows, and whose sentence is its own."""

    def __str__(self) -> str:
        return f"privately: {self.sentence}"


class TableError(ForetellError):
    """An error with attributes that aren't text, one of which msgpack doesn't know."""

    def __init__(self, rows: tuple[tuple[str, int], ...], place: Path) -> None:
        super().__init__(f"{len(rows)} rows are wrong")
        self.rows, self.place = rows, place


ERRORS: dict[str, Callable[[], BaseException]] = {
    "manifest": lambda: ManifestError("no mapping", source="a.yaml", document=2, path="$.spec"),
    "rejected": lambda: RejectedError("nodes are full", reason="Forbidden"),
    "not-found": lambda: NotFoundError('nodes "n" not found'),
    "quantity": lambda: QuantityError("'x' is no quantity"),
    "gate": lambda: UnknownGateError("unknown feature gate 'X'"),
    "private": lambda: PrivateError("no", reason="Conflict"),
    "table": lambda: TableError((("a", 1), ("b", 2)), Path("/etc")),
    "half": lambda: QuantityError("\ud800 is no quantity"),
    "fault": lambda: ValueError("the password is swordfish"),
    "exit": lambda: SystemExit(3),
    "deep": lambda: RecursionError("too deep"),
    "bad-alloc": lambda: RuntimeError("std::bad_alloc"),
}


def tasks(argument: Any) -> Mapping[str, Callable[[Any], object]]:
    """The handlers by name.

    The argument makes it fail always (`fail`), or in one start (`bad`) of those counted in a file (`starts`).
    """
    if "fail" in argument:
        raise ERRORS[argument["fail"]]()
    if "starts" in argument:
        with open(argument["starts"], "a+") as file:
            file.write(".")
        if Path(argument["starts"]).stat().st_size == argument["bad"]:
            raise ERRORS["fault"]()
    return {
        "echo": lambda asked: asked,
        "argument": lambda _: argument,
        "pid": lambda _: os.getpid(),
        "limits": lambda _: list(resource.getrlimit(resource.RLIMIT_AS)),
        "spin": _spin,
        "sleep": time.sleep,
        "begin-and-spin": _begin_and_spin,
        "ground": _ground,
        "allocate": lambda size: len(bytearray(size)),
        "creep": _creep,
        "symbols": _symbols,
        "print": _print,
        "read": lambda _: sys.stdin.read() + os.read(0, 1).decode(),
        "shout": lambda size: os.write(2, b"x" * size),
        "leave": os._exit,
        "raise": _raise,
        "unencodable": lambda _: object(),
        "nested": _nested,
        "garbage": lambda _: os.write(_REPLIES, b"\xff" * 64),
        "count": lambda most: iter(range(most)),
        "moments": _moments,
        "guarded": _guarded,
        "count-and-raise": _count_and_raise,
        "count-and-leave": _count_and_leave,
        "spin-each": _spin_each,
    }


def _spin(seconds: float) -> float:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass
    return seconds


def _begin_and_spin(mark: str) -> None:
    Path(mark).touch()
    _spin(3600.0)


def _ground(rules: str) -> None:
    control = clingo.Control(["0"])
    control.add("base", [], rules)
    control.ground([("base", [])])


def _creep(step: int) -> None:
    """Take more and more memory, in small steps."""
    kept = []
    while True:
        kept.append(b"x" * step)
        time.sleep(0.001)


def _symbols(number: int) -> int:
    """Use symbols that were never used before, of 1 KiB each; the memory that is resident then."""
    for _ in range(number):
        clingo.String(f"{next(_SERIAL)}".rjust(1024))
    return guard.resident()


def _print(text: str) -> str:
    print(text)
    sys.__stdout__.write(text)  # type: ignore[union-attr]
    os.write(1, text.encode())
    return text


def _raise(name: str) -> None:
    raise ERRORS[name]()


def _nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def _moments(most: int) -> Iterator[float]:
    """The moments at which each item was worked out."""
    for _ in range(most):
        yield time.monotonic()


def _guarded(mark: str) -> Iterator[int]:
    try:
        yield os.getpid()
        yield os.getpid()
    finally:
        Path(mark).touch()


def _count_and_raise(asked: tuple[int, str]) -> Iterator[int]:
    yield from range(asked[0])
    raise ERRORS[asked[1]]()


def _count_and_leave(most: int) -> Iterator[int]:
    yield from range(most)
    os._exit(3)


def _spin_each(seconds: float) -> Iterator[float]:
    while True:
        yield _spin(seconds)
