"""Whether statements hold of a forecast, and the wave that breaks them."""

from __future__ import annotations

from collections.abc import Iterable

from foretell.logic.orders.readiness import own_pods, readiness, wanted_of
from foretell.model import statements as s
from foretell.model.clock import seconds
from foretell.model.cluster import Cluster
from foretell.model.errors import NotFoundError
from foretell.model.forecast import Forecast, Outcome
from foretell.model.meta import Key
from foretell.model.objects import Node, Pod


def broken(statement: s.Statement, told: Forecast, began: float) -> int | None:
    """After how many waves a forecast breaks a statement; None where it holds.

    What is said of the end is broken by the last wave. The forecast began so many seconds after the epoch.
    """
    if not isinstance(statement, s.Keeps | s.Stays):
        return None if _holds(statement, told, began) else len(told.waves)
    for number, state in enumerate((*told.states, told.after), start=1):
        if not _stands(statement, told.before, state):
            return min(number, len(told.waves))
    return None


def _stands(statement: s.Keeps | s.Stays, before: Cluster, state: Cluster) -> bool:
    """Whether a state agrees with a statement about all states."""
    if isinstance(statement, s.Stays):
        return not is_gone(statement.pod, before, state)
    found = readiness(state, statement.workload, state.moment)
    return (found.available if statement.available else found.ready) >= statement.pods


def _holds(statement: s.Statement, told: Forecast, began: float) -> bool:
    """Whether a statement about the end holds."""
    after = told.after
    match statement:
        case s.Settles(within=within):
            soon = within is None or after.moment - began <= within
            return soon and told.verdict.outcome is Outcome.SETTLED
        case s.GetsReady(workload=key, within=within):
            pods = [pod for pod in own_pods(after, key) if pod.ready and not pod.terminating]
            since = [c.last_transition_time for pod in pods if (c := pod.ready_condition) is not None]
            late = [moment for moment in since if moment is None or seconds(moment) - began > within]
            return len(pods) >= wanted_of(after, key) and not late
        case s.Spreads(workload=key, nodes=nodes):
            pods = [pod for pod in own_pods(after, key) if not pod.terminating and not pod.finished]
            return len({pod.spec.node_name for pod in pods} - {""}) >= nodes
        case s.Goes(pod=key):
            return is_gone(key, told.before, after)
        case s.IsOn(pod=key, node=node):
            pod = after.get(key)
            return isinstance(pod, Pod) and pod.spec.node_name == node
        case _:
            raise TypeError(f"no such statement: {statement!r}")


def is_gone(key: Key, before: Cluster, after: Cluster) -> bool:
    """Whether a pod that was there before is deleted or being deleted."""
    was, now = before.get(key), after.get(key)
    return was is not None and (now is None or now.terminating or now.metadata.uid != was.metadata.uid)


def check_names(statements: Iterable[s.Statement], first: Forecast) -> None:
    """Raise NotFoundError where a statement is about something that is never there in a forecast."""
    there = (first.before, *first.states, first.after)
    for statement in statements:
        for key in keys_of(statement):
            clusters = (first.before,) if isinstance(statement, s.Stays | s.Goes) else there
            if not any(key in cluster for cluster in clusters):
                place = f" in namespace {key.namespace}" if key.namespace else ""
                when = "before the changes" if clusters != there else "before or after the changes"
                raise NotFoundError(f"a statement is about {key}{place}, which isn't there {when}")


def keys_of(statement: s.Statement) -> tuple[Key, ...]:
    """The objects that a statement is about."""
    match statement:
        case s.Keeps() | s.GetsReady() | s.Spreads():
            return (statement.workload,)
        case s.IsOn():
            return (statement.pod, Key("Node", "", statement.node))
        case s.Stays() | s.Goes():
            return (statement.pod,)
        case _:
            return ()


def nodes_of(statements: Iterable[s.Statement], before: Cluster) -> set[str]:
    """The nodes that have to be told by their names, as a statement tells them from others."""
    found = set()
    for key in (key for statement in statements for key in keys_of(statement)):
        thing = before.get(key)
        if key.kind == Node.__name__:
            found.add(key.name)
        elif isinstance(thing, Pod):
            found.add(thing.spec.node_name or thing.pinned_to)
    return found
