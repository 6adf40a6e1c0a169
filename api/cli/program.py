"""The program `foretell`: its commands, loaded when they are asked for, and how errors end it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NamedTuple

import click
from click.exceptions import NoArgsIsHelpError

from foretell.api.cli.output import examples

ERROR, INTERRUPTED = 1, 130


class _Row(NamedTuple):
    """A command: its module, and what it does in one line, so that help needs no module."""

    module: str
    help: str


COMMANDS = {
    "plan": _Row("plan", "Show what the controllers will do after changes."),
    "apply": _Row("apply", "Make changes to a state, before any controller acts."),
    "advance": _Row("advance", "Move a state on by waves of its controllers."),
    "orders": _Row("orders", "Show what holds in every order, and what in some."),
    "desired": _Row("desired", "List the pods that should exist."),
    "place": _Row("place", "Show where pods could go, and why not elsewhere."),
    "why": _Row("why", "Say why something is so, or isn't."),
    "remedy": _Row("remedy", "Find the smallest changes after which a goal holds."),
    "check": _Row("check", "Hold what will happen against policies."),
    "get": _Row("get", "List objects as kubectl does."),
    "tree": _Row("tree", "Show an object and what it owns."),
    "facts": _Row("facts", "Print a state as facts for clingo."),
    "rules": _Row("rules", "Print where the rules are."),
    "serve": _Row("serve", "Serve clusters over GraphQL."),
    "token": _Row("token", "Say who may use a server."),
    "replay": _Row("replay", "Forecast recorded traces and compare."),
    "version": _Row("version", "Print the version."),
}


class Program(click.Group):
    """A group of commands, of which only the one that runs is loaded."""

    # The signatures are click's.

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The commands in the order in which help lists them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of a name, loaded."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"foretell.api.cli.{COMMANDS[cmd_name].module}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands without loading any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, row.help) for name, row in COMMANDS.items()])

    def main(
        self, args: Sequence[str] | None = None, *rest: Any, standalone_mode: bool = True, **extra: Any
    ) -> Any:
        """Run, and end as docs/cli.md says: every expected error is one sentence and exit code 1."""
        del rest  # click's own signature; its other parameters are for other ways to be called
        code = self._run(args, extra)
        if standalone_mode:
            sys.exit(code)
        return code

    def _run(self, args: Sequence[str] | None, extra: dict[str, Any]) -> int:
        extra["prog_name"] = "foretell"
        if os.environ.get("NO_COLOR"):
            extra.setdefault("color", False)
        try:
            return int(super().main(args, standalone_mode=False, **extra) or 0)
        except NoArgsIsHelpError as error:
            error.show()
        except click.UsageError as error:
            hint = f"\nTry '{error.ctx.command_path} --help'." if error.ctx else ""
            _complain(f"{error.format_message()}{hint}")
        except click.ClickException as error:
            _complain(error.format_message())
        except click.Abort:
            return INTERRUPTED
        except Exception as error:
            _complain(_expected(error))
        return ERROR


def _expected(error: Exception) -> str:
    """The sentence of an error that is no fault of Foretell's own; raises all others."""
    from foretell.model.errors import ForetellError

    if isinstance(error, ForetellError):
        return str(error)
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {(error.strerror or 'input or output error').lower()}"
    raise error


def _complain(text: str) -> None:
    click.echo(f"foretell: {text}", err=True)


EXAMPLES = examples(
    "foretell plan web.yaml --state cluster.json",
    "foretell plan --state cluster.json --drain worker-1",
    "foretell desired --state cluster.json -o json",
)


@click.group(cls=Program, epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="foretell", message="%(prog)s %(version)s")
def PROGRAM() -> None:  # noqa: N802 - a command is an object, and this one a constant
    """Foretell what Kubernetes' controllers and scheduler will do, in which order, and why."""
