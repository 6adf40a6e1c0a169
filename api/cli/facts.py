"""`foretell facts`: a state as facts, for those who run the rules in plain clingo."""

from __future__ import annotations

import click

from foretell.api.cli.output import examples, json_text, output_option, say
from foretell.api.cli.question import gates_of, version_options
from foretell.api.cli.state import chosen_state, read_state, state_argument
from foretell.logic.embedding import facts_text

EXAMPLES = examples(
    "foretell facts cluster.json > cluster.lp",
    "clingo $(foretell rules)/sync.lp cluster.lp",
)


@click.command("facts", epilog=EXAMPLES)
@state_argument
@version_options
@click.option("--grouped", is_flag=True, help="Let one node stand for all that are alike.")
@output_option
def command(
    named: str | None,
    state: str | None,
    kubernetes: str,
    settings: tuple[str, ...],
    grouped: bool,
    output: str,
) -> int:
    """Print a state as facts for clingo.

    Every controller is awake. The facts go with each entry point among the rules: sync.lp, desired.lp,
    verdict.lp. As JSON, a list of facts.
    """
    cluster = read_state(chosen_state(named, state))
    text = facts_text(cluster, gates_of(kubernetes, settings), grouped=grouped)
    say(json_text(text.splitlines()) + "\n" if output == "json" else text)
    return 0
