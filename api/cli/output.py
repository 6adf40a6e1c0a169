"""What commands print: text, or JSON with two spaces of indentation and a line break at its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def output_option(command: F) -> F:
    """Add the option that chooses between text and JSON."""
    return click.option(
        "-o",
        "--output",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="How to print.",
    )(command)


def json_text(value: object) -> str:
    """A value as JSON."""
    import msgspec

    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def say(text: str) -> None:
    """Print a text that ends with its own line break; colours are for terminals alone."""
    click.echo(text, nl=False)


def note(text: str) -> None:
    """Say something beside the output, on standard error."""
    click.echo(f"foretell: {text}", err=True)


def examples(*commands: str) -> str:
    """Commands as the last part of a help text."""
    # The first character keeps click from wrapping what follows.
    return "\b\nExamples:\n" + "\n".join(f"  {command}" for command in commands)
