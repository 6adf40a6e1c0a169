"""The desired pods in GraphQL, each with the rules' reasons, and the nodes that are left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from foretell.api.graphql.context import Info
from foretell.api.graphql.objects import wrapped
from foretell.api.graphql.paging import Connection, Listed, Paging, asked_rows, rows_connection
from foretell.api.service.snapshots import Snapshot
from foretell.api.solver import questions as q
from foretell.model.forecast import Because as Reasoned
from foretell.model.meta import Key
from foretell.model.objects import Node
from foretell.model.objects import Pod as ModelPod

if TYPE_CHECKING:
    from foretell.api.graphql.nodes import ClusterNode, Taint
    from foretell.api.graphql.pods import Pod
    from foretell.api.graphql.workloads import Workload


@strawberry.type(description="A reason that the rules give.")
class Because:
    """A reason of the rules."""

    reason: str = strawberry.field(description="The reason, as the rules name it; see docs/graphql.md.")
    about: strawberry.Private[Reasoned]

    @strawberry.field(description="The taint that it is about, if it is about one.")
    def taint(self) -> Annotated[Taint, strawberry.lazy("foretell.api.graphql.nodes")] | None:
        """The taint."""
        from foretell.api.graphql.nodes import Taint

        about = self.about
        return Taint(key=about.key, value=about.value, effect=about.effect) if about.effect else None


@strawberry.interface(description="A row about a workload.")
class AboutWorkload:
    """What rows about a workload have in common."""

    snapshot: strawberry.Private[Snapshot]
    key: strawberry.Private[Key]

    @strawberry.field(description="The workload's kind and name, such as `DaemonSet/agent`.")
    def owner(self) -> str:
        """The workload's kind and name."""
        return str(self.key)

    @strawberry.field(description="The workload's namespace.")
    def namespace(self) -> str:
        """The workload's namespace."""
        return self.key.namespace

    @strawberry.field(description="The workload, if it is there.")
    def workload(self) -> Annotated[Workload, strawberry.lazy("foretell.api.graphql.workloads")] | None:
        """The workload."""
        from foretell.api.graphql.workloads import Workload

        thing = self.snapshot.cluster.get(self.key)
        found = None if thing is None else wrapped(self.snapshot, thing)
        return found if isinstance(found, Workload) else None


@strawberry.type(description="A pod that should exist by the rules.")
class DesiredPod(AboutWorkload):
    """A desired pod."""

    row: strawberry.Private[q.DesiredRow]

    @strawberry.field(description="The node on which a DaemonSet wants it; null for other pods.")
    def node_name(self) -> str | None:
        """The node."""
        return self.row.node

    @strawberry.field(description="The ordinal for which a StatefulSet wants it; null for other pods.")
    def ordinal(self) -> int | None:
        """The ordinal."""
        return self.row.ordinal

    @strawberry.field(description="Its name, where that is known before it exists.")
    def name(self) -> str | None:
        """The name."""
        return self.row.name

    @strawberry.field(description="Why it should exist.")
    def reasons(self) -> list[Because]:
        """Why it should exist."""
        return [Because(reason=because.reason, about=because) for because in self.row.reasons]

    @strawberry.field(description="The node on which a DaemonSet wants it.")
    def node(self) -> Annotated[ClusterNode, strawberry.lazy("foretell.api.graphql.nodes")] | None:
        """The node."""
        return _node(self.snapshot, self.row.node)

    @strawberry.field(description="The pods that are there for it; more than one where there are too many.")
    def pods(self) -> list[Annotated[Pod, strawberry.lazy("foretell.api.graphql.pods")]]:
        """The pods that are there for it."""
        from foretell.api.graphql.pods import pod_of

        cluster = self.snapshot.cluster
        if self.row.name is not None:
            pod = cluster.find(ModelPod, self.row.name, self.key.namespace)
            return [] if pod is None else [pod_of(self.snapshot, pod)]
        workload = cluster.get(self.key)
        uid = workload.metadata.uid if workload else ""
        pods = cluster.pods_on(self.row.node or "")
        return [
            pod_of(self.snapshot, pod)
            for pod in pods
            if pod.metadata.controller is not None and pod.metadata.controller.uid == uid
        ]


@strawberry.type(description="A node on which a DaemonSet wants no pod.")
class LeftOut(AboutWorkload):
    """A node that is left out."""

    row: strawberry.Private[q.DesiredRow]

    @strawberry.field(description="The node's name.")
    def node_name(self) -> str:
        """The node's name."""
        return self.row.node or ""

    @strawberry.field(description="The node.")
    def node(self) -> Annotated[ClusterNode, strawberry.lazy("foretell.api.graphql.nodes")] | None:
        """The node."""
        return _node(self.snapshot, self.row.node)

    @strawberry.field(description="Every reason why there is to be no pod on it.")
    def reasons(self) -> list[Because]:
        """Every reason."""
        return [Because(reason=because.reason, about=because) for because in self.row.reasons]


def _node(
    snapshot: Snapshot, name: str | None
) -> Annotated[ClusterNode, strawberry.lazy("foretell.api.graphql.nodes")] | None:
    from foretell.api.graphql.nodes import node_of

    node = snapshot.cluster.find(Node, name) if name else None
    return None if node is None else node_of(snapshot, node)


async def desired_page(
    info: Info, snapshot: Snapshot, paging: Paging, *, workload: Key | None = None, node: str | None = None
) -> Connection[DesiredPod]:
    """A page of the pods that should exist."""
    listed = Listed(snapshot, "desiredPods", (workload, node))
    rows, total, low = await _rows(info, listed, paging, workload, node, left_out=False)
    nodes = [DesiredPod(snapshot=snapshot, key=_key(row), row=row) for row in rows]
    return rows_connection(listed, nodes, total, low)


async def left_out_page(
    info: Info, snapshot: Snapshot, paging: Paging, *, workload: Key | None = None, node: str | None = None
) -> Connection[LeftOut]:
    """A page of the nodes that DaemonSets leave out."""
    listed = Listed(snapshot, "leftOut", (workload, node))
    rows, total, low = await _rows(info, listed, paging, workload, node, left_out=True)
    nodes = [LeftOut(snapshot=snapshot, key=_key(row), row=row) for row in rows]
    return rows_connection(listed, nodes, total, low)


async def _rows(
    info: Info, listed: Listed, paging: Paging, workload: Key | None, node: str | None, *, left_out: bool
) -> tuple[tuple[q.DesiredRow, ...], int, int]:
    """The rows of a page, how many there are in all, and the first one's number."""
    pool, base = info.context.services.pool, listed.snapshot.base

    async def ask(start: int, limit: int) -> q.DesiredAnswer:
        asked = q.DesiredQuestion(
            base=base, page=q.Page(start=start, limit=limit), workload=workload, node=node or "",
            left_out=left_out,
        )  # fmt: skip
        return await pool.run("desired", asked, result=q.DesiredAnswer, prefer=base.place)

    return await asked_rows(listed, paging, ask)


def _key(row: q.DesiredRow) -> Key:
    return Key(row.kind, row.namespace, row.owner)
