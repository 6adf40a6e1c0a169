"""Fields on the shorter way are answered as on the usual one, faults included."""

from __future__ import annotations

import gc
import sys
from collections.abc import AsyncGenerator
from enum import Enum
from typing import Any

import pytest
import strawberry

from foretell.api.graphql.engine import Engine
from foretell.api.graphql.executor import Executor
from foretell.api.graphql.requests import Request
from tests.api.server.conftest import looped
from tests.api.server.sample import Context, World


@strawberry.enum
class Colour(Enum):
    RED = "red"


class Thing:
    """What is shown; some of its attributes can't be."""

    name = "a"
    nothing = None
    wanted = None
    colour = Colour.RED
    number = "no number"

    @property
    def broken(self) -> str:
        raise ValueError("broken")


@strawberry.type
class Shown:
    name: str
    nothing: str | None
    wanted: str
    colour: Colour
    number: int
    broken: str


@strawberry.type
class Query:
    @strawberry.field
    def thing(self) -> Shown | None:
        return Thing()  # type: ignore[return-value]


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def things(self) -> AsyncGenerator[Shown, None]:
        while True:
            yield Thing()  # type: ignore[misc]


def answer(query: str, **options: Any) -> tuple[Any, Any]:
    """Data and errors of a query."""
    result = strawberry.Schema(Query, **options).execute_sync(query)
    return result.data, [error.formatted for error in result.errors or ()]


@pytest.mark.parametrize(
    "field",
    ["name", "again: name", "nothing", "wanted", "colour", "number", "broken", "name @skip(if: true)"],
)
def test_a_field_is_answered_as_by_the_usual_executor(field: str) -> None:
    query = f"{{ thing {{ {field} __typename }} }}"
    assert answer(query, execution_context_class=Executor) == answer(query)


def test_a_fault_is_told_with_its_place() -> None:
    data, errors = answer("{ thing { broken } }", execution_context_class=Executor)
    assert data == {"thing": None}
    assert [(error["message"], error["path"]) for error in errors] == [("broken", ["thing", "broken"])]


@looped
async def test_a_subscription_takes_no_more_memory_after_a_thousand_events() -> None:
    schema = strawberry.Schema(Query, subscription=Subscription, execution_context_class=Executor)
    answers = Engine(schema).subscribe(Request("subscription { things { name colour } }"), Context(World()))
    known = []
    for _ in range(2):
        for _ in range(1_000):
            await anext(answers)
        gc.collect()
        known.append(sys.getallocatedblocks())
    await answers.aclose()
    assert known[1] - known[0] < 1_000
