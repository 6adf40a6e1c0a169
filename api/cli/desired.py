"""`foretell desired`: the pods that should exist, by identity."""

from __future__ import annotations

import click

from foretell.api.cli.groups import MOST_ALIKE
from foretell.api.cli.output import examples, json_text, output_option, say
from foretell.api.cli.question import gates_of, version_options
from foretell.api.cli.state import read_state, state_option
from foretell.api.cli.tables import table
from foretell.api.telling.kinds import reference, short_name
from foretell.logic.desired import Desired, desired
from foretell.model.errors import NotFoundError
from foretell.model.meta import Key

EXAMPLES = examples(
    "foretell desired --state cluster.json",
    "foretell desired ds/agent --state cluster.json --all",
    "foretell desired --state cluster.json -o json",
)


@click.command("desired", epilog=EXAMPLES)
@click.argument("workloads", nargs=-1, metavar="[KIND/NAME]...")
@state_option
@click.option(
    "-n", "--namespace", default="default", metavar="NAME", help="Where named workloads are looked for."
)
@version_options
@click.option("--all", "everything", is_flag=True, help="List every pod, however many there are.")
@output_option
def command(
    workloads: tuple[str, ...],
    state: str,
    namespace: str,
    kubernetes: str,
    settings: tuple[str, ...],
    everything: bool,
    output: str,
) -> int:
    """List the pods that should exist.

    Those of DaemonSets are told by node, those of StatefulSets by ordinal. Without a workload, those of
    all workloads in every namespace.
    """
    gates = gates_of(kubernetes, settings)
    cluster = read_state(state)
    pods = desired(cluster, gates=gates)
    keys = _keys(pods, workloads, namespace)
    if output == "json":
        say(json_text([pod for key in keys for pod in pods.of(key)]) + "\n")
    else:
        say("\n".join(_table(pods, key, everything=everything) for key in keys))
    return 0


def _keys(pods: Desired, workloads: tuple[str, ...], namespace: str) -> tuple[Key, ...]:
    """The workloads that are asked for, by default all."""
    if not workloads:
        return pods.workloads
    keys = []
    for text in workloads:
        try:
            kind, name = reference(text)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="'KIND/NAME'") from None
        key = Key(kind, namespace, name)
        if key not in pods.workloads:
            raise NotFoundError(
                f"{short_name(kind, name)} is no DaemonSet or StatefulSet of namespace {namespace}"
            )
        keys.append(key)
    return tuple(keys)


def _table(pods: Desired, key: Key, *, everything: bool) -> str:
    """A workload's pods under its name; of many, the first few."""
    count = pods.count(key)
    pods_ = f"{count:,} pod{'' if count == 1 else 's'}"
    head = f"{short_name(key.kind, key.name)} in namespace {key.namespace}: {pods_}\n"
    most = count if everything or count <= MOST_ALIKE else MOST_ALIKE
    listed = [pod for _, pod in zip(range(most), pods.of(key), strict=False)]
    if not listed:
        return head
    if key.kind == "DaemonSet":
        rows = table(("NODE",), [(pod.node or "",) for pod in listed])
    else:
        rows = table(("ORDINAL", "NAME"), [(str(pod.ordinal), pod.name or "") for pod in listed])
    rest = f"… and {count - most:,} more (--all)\n" if count > most else ""
    return head + "".join(f"  {line}\n" for line in (rows + rest).splitlines())
