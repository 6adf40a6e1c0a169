"""`foretell orders`: what holds in whichever order the control plane chooses, and what in some."""

from __future__ import annotations

import click

from foretell.api.cli.change_options import ChangeCommand
from foretell.api.cli.drain_options import DRAIN_REFUSED
from foretell.api.cli.orders_text import orders_text
from foretell.api.cli.output import examples, json_text, output_option, say
from foretell.api.cli.question import Question, asks
from foretell.api.telling.ordered import OrdersDocument, orders_document
from foretell.api.telling.statements import FORMS, statement
from foretell.logic.orders.exploring import MOST_ORDERS, MOST_SECONDS
from foretell.logic.orders.sure import orders
from foretell.model.orders import Holds, Orders

NOT_SURE = 2
"""The exit code that says that a statement doesn't hold in every order, as far as is known."""

EXAMPLES = examples(
    "foretell orders --state cluster.json --image ds/agent=nginx:1.27 --sure 'ds/agent keeps 2 ready'",
    "foretell orders shop.yaml --state cluster.json --sure 'deploy/shop on 2 nodes' --sure settles",
)


def _document(question: Question, found: Orders) -> OrdersDocument:
    return orders_document(
        found, changes=question.changes, assume=question.assume, kubernetes=question.kubernetes,
        gates=question.gates, namespace=question.namespace,
    )  # fmt: skip


@click.command("orders", epilog=EXAMPLES, cls=ChangeCommand)
@asks
@click.option(
    "--sure",
    "texts",
    metavar="STATEMENT",
    multiple=True,
    help=f"Say in which orders this holds: {'; '.join(FORMS)}. May be repeated.",
)
@click.option(
    "--orders",
    "most",
    metavar="N",
    type=click.IntRange(min=1),
    default=MOST_ORDERS,
    show_default=True,
    help="Look at so many orders at most.",
)
@click.option(
    "--seconds",
    metavar="N",
    type=click.FloatRange(min=0),
    default=MOST_SECONDS,
    show_default=True,
    help="Begin with no order after so long.",
)
@click.option("--all", "everything", is_flag=True, help="Show every action and wave, however many are alike.")
@output_option
def command(
    question: Question, texts: tuple[str, ...], most: int, seconds: float, output: str, everything: bool
) -> int:
    """Show what holds in every order, and what in some.

    Where the control plane may choose, each of its choices gives an order in which things happen. Changes
    and assumptions are given as to `foretell plan`, which takes one of the orders.

    Exit codes: 0 when every statement holds in every order, 2 when one doesn't or isn't known to, 1 for an
    error or a drain that is refused.
    """
    try:
        statements = [statement(text, question.namespace) for text in texts]
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--sure") from None
    found = orders(
        question.cluster, question.changes, question.assume, question.horizon, sure=statements, orders=most,
        seconds=seconds, patience=question.patience, gates=question.gates, resync=question.resync,
    )  # fmt: skip
    if output == "json":
        say(json_text(_document(question, found)) + "\n")
    else:
        say(orders_text(question, found, everything=everything))
    if found.first.refusals:
        return DRAIN_REFUSED
    return 0 if all(each.holds is Holds.EVERY for each in found.assured) else NOT_SURE
