"""What is promised to stay within a major version: the Python face, the command line, the rules' vocabulary.

A promise is a line in promise.txt, and each is kept by itself. `python -m tests.promise` adds what is new; it
never takes a line away, for that breaks the promise.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

import click
import msgspec

import foretell
from foretell.api.cli.program import COMMANDS, PROGRAM
from foretell.api.telling.lexicon import lexicon

FILE = Path(__file__).parent / "promise.txt"

# How the library itself gets from snapshot to snapshot, and the indexes that its laws need, may change.
_INTERNAL = frozenset({
    "Cluster.adrift", "Cluster.at", "Cluster.differing", "Cluster.guests_on", "Cluster.indexed",
    "Cluster.keyed", "Cluster.keys", "Cluster.nodes_gone", "Cluster.occupied_nodes", "Cluster.orphans",
    "Cluster.owned_pods", "Cluster.owned_revisions", "Cluster.owner_uids", "Cluster.pods_labelled",
    "Cluster.tainted_nodes", "Cluster.written",
})  # fmt: skip


def promised() -> frozenset[str]:
    """The lines that are promised."""
    return frozenset(FILE.read_text(encoding="utf-8").splitlines())


def kept() -> frozenset[str]:
    """The lines that hold."""
    faces = (line for name in foretell.__all__ for line in _of_name(name, getattr(foretell, name)))
    return frozenset([*faces, *_of_commands(), *(f"rules: {each}" for each in lexicon().signatures())])


def _of_name(name: str, value: object) -> Iterator[str]:
    """A name, and what can be done with it: call it, read its fields, compare it with its members."""
    where = f"python: {name}"
    yield where
    if isinstance(value, type) and issubclass(value, Enum):
        yield from (f"{where} has {member.value}" for member in value)
    elif isinstance(value, type):
        yield from (f"{where}.{member}" for member in _members(value) if f"{name}.{member}" not in _INTERNAL)
        if issubclass(value, msgspec.Struct):
            yield from _of_call(where, inspect.signature(value))
    elif callable(value):
        yield from _of_call(where, inspect.signature(value))


def _members(value: type) -> Iterator[str]:
    """What a class offers beyond those that Python and msgspec bring along."""
    own = (each for each in value.__mro__ if each.__module__.startswith("foretell"))
    yield from sorted({member for each in own for member in vars(each) if not member.startswith("_")})


def _of_call(where: str, signature: inspect.Signature) -> Iterator[str]:
    """Which arguments a call takes, by position or by name, and which it can't do without."""
    needed = []
    for place, parameter in enumerate(signature.parameters.values()):
        by_name = parameter.kind is parameter.KEYWORD_ONLY
        yield f"{where} takes {parameter.name}" + ("" if by_name else f" in place {place + 1}")
        if parameter.default is parameter.empty:
            needed.append(parameter.name)
    yield f"{where} needs only {', '.join(needed) or 'nothing'}"


def _of_commands() -> Iterator[str]:
    """Every command with its options."""
    for name in COMMANDS:
        command = PROGRAM.get_command(click.Context(PROGRAM), name)
        assert command is not None
        yield from _of_command(f"command: {name}", command)


def _of_command(where: str, command: click.Command) -> Iterator[str]:
    yield where
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            yield from (f"{where} {option}" for option in (*parameter.opts, *parameter.secondary_opts))
    if isinstance(command, click.Group):
        for name, part in command.commands.items():
            yield from _of_command(f"{where} {name}", part)


if __name__ == "__main__":
    lines = promised() | kept() if FILE.exists() else kept()
    FILE.write_text("".join(f"{line}\n" for line in sorted(lines)), encoding="utf-8")
