"""Forecasts in GraphQL: waves of actions, a verdict, and what comes of it; and what is assumed."""

from __future__ import annotations

from typing import Annotated

import strawberry

from foretell.api.graphql.impacts import Impact, impact_of
from foretell.api.graphql.paging import part
from foretell.api.graphql.verdicts import MOST, Eviction, Verdict, eviction_of, verdict_of
from foretell.api.graphql.waves import Shown, Skipped, Wave, wave_of
from foretell.api.solver import questions as q
from foretell.model.forecast import Assumptions as ModelAssumptions


@strawberry.type(description="How many actions of each verb there are.")
class ActionCounts:
    """Actions counted."""

    create: int = strawberry.field(description="Objects created.")
    update: int = strawberry.field(description="Objects updated.")
    patch: int = strawberry.field(description="Objects patched.")
    delete: int = strawberry.field(description="Objects deleted.")
    evict: int = strawberry.field(description="Pods evicted.")
    bind: int = strawberry.field(description="Pods bound to nodes.")


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
        return verdict_of(self.answer.verdict)

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
        return impact_of(self.answer.impact)

    @strawberry.field(
        description="What the API server says to the evictions among the changes; the first 100."
    )
    def evictions(self) -> list[Eviction]:
        """What the API server says to evictions."""
        return [eviction_of(eviction) for eviction in self.answer.evictions[:MOST]]


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
    job_fails: list[str] = strawberry.field(
        default_factory=list, description="These pods of Jobs fail when they end: patterns."
    )
    never_ends: list[str] = strawberry.field(
        default_factory=list, description="These pods of Jobs run on: patterns."
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
