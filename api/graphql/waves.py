"""Waves in GraphQL: what controllers write, in order, and why."""

from __future__ import annotations

from typing import Annotated

import strawberry

from foretell.api.graphql.enums import closed
from foretell.api.graphql.paging import part
from foretell.api.telling.planned import PlannedAction, PlannedWave
from foretell.api.telling.reasons import WORDS
from foretell.model.forecast import Reason, Verb

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
    replicas: int | None = strawberry.field(
        description="How many replicas a ReplicaSet is asked for; null for other objects."
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
        replicas=action.replicas,
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
