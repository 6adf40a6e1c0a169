"""What mutations answer: the cluster afterwards, its diff and forecast, and what could not be done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import StrEnum

import strawberry

from foretell.api.access.errors import ForbiddenError, UnauthenticatedError
from foretell.api.graphql.access import FORECAST, SOLVE
from foretell.api.graphql.cluster import Cluster, cluster_of
from foretell.api.graphql.cluster_questions import Only, forecast_page
from foretell.api.graphql.context import Info
from foretell.api.graphql.cost import Cost
from foretell.api.graphql.diffs import Divergences, diff_page
from foretell.api.graphql.enums import closed
from foretell.api.graphql.forecasts import Assume, Forecast, Horizon, forecast_of
from foretell.api.graphql.history import ClusterRevision, cluster_revision_of
from foretell.api.graphql.lists import paged
from foretell.api.graphql.paging import Paging
from foretell.api.graphql.verdicts import Eviction, eviction_of
from foretell.api.service.changing import Outcome
from foretell.api.service.errors import Code, Problem, problem_of
from foretell.api.store.errors import ConflictError
from foretell.model.errors import ForetellError

closed(
    "Why something could not be done.",
    {
        "MALFORMED": "A manifest or dump can't be read.",
        "REJECTED": "The API server would refuse the change.",
        "NOT_FOUND": "What is named isn't there.",
        "NAME_TAKEN": "There is a cluster of this name.",
        "INVALID": "An argument can't be taken.",
        "CONFLICT": "The cluster isn't at the expected revision, or changes too fast.",
        "STALE_CURSOR": "A cursor is of another revision.",
        "TIME_LIMIT": "It took longer than it may.",
        "MEMORY_LIMIT": "It took more memory than it may.",
        "BUSY": "Too much is asked at this moment; ask again.",
        "UNAUTHENTICATED": "Who asks isn't known.",
        "FORBIDDEN": "Who asks may not do this.",
        "INTERNAL": "A fault of Foretell's own.",
    },
    name="ErrorCode",
)(Code)
_MOST = 100


@strawberry.type(description="What could not be done, and why.")
class UserError:
    """An expected failure."""

    path: list[str] = strawberry.field(
        description="Where in the arguments it is; empty where it is all of them."
    )
    code: Code = strawberry.field(description="Why, as one of a closed set.")
    message: str = strawberry.field(description="Why, in a sentence.")
    head: int | None = strawberry.field(description="With CONFLICT: the newest revision.", default=None)


@closed(
    "What became of an object.",
    {
        "CREATED": "It wasn't there before.",
        "CONFIGURED": "It is other than before.",
        "UNCHANGED": "It is as it was.",
        "DELETED": "It isn't there any more.",
    },
)
class ObjectResult(StrEnum):
    """What became of an object."""

    CREATED = "created"
    CONFIGURED = "configured"
    UNCHANGED = "unchanged"
    DELETED = "deleted"


@strawberry.type(description="An object that was changed, and what became of it.")
class ChangedObject:
    """A changed object."""

    kind: str = strawberry.field(description="Its kind.")
    namespace: str | None = strawberry.field(description="Its namespace; null for what has none.")
    name: str = strawberry.field(description="Its name.")
    result: ObjectResult = strawberry.field(description="What became of it.")


@strawberry.type(description="What a mutation answers; with userErrors nothing was changed.")
class ChangePayload:
    """The payload of a mutation."""

    told: strawberry.Private[Outcome]
    user_errors: list[UserError] = strawberry.field(description="What could not be done; empty when all was.")
    cluster: Cluster | None = strawberry.field(
        description="The cluster afterwards; null where there is none."
    )
    results: list[str] = strawberry.field(description="What was done, in kubectl's words.")

    @strawberry.field(description="The revision that was made; null for a dry run.")
    def revision(self) -> ClusterRevision | None:
        """The revision that was made."""
        return None if self.told.revision is None else cluster_revision_of(self.told.revision)

    @strawberry.field(description="The objects that were changed, and what became of each; the first 100.")
    def objects(self) -> list[ChangedObject]:
        """The objects that were changed."""
        return [
            ChangedObject(
                kind=o.kind, namespace=o.namespace or None, name=o.name, result=ObjectResult(o.result)
            )
            for o in self.told.objects[:_MOST]
        ]

    @strawberry.field(description="What the API server said to evictions; the first 100.")
    def evictions(self) -> list[Eviction]:
        """What the API server said to evictions."""
        return [eviction_of(eviction) for eviction in self.told.evictions[:_MOST]]

    @strawberry.field(description="What else there is to know, such as kinds that aren't looked at.")
    def notes(self) -> list[str]:
        """What else there is to know."""
        return list(self.told.notes)

    @strawberry.field(
        description="Desired against actual afterwards.", **paged({"directives": [Cost(weight=SOLVE)]})
    )
    async def diff(
        self,
        info: Info,
        paging: Paging,
        only: Only = None,
    ) -> Divergences | None:
        """Desired against actual afterwards."""
        if self.told.snapshot is None:
            return None
        return await diff_page(info, self.told.snapshot, paging, only=only)

    @strawberry.field(
        description="What the controllers will do next; after `advance` and `reconcile`, what they did.",
        directives=[Cost(weight=FORECAST)],
    )
    async def forecast(self, info: Info, assume: Assume = None, horizon: Horizon = None) -> Forecast | None:
        """What the controllers will do, or did."""
        if self.told.forecast is not None:
            return forecast_of(self.told.forecast)
        if self.told.snapshot is None:
            return None
        return await forecast_page(info, self.told.snapshot, None, assume, horizon)


async def answered(work: Callable[[], Awaitable[Outcome]]) -> ChangePayload:
    """The payload of what is done; an expected failure is told in it, any other is raised."""
    try:
        outcome = await work()
    except (UnauthenticatedError, ForbiddenError):
        raise
    except ForetellError as error:
        problem = problem_of(error)
        if problem is None:
            raise
        head = error.head if isinstance(error, ConflictError) else None
        return ChangePayload(told=Outcome(), user_errors=[_told(problem, head)], cluster=None, results=[])
    snapshot = outcome.snapshot
    return ChangePayload(
        told=outcome,
        user_errors=[],
        cluster=None if snapshot is None else cluster_of(snapshot),
        results=list(outcome.told),
    )


def _told(problem: Problem, head: int | None) -> UserError:
    return UserError(path=list(problem.path), code=problem.code, message=problem.message, head=head)
