"""Remedies: the cheapest edits after which a goal holds, or what stands against it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from foretell.logic.gates import default_gates
from foretell.logic.remedy.search import LIMIT, TRIES, Search
from foretell.logic.remedy.trial import Bench, check
from foretell.model.changes import Change, change_from_json
from foretell.model.cluster import Cluster
from foretell.model.forecast import Assumptions, assumptions_from_json
from foretell.model.remedy import EditPattern, Goal, Remedies


def remedy(
    cluster: Cluster,
    goal: Goal,
    changes: Iterable[Change | Mapping[str, Any]] = (),
    assume: Assumptions | Mapping[str, Any] | None = None,
    *,
    weights: Iterable[tuple[EditPattern, int]] = (),
    never: Iterable[EditPattern] = (),
    limit: int = LIMIT,
    tries: int = TRIES,
    horizon: int | None = None,
    patience: float | None = None,
    gates: frozenset[str] | None = None,
    resync: bool = True,
) -> Remedies:
    """The cheapest edits after which a goal holds, or what stands against it.

    The goal is asked for once the `changes` have had their consequences. Of `weights` the last pattern that
    matches says what an edit costs for each object that it touches; `never` rules edits out. All remedies of
    the least cost are found, up to `limit`, each of them tried by a forecast; after so many `tries` the
    search is given up. Everything else is as for `forecast`.

    Raises NotFoundError where the goal names what isn't there, RejectedError for a bad change, and
    ValueError for a weight that isn't above nought.
    """
    wanted = [change_from_json(change) if isinstance(change, Mapping) else change for change in changes]
    assumed = assumptions_from_json(assume) if isinstance(assume, Mapping) else assume or Assumptions()
    on = default_gates() if gates is None else gates
    bench = Bench(cluster, assumed, on, patience, horizon, resync)
    if wanted:
        bench = replace(bench, start=bench.story(wanted).after)
    check(goal, bench.start)
    stands = bench.tried(goal, ())
    obstacles = stands.last.verdict.obstacles
    if stands.met:
        return Remedies(goal=goal, holds=True, obstacles=obstacles)
    if not stands.story.waves:
        # Controllers that have nothing to do would look in vain: what edits touch is enough.
        bench = replace(bench, resync=False)
    search = Search(bench, goal, stands, weights, never)
    remedies, complete = search.run(limit, tries)
    free = tuple(one.edit for one in search.candidates if not one.never)
    return Remedies(
        goal=goal,
        holds=False,
        remedies=remedies,
        complete=complete,
        tried=search.tried,
        nearest=None if remedies else search.nearest,
        refused="" if remedies else search.refused,
        candidates=free,
        conflicts=() if remedies or not complete else search.conflicts(),
        obstacles=obstacles,
        unmatched=search.unmatched,
    )
