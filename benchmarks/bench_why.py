"""Why a DaemonSet has no pod on a node, and why a pod can't go there: asked of a large cluster, node by node.

python benchmarks/bench_why.py [nodes] [daemonsets]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from itertools import cycle, islice
from statistics import median
from time import perf_counter

from bench_place import newcomer
from clusters import cluster

from foretell.logic.desired import desired
from foretell.logic.forecast import forecast
from foretell.logic.placing import placing
from foretell.logic.why.answers import why
from foretell.model.cluster import Cluster
from foretell.model.explanation import About, Explanation

ROUNDS = 20
GOAL = 100.0
"""How many milliseconds an answer may take, also the first one."""


def timed(name: str, works: Iterable[Callable[[], object]], *, goal: float | None = None) -> float:
    """Run one work after the other, print how long they took, and give the median in milliseconds."""
    taken = []
    for work in works:
        began = perf_counter()
        work()
        taken.append((perf_counter() - began) * 1e3)
    kept = "" if goal is None else f"  (goal {goal:g} ms: {'kept' if max(taken) < goal else 'MISSED'})"
    first, middle, most = taken[0], median(taken), max(taken)
    print(f"{name:<26} first {first:6.1f} ms, median {middle:6.1f} ms, most {most:6.1f} ms{kept}")
    return middle


def asked(state: Cluster, kind: str, name: str, node: str) -> Callable[[], Explanation]:
    """Why not on this node."""
    return lambda: why(state, About(kind=kind, name=name, node=node, negated=True))


def main() -> None:
    """Measure, and print a table."""
    nodes, daemonsets = map(int, sys.argv[1:3] or ("1000", "20"))
    state = forecast(cluster(nodes, daemonsets), waves=1).after
    pod = newcomer("huge", "64")
    waiting = state.replaced([pod])
    print(f"{nodes:,} nodes, {daemonsets} DaemonSets, {len(state.pods):,} pods")
    names = [node.name for node in state.nodes]
    some = list(islice(cycle(names[:: max(1, nodes // ROUNDS)]), ROUNDS))
    agents = [daemonset.name for daemonset in state.daemonsets]
    pairs = list(zip(some, cycle(agents), strict=False))
    why_daemon = timed(
        "why not DaemonSet@node", (asked(state, "DaemonSet", agent, node) for node, agent in pairs), goal=GOAL
    )
    # Indexes are made once for a snapshot and carried over to later ones.
    waiting.occupied_nodes()
    why_pod = timed("why not pod@node", (asked(waiting, "Pod", pod.name, node) for node in some), goal=GOAL)
    whole = timed("why pod, of all nodes", [lambda: why(waiting, About(kind="Pod", name=pod.name))] * 5)
    agent = agents[0]
    timed("why DaemonSet, of all nodes", [lambda: why(state, About(kind="DaemonSet", name=agent))] * 5)
    all_desired = timed("all desired pods", [lambda: desired(state)] * 5)
    placed = timed("placing one pod", [lambda: placing(waiting, pod)] * 5)
    print(f"why not DaemonSet@node / all desired pods: {why_daemon / all_desired:.2f}")
    print(f"why not pod@node / placing one pod:        {why_pod / placed:.2f}")
    print(f"why pod / placing one pod:                 {whole / placed:.2f}")


if __name__ == "__main__":
    main()
