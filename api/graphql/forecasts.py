"""Forecasts in GraphQL: waves of actions with their reasons, a verdict, and what comes of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import strawberry

from foretell.api.graphql.enums import closed
from foretell.api.graphql.paging import part
from foretell.api.solver import questions as q
from foretell.api.telling.planned import PlannedAction, PlannedEviction, PlannedObstacle, PlannedWave
from foretell.api.telling.reasons import WORDS
from foretell.logic.verdict import SENTENCES
from foretell.model.forecast import Assumptions as ModelAssumptions
from foretell.model.forecast import Outcome, Reason, Verb, Why

closed(
    "What an action does to its object.",
    {
        "CREATE": "The object is created.",
        "UPDATE": "The object is replaced by a new version.",
        "PATCH": "A part of the object is changed.",
        "DELETE": "The object's deletion is asked for.",
        "BIND": "A pod is given to a node.",
        "EVICT": "A pod's eviction is asked for.",
    },
)(Verb)
closed(
    "Why a controller acts; reasons never steer.",
    {reason.name: f"{words[:1].upper()}{words[1:]}." for reason, words in WORDS.items()},
)(Reason)
closed(
    "How a forecast ends.",
    {
        "SETTLED": "Everything is as it is wanted.",
        "STUCK": "Nothing moves any more, and something stands in the way.",
        "CUT": "There is more to come; it was cut at a horizon, or goes round in circles.",
    },
)(Outcome)
closed(
    "Why a workload waits.",
    {why.name: f"What it waits for {sentence}." for why, (sentence, _) in SENTENCES.items()},
)(Why)

Shown = Annotated[int, strawberry.argument(description="How many are shown: 1 to 100.")]
Skipped = Annotated[int, strawberry.argument(description="How many are skipped before.")]


@strawberry.type(description="One write of a controller.")
class Action:
    """An action."""

    verb: Verb = strawberry.field(description="What it does.")
    kind: str = strawberry.field(description="The kind of its object.")
    namespace: str | None = strawberry.field(description="The object's namespace; null for what has none.")
    name: str = strawberry.field(
        description="The object's name; it ends in `*` where it can't be known before."
    )
    owner: str | None = strawberry.field(description="What controls the object, such as `DaemonSet/agent`.")
    node: str | None = strawberry.field(description="The node that a pod is on or for.")
    revision: str | None = strawberry.field(
        description="A pod's revision label, or a ControllerRevision's number."
    )
    owners: list[str] | None = strawberry.field(description="Whom a claim belongs to afterwards.")
    by: list[str] = strawberry.field(
        description="Who writes: one controller, or several that write the same."
    )
    reason: Reason = strawberry.field(description="Why.")

    @strawberry.field(description="Why, in words.")
    def because(self) -> str:
        """Why, in words."""
        return WORDS[self.reason]


def action_of(action: PlannedAction) -> Action:
    """An action in GraphQL."""
    return Action(
        verb=action.verb,
        kind=action.kind,
        namespace=action.namespace or None,
        name=action.name,
        owner=action.owner,
        node=action.node,
        revision=None if action.revision is None else str(action.revision),
        owners=None if action.owners is None else list(action.owners),
        by=list(action.by),
        reason=action.reason,
    )


@strawberry.type(description="What controllers do until they wait for the world.")
class Wave:
    """A wave."""

    planned: strawberry.Private[PlannedWave]
    number: int = strawberry.field(description="Its number, from 1.")
    turn: int = strawberry.field(description="How often the world has answered before.")
    at: float = strawberry.field(description="When it begins, in seconds since the forecast began.")
    action_count: int = strawberry.field(description="How many actions it has.")

    @strawberry.field(description="Its actions, in order.")
    def actions(self, first: Shown = 50, skip: Skipped = 0) -> list[Action]:
        """Its actions."""
        low, high = part(first, skip)
        return [action_of(action) for action in self.planned.actions[low:high]]


def wave_of(wave: PlannedWave) -> Wave:
    """A wave in GraphQL."""
    return Wave(planned=wave, number=wave.wave, turn=wave.turn, at=wave.at, action_count=len(wave.actions))


@strawberry.type(description="What a workload waits for, and what would free it.")
class Obstacle:
    """An obstacle."""

    workload: str = strawberry.field(description="Who waits, such as `StatefulSet/web`.")
    namespace: str | None = strawberry.field(description="Its namespace; null for what has none.")
    on: str = strawberry.field(description="What it waits for, such as `Pod/web-1`.")
    node: str | None = strawberry.field(description="The node of a pod that it waits for.")
    why: Why = strawberry.field(description="Why it waits.")
    sentence: str = strawberry.field(description="What is the matter with what it waits for, in words.")
    message: str | None = strawberry.field(
        description="What the scheduler says of a pod that it can't place."
    )
    remedy: str = strawberry.field(description="What has to happen, in words.")


def obstacle_of(obstacle: PlannedObstacle) -> Obstacle:
    """An obstacle in GraphQL."""
    return Obstacle(
        workload=obstacle.workload,
        namespace=obstacle.namespace or None,
        on=obstacle.on,
        node=obstacle.node or None,
        why=obstacle.why,
        sentence=obstacle.sentence,
        message=obstacle.message or None,
        remedy=obstacle.remedy,
    )


@strawberry.type(description="How a forecast ends, and what stands in the way where it isn't settled.")
class Verdict:
    """A verdict."""

    outcome: Outcome = strawberry.field(description="How it ends.")
    note: str = strawberry.field(description="Why it ends there, where it was cut; else empty.")
    obstacles: list[Obstacle] = strawberry.field(description="What stands in the way; the first 100.")
    obstacle_count: int = strawberry.field(description="How many things stand in the way.")


@strawberry.type(description="What the API server says to an eviction.")
class Eviction:
    """An answer to an eviction."""

    namespace: str = strawberry.field(description="The pod's namespace.")
    pod: str = strawberry.field(description="The pod's name.")
    allowed: bool = strawberry.field(description="Whether it is let happen.")
    budget: str | None = strawberry.field(
        description="The disruption budget that refuses it, or pays for it."
    )


def eviction_of(eviction: PlannedEviction) -> Eviction:
    """An answer to an eviction in GraphQL."""
    return Eviction(
        namespace=eviction.namespace,
        pod=eviction.pod,
        allowed=eviction.allowed,
        budget=eviction.budget or None,
    )


@strawberry.type(description="How many actions of each verb there are.")
class ActionCounts:
    """Actions counted."""

    create: int = strawberry.field(description="Objects created.")
    update: int = strawberry.field(description="Objects updated.")
    patch: int = strawberry.field(description="Objects patched.")
    delete: int = strawberry.field(description="Objects deleted.")
    evict: int = strawberry.field(description="Pods evicted.")
    bind: int = strawberry.field(description="Pods bound to nodes.")


@closed(
    "What becomes of a pod.",
    {
        "GONE": "It isn't there any more.",
        "APPEARED": "It wasn't there before.",
        "MOVED": "It is on another node.",
        "REPLACED": "It was made anew where it was.",
    },
)
class Fate(StrEnum):
    """What becomes of a pod."""

    GONE = "gone"
    APPEARED = "appeared"
    MOVED = "moved"
    REPLACED = "replaced"


@strawberry.type(
    description="What becomes of one pod; a daemon pod is the same one if it is on the same node."
)
class PodFate:
    """What becomes of one pod."""

    fate: Fate = strawberry.field(description="What becomes of it.")
    workload: str | None = strawberry.field(description="What controls it, such as `StatefulSet/web`.")
    namespace: str = strawberry.field(description="Its namespace.")
    name: str = strawberry.field(description="Its name; it ends in `*` where it can't be known before.")
    before: str | None = strawberry.field(description="The node that it was on.")
    after: str | None = strawberry.field(description="The node that it comes to.")


@strawberry.type(description="What becomes of a workload's pods.")
class WorkloadImpact:
    """What becomes of a workload's pods."""

    workload: str = strawberry.field(description="The workload, such as `StatefulSet/web`.")
    namespace: str = strawberry.field(description="Its namespace.")
    pods_before: int = strawberry.field(description="Its pods before.")
    pods_after: int = strawberry.field(description="Its pods afterwards.")
    ready_before: int = strawberry.field(description="Its ready pods before.")
    ready_after: int = strawberry.field(description="Its ready pods afterwards.")
    lowest_ready: int = strawberry.field(description="The fewest of its pods that are ready after any wave.")


