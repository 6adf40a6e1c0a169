"""What pods are made of in GraphQL: containers and tolerations, and their phases."""

from __future__ import annotations

from enum import StrEnum

import strawberry

from foretell.api.graphql.enums import closed
from foretell.model.pods import Container as ModelContainer
from foretell.model.selectors import Toleration as ModelToleration


@closed(
    "Where a pod is in its life.",
    {
        "PENDING": "It waits for a node, or for its containers to start.",
        "RUNNING": "Its containers run.",
        "SUCCEEDED": "All of its containers have ended well.",
        "FAILED": "All of its containers have ended, one of them badly.",
        "UNKNOWN": "Its node doesn't say.",
    },
)
class PodPhase(StrEnum):
    """`status.phase`."""

    PENDING = "Pending"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    UNKNOWN = "Unknown"


@strawberry.type(description="A container of a pod.")
class Container:
    """A container."""

    name: str = strawberry.field(description="Its name.")
    image: str = strawberry.field(description="The image that it runs.")


@strawberry.type(description="What lets a pod stay in spite of taints.")
class Toleration:
    """A toleration."""

    key: str = strawberry.field(description="The taint's key; empty for all.")
    operator: str = strawberry.field(description="`Equal` or `Exists`.")
    value: str = strawberry.field(description="The taint's value; may be empty.")
    effect: str = strawberry.field(description="The taint's effect; empty for all.")
    seconds: int | None = strawberry.field(
        description="For how long a NoExecute taint is tolerated; null for ever."
    )


def container_of(container: ModelContainer) -> Container:
    """A container in GraphQL."""
    return Container(name=container.name, image=container.image)


def toleration_of(toleration: ModelToleration) -> Toleration:
    """A toleration in GraphQL."""
    return Toleration(
        key=toleration.key,
        operator=toleration.operator or "Equal",
        value=toleration.value,
        effect=toleration.effect,
        seconds=toleration.toleration_seconds,
    )
