"""The state that a command is about: the option that names it, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from foretell.model.cluster import Cluster
from foretell.model.reading import read_with_notes

F = TypeVar("F", bound=Callable[..., Any])
STDIN = "-"


def state_option(command: F) -> F:
    """Add the option that names the state."""
    return click.option(
        "--state",
        metavar="FILE|DIR|-",
        required=True,
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
