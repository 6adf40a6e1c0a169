"""`foretell advance`: a state is moved on by waves of its controllers."""

from __future__ import annotations

import click
import msgspec

from foretell.api.cli.apply import say_beside
from foretell.api.cli.change_options import ChangeCommand
from foretell.api.cli.drain_options import DRAIN_REFUSED
from foretell.api.cli.output import examples, json_text, output_option
from foretell.api.cli.plan_text import waves_text
from foretell.api.cli.question import Question, asks
from foretell.api.cli.target import STDOUT, put, target_of, write_option
from foretell.model.forecast import Forecast, Outcome

EXAMPLES = examples(
    "foretell advance --state cluster.yaml",
    "foretell advance --state cluster.yaml --drain worker-1 --ignore-daemonsets --waves 2",
    "foretell advance --state cluster.json --all --write settled.json",
)


@click.command("advance", cls=ChangeCommand, epilog=EXAMPLES)
@asks
@click.option(
    "--waves", metavar="N", type=click.IntRange(min=1), help="How many waves to take; by default one."
)
@click.option("--all", "everything", is_flag=True, help="Take every wave, until nothing is left to do.")
@write_option
@output_option
def command(question: Question, waves: int | None, everything: bool, write: str | None, output: str) -> int:
    """Move a state on by waves of its controllers.

    First the changes are made, if there are any; then the controllers act and the world answers, in
    turns. The state's file is replaced at once, or not at all.
    """
    if waves is not None and everything:
        raise click.UsageError("--waves and --all exclude each other")
    target = target_of(question.state, write)
    taken, more = _taken(question, None if everything else waves or 1)
    if taken.after != question.cluster or write is not None:
        put(taken.after, question.state, target)
    if output == "json":
        text = json_text(question.document(taken)) + "\n"
    else:
        text = waves_text(question, taken) + _sentence(len(taken.waves), target, more=more)
    say_beside(text, target)
    for refusal in taken.refusals:
        click.echo(refusal, err=True)
    return DRAIN_REFUSED if taken.refusals else 0


def _taken(question: Question, waves: int | None) -> tuple[Forecast, bool]:
    """The forecast as far as it is taken, and whether more would come; with too few waves, to its end."""
    # One wave more than is taken shows whether there is one.
    forecast = question.answer(None if waves is None else waves + 1)
    more = forecast.verdict.outcome is Outcome.CUT
    if waves is None or len(forecast.waves) < waves:
        return forecast, more
    if len(forecast.waves) > waves:
        return forecast.cut_after(waves), True
    return msgspec.structs.replace(forecast, after=forecast.states[-1]), more


def _sentence(waves: int, target: str, *, more: bool) -> str:
    where = "the state printed" if target == STDOUT else target
    if not waves:
        return f"Nothing to do: no controller acts; {where} is as the world left it.\n"
    rest = "more to come" if more else "nothing is left to do"
    return f"{waves:,} wave{'s' if waves > 1 else ''} taken, {rest}: {where} is the cluster after.\n"
