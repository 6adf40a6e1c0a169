"""`foretell advance`: a state is moved on by waves of its controllers."""

from __future__ import annotations

import click
import msgspec

from foretell.api.cli.apply import say_beside
from foretell.api.cli.change_options import ChangeCommand
from foretell.api.cli.output import examples, json_text, output_option
from foretell.api.cli.plan_text import waves_text
from foretell.api.cli.question import Question, asks
from foretell.api.cli.target import STDOUT, put, target_of, write_option
from foretell.model.cluster import Cluster
from foretell.model.forecast import Forecast, Outcome

EXAMPLES = examples(
    "foretell advance --state cluster.yaml",
    "foretell advance --state cluster.yaml --drain worker-1 --waves 2",
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
    forecast = question.answer() if everything else _far_enough(question, waves or 1)
    taken, after = _taken(forecast, None if everything else waves or 1)
    if after != question.cluster or write is not None:
        put(after, question.state, target)
    if output == "json":
        text = json_text(question.document(taken)) + "\n"
    else:
        text = waves_text(question, taken) + _sentence(taken, forecast, target)
    say_beside(text, target)
    return 0


def _far_enough(question: Question, waves: int) -> Forecast:
    """A forecast of so many waves at least, where there are so many."""
    # Turns without a write and timers make waves and turns differ, but seldom by much.
    forecast = question.answer(horizon=2 * waves + 2)
    if forecast.verdict.outcome is Outcome.CUT and len(forecast.waves) < waves:
        return question.answer()
    return forecast


def _taken(forecast: Forecast, waves: int | None) -> tuple[Forecast, Cluster]:
    """The forecast as far as it is taken, and the cluster then; with too few waves it is taken to its end."""
    if waves is None or waves > len(forecast.waves):
        return forecast, forecast.after
    states = forecast.states[:waves]
    return msgspec.structs.replace(forecast, waves=forecast.waves[:waves], states=states), states[-1]


def _sentence(taken: Forecast, forecast: Forecast, target: str) -> str:
    number = len(taken.waves)
    where = "the state printed" if target == STDOUT else target
    if not number:
        return f"Nothing to do: no controller acts; {where} is as the world left it.\n"
    more = number < len(forecast.waves) or forecast.verdict.outcome is Outcome.CUT
    rest = "more to come" if more else "nothing is left to do"
    return f"{number:,} wave{'s' if number > 1 else ''} taken, {rest}: {where} is the cluster after.\n"
