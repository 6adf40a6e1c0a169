"""The forecast: controllers act until they are quiet, the world answers, and so on, wave by wave."""

from __future__ import annotations

from collections.abc import Collection, Generator, Hashable, Iterable, Iterator, Mapping
from typing import Any

from foretell.logic.carried import leave, moment_of
from foretell.logic.drain import refused
from foretell.logic.gates import default_gates
from foretell.logic.orders.choices import Choices, JoinedError
from foretell.logic.simulation import MOST_RUNS, Simulation
from foretell.logic.verdict import verdict_of, with_outcome
from foretell.logic.verdict_drains import obstacles_of_answers, obstacles_of_drains
from foretell.logic.watching import Watch
from foretell.logic.world import outstanding
from foretell.model.changes import Change, change_from_json
from foretell.model.cluster import Cluster
from foretell.model.collector import collector_paused
from foretell.model.forecast import (
    Assumptions,
    Forecast,
    Outcome,
    Verdict,
    Wave,
    assumptions_from_json,
)

HORIZON = 10_000
"""After how many turns a forecast is cut, where no horizon is asked for; repeated ones don't count."""

JOINED = "from here on it goes as in another order"
"""What is said of a forecast that is ended at a state which an order that was looked at before came by."""


def forecast(
    cluster: Cluster,
    changes: Iterable[Change | Mapping[str, Any]] = (),
    assume: Assumptions | Mapping[str, Any] | None = None,
    horizon: int | None = None,
    *,
    waves: int | None = None,
    patience: float | None = None,
    gates: frozenset[str] | None = None,
    resync: bool = True,
    now: float | None = None,
) -> Forecast:
    """What the controllers will do after the changes, wave by wave.

    Changes and assumptions may be given in their JSON form as well; a manifest is a change that applies it.
    `horizon` is how many turns of the world are forecast at most; without one a forecast is cut when it goes
    round in circles. `waves` cuts it after so many waves, round in circles or not, with the cluster as it is
    right after the last of them. `patience` is for how many seconds a timer is waited for in each turn; by
    default until it fires. `gates` are the feature gates that are on. With `resync` every controller looks at
    everything once, as after its restart; without, only at what the changes touch. `now` is in seconds since
    the epoch, by default the latest moment in the cluster.

    Raises RejectedError where the API server refuses a change, ManifestError where one can't be read.
    """
    return accompanied(
        cluster, changes, assume, horizon,
        waves=waves, patience=patience, gates=gates, resync=resync, now=now,
    )  # fmt: skip


def accompanied(
    cluster: Cluster,
    changes: Iterable[Change | Mapping[str, Any]] = (),
    assume: Assumptions | Mapping[str, Any] | None = None,
    horizon: int | None = None,
    *,
    waves: int | None = None,
    patience: float | None = None,
    gates: frozenset[str] | None = None,
    resync: bool = True,
    now: float | None = None,
    watch: Watch | None = None,
    choices: Choices | None = None,
) -> Forecast:
    """The forecast, with company: `watch` sees its rounds and its end, `choices` takes one of its orders.

    Everything else is asked for as from `forecast`.
    """
    story = _begun(
        cluster, changes, assume, horizon,
        waves=waves, patience=patience, gates=gates, resync=resync, now=now, watch=watch, choices=choices,
    )  # fmt: skip
    with collector_paused():
        while True:
            try:
                next(story)
            except StopIteration as end:
                whole: Forecast = end.value
                return whole


def unfolding(
    cluster: Cluster,
    changes: Iterable[Change | Mapping[str, Any]] = (),
    assume: Assumptions | Mapping[str, Any] | None = None,
    horizon: int | None = None,
    *,
    waves: int | None = None,
    patience: float | None = None,
    gates: frozenset[str] | None = None,
    resync: bool = True,
    now: float | None = None,
) -> Generator[Wave, None, Forecast]:
    """The waves of a forecast, each as soon as it is derived; what is returned in the end is the whole of it.

    Everything is asked for as from `forecast`, and refused as there, when the first wave is asked for.
    """
    story = _begun(
        cluster, changes, assume, horizon,
        waves=waves, patience=patience, gates=gates, resync=resync, now=now, watch=None, choices=None,
    )  # fmt: skip
    while True:
        # Whoever asks may be long about the next wave: the collector is paused for none but this one.
        with collector_paused():
            try:
                wave = next(story)
            except StopIteration as end:
                whole: Forecast = end.value
                return whole
        yield wave


