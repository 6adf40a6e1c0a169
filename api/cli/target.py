"""Where a state is written to: back to its file at once, to another one, or to standard output."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from foretell.api.cli.state import STDIN
from foretell.model.cluster import Cluster
from foretell.model.writing import Format, replace_file, write_cluster

F = TypeVar("F", bound=Callable[..., Any])
STDOUT = "-"


def write_option(command: F) -> F:
    """Add the option that names the target."""
    return click.option(
        "--write", metavar="FILE|-", help="Write here, in place of the state's own file; - prints it."
    )(command)


def target_of(state: str, write: str | None) -> str:
    """The file to write to; raises UsageError where a state has none of its own."""
    if write is not None:
        return write
    if state == STDIN or Path(state).is_dir():
        source = "standard input" if state == STDIN else f"the folder {state}"
        raise click.UsageError(f"the state is read from {source}: --write has to say where it goes")
    return state


def put(cluster: Cluster, state: str, target: str) -> None:
    """Write a cluster: in JSON or YAML as the file's name says, else as the state is written."""
    data = write_cluster(cluster, _format(target) or _format(state) or "json")
    if target == STDOUT:
        click.echo(data, nl=False)
        return
    try:
        replace_file(target, data)
    except OSError as error:
        reason = (error.strerror or "input or output error").lower()
        raise click.ClickException(f"{target}: can't be written: {reason}") from None


def _format(path: str) -> Format | None:
    suffix = Path(path).suffix
    return "json" if suffix == ".json" else "yaml" if suffix in (".yaml", ".yml") else None
