"""The forecast: controllers act until they are quiet, the world answers, and so on, wave by wave."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from foretell.logic.gates import default_gates
from foretell.logic.simulation import Simulation
from foretell.logic.verdict import verdict_of, with_outcome
from foretell.logic.world import outstanding
from foretell.model.changes import Change, change_from_json
from foretell.model.clock import seconds
from foretell.model.cluster import Cluster
from foretell.model.collector import collector_paused
from foretell.model.forecast import Assumptions, Forecast, Outcome, assumptions_from_json
from foretell.model.objects import Node, Pod

HORIZON = 10_000
"""After how many turns a forecast is cut, where no horizon is asked for."""


def moment_of(cluster: Cluster) -> float:
    """The cluster's own now, in seconds since the epoch.

    It is the latest moment that its objects mention, unless the cluster itself is known to be of a later one.
    """
    latest = cluster.moment
    for thing in cluster:
        meta = thing.metadata
        stamps = [meta.creation_timestamp, meta.deletion_timestamp]
        if isinstance(thing, Pod | Node):
            stamps += [c.last_transition_time for c in thing.status.conditions]
            stamps += [c.last_heartbeat_time for c in thing.status.conditions]
        latest = max([latest, *(seconds(stamp) for stamp in stamps if stamp is not None)])
    return latest


def forecast(
    cluster: Cluster,
    changes: Iterable[Change | Mapping[str, Any]] = (),
    assume: Assumptions | Mapping[str, Any] | None = None,
    horizon: int | None = None,
    *,
    patience: float | None = None,
    gates: frozenset[str] | None = None,
    resync: bool = True,
    now: float | None = None,
) -> Forecast:
    """What the controllers will do after the changes, wave by wave.

    Changes and assumptions may be given in their JSON form as well; a manifest is a change that applies it.
    `horizon` is how many turns of the world are forecast at most; without one a forecast is cut when it goes
    round in circles. `patience` is for how many seconds a timer is waited for in each turn; by default until
    it fires. `gates` are the feature gates that are on. With `resync` every controller looks at everything
    once, as after its restart; without, only at what the changes touch. `now` is in seconds since the epoch,
    by default the latest moment in the cluster.

    Raises RejectedError where the API server refuses a change, ManifestError where one can't be read.
    """
    with collector_paused():
        simulation = Simulation(
            cluster,
            assumptions_from_json(assume) if isinstance(assume, Mapping) else assume or Assumptions(),
            default_gates() if gates is None else gates,
            moment_of(cluster) if now is None else now,
            patience,
        )
        simulation.look_around(acting=resync)
        for change in changes:
            simulation.change(change_from_json(change) if isinstance(change, Mapping) else change)
        note = _run(simulation, horizon)
        verdict = verdict_of(
            simulation.cluster, simulation.memory, simulation.now, simulation.gates, simulation.answers
        )
        if note and outstanding(simulation.cluster, simulation.active, simulation.assume):
            verdict = with_outcome(verdict, Outcome.CUT, note)
        return Forecast(
            before=cluster,
            waves=tuple(simulation.waves),
            verdict=verdict,
            after=simulation.cluster.at(simulation.now),
            states=tuple(simulation.states),
            answers=tuple(simulation.answers),
        )


def _run(simulation: Simulation, horizon: int | None) -> str:
    """Let control plane and world take turns; why it was cut, or nothing when all is quiet."""
    seen: set[Hashable] = set()
    while True:
        simulation.act()
        simulation.end_wave()
        mark = simulation.fingerprint() if horizon is None else None
        if mark is not None and mark in seen:
            return "it goes round in circles from here"
        seen.add(mark)
        limit = HORIZON if horizon is None else horizon
        if simulation.turn >= limit:
            return f"the horizon of {limit} turn{'' if limit == 1 else 's'} is reached"
        if not simulation.turn_world():
            return ""
