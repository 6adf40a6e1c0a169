"""What comes of a forecast, in GraphQL: pods that go, come, move and are made anew."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import strawberry

from foretell.api.graphql.enums import closed
from foretell.api.graphql.paging import part
from foretell.api.graphql.waves import Shown, Skipped
from foretell.api.solver import questions as q


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
    workload: str | None = strawberry.field(
        description="What it belongs to, such as `StatefulSet/web`; of a ReplicaSet's pods its Deployment."
    )
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


def impact_of(told: q.Impact) -> Impact:
    """What changes, in GraphQL."""
    return Impact(told=told, gone=told.gone, appeared=told.appeared, moved=told.moved, replaced=told.replaced)
