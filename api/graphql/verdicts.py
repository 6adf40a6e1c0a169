"""Verdicts in GraphQL: how a forecast ends, what stands in the way, and what budgets say to evictions."""

from __future__ import annotations

import strawberry

from foretell.api.graphql.enums import closed
from foretell.api.telling.planned import PlannedEviction, PlannedObstacle, PlannedVerdict
from foretell.logic.verdict import SENTENCES
from foretell.model.forecast import Outcome, Why

MOST = 100
"""How many obstacles and evictions are told."""

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
    code: int = strawberry.field(description="The HTTP status of the answer.")
    message: str = strawberry.field(
        description="The server's own sentence where it refuses; empty where it doesn't."
    )


def eviction_of(eviction: PlannedEviction) -> Eviction:
    """An answer to an eviction in GraphQL."""
    return Eviction(
        namespace=eviction.namespace,
        pod=eviction.pod,
        allowed=eviction.allowed,
        budget=eviction.budget or None,
        code=eviction.code,
        message=eviction.message,
    )


def verdict_of(verdict: PlannedVerdict) -> Verdict:
    """A verdict in GraphQL."""
    return Verdict(
        outcome=verdict.outcome,
        note=verdict.note,
        obstacles=[obstacle_of(obstacle) for obstacle in verdict.obstacles[:MOST]],
        obstacle_count=len(verdict.obstacles),
    )
