"""Questions of why, about objects, places, what a forecast is stuck on, and its order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from foretell.logic.carried import moment_of
from foretell.logic.edits import edit
from foretell.logic.finding import find, find_node, find_pod
from foretell.logic.gates import default_gates
from foretell.logic.scope import WORKLOADS
from foretell.logic.why.drains import drain_answer
from foretell.logic.why.orders import order_answer
from foretell.logic.why.places import daemon_on, pod_on, workload_on
from foretell.logic.why.pods import pod_answer
from foretell.logic.why.stuck import stuck_answer
from foretell.logic.why.workloads import workload_answer
from foretell.model.changes import Change, Wait, change_from_json
from foretell.model.cluster import Cluster
from foretell.model.collector import collector_paused
from foretell.model.errors import ManifestError, NotFoundError
from foretell.model.explanation import About, Explanation
from foretell.model.forecast import Assumptions, Forecast, assumptions_from_json
from foretell.model.objects import DaemonSet, Node

MOST_ACTS = 20
"""How many actions of a forecast's order are told where no other number is asked for."""


def why(
    cluster: Cluster,
    about: About,
    changes: Iterable[Change | Mapping[str, Any]] = (),
    assume: Assumptions | Mapping[str, Any] | None = None,
    horizon: int | None = None,
    *,
    wave: int | None = None,
    most: int | None = MOST_ACTS,
    patience: float | None = None,
    gates: frozenset[str] | None = None,
    resync: bool = True,
) -> Explanation:
    """Why something is so: every reason, with the rule that derived it and what the user wrote.

    Of objects and places it is asked as things stand right after the changes, before any controller acts.
    What a forecast is stuck on, and its order, is asked of the forecast that `forecast` would give for the
    same; `wave` is the one wave of which the order is told, `most` how many actions are told at most.

    Raises NotFoundError for what isn't there, RejectedError where the API server refuses a change,
    ManifestError where one can't be read, or is no change of objects.
    """
    return explained(
        cluster, about, changes, assume, horizon,
        wave=wave, most=most, patience=patience, gates=gates, resync=resync,
    )[0]  # fmt: skip


def explained(
    cluster: Cluster,
    about: About,
    changes: Iterable[Change | Mapping[str, Any]] = (),
    assume: Assumptions | Mapping[str, Any] | None = None,
    horizon: int | None = None,
    *,
    wave: int | None = None,
    most: int | None = MOST_ACTS,
    patience: float | None = None,
    gates: frozenset[str] | None = None,
    resync: bool = True,
) -> tuple[Explanation, Forecast | None]:
    """The same as `why`, with the forecast where one was asked."""
    wanted = [change_from_json(change) if isinstance(change, Mapping) else change for change in changes]
    assumed = assumptions_from_json(assume) if isinstance(assume, Mapping) else assume or Assumptions()
    on = default_gates() if gates is None else gates
    with collector_paused():
        if about.topic == "stuck":
            return stuck_answer(
                cluster, about, wanted, assumed, horizon, patience=patience, gates=on, resync=resync
            )
        if about.topic == "order":
            return order_answer(
                cluster, about, wanted, assumed, horizon,
                wave=wave, most=most, patience=patience, gates=on, resync=resync,
            )  # fmt: skip
        after = _after(cluster, wanted, on)
        try:
            return _of_object(after, about, on)
        except NotFoundError as error:
            raise NotFoundError(f"{error.sentence}{_guess(after, about)}") from None


def _after(cluster: Cluster, changes: Iterable[Change], gates: frozenset[str]) -> Cluster:
    """The cluster right after changes."""
    wanted = tuple(changes)
    # To find out what time it is takes a look at everything.
    now = moment_of(cluster) if wanted else 0.0
    for change in wanted:
        if isinstance(change, Wait):
            raise ManifestError("time passes in forecasts alone: expected a change of objects", path="$.wait")
        made = edit(cluster, change, now, gates)
        cluster = cluster.replaced(made.puts, made.drops)
    return cluster


def _of_object(cluster: Cluster, about: About, gates: frozenset[str]) -> tuple[Explanation, Forecast | None]:
    if about.kind == "Node":
        return drain_answer(cluster, about), None
    if about.node:
        find_node(cluster, about.node)
    if about.kind == "Pod" and not about.node:
        return pod_answer(cluster, about, gates)
    if about.kind == "Pod":
        pod = find_pod(cluster, about.name, about.namespace)
        return pod_on(cluster, pod, about, gates), None
    workload = find(cluster, about.kind, about.name, about.namespace)
    assert isinstance(workload, WORKLOADS)
    if not about.node:
        return workload_answer(cluster, workload, about, gates), None
    if isinstance(workload, DaemonSet):
        return daemon_on(cluster, workload, about, gates), None
    return workload_on(cluster, workload, about, gates), None


def _guess(cluster: Cluster, about: About) -> str:
    """What may be meant by a name that nothing has; empty where nothing is like it."""
    if about.node and cluster.find(Node, about.node) is None:
        name, names = about.node, [node.name for node in cluster.nodes]
    else:
        name = about.name
        names = [one.name for one in cluster.of_kind(about.kind) if one.namespace == about.namespace]
    near = get_close_matches(name, names, n=1)
    return f": did you mean {near[0]}?" if near else ""
