"""What a forecast is stuck on: each obstacle, with its derivation and what would free it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from foretell.logic.forecast import accompanied
from foretell.logic.watching import Watch
from foretell.logic.why.drains import budget_grounds, refusal_ground
from foretell.logic.why.nodes import refusals
from foretell.logic.why.waiting import stuck_on
from foretell.model.changes import Change, Drain
from foretell.model.cluster import Cluster
from foretell.model.explanation import About, Explanation, Ground
from foretell.model.forecast import Assumptions, Forecast, Obstacle, Outcome, Why
from foretell.model.objects import Pod

replace = msgspec.structs.replace
_OF_DRAINS = frozenset({Why.DAEMON_POD, Why.DAEMONSET_GONE, Why.LOCAL_DATA, Why.NO_CONTROLLER})


def stuck_answer(
    cluster: Cluster,
    about: About,
    changes: Iterable[Change],
    assume: Assumptions,
    horizon: int | None,
    *,
    patience: float | None,
    gates: frozenset[str],
    resync: bool,
) -> tuple[Explanation, Forecast]:
    """Why a forecast doesn't settle, and the forecast; that it does is said where it does."""
    watch, wanted = Watch(), tuple(changes)
    story = accompanied(
        cluster, wanted, assume, horizon, patience=patience, gates=gates, resync=resync, watch=watch
    )
    verdict = story.verdict
    if not verdict.obstacles or watch.cluster is None:
        settled = verdict.outcome is Outcome.SETTLED
        answer = "nothing is stuck: everything is as wanted" if settled else f"it is cut: {verdict.note}"
        told = Explanation(about=about, answer=answer, holds=False, outcome=verdict.outcome)
        return told, story
    end = watch.cluster
    grounds = [
        one if one.about == str(workload) else replace(one, sentence=f"{workload} waits: {one.sentence}")
        for workload, one in stuck_on(end, watch.memory, watch.now, gates)
    ]
    known = {one.about for one in grounds}
    grounds += [
        one
        for obstacle in verdict.obstacles
        if obstacle.on not in known
        for one in _of_drain(end, obstacle, wanted)
    ]
    unplaced = [one for one in verdict.obstacles if one.why is Why.POD_UNPLACED]
    pod = end.find(Pod, unplaced[0].on.partition("/")[2], unplaced[0].namespace) if unplaced else None
    count = len(verdict.obstacles)
    return (
        Explanation(
            about=about, holds=True, grounds=tuple(grounds), outcome=verdict.outcome,
            answer=f"{count:,} thing{'s stand' if count > 1 else ' stands'} in the way",
            groups=refusals(end, pod, gates, now=watch.now).groups if pod is not None else (),
        ),
        story,
    )  # fmt: skip


def _of_drain(end: Cluster, obstacle: Obstacle, changes: Iterable[Change]) -> Iterable[Ground]:
    """The grounds of what stands in the way of a drain or an eviction."""
    kind, _, name = obstacle.on.partition("/")
    if obstacle.why in (Why.BUDGET, Why.SEVERAL_BUDGETS):
        pod = end.find(Pod, obstacle.workload.partition("/")[2], obstacle.namespace)
        return budget_grounds(end, pod) if pod is not None else ()
    pod = end.find(Pod, name, obstacle.namespace) if kind == "Pod" else None
    node = obstacle.workload.partition("/")[2]
    drain = next((one for one in changes if isinstance(one, Drain) and one.node == node), None)
    if obstacle.why in _OF_DRAINS and pod is not None and drain is not None:
        return (refusal_ground(end, drain, pod, obstacle.why),)
    told = Ground(
        code=obstacle.why, about=obstacle.on, sentence=f"{obstacle.on} {obstacle.sentence}",
        remedy=obstacle.remedy,
    )  # fmt: skip
    return (told,)
