"""`foretell get`: objects of a state, as kubectl lists them."""

from __future__ import annotations

from typing import Any

import click

from foretell.api.cli.columns import COLUMNS, OTHERS
from foretell.api.cli.output import examples, note, say
from foretell.api.cli.state import read_state, state_option
from foretell.api.cli.tables import table
from foretell.api.telling.kinds import full_name, kind_of, not_found
from foretell.api.telling.label_selector import label_test
from foretell.logic.carried import moment_of
from foretell.logic.order import natural
from foretell.model.cluster import Cluster
from foretell.model.documents import to_document
from foretell.model.meta import Key, Object
from foretell.model.objects import CLUSTER_SCOPED
from foretell.model.writing import write_document

ALL = (
    "Pod", "ReplicationController", "Service", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet",
    "HorizontalPodAutoscaler", "CronJob", "Job",
)  # fmt: skip
"""The kinds that kubectl means by `all`, in its order."""
_FORMATS = ("text", "wide", "json", "yaml", "name")

EXAMPLES = examples(
    "foretell get nodes --state cluster.json",
    "foretell get pods -A -o wide --state cluster.json",
    "foretell get ds,sts -l app=web --state cluster.json",
    "foretell get all --state cluster.json",
    "foretell get pod web-0 -o yaml --state cluster.json",
)


@click.command("get", epilog=EXAMPLES)
@click.argument("kinds", metavar="KIND[,KIND]...")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@state_option
@click.option("-n", "--namespace", default="default", metavar="NAME", help="The namespace to look in.")
@click.option("-A", "--all-namespaces", "everywhere", is_flag=True, help="Look in every namespace.")
@click.option("-l", "--selector", metavar="SELECTOR", default="", help="Only objects with these labels.")
@click.option(
    "-o", "--output", type=click.Choice(_FORMATS), default="text", show_default=True, help="How to print."
)
def command(
    kinds: str,
    names: tuple[str, ...],
    state: str,
    namespace: str,
    everywhere: bool,
    selector: str,
    output: str,
) -> int:
    """List objects as kubectl does.

    Ages count from the latest moment that the state mentions.
    """
    wanted = _kinds(kinds)
    cluster = read_state(state)
    place = None if everywhere else namespace
    try:
        test = label_test(selector) if selector else None
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="'-l'") from None
    found = {kind: _found(cluster, kind, names, place) for kind in wanted}
    if test is not None:
        found = {kind: [thing for thing in things if test(thing.labels)] for kind, things in found.items()}
    things = [thing for group in found.values() for thing in group]
    if output in ("json", "yaml"):
        say(_documents(things, output, single=len(names) == 1 and len(wanted) == 1))
    elif output == "name":
        say("".join(f"{full_name(thing.key)}\n" for thing in things))
    elif not things:
        note("No resources found" + ("." if everywhere else f" in {namespace} namespace."))
    else:
        now = moment_of(cluster)
        tables = [
            _table(kind, group, now, wide=output == "wide", everywhere=everywhere, prefixed=len(wanted) > 1)
            for kind, group in found.items()
            if group
        ]
        say("\n".join(tables))
    return 0


def _kinds(text: str) -> list[str]:
    """The kinds that are asked for."""
    try:
        words = (word for part in text.split(",") for word in (ALL if part.lower() == "all" else (part,)))
        return list(dict.fromkeys(map(kind_of, words)))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="'KIND'") from None


def _found(cluster: Cluster, kind: str, names: tuple[str, ...], namespace: str | None) -> list[Object]:
    """Objects of a kind in a namespace (None: in all), in the order of namespaces and names."""
    things = [t for t in cluster.of_kind(kind) if namespace is None or t.namespace in ("", namespace)]
    if not names:
        return sorted(things, key=lambda thing: (thing.namespace, natural(thing.name)))
    by_name = {thing.name: thing for thing in things}
    for name in names:
        if name not in by_name:
            raise not_found(kind, name)
    return [by_name[name] for name in names]


def _table(
    kind: str, things: list[Object], now: float, *, wide: bool, everywhere: bool, prefixed: bool
) -> str:
    columns = COLUMNS.get(kind, OTHERS)
    spaced = everywhere and kind not in CLUSTER_SCOPED
    rows = []
    for thing in things:
        row = columns.row(thing, now, wide=wide)
        if prefixed:
            row = (full_name(Key(kind, "", row[0])), *row[1:])
        rows.append((thing.namespace, *row) if spaced else row)
    header = columns.header(wide=wide)
    return table(("NAMESPACE", *header) if spaced else header, rows)


def _documents(things: list[Object], output: str, *, single: bool) -> str:
    documents: list[dict[str, Any]] = [to_document(thing) for thing in things]
    whole = {"apiVersion": "v1", "items": documents, "kind": "List", "metadata": {"resourceVersion": ""}}
    return write_document(documents[0] if single else whole, "json" if output == "json" else "yaml").decode()
