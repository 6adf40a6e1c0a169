"""Where pods could go, in GraphQL: the verdict of every node, and the best placement of those that wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from foretell.api.graphql.context import Info
from foretell.api.graphql.ids import named_by
from foretell.api.graphql.paging import (
    Connection,
    Edge,
    Listed,
    PageInfo,
    Paging,
    asked_rows,
    part,
    rows_connection,
)
from foretell.api.graphql.waves import Shown, Skipped
from foretell.api.service.errors import InvalidInputError
from foretell.api.service.snapshots import Snapshot
from foretell.api.solver import questions as q
from foretell.api.telling.placements import about_of, reason_text
from foretell.model.forecast import Because
from foretell.model.objects import Node
from foretell.model.objects import Pod as ModelPod
from foretell.model.placement import NodeVerdict as ModelVerdict

if TYPE_CHECKING:
    from foretell.api.graphql.nodes import ClusterNode
    from foretell.api.graphql.pods import Pod

MOST_SECONDS = 10.0
_MOST_PODS = 1_000


@strawberry.type(description="A reason why a node can't take a pod.")
class NodeReason:
    """A reason of the rules."""

    because: strawberry.Private[Because]

    @strawberry.field(description="The reason, out of the closed set of docs/placement.md.")
    def reason(self) -> str:
        """The reason."""
        return self.because.reason

    @strawberry.field(description="The resource, claim, port, label or taint that it is about; may be empty.")
    def about(self) -> str:
        """What it is about."""
        return about_of(self.because)

    @strawberry.field(description="The reason in a few words.")
    def words(self) -> str:
        """The reason in words."""
        return reason_text(self.because)


@strawberry.type(description="What a node says of a pod: every reason against it, or its points.")
class NodeVerdict:
    """A node's verdict."""

    snapshot: strawberry.Private[Snapshot]
    told: strawberry.Private[ModelVerdict]

    @strawberry.field(description="The node's name.")
    def node_name(self) -> str:
        """The node's name."""
        return self.told.node

    @strawberry.field(description="The node.")
    def node(self) -> Annotated[ClusterNode, strawberry.lazy("foretell.api.graphql.nodes")] | None:
        """The node."""
        from foretell.api.graphql.nodes import node_of

        node = self.snapshot.cluster.find(Node, self.told.node)
        return None if node is None else node_of(self.snapshot, node)

    @strawberry.field(description="Whether nothing speaks against it.")
    def feasible(self) -> bool:
        """Whether it would take the pod."""
        return self.told.feasible

    @strawberry.field(description="How many points it gets; null where it can't take the pod.")
    def points(self) -> int | None:
        """Its points."""
        return self.told.points

    @strawberry.field(description="Every reason against it.")
    def reasons(self) -> list[NodeReason]:
        """Every reason against it."""
        return [NodeReason(because=because) for because in self.told.reasons]

    @strawberry.field(description="What the scheduler itself says of it: of the first filter that fails.")
    def said(self) -> list[str]:
        """The scheduler's phrases."""
        return list(self.told.said)


@strawberry.type(description="Whom the scheduler would drive off so that a more important pod gets room.")
class Preemption:
    """A preemption."""

    node_name: str = strawberry.field(description="The node on which room is made.")
    victims: list[str] = strawberry.field(
        description="The pods that have to go, by name; empty where those that leave already suffice."
    )


@strawberry.type(description="What the scheduler would do with a pod, and a page of what the nodes say.")
class Placement:
    """A connection of the nodes' verdicts, with the scheduler's own."""

    snapshot: strawberry.Private[Snapshot]
    answer: strawberry.Private[q.PlacementAnswer]
    rows: strawberry.Private[Connection[NodeVerdict]]

    @strawberry.field(description="The pod's name; `*` stands for what can't be known before.")
    def pod_name(self) -> str:
        """The pod's name."""
        return self.answer.pod

    @strawberry.field(description="The pod's namespace.")
    def namespace(self) -> str:
        """The pod's namespace."""
        return self.answer.namespace

    @strawberry.field(description="The pod, if it is there.")
    def pod(self) -> Annotated[Pod, strawberry.lazy("foretell.api.graphql.pods")] | None:
        """The pod."""
        from foretell.api.graphql.pods import pod_of

        pod = self.snapshot.cluster.find(ModelPod, self.answer.pod, self.answer.namespace)
        return None if pod is None else pod_of(self.snapshot, pod)

    @strawberry.field(description="The node that a forecast puts it on; null where it fits nowhere.")
    def node_name(self) -> str | None:
        """The node's name."""
        return self.answer.node or None

    @strawberry.field(description="The scheduler's own sentence; null where it finds a node.")
    def sentence(self) -> str | None:
        """The scheduler's sentence."""
        return self.answer.sentence or None

    @strawberry.field(description="Whom it would drive off; null where that isn't needed or doesn't help.")
    def preempts(self) -> Preemption | None:
        """Whom it would drive off."""
        told = self.answer.preempts
        return None if told is None else Preemption(node_name=told.node, victims=list(told.victims))

    @strawberry.field(description="How many nodes would take it, whatever the filters.")
    def feasible_count(self) -> int:
        """How many nodes would take it."""
        return self.answer.feasible

    @strawberry.field(description="How many nodes have the most points: the scheduler draws lots among them.")
    def tie_count(self) -> int:
        """How many nodes have the most points."""
        return self.answer.ties

    @strawberry.field(description="The verdicts of the page: the best nodes first, the others by name.")
    def nodes(self) -> list[NodeVerdict]:
        """The rows."""
        return self.rows.nodes

    @strawberry.field(description="The verdicts of the page with their cursors.")
    def edges(self) -> list[Edge[NodeVerdict]]:
        """The rows with their cursors."""
        return [Edge(cursor=self.rows.cursors(i), node=node) for i, node in enumerate(self.rows.nodes)]

    @strawberry.field(description="How many nodes there are with the filters.")
    def total_count(self) -> int:
        """How many rows there are."""
        return self.rows.total_count

    @strawberry.field(description="Where the page is in the list.")
    def page_info(self) -> PageInfo:
        """Where the page is."""
        return self.rows.page_info