@strawberry.type(description="What changes between the state before all changes and the one afterwards.")
class Impact:
    """What changes."""

    told: strawberry.Private[q.Impact]
    gone: int = strawberry.field(description="Pods that aren't there any more.")
    appeared: int = strawberry.field(description="Pods that weren't there before.")
    moved: int = strawberry.field(description="Pods that are on another node.")
    replaced: int = strawberry.field(description="Pods that were made anew where they were.")

    @strawberry.field(description="What becomes of the pods, workloads in order; at most 1,000 are told.")
    def pods(
        self,
        first: Shown = 100,
        skip: Skipped = 0,
        only: Annotated[list[Fate] | None, strawberry.argument(description="Only these fates.")] = None,
    ) -> list[PodFate]:
        """What becomes of the pods."""
        low, high = part(first, skip)
        wanted = [fate for fate in self.told.fates if only is None or Fate(fate.fate) in only]
        return [
            PodFate(
                fate=Fate(fate.fate), workload=fate.workload or None, namespace=fate.namespace,
                name=fate.name, before=fate.before or None, after=fate.after or None,
            )
            for fate in wanted[low:high]
        ]  # fmt: skip

    @strawberry.field(description="The workloads whose pods are touched, in order; the first 100.")
    def workloads(self) -> list[WorkloadImpact]:
        """The workloads whose pods are touched."""
        return [
            WorkloadImpact(
                workload=row.workload, namespace=row.namespace, pods_before=row.pods_before,
                pods_after=row.pods_after, ready_before=row.ready_before, ready_after=row.ready_after,
                lowest_ready=row.lowest_ready,
            )
            for row in self.told.workloads[:100]
        ]  # fmt: skip


