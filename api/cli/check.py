"""`foretell check`: hold what will happen against policies."""

from __future__ import annotations

import re

import click

from foretell.api.cli.change_options import ChangeCommand
from foretell.api.cli.check_text import check_text, library_text
from foretell.api.cli.drain_options import DRAIN_REFUSED
from foretell.api.cli.output import examples, json_text, note, say
from foretell.api.cli.question import Question, asks
from foretell.api.telling.checked import caller, check_document
from foretell.api.telling.invented import Names
from foretell.api.telling.junit import junit_text
from foretell.api.telling.sarif import sarif_document
from foretell.logic.orders.exploring import MOST_ORDERS
from foretell.logic.policy.judging import court_of
from foretell.logic.policy.orders import judge_orders
from foretell.logic.policy.sources import read_policies
from foretell.model.policy import Limits

DENIED = 2
"""The exit code that says that some policy is denied."""
_MEBIBYTE = 2**20
_CONSTANT = re.compile(r"([a-z]\w*)=(.*)", re.DOTALL)
_NUMBER = re.compile(r"-?\d{1,20}")

EXAMPLES = examples(
    "foretell check --state cluster.json --policy policies/",
    "foretell check web.yaml --state cluster.json --policy budget_for_sets --policy no_latest_image",
    "foretell check --state cluster.json --drain worker-1 --policy keeps_ready --const least=2",
    "foretell check web.yaml --state cluster.json --policy policies/ -o sarif > check.sarif",
    "foretell check --state cluster.json --drain worker-1 --policy no_outage --every-order",
    "foretell check --library",
)


def _library(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        say(library_text())
        context.exit()


def _constants(_: click.Context, __: click.Parameter, texts: tuple[str, ...]) -> dict[str, str | int]:
    found: dict[str, str | int] = {}
    for text in texts:
        match = _CONSTANT.fullmatch(text)
        if match is None:
            raise click.BadParameter(f"{text!r} can't be read: expected NAME=VALUE, such as least=2")
        name, value = match.groups()
        found[name] = int(value) if _NUMBER.fullmatch(value) else value
    return found


@click.command("check", epilog=EXAMPLES, cls=ChangeCommand)
@asks
@click.option(
    "--policy", "policies", metavar="FILE|DIR|NAME", multiple=True, required=True,
    help="A file of rules, a folder of such files, or a policy of the library; may be repeated.",
)  # fmt: skip
@click.option(
    "--const", "constants", metavar="NAME=VALUE", multiple=True, callback=_constants,
    help="Set a constant of a policy otherwise: least=2.",
)  # fmt: skip
@click.option(
    "--seconds", type=click.FloatRange(min=0, min_open=True), default=Limits().seconds, show_default=True,
    help="For how long all policies together may be at work.",
)  # fmt: skip
@click.option(
    "--memory", metavar="MIB", type=click.IntRange(min=64, max=_MEBIBYTE),
    default=Limits().memory // _MEBIBYTE, show_default=True, help="How much memory they may take.",
)  # fmt: skip
@click.option(
    "--library", is_flag=True, is_eager=True, expose_value=False, callback=_library,
    help="List the policies that come along, and exit.",
)  # fmt: skip
@click.option(
    "--every-order", is_flag=True,
    help="Judge every order in which the control plane may act (see foretell orders), not only one.",
)  # fmt: skip
@click.option(
    "--orders", "most", metavar="N", type=click.IntRange(min=1), default=MOST_ORDERS, show_default=True,
    help="With --every-order, look at so many orders at most.",
)  # fmt: skip
@click.option("--new", "afresh", is_flag=True, help="Pass over what was so before the changes as well.")
@click.option("--all", "everything", is_flag=True, help="Tell every finding, however many there are.")
@click.option("-q", "--quiet", is_flag=True, help="Tell only of policies against which something was found.")
@click.option(
    "-o", "--output", type=click.Choice(["text", "json", "junit", "sarif"]), default="text",
    show_default=True, help="How to print.",
)  # fmt: skip
def command(
    question: Question,
    policies: tuple[str, ...],
    constants: dict[str, str | int],
    seconds: float,
    memory: int,
    every_order: bool,
    most: int,
    afresh: bool,
    everything: bool,
    quiet: bool,
    output: str,
) -> int:
    """Hold what will happen against policies.

    Changes are those of `foretell plan`; without any, things are judged as they stand. Policies are rules
    that deny or warn (docs/policy.md), over every wave and the outcome.

    Exit codes: 0 when nothing is denied, 2 when something is, or when not every order that was asked for
    could be looked at; 1 for an error or a drain that is refused.
    """
    read = read_policies(policies)
    limits = Limits(seconds=seconds, memory=memory * _MEBIBYTE)
    # What is wrong with a policy is told before anything is forecast, which may take long.
    with court_of(read, constants=constants, limits=limits) as court:
        forecast = question.answer()
        names = Names(forecast, question.changes)
        if every_order:
            report = judge_orders(
                question.cluster, read, question.changes, question.assume, question.horizon, orders=most,
                patience=question.patience, gates=question.gates, resync=question.resync,
                constants=constants, limits=limits,
                caller=lambda told: caller(Names(told, question.changes), question.namespace),
            )  # fmt: skip
        else:
            court.hear(forecast, caller(names, question.namespace))
            report = court.report()
    if afresh:
        report = report.afresh()
    for each in (*forecast.refusals, *(f"note: {each}" for each in report.notes)):
        note(each)
    if output == "json":
        say(json_text(check_document(report, forecast, names)) + "\n")
    elif output == "junit":
        say(junit_text(report))
    elif output == "sarif":
        say(json_text(sarif_document(report, state=question.state)) + "\n")
    else:
        say(check_text(report, forecast, everything=everything, quiet=quiet))
    if forecast.refusals:
        return DRAIN_REFUSED
    return DENIED if report.denied or not report.complete else 0
