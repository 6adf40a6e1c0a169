"""Whole forecasts on large clusters under a time limit: taints, roll-outs, an ordered update."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from time import perf_counter
from typing import Any

from figures import percentile
from fleet import FEW, fleet
from populated import settled
from replicated import replicated
from timing import OverTimeError, limited

from foretell.logic.forecast import unfolding
from foretell.model.changes import AddTaint, Change, SetImage
from foretell.model.cluster import Cluster

Row = dict[str, Any]


def timed(state: Cluster, changes: Sequence[Change], limit: float, *, resync: bool = True) -> Row:
    """Forecast, and say how long it took until the end, or how many waves there were within the limit."""
    story = unfolding(state, changes, resync=resync)
    waves = actions = 0
    began = perf_counter()
    try:
        with limited(limit):
            while True:
                try:
                    actions += len(next(story).actions)
                    waves += 1
                except StopIteration as end:
                    seconds, outcome = perf_counter() - began, end.value.verdict.outcome.value
                    return {"seconds": seconds, "waves": waves, "actions": actions, "outcome": outcome}
    except OverTimeError:
        return {"seconds": None, "waves": waves, "actions": actions, "outcome": None}


def size_of(state: Cluster) -> Row:
    """How large a cluster is."""
    workloads = {"daemonsets": len(state.daemonsets), "statefulsets": len(state.statefulsets)}
    return {"nodes": len(state.nodes), **workloads, "pods": len(state.pods)}


def told(measure: str, state: Cluster, runs: Sequence[Row], limit: float) -> Row:
    """One row: percentiles of the forecasts that came to their end, and what the last of all was like."""
    ended = [run["seconds"] for run in runs if run["seconds"] is not None]
    last = {name: runs[-1][name] for name in ("waves", "actions", "outcome")}
    row = {"measure": measure, **size_of(state), "runs": len(ended), "limit_s": limit, **last}
    if not ended:
        return {**row, "p50_s": None, "p95_s": None, "note": f"not within {limit:g} s"}
    return {
        **row,
        "p50_s": round(percentile(ended, 50), 4),
        "p95_s": round(percentile(ended, 95), 4),
        "note": "",
    }


def taints(nodes: int, daemonsets: int, times: int, limit: float) -> list[Row]:
    """One taint, each time on another node of a settled cluster, with and without a resync."""
    state = settled(fleet(min(nodes, FEW), daemonsets), fleet(nodes, daemonsets))
    chosen = Random("taints").sample(state.nodes, min(times, nodes))
    rows = []
    for resync, measure in ((True, "one taint"), (False, "one taint, without a resync")):
        runs: list[Row] = []
        end = perf_counter() + limit
        for node in chosen:
            taint = AddTaint(node=node.name, key="maintenance", effect="NoExecute")
            left = limit if not runs else end - perf_counter()
            if left <= 0:
                break
            run = timed(state, [taint], left, resync=resync)
            if run["seconds"] is None and runs:
                break
            runs.append(run)
        if resync and len(runs) > 1:
            # The first forecast of a cluster in a process looks at all of it, the others at what is another.
            rows.append(told("first forecast, one taint", state, runs[:1], limit))
            runs = runs[1:]
        rows.append(told(measure, state, runs, limit))
    return rows


def rollout(nodes: int, max_unavailable: int | str, limit: float) -> Row:
    """A new image for one DaemonSet that has a pod on every node."""
    few = fleet(min(nodes, FEW), 1, max_unavailable=max_unavailable)
    state = settled(few, fleet(nodes, 1, max_unavailable=max_unavailable))
    change = SetImage(kind="DaemonSet", name="daemon-000", image="agent:2")
    return told(f"roll-out, maxUnavailable {max_unavailable}", state, [timed(state, [change], limit)], limit)


def ordered_update(replicas: int, limit: float) -> Row:
    """A new image for one StatefulSet that replaces its pods in order."""
    state = replicated(FEW, replicas)
    change = SetImage(kind="StatefulSet", name="stateful-0000", image="agent:2")
    return told("ordered update", state, [timed(state, [change], limit)], limit)