@strawberry.type(description="What will happen: waves of actions, how it ends, and what comes of it.")
class Forecast:
    """A forecast."""

    answer: strawberry.Private[q.ForecastAnswer]
    wave_count: int = strawberry.field(description="How many waves there are.")
    seconds: float = strawberry.field(
        description="When the last wave begins, in seconds since the beginning."
    )

    @strawberry.field(description="The waves, in order.")
    def waves(self, first: Shown = 50, skip: Skipped = 0) -> list[Wave]:
        """The waves."""
        low, high = part(first, skip)
        return [wave_of(wave) for wave in self.answer.waves[low:high]]

    @strawberry.field(description="How it ends.")
    def verdict(self) -> Verdict:
        """How it ends."""
        verdict = self.answer.verdict
        return Verdict(
            outcome=verdict.outcome,
            note=verdict.note,
            obstacles=[obstacle_of(obstacle) for obstacle in verdict.obstacles[:100]],
            obstacle_count=len(verdict.obstacles),
        )

    @strawberry.field(description="How many actions of each verb there are.")
    def counts(self) -> ActionCounts:
        """Actions counted."""
        s = self.answer.summary
        return ActionCounts(
            create=s.create, update=s.update, patch=s.patch, delete=s.delete, evict=s.evict, bind=s.bind
        )

    @strawberry.field(description="What comes of it: pods that go, come and move.")
    def outcome(self) -> Impact:
        """What comes of it."""
        told = self.answer.impact
        return Impact(
            told=told, gone=told.gone, appeared=told.appeared, moved=told.moved, replaced=told.replaced
        )

    @strawberry.field(
        description="What the API server says to the evictions among the changes; the first 100."
    )
    def evictions(self) -> list[Eviction]:
        """What the API server says to evictions."""
        return [eviction_of(eviction) for eviction in self.answer.evictions[:100]]


def forecast_of(answer: q.ForecastAnswer) -> Forecast:
    """A forecast in GraphQL."""
    return Forecast(answer=answer, wave_count=answer.summary.waves, seconds=answer.seconds)


@strawberry.input(description="Where the world is to answer otherwise; `*` in a pattern matches anything.")
class Assumptions:
    """Assumptions."""

    never_start: list[str] = strawberry.field(
        default_factory=list,
        description="These pods stay pending on their nodes: patterns over names, or `owner@node`.",
    )
    never_ready: list[str] = strawberry.field(
        default_factory=list, description="These pods run, but never get ready: patterns."
    )
    never_gone: list[str] = strawberry.field(
        default_factory=list, description="These pods stay terminating: patterns."
    )
    fails: list[str] = strawberry.field(
        default_factory=list, description="These pods fail when they start: patterns."
    )
    dead_nodes: list[str] = strawberry.field(
        default_factory=list, description="Nothing on these nodes answers."
    )
    unbound_claims: list[str] = strawberry.field(
        default_factory=list, description="These claims get no volume."
    )


Assume = Annotated[
    Assumptions | None,
    strawberry.argument(description="Where the world is to answer otherwise than that it works."),
]
Horizon = Annotated[
    int | None,
    strawberry.argument(
        description="After how many turns of the world the forecast is cut; without one it goes to the end."
    ),
]


def assumed(assume: Assumptions | None) -> ModelAssumptions:
    """The assumptions as a value."""
    if assume is None:
        return ModelAssumptions()
    return ModelAssumptions(**{name: tuple(patterns) for name, patterns in vars(assume).items()})