async def placement_page(
    info: Info,
    snapshot: Snapshot,
    paging: Paging,
    *,
    id_: str | None,
    pod: str | None,
    namespace: str,
    manifest: str | None,
    feasible: bool | None,
    node: str | None,
) -> Placement:
    """What the scheduler would do with a pod; raises InvalidInputError, or what refuses a manifest."""
    if sum(given is not None for given in (id_, pod, manifest)) != 1:
        raise InvalidInputError("expected one of id, pod and manifest", "pod")
    if node is not None and snapshot.cluster.find(Node, node) is None:
        raise InvalidInputError(f"there is no node {node!r}", "node")
    if id_ is not None:
        namespace, pod = _named(snapshot, id_)
    elif pod is not None:
        pod = pod.removeprefix("pod/")
    if pod == "":
        raise InvalidInputError("pod is empty: expected a pod's name", "pod")
    pool, base = info.context.services.pool, snapshot.base
    answers: list[q.PlacementAnswer] = []
    listed = Listed(snapshot, "placement", (namespace, pod, manifest, feasible, node))

    async def ask(start: int, limit: int) -> q.PlacementAnswer:
        asked = q.PlacementQuestion(
            base=base, page=q.Page(start=start, limit=limit), namespace=namespace, pod=pod or "",
            manifest=manifest or "", node=node or "", feasible=feasible,
        )  # fmt: skip
        answers.append(
            await pool.run("placement", asked, result=q.PlacementAnswer, prefer=base.place, heavy=True)
        )
        return answers[-1]

    rows, total, low = await asked_rows(listed, paging, ask)
    verdicts = [NodeVerdict(snapshot=snapshot, told=row) for row in rows]
    return Placement(
        snapshot=snapshot, answer=answers[-1], rows=rows_connection(listed, verdicts, total, low)
    )


def _named(snapshot: Snapshot, id_: str) -> tuple[str, str]:
    """Namespace and name of the pod of an id; raises InvalidInputError for any other."""
    named = named_by(id_)
    if named.key is None or named.key.kind != "Pod" or named.cluster != snapshot.name:
        raise InvalidInputError("the id is of no pod of this cluster: expected one", "id")
    return named.key.namespace, named.key.name


@strawberry.type(description="A pod of a batch, and the node that it gets.")
class Assignment:
    """A pod and its node."""

    pod_name: str = strawberry.field(description="The pod's name.")
    namespace: str = strawberry.field(description="Its namespace.")
    node_name: str | None = strawberry.field(description="Its node; null where it stays pending.")


@strawberry.type(description="A placement of pods that wait: the fewest stay pending, then the fewest crowd.")
class BestPlacement:
    """The best placement that was found."""

    answer: strawberry.Private[q.BestAnswer]
    pending: int = strawberry.field(description="How many pods stay pending.")
    pending_at_least: int = strawberry.field(description="So many have to stay pending in any placement.")
    greedy_pending: int = strawberry.field(
        description="How many the scheduler leaves pending, which places one pod after the other."
    )
    crowding: int = strawberry.field(description="How many pairs of alike pods share a node.")
    proven: bool = strawberry.field(description="Whether there is no better one.")
    coarse: bool = strawberry.field(
        description="Whether amounts were rounded, so that a little room may be left unused."
    )
    seconds: float = strawberry.field(description="How long it was looked for.")
    pod_count: int = strawberry.field(description="How many pods there are.")

    @strawberry.field(description="The pods with their nodes, in the order of the queue; 1,000 are told.")
    def assignments(self, first: Shown = 100, skip: Skipped = 0) -> list[Assignment]:
        """The pods with their nodes."""
        low, high = part(first, skip)
        return [
            Assignment(pod_name=one.pod, namespace=one.namespace, node_name=one.node or None)
            for one in self.answer.best.assignments[low:high]
        ]


async def best_of(
    info: Info, snapshot: Snapshot, *, pods: list[str] | None, namespace: str, seconds: float
) -> BestPlacement:
    """The best placement of pods; raises InvalidInputError, and NotFoundError for a pod that isn't there."""
    if not 0 < seconds <= MOST_SECONDS:
        raise InvalidInputError(f"seconds is {seconds:g}: expected more than 0 and at most 10", "seconds")
    if pods is not None and not 1 <= len(pods) <= _MOST_PODS:
        raise InvalidInputError(f"{len(pods)} pods: expected 1 to {_MOST_PODS:,}", "pods")
    pool, base = info.context.services.pool, snapshot.base
    asked = q.BestQuestion(
        base=base, namespace=namespace, pods=tuple(name.removeprefix("pod/") for name in pods or ()),
        # What is asked about has to be read, and told by the rules, within the limit of a task, too.
        seconds=min(seconds, pool.seconds / 2),
    )  # fmt: skip
    # What is found within some time may be something else the next time.
    info.context.uncacheable()
    answer = await pool.run("best", asked, result=q.BestAnswer, prefer=base.place, heavy=True)
    best = answer.best
    return BestPlacement(
        answer=answer, pending=best.pending, pending_at_least=best.pending_at_least,
        greedy_pending=best.greedy_pending, crowding=best.crowding, proven=best.proven, coarse=best.coarse,
        seconds=best.seconds, pod_count=answer.total,
    )  # fmt: skip
