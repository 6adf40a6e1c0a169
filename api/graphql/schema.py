"""The schema: all types put together, and its text as it is committed (api/schema.graphql)."""

from __future__ import annotations

from functools import cache

import strawberry
from strawberry.schema.config import StrawberryConfig

from foretell.api.graphql.executor import Executor
from foretell.api.graphql.mutations import Changing
from foretell.api.graphql.mutations_clusters import ChangingClusters
from foretell.api.graphql.query import Query
from foretell.api.graphql.services import OtherObject
from foretell.api.graphql.subscriptions import Subscription


@strawberry.type(
    description="What can be done. Each mutation makes one revision; with userErrors it has changed nothing."
)
class Mutation(ChangingClusters, Changing):
    """The mutations."""


@cache
def schema() -> strawberry.Schema:
    """The schema; made once."""
    return strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[OtherObject],
        config=StrawberryConfig(sort_schema=False),
        execution_context_class=Executor,
    )


def schema_text() -> str:
    """The schema in GraphQL's own language."""
    return f"{schema().as_str()}\n"
