"""Streams of answers: as they are asked for, and ended when nobody wants more."""

from __future__ import annotations

from contextlib import aclosing

import pytest

from foretell.api.graphql.engine import Engine
from foretell.api.graphql.limits import Limits
from foretell.api.graphql.requests import Request
from tests.api.graphql.engines import Asked, decoded
from tests.api.server.conftest import looped
from tests.api.server.sample import SCHEMA, Context


@looped
async def test_a_subscription_gives_an_answer_for_each_event() -> None:
    answers = await Asked().stream("subscription { count(to: 3) }")
    assert [decoded(answer)["data"]["count"] for answer in answers] == ["0", "1", "2"]
    assert all(answer.executed and answer.cost == 1 for answer in answers)


@looped
async def test_a_query_gives_one_answer() -> None:
    assert [decoded(answer)["data"] for answer in await Asked().stream("{ head }")] == [{"head": 1}]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        pytest.param("{", "SYNTAX", id="syntax"),
        pytest.param("subscription { count }", "INVALID_DOCUMENT", id="invalid"),
        pytest.param("subscription ($n: Int!) { count(to: $n) }", "INVALID_VARIABLES", id="variables"),
    ],
)
@looped
async def test_a_refusal_is_the_only_answer(query: str, code: str) -> None:
    [answer] = await Asked().stream(query)
    assert (answer.executed, answer.codes) == (False, (code,))


@looped
async def test_what_fails_in_the_middle_is_told_and_ends_the_stream() -> None:
    first, last = await Asked().stream("subscription { failing }")
    assert decoded(first)["data"] == {"failing": 1}
    assert decoded(last)["errors"][0]["message"] == "no more"
    assert last.codes == ("REJECTED",)


@looped
async def test_a_costly_subscription_is_refused() -> None:
    [answer] = await Asked(Engine(SCHEMA, Limits(cost=0))).stream("subscription { count(to: 1) }")
    assert (answer.executed, answer.codes) == (False, ("TOO_COSTLY",))


@looped
async def test_events_are_made_as_they_are_asked_for_and_closing_ends_them() -> None:
    asked = Asked()
    answers = asked.engine.subscribe(Request("subscription { count(to: 1000) }"), Context(asked.world))
    async with aclosing(answers):
        await anext(answers)
        await anext(answers)
        assert (asked.world.produced, asked.world.open) == (2, 1)
    assert asked.world.open == 0
