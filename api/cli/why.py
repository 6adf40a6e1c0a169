"""`foretell why`: why something is so, or isn't, with every reason and what it stands on."""

from __future__ import annotations

import click

from foretell.api.cli.change_options import ChangeCommand
from foretell.api.cli.output import examples, json_text, say
from foretell.api.cli.question import Question, asks
from foretell.api.cli.why_text import why_text
from foretell.api.telling.explained import shown, why_document
from foretell.api.telling.whys import about_of, is_target
from foretell.logic.why.answers import MOST_ACTS, explained

NOT_SO = 2
"""The exit code that says that what is asked about isn't so."""

EXAMPLES = examples(
    "foretell why pod/web-1 --state cluster.json",
    "foretell why ds/agent --state cluster.json",
    "foretell why not ds/agent@worker-3 --state cluster.json",
    "foretell why not drain/worker-1 --state cluster.json",
    "foretell why stuck --state cluster.json --image sts/web=nginx:1.28 --never-ready web-1",
    "foretell why order sts/web --state cluster.json --image sts/web=nginx:1.28",
)


class WhyCommand(ChangeCommand):
    """A command that is asked in words; those that follow are files of changes."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments, and tell the question's words from the names of files."""
        rest = super().parse_args(ctx, args)
        files: tuple[str, ...] = ctx.params.pop("files", ())
        count = next((place for place, word in enumerate(files) if not is_target(word)), len(files))
        # What can't be read as a question is told as one, if nothing else is asked.
        count = count or min(1, len(files))
        ctx.params["words"], ctx.params["files"] = files[:count], files[count:]
        return rest


@click.command("why", epilog=EXAMPLES, cls=WhyCommand, options_metavar="QUESTION [OPTIONS]")
@asks
@click.option(
    "--wave", type=click.IntRange(min=1), metavar="N", help="Of the order, tell of this wave alone."
)
@click.option("--all", "everything", is_flag=True, help="Tell everything: every action, node and field.")
@click.option("--full", is_flag=True, help="Tell the rules, all fields and what would help, too.")
@click.option(
    "-o", "--output", type=click.Choice(["text", "json", "tree"]), default="text", show_default=True,
    help="How to print; a tree shows the whole derivation.",
)  # fmt: skip
def command(
    question: Question, words: tuple[str, ...], wave: int | None, everything: bool, full: bool, output: str
) -> int:
    """Say why something is so, or isn't.

    Every reason is told, with the fields that it stands on. The question is one of these, where KIND is
    pod, ds, sts, deploy, rs, job or cj:

    \b
      KIND/NAME               why it is as it is, or what it waits for
      [not] KIND/NAME@NODE    why it is on the node, or isn't
      not drain/NODE          why a drain of the node is refused
      stuck                   what a forecast is stuck on
      order [KIND/NAME]       why the actions of a forecast come in their order

    Objects and nodes are asked about as they are right after the changes, before any controller acts;
    stuck and order are about the forecast.

    Exit codes: 0 when it is so, 2 when it isn't (the answer says what is), 1 for an error.
    """  # noqa: D301 - the mark by which click leaves lines alone
    try:
        about = about_of(words, question.namespace)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if wave is not None and about.topic != "order":
        raise click.UsageError("--wave is about the order: expected why order --wave N")
    told, forecast = explained(
        question.cluster, about, question.changes, question.assume, question.horizon,
        wave=wave, most=None if everything or wave else MOST_ACTS, patience=question.patience,
        gates=question.gates, resync=question.resync,
    )  # fmt: skip
    told = shown(told, forecast, question.changes)
    if output == "json":
        document = why_document(
            told, changes=question.changes, assume=question.assume, kubernetes=question.kubernetes
        )
        say(json_text(document) + "\n")
    else:
        say(why_text(told, tree=output == "tree", full=full, everything=everything))
    return 0 if told.holds else NOT_SO
