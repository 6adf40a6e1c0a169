"""`foretell tree`: an object and what it owns, as the kubectl plugin `tree` shows it."""

from __future__ import annotations

from typing import Any

import click

from foretell.api.cli.cells import age
from foretell.api.cli.output import examples, json_text, output_option, say
from foretell.api.cli.state import read_state, state_option
from foretell.api.telling.kinds import not_found, reference
from foretell.api.telling.ownership import branches, children, ready_condition
from foretell.logic.carried import moment_of
from foretell.model.cluster import Cluster
from foretell.model.meta import Key, Object
from foretell.model.objects import CLUSTER_SCOPED

_GAP = "  "

EXAMPLES = examples(
    "foretell tree ds/agent --state cluster.json",
    "foretell tree deploy/shop --state cluster.json",
    "foretell tree sts/web --state cluster.json -o json",
)


@click.command("tree", epilog=EXAMPLES)
@click.argument("root", metavar="KIND/NAME")
@state_option
@click.option("-n", "--namespace", default="default", metavar="NAME", help="Where the object is looked for.")
@output_option
def command(root: str, state: str, namespace: str, output: str) -> int:
    """Show an object and what it owns."""
    try:
        kind, name = reference(root)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="'KIND/NAME'") from None
    cluster = read_state(state)
    thing = cluster.get(Key(kind, "" if kind in CLUSTER_SCOPED else namespace, name))
    if thing is None:
        raise not_found(kind, name)
    say(json_text(_document(cluster, thing)) + "\n" if output == "json" else _text(cluster, thing))
    return 0


def _text(cluster: Cluster, root: Object) -> str:
    now = moment_of(cluster)
    rows = [("NAMESPACE", "NAME", "READY", "REASON", "AGE")]
    for before, thing in branches(cluster, root):
        rows.append(
            (thing.namespace, f"{before}{thing.kind}/{thing.name}", *ready_condition(thing), age(thing, now))
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (_GAP.join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _document(cluster: Cluster, thing: Object, path: frozenset[str] = frozenset()) -> dict[str, Any]:
    ready, reason = ready_condition(thing)
    known = path | {thing.metadata.uid}
    return {
        "kind": thing.kind,
        "namespace": thing.namespace,
        "name": thing.name,
        "ready": None if ready == "-" else ready,
        "reason": reason,
        "created": thing.metadata.creation_timestamp,
        "owns": [
            _document(cluster, child, known)
            for child in children(cluster, thing)
            if child.metadata.uid not in known
        ],
    }
