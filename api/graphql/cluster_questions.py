"""What can be asked of a cluster in GraphQL: what should be, how it differs, and what will happen."""

from __future__ import annotations

from typing import Annotated

import strawberry

from foretell.api.access.roles import Role
from foretell.api.graphql.access import FORECAST, MANY_FORECASTS, SOLVE, guard
from foretell.api.graphql.changes import ChangeInput, Changes, changes_of
from foretell.api.graphql.cluster_trees import Space, key_of
from foretell.api.graphql.context import Info
from foretell.api.graphql.desired import DesiredPod, LeftOut, desired_page, left_out_page
from foretell.api.graphql.diffs import Divergences, diff_page
from foretell.api.graphql.explanations import Explanation, explanation_page
from foretell.api.graphql.forecasts import Assume, Assumptions, Forecast, Horizon, assumed, forecast_of
from foretell.api.graphql.lists import paged
from foretell.api.graphql.paging import Connection, Paging
from foretell.api.graphql.placements import BestPlacement, Placement, best_of, placement_page
from foretell.api.service.errors import InvalidInputError
from foretell.api.service.snapshots import Snapshot
from foretell.api.solver import questions as q
from foretell.model.diff import Difference
from foretell.model.meta import Key

Only = Annotated[list[Difference] | None, strawberry.argument(description="Only differences of these sorts.")]
Which = Annotated[
    str | None, strawberry.argument(description="Only what is about this workload, such as `sts/web`.")
]
OnNode = Annotated[str | None, strawberry.argument(description="Only what is about this node.")]
FEWEST, MOST = 2, 10


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


@strawberry.type(description="What the rules say of a cluster.")
class ClusterQuestions:
    """The part of a cluster that asks the rules."""

    snapshot: strawberry.Private[Snapshot]

    @strawberry.field(
        description="The pods that should exist, each with the rules' reasons.",
        **paged(guard(Role.PLANNER, weight=SOLVE)),
    )
    async def desired_pods(
        self,
        info: Info,
        paging: Paging,
        workload: Which = None,
        namespace: Space = "default",
        node: OnNode = None,
    ) -> Connection[DesiredPod]:
        """The pods that should exist."""
        key = _workload(workload, namespace)
        return await desired_page(info, self.snapshot, paging, workload=key, node=node)

    @strawberry.field(
        description="The nodes that DaemonSets leave out, each with every reason: why there is no pod.",
        **paged(guard(Role.PLANNER, weight=SOLVE)),
    )
    async def left_out(
        self,
        info: Info,
        paging: Paging,
        workload: Which = None,
        namespace: Space = "default",
        node: OnNode = None,
    ) -> Connection[LeftOut]:
        """The nodes that DaemonSets leave out."""
        key = _workload(workload, namespace)
        return await left_out_page(info, self.snapshot, paging, workload=key, node=node)

    @strawberry.field(
        description="Desired against actual: missing, surplus, outdated, unhealthy and misplaced pods.",
        **paged(guard(Role.PLANNER, weight=SOLVE)),
    )
    async def diff(
        self,
        info: Info,
        paging: Paging,
        only: Only = None,
        workload: Which = None,
        namespace: Space = "default",
        node: OnNode = None,
    ) -> Divergences:
        """Desired against actual."""
        key = _workload(workload, namespace)
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
        description="Where a pod could go, and why not elsewhere: one that is there, or a manifest's next.",
        **paged(guard(Role.PLANNER, weight=SOLVE)),
    )
    async def placement(
        self,
        info: Info,
        paging: Paging,
        id_: Annotated[
            strawberry.ID | None, strawberry.argument(name="id", description="The id of a pod.")
        ] = None,
        pod: Annotated[
            str | None, strawberry.argument(description="The name of a pod, or `owner@node`.")
        ] = None,
        namespace: Space = "default",
        manifest: Annotated[
            str | None,
            strawberry.argument(
                description="The manifest of one pod, or of a workload, whose next pod is meant."
            ),
        ] = None,
        feasible: Annotated[
            bool | None,
            strawberry.argument(description="Only nodes that would take it, or only the others."),
        ] = None,
        node: OnNode = None,
    ) -> Placement:
        """Where a pod could go."""
        return await placement_page(
            info, self.snapshot, paging,
            id_=id_, pod=pod, namespace=namespace, manifest=manifest, feasible=feasible, node=node,
        )  # fmt: skip

    @strawberry.field(
        description="Why something is so, or isn't, with every reason; see docs/why.md.",
        **guard(Role.PLANNER, weight=FORECAST),
    )
    async def explain(
        self,
        info: Info,
        question: Annotated[
            str,
            strawberry.argument(
                description="`[not] KIND/NAME[@NODE]`, `not drain/NODE`, `stuck` or `order [KIND/NAME]`."
            ),
        ],
        namespace: Space = "default",
        changes: Changes = None,
        assume: Assume = None,
        wave: Annotated[
            int | None, strawberry.argument(description="The one wave of which the order is told.")
        ] = None,
    ) -> Explanation:
        """Why something is so."""
        return await explanation_page(info, self.snapshot, question, namespace, changes, assume, wave)

    @strawberry.field(
        description="The best placement of pods that wait; nobody is moved or driven off.",
        **guard(Role.PLANNER, weight=FORECAST),
    )
    async def best_placement(
        self,
        info: Info,
        pods: Annotated[
            list[str] | None, strawberry.argument(description="The names of pods; without any all that wait.")
        ] = None,
        namespace: Space = "default",
        seconds: Annotated[
            float, strawberry.argument(description="For how long to look for it: at most 10 seconds.")
        ] = 5.0,
    ) -> BestPlacement:
        """The best placement of pods that wait."""
        return await best_of(info, self.snapshot, pods=pods, namespace=namespace, seconds=seconds)

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


def _workload(text: str | None, namespace: str) -> Key | None:
    return None if text is None else key_of(text, namespace, "workload")
