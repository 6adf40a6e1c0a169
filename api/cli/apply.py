"""`foretell apply`: changes are made to a state, and no controller has acted yet."""

from __future__ import annotations

import click

from foretell.api.cli.change_options import ChangeCommand, change_options
from foretell.api.cli.drain_options import DRAIN_REFUSED
from foretell.api.cli.output import examples, json_text, output_option, say
from foretell.api.cli.question import check_stdin, gates_of, given_changes, version_options
from foretell.api.cli.state import read_state, state_option
from foretell.api.cli.target import STDOUT, put, target_of, write_option
from foretell.api.telling.making import made
from foretell.model.changes import Change, Wait, change_to_json

EXAMPLES = examples(
    "foretell apply web.yaml --state cluster.yaml",
    "foretell apply --state cluster.yaml --taint worker-2:maintenance=yes:NoExecute --write after.yaml",
    "foretell apply --state cluster.json --scale sts/web=5 --write - | foretell plan --state -",
)


@click.command("apply", cls=ChangeCommand, epilog=EXAMPLES)
@state_option
@change_options(wait=False)
@version_options
@write_option
@output_option
def command(
    state: str,
    files: tuple[str, ...],
    given: tuple[Change, ...],
    namespace: str,
    kubernetes: str,
    settings: tuple[str, ...],
    write: str | None,
    output: str,
) -> int:
    """Make changes to a state, before any controller acts.

    The state's file is replaced at once, or not at all: nothing is written when any change is refused, but
    for a drain that some pods refuse, which leaves its node cordoned.
    """
    check_stdin(state, files)
    target = target_of(state, write)
    gates = gates_of(kubernetes, settings)
    changes = given_changes(files, given, namespace)
    if not changes:
        raise click.UsageError("no change: expected a file, or an option such as --cordon worker-1")
    if any(isinstance(change, Wait) for change in changes):
        raise click.UsageError("apply lets no time pass: expected no wait; plan and advance take one")
    before = read_state(state)
    after, steps = made(before, changes, gates)
    if after != before or write is not None:
        put(after, state, target)
    if output == "json":
        results = [{"change": change_to_json(step.change), "results": step.told} for step in steps]
        say_beside(json_text(results) + "\n", target)
    else:
        say_beside("".join(f"{line}\n" for step in steps for line in step.told), target)
    refused = any(step.edit.drain is not None and step.edit.drain.refusals for step in steps)
    return DRAIN_REFUSED if refused else 0


def say_beside(text: str, target: str) -> None:
    """Print a text, on standard error where the state itself goes to standard output."""
    if target == STDOUT:
        click.echo(text, nl=False, err=True)
    else:
        say(text)
