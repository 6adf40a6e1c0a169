"""The state that a command is about: the option that names it, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from foretell.model.cluster import Cluster
from foretell.model.reading import read_with_notes

F = TypeVar("F", bound=Callable[..., Any])
STDIN = "-"


def state_argument(command: F) -> F:
    """Let the state be named without its option, too: `foretell facts cluster.json`."""
    argument = click.argument("named", metavar="[FILE|DIR|-]", required=False)
    return argument(state_option(command, required=False))


def chosen_state(named: str | None, state: str | None) -> str:
    """The state that is named, in whichever way."""
    if (named is None) == (state is None):
        raise click.UsageError("Name one state: FILE, DIR or - for standard input.")
    return named if named is not None else str(state)


def state_option(command: F, *, required: bool = True) -> F:
    """Add the option that names the state."""
    return click.option(
        "--state",
        metavar="FILE|DIR|-",
        required=required,
        envvar="FORETELL_STATE",
        show_envvar=True,
        help="The cluster: manifests or what `kubectl get … -o json` printed; - for standard input.",
    )(command)


def read_state(state: str) -> Cluster:
    """The cluster of a state; kinds that aren't looked at are noted on standard error."""
    cluster, notes = read_with_notes(state)
    if notes:
        tail = ": kept, but not looked at"
        kinds = ", ".join(note.removesuffix(tail) for note in notes)
        click.echo(f"foretell: note: kept, but not looked at: {kinds}", err=True)
    return cluster
