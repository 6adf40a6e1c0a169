"""`foretell remedy`: the smallest changes after which a goal holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from foretell.api.cli.change_options import ChangeCommand
from foretell.api.cli.output import examples, json_text, note, output_option, say
from foretell.api.cli.question import Question, asks
from foretell.api.cli.remedy_text import remedies_text
from foretell.api.telling.goals import FORMS, goal_of, pattern_of, weight_of
from foretell.api.telling.remedies import remedies_document
from foretell.logic.remedy.remedies import remedy
from foretell.logic.remedy.search import LIMIT, TRIES
from foretell.model.remedy import EditPattern

NONE = 2
"""The exit code that says that no remedy was found."""

EXAMPLES = examples(
    "foretell remedy --state cluster.json --goal 'ds/agent on worker-3'",
    "foretell remedy --state cluster.json --goal 'deploy/shop schedulable' --never 'node/*'",
    "foretell remedy --state cluster.json --goal 'sts/web unstuck' --never-ready 'web-*'",
    "foretell remedy --state cluster.json --goal 'drain worker-1' --weight budget=9",
)


def _read(reader: Callable[[str], Any]) -> Callable[[click.Context, click.Parameter, tuple[str, ...]], Any]:
    def read(context: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[Any, ...]:
        try:
            return tuple(map(reader, values))
        except ValueError as error:
            raise click.BadParameter(str(error), context, param) from None

    return read


@click.command("remedy", epilog=EXAMPLES, cls=ChangeCommand)
@asks
@click.option("--goal", required=True, metavar="GOAL", help=f"What is to hold: {'; '.join(FORMS)}.")
@click.option(
    "--weight", "weights", multiple=True, metavar="PATTERN=N", callback=_read(weight_of),
    help="What edits cost for each object: 'node/*=10', taint=3, 'taint:node/*=7'; the last that fits.",
)  # fmt: skip
@click.option(
    "--never", multiple=True, metavar="PATTERN", callback=_read(pattern_of),
    help="Edits that are ruled out: 'node/*', toleration, 'taint:node/worker-*'.",
)  # fmt: skip
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=LIMIT, show_default=True, help="Remedies at most."
)
@click.option(
    "--tries", type=click.IntRange(min=1), default=TRIES, show_default=True,
    help="Sets of edits that are forecast at most.",
)  # fmt: skip
@output_option
def command(
    question: Question,
    goal: str,
    weights: tuple[tuple[EditPattern, int], ...],
    never: tuple[EditPattern, ...],
    limit: int,
    tries: int,
    output: str,
) -> int:
    """Find the smallest changes after which a goal holds.

    The goal is asked for after the changes that are given, if any, have had their consequences. Edits that
    bear on it are weighed; the cheapest sets of them are forecast, and those after which the goal holds are
    printed as options of `plan`. If there are none, it is told what stands against the goal.

    Exit codes: 0 when there is a remedy or nothing has to be done, 2 when none was found, 1 for an error.
    """
    try:
        wanted = goal_of(goal, question.namespace)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--goal") from None
    found = remedy(
        question.cluster, wanted, question.changes, question.assume,
        weights=weights, never=never, limit=limit, tries=tries,
        horizon=question.horizon, patience=question.patience, gates=question.gates, resync=question.resync,
    )  # fmt: skip
    for pattern in found.unmatched:
        note(f"note: no edit that bears on the goal matches {pattern!r}")
    if output == "json":
        say(json_text(remedies_document(found)) + "\n")
    else:
        say(remedies_text(found, question.namespace, changed=bool(question.changes)))
    return 0 if found.holds or found.remedies else NONE