def _begun(
    cluster: Cluster,
    changes: Iterable[Change | Mapping[str, Any]],
    assume: Assumptions | Mapping[str, Any] | None,
    horizon: int | None,
    *,
    waves: int | None,
    patience: float | None,
    gates: frozenset[str] | None,
    resync: bool,
    now: float | None,
    watch: Watch | None,
    choices: Choices | None,
) -> Generator[Wave, None, Forecast]:
    wanted = [change_from_json(change) if isinstance(change, Mapping) else change for change in changes]
    assumed = assumptions_from_json(assume) if isinstance(assume, Mapping) else assume or Assumptions()
    simulation = Simulation(
        cluster, assumed, default_gates() if gates is None else gates,
        moment_of(cluster) if now is None else now, patience, choices, watch,
    )  # fmt: skip
    simulation.look_around(acting=resync)
    note = ""
    shown = 0
    for cut in _steps(simulation, wanted, horizon, set(), counted=waves is not None):
        note = cut
        while shown < len(simulation.waves) and shown != waves:
            yield simulation.waves[shown]
            shown += 1
        if shown == waves:
            # What would stand in the way here isn't looked for.
            return _told(cluster, simulation, Verdict(outcome=Outcome.CUT)).cut_after(shown)
    return _ended(cluster, simulation, note)


def resumed(
    before: Cluster, simulation: Simulation, horizon: int | None, seen: Collection[Hashable]
) -> Forecast:
    """The whole forecast of a simulation that goes on from between two turns.

    It began with the cluster `before`; `seen` are the fingerprints of its turns so far.
    """
    with collector_paused():
        *_, note = _steps(simulation, (), horizon, set(seen), counted=False)
        return _ended(before, simulation, note)


def _ended(cluster: Cluster, simulation: Simulation, note: str) -> Forecast:
    """The forecast, its last step having been cut for what is noted, if it was."""
    if note == JOINED:
        return _told(cluster, simulation, Verdict(outcome=Outcome.CUT, note=note))
    simulation.watch.end(simulation.cluster, simulation.memory, simulation.now)
    verdict = verdict_of(
        simulation.cluster, simulation.memory, simulation.now, simulation.gates,
        (*obstacles_of_answers(simulation.answers, simulation.drains),
         *obstacles_of_drains(simulation.drains, simulation.cluster)),
    )  # fmt: skip
    if simulation.runs > MOST_RUNS:
        verdict = with_outcome(
            verdict, Outcome.CUT, f"schedules are followed no further than {MOST_RUNS} runs"
        )
    if note and outstanding(simulation.cluster, simulation.active, simulation.assume):
        verdict = with_outcome(verdict, Outcome.CUT, note)
    return _told(cluster, simulation, verdict)


def _told(cluster: Cluster, simulation: Simulation, verdict: Verdict) -> Forecast:
    leave(simulation.cluster, simulation.standing)
    return Forecast(
        before=cluster,
        waves=tuple(simulation.waves),
        verdict=verdict,
        after=simulation.cluster.at(simulation.now),
        states=simulation.states.copy(),
        answers=tuple(simulation.answers),
        refusals=tuple(said for draining in simulation.drains if (said := refused(draining.task))),
    )


def _steps(
    simulation: Simulation,
    changes: Iterable[Change],
    horizon: int | None,
    seen: set[Hashable],
    *,
    counted: bool,
) -> Iterator[str]:
    """The steps of the run, up to where it joins an order that has been looked at."""
    try:
        yield from _run(simulation, changes, horizon, seen, counted=counted)
    except JoinedError:
        yield JOINED


def _run(
    simulation: Simulation,
    changes: Iterable[Change],
    horizon: int | None,
    seen: set[Hashable],
    *,
    counted: bool,
) -> Iterator[str]:
    """Make the changes, then let control plane and world take turns; after each step, why it is cut there.

    That is nothing while it goes on, and in the end when all is quiet. Where waves are counted, going round
    in circles is no reason as long as it makes waves. `seen` are the fingerprints of turns.
    """
    for change in changes:
        simulation.change(change)
        yield ""
    while True:
        simulation.begin_turn(seen)
        simulation.act()
        simulation.end_wave()
        simulation.pause()
        if horizon is None:
            mark = simulation.fingerprint(), len(simulation.waves) if counted else 0
            if mark in seen:
                yield "it goes round in circles from here"
                return
            seen.add(mark)
        simulation.go_ahead(None if horizon is None else horizon - simulation.turn)
        limit, turns = HORIZON, simulation.turn - simulation.repeated
        if horizon is not None:
            limit, turns = horizon, simulation.turn
        if turns >= limit:
            yield f"the horizon of {limit} turn{'' if limit == 1 else 's'} is reached"
            return
        yield ""
        if not simulation.turn_world():
            yield ""
            return
