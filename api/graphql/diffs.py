"""Desired against actual in GraphQL: missing, surplus, outdated, unhealthy and misplaced pods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from foretell.api.graphql.context import Info
from foretell.api.graphql.desired import AboutWorkload
from foretell.api.graphql.enums import closed
from foretell.api.graphql.paging import (
    Connection,
    Edge,
    Listed,
    PageInfo,
    Paging,
    asked_rows,
    rows_connection,
)
from foretell.api.service.snapshots import Snapshot
from foretell.api.solver import questions as q
from foretell.model.diff import Difference
from foretell.model.meta import Key
from foretell.model.objects import Node
from foretell.model.objects import Pod as ModelPod

if TYPE_CHECKING:
    from foretell.api.graphql.nodes import ClusterNode
    from foretell.api.graphql.pods import Pod

DIFFERENCES = {
    "MISSING": "A pod should be there and isn't.",
    "SURPLUS": "A pod is there and shouldn't be.",
    "OUTDATED": "A pod was made from a template that isn't the newest.",
    "UNHEALTHY": "A pod should be there, and isn't available.",
    "MISPLACED": "A pod is where none would be put, but may stay.",
}
closed("How what is there differs from what should be.", DIFFERENCES)(Difference)


@strawberry.type(description="One difference between desired and actual.")
class Divergence(AboutWorkload):
    """A difference."""

    row: strawberry.Private[q.DiffRow]
    difference: Difference = strawberry.field(description="Of which sort it is.")
    detail: str = strawberry.field(description="What exactly is amiss, in one word such as `old-template`.")

    @strawberry.field(description="The node that it is on; null where that isn't known or doesn't matter.")
    def node_name(self) -> str | None:
        """The node's name."""
        return self.row.node

    @strawberry.field(description="The ordinal that it is about; null but for StatefulSets.")
    def ordinal(self) -> int | None:
        """The ordinal."""
        return self.row.ordinal

    @strawberry.field(description="The name of the pod that it is about; null where there is none.")
    def pod_name(self) -> str | None:
        """The pod's name."""
        return self.row.pod

    @strawberry.field(description="The pod that it is about.")
    def pod(self) -> Annotated[Pod, strawberry.lazy("foretell.api.graphql.pods")] | None:
        """The pod."""
        from foretell.api.graphql.pods import pod_of

        found = (
            self.snapshot.cluster.find(ModelPod, self.row.pod, self.key.namespace) if self.row.pod else None
        )
        return None if found is None else pod_of(self.snapshot, found)

    @strawberry.field(description="The node that it is on.")
    def node(self) -> Annotated[ClusterNode, strawberry.lazy("foretell.api.graphql.nodes")] | None:
        """The node."""
        from foretell.api.graphql.nodes import node_of

        found = self.snapshot.cluster.find(Node, self.row.node) if self.row.node else None
        return None if found is None else node_of(self.snapshot, found)


@strawberry.type(description="How many differences of each sort there are, whatever the filters.")
class DiffCounts:
    """Differences counted."""

    missing: int = strawberry.field(description="Pods that should be there and aren't.")
    surplus: int = strawberry.field(description="Pods that are there and shouldn't be.")
    outdated: int = strawberry.field(description="Pods made from a template that isn't the newest.")
    unhealthy: int = strawberry.field(description="Pods that should be there, and aren't available.")
    misplaced: int = strawberry.field(description="Pods where none would be put, but that may stay.")


@strawberry.type(name="Diff", description="A page of the differences between desired and actual.")
class Divergences:
    """A connection of differences, with their counts."""

    counts: DiffCounts = strawberry.field(description="How many differences of each sort there are.")
    rows: strawberry.Private[Connection[Divergence]]

    @strawberry.field(description="The rows of the page: workloads in order, then nodes or ordinals.")
    def nodes(self) -> list[Divergence]:
        """The rows."""
        return self.rows.nodes

    @strawberry.field(description="The rows of the page with their cursors.")
    def edges(self) -> list[Edge[Divergence]]:
        """The rows with their cursors."""
        return [Edge(cursor=self.rows.cursors(i), node=node) for i, node in enumerate(self.rows.nodes)]

    @strawberry.field(description="How many rows there are with the filters.")
    def total_count(self) -> int:
        """How many rows there are."""
        return self.rows.total_count

    @strawberry.field(description="Where the page is in the list.")
    def page_info(self) -> PageInfo:
        """Where the page is."""
        return self.rows.page_info


async def diff_page(
    info: Info,
    snapshot: Snapshot,
    paging: Paging,
    *,
    only: list[Difference] | None = None,
    workload: Key | None = None,
    node: str | None = None,
) -> Divergences:
    """A page of the differences, and the counts of all."""
    pool = info.context.services.pool
    counted: dict[str, int] = {}
    differences = tuple(sorted({difference.value for difference in only or ()}))
    listed = Listed(snapshot, "diff", (differences, workload, node))

    async def ask(start: int, limit: int) -> q.DiffAnswer:
        asked = q.DiffQuestion(
            base=snapshot.base, page=q.Page(start=start, limit=limit), workload=workload, node=node or "",
            differences=differences,
        )  # fmt: skip
        answer = await pool.run("diff", asked, result=q.DiffAnswer, prefer=snapshot.base.place)
        counted.update(answer.counts)
        return answer

    rows, total, low = await asked_rows(listed, paging, ask)
    nodes = [
        Divergence(
            snapshot=snapshot,
            key=Key(row.kind, row.namespace, row.owner),
            row=row,
            difference=Difference(row.difference),
            detail=row.detail,
        )
        for row in rows
    ]
    counts = DiffCounts(**{difference.value: counted.get(difference.value, 0) for difference in Difference})
    return Divergences(counts=counts, rows=rows_connection(listed, nodes, total, low))
