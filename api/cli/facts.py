"""`foretell facts`: a state as facts, for those who run the rules in plain clingo."""

from __future__ import annotations

import click

from foretell.api.cli.output import examples, json_text, output_option, say
from foretell.api.cli.question import gates_of, version_options
from foretell.api.cli.state import read_state, state_option
from foretell.logic.embedding import facts_text

EXAMPLES = examples(
    "foretell facts --state cluster.json > cluster.lp",
    "clingo $(foretell rules)/sync.lp cluster.lp",
)


@click.command("facts", epilog=EXAMPLES)
@state_option
@version_options
@click.option("--grouped", is_flag=True, help="Let one node stand for all that are alike.")
@output_option
def command(state: str, kubernetes: str, settings: tuple[str, ...], grouped: bool, output: str) -> int:
    """Print a state as facts for clingo.

    Every controller is awake. The facts go with each entry point among the rules: sync.lp, desired.lp,
    verdict.lp. As JSON, a list of facts.
    """
    text = facts_text(read_state(state), gates_of(kubernetes, settings), grouped=grouped)
    say(json_text(text.splitlines()) + "\n" if output == "json" else text)
    return 0
