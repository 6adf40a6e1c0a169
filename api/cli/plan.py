"""`foretell plan`: what the controllers will do after changes, in the manner of `terraform plan`."""

from __future__ import annotations

import click

from foretell.api.cli.change_options import ChangeCommand
from foretell.api.cli.drain_options import DRAIN_REFUSED
from foretell.api.cli.output import examples, json_text, output_option, say
from foretell.api.cli.plan_text import plan_text
from foretell.api.cli.question import Question, asks

CHANGES_AHEAD = 2
"""The exit code that says that some controller will act."""

EXAMPLES = examples(
    "foretell plan daemonset.yaml --state cluster.json",
    "foretell plan --state cluster.json --taint worker-2:maintenance=yes:NoExecute",
    "foretell plan --state cluster.json --image sts/web=nginx:1.27 --never-ready web-1",
    "foretell plan --state cluster.json --drain worker-1 --ignore-daemonsets",
    "kubectl get all,nodes,pvc,pdb,controllerrevisions -o json | foretell plan --state -",
)


@click.command("plan", epilog=EXAMPLES, cls=ChangeCommand)
@asks
@click.option("--all", "everything", is_flag=True, help="Show every action and wave, however many are alike.")
@output_option
def command(question: Question, output: str, everything: bool) -> int:
    """Show what the controllers will do after changes.

    Changes are manifests, which are applied, and changes in JSON form (docs/cli.md), in files of YAML or
    JSON; then those of the options, in the order given. Without any, the plan is of things as they stand.

    Exit codes: 0 when no controller acts, 2 when some do, 1 for an error or a drain that is refused.
    """
    forecast = question.answer()
    if output == "json":
        say(json_text(question.document(forecast)) + "\n")
    else:
        say(plan_text(question, forecast, everything=everything))
    if forecast.refusals:
        return DRAIN_REFUSED
    return CHANGES_AHEAD if forecast.waves else 0
