"""A cluster in GraphQL: its objects, what should be there, and what will happen."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import strawberry

from foretell.api.access.roles import Role
from foretell.api.graphql import selecting
from foretell.api.graphql.access import FORECAST, MANY_FORECASTS, SOLVE, guard
from foretell.api.graphql.changes import ChangeInput, Changes, changes_of
from foretell.api.graphql.claims import Claim, claim_of
from foretell.api.graphql.context import Info
from foretell.api.graphql.desired import DesiredPod, LeftOut, desired_page, left_out_page
from foretell.api.graphql.diffs import Divergences, diff_page
from foretell.api.graphql.enums import closed
from foretell.api.graphql.forecasts import Assume, Assumptions, Forecast, Horizon, assumed, forecast_of
from foretell.api.graphql.history import ClusterRevision, cluster_revision_of, history_page
from foretell.api.graphql.ids import Named, global_id
from foretell.api.graphql.nodes import ClusterNode, node_of
from foretell.api.graphql.objects import KubernetesObject, Node, wrapped
from foretell.api.graphql.paging import LONGEST_PAGE, After, Before, Connection, First, Last, Paging, page
from foretell.api.graphql.pods import Pod, PodPhase, pod_of
from foretell.api.graphql.revisions import Revision, revision_of
from foretell.api.graphql.services import ServiceObject, service_of
from foretell.api.graphql.workloads import Workload, workload_of
from foretell.api.service.errors import InvalidInputError
from foretell.api.service.snapshots import Snapshot
from foretell.api.solver import questions as q
from foretell.api.telling.kinds import not_found, reference
from foretell.api.telling.ownership import branches, ready_condition
from foretell.model.diff import Difference
from foretell.model.meta import Key
from foretell.model.objects import CLUSTER_SCOPED, Service

Phase = Annotated[PodPhase | None, strawberry.argument(description="Only pods in this phase.")]
Only = Annotated[list[Difference] | None, strawberry.argument(description="Only differences of these sorts.")]
Which = Annotated[
    str | None, strawberry.argument(description="Only what is about this workload, such as `sts/web`.")
]
Space = Annotated[str, strawberry.argument(description="The namespace of what is named.")]
OnNode = Annotated[str | None, strawberry.argument(description="Only what is about this node.")]
FEWEST, MOST = 2, 10


@closed(
    "A kind of workloads whose controller is forecast.",
    {"DAEMON_SET": "One pod on every eligible node.", "STATEFUL_SET": "Pods with stable names and claims."},
)
class WorkloadKind(StrEnum):
    """A kind of workloads."""

    DAEMON_SET = "DaemonSet"
    STATEFUL_SET = "StatefulSet"


@strawberry.type(description="A line of a tree of what owns what.")
class Branch:
    """A line of a tree."""

    object: KubernetesObject = strawberry.field(description="The object.")
    depth: int = strawberry.field(description="How deep it is; the root has 0.")
    drawing: str = strawberry.field(description="What is drawn before it, such as `├─`.")
    ready: str | None = strawberry.field(description="The status of its Ready condition, if it has one.")


@strawberry.input(description="A set of changes and assumptions under a name, to be held against others.")
class Scenario:
    """A scenario."""

    name: str = strawberry.field(description="What it is called in the answer.")
    changes: list[ChangeInput] = strawberry.field(description="The changes.", default_factory=list)
    assume: Assumptions | None = strawberry.field(
        description="Where the world is to answer otherwise.", default=None
    )


@strawberry.type(description="What would happen in a scenario.")
class ScenarioForecast:
    """The forecast of a scenario."""

    name: str = strawberry.field(description="What it was called.")
    forecast: Forecast = strawberry.field(description="What would happen.")


@strawberry.type(description="A cluster as it was at a revision, or as a dry run would leave it.")
class Cluster(Node):
    """A cluster."""

    snapshot: strawberry.Private[Snapshot]
    name: str = strawberry.field(description="Its name.")
    revision: int | None = strawberry.field(description="The revision; null where it was never stored.")

    @strawberry.field(description="The global id.")
    def id(self) -> strawberry.ID:
        """The global id."""
        return strawberry.ID(global_id(Named(self.name)))

    @strawberry.field(description="The newest revision.")
    def head(self) -> int:
        """The newest revision."""
        return self.snapshot.info.head

    @strawberry.field(description="The version of Kubernetes whose laws hold, such as `1.36`.")
    def kubernetes(self) -> str:
        """The version of Kubernetes."""
        return self.snapshot.info.kubernetes

    @strawberry.field(description="When the cluster was first stored here.")
    def created_at(self) -> datetime:
        """When it was first stored."""
        return self.snapshot.info.created

    @strawberry.field(description="The cluster's own now, on its virtual clock; null where nothing tells it.")
    def moment(self) -> datetime | None:
        """The cluster's own now."""
        moment = self.snapshot.cluster.moment
        return datetime.fromtimestamp(moment, UTC) if moment else None

    @strawberry.field(description="How many objects there are.")
    def object_count(self) -> int:
        """How many objects there are."""
        return len(self.snapshot.cluster)

    @strawberry.field(description="The nodes, by name.")
    def nodes(
        self,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        label_selector: selecting.Labels = None,
        field_selector: selecting.Fields = None,
    ) -> Connection[ClusterNode]:
        """The nodes."""
        nodes = selecting.chosen(
            self.snapshot.cluster.nodes,
            selecting.labelled(label_selector),
            selecting.with_fields(field_selector, "Node"),
        )
        return page(self.snapshot, nodes, Paging(first, after, last, before), node_of)

    @strawberry.field(description="The pods, by namespace and name.")
    def pods(
        self,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        namespace: selecting.Namespace = None,
        label_selector: selecting.Labels = None,
        field_selector: selecting.Fields = None,
        owner: selecting.Owner = None,
        node: selecting.OnNode = None,
        phase: Phase = None,
    ) -> Connection[Pod]:
        """The pods."""
        cluster = self.snapshot.cluster
        pods = selecting.chosen(
            cluster.pods if node is None else cluster.pods_on(node),
            selecting.in_namespace(namespace),
            selecting.in_phase(phase and phase.value),
            selecting.controlled_by(owner),
            selecting.labelled(label_selector),
            selecting.with_fields(field_selector, "Pod"),
        )
        return page(self.snapshot, pods, Paging(first, after, last, before), pod_of)

    @strawberry.field(
        description="The workloads whose controllers are forecast, by kind, namespace and name."
    )
    def workloads(
        self,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        namespace: selecting.Namespace = None,
        label_selector: selecting.Labels = None,
        field_selector: selecting.Fields = None,
        kind: Annotated[
            WorkloadKind | None, strawberry.argument(description="Only workloads of this kind.")
        ] = None,
    ) -> Connection[Workload]:
        """The workloads."""
        kinds = [kind] if kind is not None else list(WorkloadKind)
        workloads = selecting.chosen(
            [w for w in self.snapshot.cluster.workloads if w.kind in kinds],
            selecting.in_namespace(namespace),
            selecting.labelled(label_selector),
            selecting.with_fields(field_selector, *kinds),
        )
        return page(self.snapshot, workloads, Paging(first, after, last, before), workload_of)

    @strawberry.field(description="The claims to storage, by namespace and name.")
    def claims(
        self,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        namespace: selecting.Namespace = None,
        label_selector: selecting.Labels = None,
        field_selector: selecting.Fields = None,
        phase: Annotated[
            str | None, strawberry.argument(description="Only claims in this phase, such as `Bound`.")
        ] = None,
    ) -> Connection[Claim]:
        """The claims."""
        claims = selecting.chosen(
            self.snapshot.cluster.claims,
            selecting.in_namespace(namespace),
            selecting.in_phase(phase),
            selecting.labelled(label_selector),
            selecting.with_fields(field_selector, "PersistentVolumeClaim"),
        )
        return page(self.snapshot, claims, Paging(first, after, last, before), claim_of)

    @strawberry.field(description="The templates that workloads remember, by namespace and name.")
    def revisions(
        self,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        namespace: selecting.Namespace = None,
        label_selector: selecting.Labels = None,
        field_selector: selecting.Fields = None,
        owner: selecting.Owner = None,
    ) -> Connection[Revision]:
        """The ControllerRevisions."""
        revisions = selecting.chosen(
            self.snapshot.cluster.revisions,
            selecting.in_namespace(namespace),
            selecting.controlled_by(owner),
            selecting.labelled(label_selector),
            selecting.with_fields(field_selector, "ControllerRevision"),
        )
        return page(self.snapshot, revisions, Paging(first, after, last, before), revision_of)

    @strawberry.field(description="The services, by namespace and name.")
    def services(
        self,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        namespace: selecting.Namespace = None,
        label_selector: selecting.Labels = None,
        field_selector: selecting.Fields = None,
    ) -> Connection[ServiceObject]:
        """The services."""
        services = selecting.chosen(
            self.snapshot.cluster.all(Service),
            selecting.in_namespace(namespace),
            selecting.labelled(label_selector),
            selecting.with_fields(field_selector, "Service"),
        )
        return page(self.snapshot, services, Paging(first, after, last, before), service_of)

    @strawberry.field(description="One object; null where there is none of this name.")
    def object(
        self,
        name: Annotated[
            str,
            strawberry.argument(
                description="Kind and name, such as `sts/web`, `pod/web-0` or `node/worker-1`."
            ),
        ],
        namespace: Space = "default",
    ) -> KubernetesObject | None:
        """One object."""
        thing = self.snapshot.cluster.get(_key(name, namespace, "name"))
        return None if thing is None else wrapped(self.snapshot, thing)

    @strawberry.field(description="An object and what it owns, line by line; at most 1,000 lines.")
    def tree(
        self,
        of: Annotated[
            str,
            strawberry.argument(name="root", description="Kind and name of the object, such as `sts/web`."),
        ],
        namespace: Space = "default",
    ) -> list[Branch]:
        """An object and what it owns."""
        key = _key(of, namespace, "root")
        thing = self.snapshot.cluster.get(key)
        if thing is None:
            raise not_found(key.kind, key.name)
        lines = zip(range(10 * LONGEST_PAGE), branches(self.snapshot.cluster, thing), strict=False)
        return [
            Branch(
                object=wrapped(self.snapshot, child), depth=len(drawing) // 2, drawing=drawing,
                ready=None if (ready := ready_condition(child)[0]) == "-" else ready,
            )
            for _, (drawing, child) in lines
        ]  # fmt: skip

    @strawberry.field(description="The revisions up to this one, the newest first.")
    async def history(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[ClusterRevision]:
        """The revisions up to this one."""
        return await history_page(info, self.snapshot, Paging(first, after, last, before))

    @strawberry.field(description="What made this revision; null where the cluster was never stored.")
    async def made_by(self, info: Info) -> ClusterRevision | None:
        """What made this revision."""
        if self.revision is None:
            return None
        revision = await info.context.services.clusters.revision(self.snapshot.info, self.revision)
        return cluster_revision_of(revision)

    @strawberry.field(
        description="The pods that should exist, each with the rules' reasons.",
        **guard(Role.PLANNER, weight=SOLVE),
    )
    async def desired_pods(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        workload: Which = None,
        namespace: Space = "default",
        node: OnNode = None,
    ) -> Connection[DesiredPod]:
        """The pods that should exist."""
        paging, key = Paging(first, after, last, before), _workload(workload, namespace)
        return await desired_page(info, self.snapshot, paging, workload=key, node=node)

    @strawberry.field(
        description="The nodes that DaemonSets leave out, each with every reason: why there is no pod.",
        **guard(Role.PLANNER, weight=SOLVE),
    )
    async def left_out(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        workload: Which = None,
        namespace: Space = "default",
        node: OnNode = None,
    ) -> Connection[LeftOut]:
        """The nodes that DaemonSets leave out."""
        paging, key = Paging(first, after, last, before), _workload(workload, namespace)
        return await left_out_page(info, self.snapshot, paging, workload=key, node=node)

    @strawberry.field(
        description="Desired against actual: missing, surplus, outdated, unhealthy and misplaced pods.",
        **guard(Role.PLANNER, weight=SOLVE),
    )
    async def diff(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        only: Only = None,
        workload: Which = None,
        namespace: Space = "default",
        node: OnNode = None,
    ) -> Divergences:
        """Desired against actual."""
        paging, key = Paging(first, after, last, before), _workload(workload, namespace)
        return await diff_page(info, self.snapshot, paging, only=only, workload=key, node=node)

    @strawberry.field(
        description="What the controllers will do, wave by wave, after changes if there are any.",
        **guard(Role.PLANNER, weight=FORECAST),
    )
    async def forecast(
        self, info: Info, changes: Changes = None, assume: Assume = None, horizon: Horizon = None
    ) -> Forecast:
        """What the controllers will do."""
        return await forecast_page(info, self.snapshot, changes, assume, horizon)

    @strawberry.field(
        description="What changes would lead to; nothing is stored.", **guard(Role.PLANNER, weight=FORECAST)
    )
    async def what_if(
        self,
        info: Info,
        changes: Annotated[list[ChangeInput], strawberry.argument(description="The changes, in this order.")],
        assume: Assume = None,
        horizon: Horizon = None,
    ) -> Forecast:
        """What changes would lead to."""
        return await forecast_page(info, self.snapshot, changes, assume, horizon)

    @strawberry.field(
        description="Two to ten what-ifs side by side.", **guard(Role.PLANNER, weight=MANY_FORECASTS)
    )
    async def compare(
        self,
        info: Info,
        scenarios: Annotated[list[Scenario], strawberry.argument(description="The scenarios.")],
        horizon: Horizon = None,
    ) -> list[ScenarioForecast]:
        """What-ifs side by side."""
        if not FEWEST <= len(scenarios) <= MOST:
            raise InvalidInputError(f"{len(scenarios)} scenarios: expected {FEWEST} to {MOST}", "scenarios")
        # One after the other, so that one request does not take all workers.
        return [
            ScenarioForecast(
                name=scenario.name,
                forecast=await forecast_page(info, self.snapshot, scenario.changes, scenario.assume, horizon),
            )
            for scenario in scenarios
        ]


async def forecast_page(
    info: Info,
    snapshot: Snapshot,
    changes: list[ChangeInput] | None,
    assume: Assumptions | None,
    horizon: int | None,
) -> Forecast:
    """The forecast of a snapshot after changes; raises InvalidInputError, and what the server refuses."""
    question = await question_of(info, snapshot, changes, assume, horizon)
    return forecast_of(await info.context.services.forecasts.ask(question))


async def question_of(
    info: Info,
    snapshot: Snapshot,
    changes: list[ChangeInput] | None,
    assume: Assumptions | None,
    horizon: int | None,
) -> q.ForecastQuestion:
    """What is asked of a worker."""
    if horizon is not None and horizon < 0:
        raise InvalidInputError(f"horizon is {horizon}: expected a number from 0", "horizon")
    base = snapshot.base.with_changes(await changes_of(info, changes))
    return q.ForecastQuestion(base=base, assume=assumed(assume), horizon=horizon)


def cluster_of(snapshot: Snapshot) -> Cluster:
    """A cluster in GraphQL."""
    return Cluster(snapshot=snapshot, name=snapshot.name, revision=snapshot.number)


def _key(text: str, namespace: str, argument: str) -> Key:
    """The key of an object such as `sts/web`; raises InvalidInputError."""
    try:
        kind, name = reference(text)
    except ValueError as error:
        raise InvalidInputError(str(error), argument) from None
    return Key(kind, "" if kind in CLUSTER_SCOPED else namespace, name)


def _workload(text: str | None, namespace: str) -> Key | None:
    return None if text is None else _key(text, namespace, "workload")
