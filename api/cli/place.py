"""`foretell place`: where a pod could go, by every node, and the best placement of all that wait."""

from __future__ import annotations

import click

from foretell.api.cli.output import examples, json_text, output_option, say
from foretell.api.cli.place_text import best_text, placing_text
from foretell.api.cli.question import check_stdin, gates_of, version_options
from foretell.api.cli.state import read_state, state_option
from foretell.api.telling.candidates import candidate_pods, named_pod
from foretell.logic.optimal import SECONDS, best_placement
from foretell.logic.placing import placing
from foretell.model.cluster import Cluster
from foretell.model.meta import Key
from foretell.model.objects import Pod

_KINDS = ("pod", "po", "pods")
PENDING = 2
"""The exit code that says that some pod finds no node."""

EXAMPLES = examples(
    "foretell place pod/web-1 --state cluster.json",
    "foretell place deployment.yaml --state cluster.json --all",
    "foretell place --best --state cluster.json --seconds 30",
)


@click.command("place", epilog=EXAMPLES)
@click.argument("what", nargs=-1, metavar="[pod/NAME|FILE|-]...")
@state_option
@click.option("-n", "--namespace", default="default", metavar="NAME", help="Where named pods are looked for.")
@version_options
@click.option(
    "--node", "nodes", multiple=True, metavar="NAME", help="Tell of this node alone; may be repeated."
)
@click.option("--all", "everything", is_flag=True, help="List every node, also where many say the same.")
@click.option(
    "--best", is_flag=True, help="Find the best placement of all pods that wait, or of those that are named."
)
@click.option(
    "--seconds", type=click.FloatRange(min=0.1), default=SECONDS, show_default=True,
    help="For how long to look for the best placement.",
)  # fmt: skip
@output_option
def command(
    what: tuple[str, ...],
    state: str,
    namespace: str,
    kubernetes: str,
    settings: tuple[str, ...],
    nodes: tuple[str, ...],
    everything: bool,
    best: bool,
    seconds: float,
    output: str,
) -> int:
    """Show where pods could go, and why not elsewhere.

    Told is what speaks against each node, and how the others are ranked. A pod is named (pod/NAME), or given
    as a manifest in a file: of a pod, or of a workload, whose next pod is meant. A pod that has a node
    already is judged as if it weren't there.

    With --best all pods that wait are placed together: the fewest stay pending, then alike ones are spread
    as evenly as can be. Nobody is moved or driven off.

    Exit codes: 0 when all pods find a node, 2 when one doesn't, 1 for an error.
    """
    gates = gates_of(kubernetes, settings)
    files = tuple(text for text in what if text.partition("/")[0] not in _KINDS)
    check_stdin(state, files)
    cluster = read_state(state)
    _check_nodes(cluster, nodes)
    pods = _asked(cluster, what, namespace, gates)
    if best:
        there = cluster.replaced(pods)
        found = best_placement(there, [pod.key for pod in pods] or None, seconds=seconds, gates=gates)
        say(json_text(found) + "\n" if output == "json" else best_text(found))
        return PENDING if found.pending else 0
    if not pods:
        raise click.UsageError("Name a pod (pod/NAME) or a manifest, or ask for the --best placement of all.")
    told = [placing(cluster, pod, gates=gates) for pod in pods]
    if output == "json":
        say(json_text(told) + "\n")
    else:
        say("\n".join(placing_text(one, nodes, everything=everything) for one in told))
    return 0 if all(one.node for one in told) else PENDING


def _asked(cluster: Cluster, what: tuple[str, ...], namespace: str, gates: frozenset[str]) -> list[Pod]:
    """The pods that are named or given, in order; each of them once."""
    pods: dict[Key, Pod] = {}
    for text in what:
        kind, _, name = text.partition("/")
        if kind in _KINDS and name:
            found = [named_pod(cluster, name, namespace)]
        else:
            found = candidate_pods(cluster, text, namespace, gates)
        pods.update((pod.key, pod) for pod in found)
    return list(pods.values())


def _check_nodes(cluster: Cluster, nodes: tuple[str, ...]) -> None:
    """Refuse nodes that aren't there."""
    there = {node.name for node in cluster.nodes}
    for name in nodes:
        if name not in there:
            raise click.BadParameter(f"there is no node {name!r} in the state", param_hint="--node")
