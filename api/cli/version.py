"""`foretell version`: which Foretell this is, with which solver, and whose rules hold by default."""

from __future__ import annotations

from importlib.metadata import version
from platform import python_version

import click

from foretell.api.cli.output import json_text, output_option, say
from foretell.logic.gates import DEFAULT_VERSION


@click.command("version")
@output_option
def command(output: str) -> int:
    """Print the version."""
    parts = {
        "foretell": version("foretell"),
        "clingo": version("clingo"),
        "python": python_version(),
        "kubernetes": DEFAULT_VERSION,
    }
    if output == "json":
        say(json_text(parts) + "\n")
        return 0
    say(
        "foretell {foretell}, clingo {clingo}, Python {python}; rules of Kubernetes {kubernetes}\n".format(
            **parts
        )
    )
    return 0
