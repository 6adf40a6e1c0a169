"""Answers that are given again, and what is computed once."""

from __future__ import annotations

import asyncio

import pytest

from foretell.api.graphql.engine import Engine
from foretell.api.graphql.lru import Lru
from tests.api.graphql.engines import Asked, decoded
from tests.api.server.conftest import looped, until
from tests.api.server.sample import SCHEMA, TABLE


@looped
async def test_an_answer_is_given_again_until_a_head_that_it_read_has_moved() -> None:
    asked = Asked()
    first, second = await asked.answer("{ head }"), await asked.answer("{ head }")
    assert (first.cached, second.cached, first.body == second.body) == (False, True, True)
    asked.world.head = 2
    third = await asked.answer("{ head }")
    assert (third.cached, decoded(third)["data"]) == (False, {"head": 2})
    assert (asked.engine.stats.answers_hit, asked.engine.stats.answers_missed) == (1, 2)


@pytest.mark.parametrize("query", ["{ clock }", "{ head broken }", "{ head rejected }"])
@looped
async def test_an_answer_that_depends_on_more_or_has_errors_is_not_kept(query: str) -> None:
    asked = Asked()
    await asked.answer(query)
    assert not (await asked.answer(query)).cached
    assert asked.engine.stats.kept == 0


@looped
async def test_a_mutation_is_run_each_time() -> None:
    asked = Asked()
    assert [decoded(await asked.answer("mutation { bump }"))["data"]["bump"] for _ in range(2)] == [2, 3]


@looped
async def test_answers_are_not_shared_between_users_variables_or_operations() -> None:
    asked = Asked()
    query = "query A($n: Int) { pods(first: $n) { nodes { name } } } query B { head }"
    await asked.answer(query, operation_name="A", variables={"n": 1})
    for parameters in (
        {"operation_name": "A", "variables": {"n": 2}},
        {"operation_name": "A", "variables": {"n": 1}, "principal": "somebody"},
        {"operation_name": "B"},
    ):
        assert not (await asked.answer(query, **parameters)).cached
    assert (await asked.answer(query, operation_name="A", variables={"n": 1})).cached


@looped
async def test_the_order_of_variables_makes_no_difference() -> None:
    asked = Asked()
    query = "query ($a: Int, $b: Int) { pods(first: $a, last: $b) { total } }"
    await asked.answer(query, variables={"a": 1, "b": 2})
    assert (await asked.answer(query, variables={"b": 2, "a": 1})).cached


@looped
async def test_answers_are_kept_up_to_so_many_bytes() -> None:
    asked = Asked(Engine(SCHEMA, cache=20_000))
    for number in range(1, 10):
        await asked.answer(TABLE.replace("100", str(100 - number)))
    assert 1 <= asked.engine.stats.kept < 9
    assert asked.engine.stats.bytes <= 20_000


@looped
async def test_equal_queries_at_the_same_moment_are_computed_once() -> None:
    asked = Asked()
    tasks = [asyncio.create_task(asked.answer("{ slow }")) for _ in range(5)]
    await asked.world.started.wait()
    asked.world.going.set()
    answers = await asyncio.gather(*tasks)
    assert len({answer.body for answer in answers}) == 1
    assert (asked.world.runs, asked.engine.stats.answers_shared) == (1, 4)


@looped
async def test_who_waits_computes_anew_when_the_head_has_moved_meanwhile() -> None:
    asked = Asked()
    tasks = [asyncio.create_task(asked.answer("{ slow }")) for _ in range(2)]
    await asked.world.started.wait()
    asked.world.head = 2
    asked.world.going.set()
    await asyncio.gather(*tasks)
    assert (asked.world.runs, asked.engine.stats.answers_shared) == (2, 0)


@looped
async def test_who_waits_goes_on_when_the_one_who_computes_is_cancelled() -> None:
    asked = Asked()
    first = asyncio.create_task(asked.answer("{ slow }"))
    await asked.world.started.wait()
    second = asyncio.create_task(asked.answer("{ slow }"))
    await asyncio.sleep(0)
    first.cancel()
    await until(lambda: asked.world.runs == 2)
    asked.world.going.set()
    assert decoded(await second)["data"] == {"slow": 1}
    with pytest.raises(asyncio.CancelledError):
        await first


@looped
async def test_who_is_cancelled_while_waiting_disturbs_nobody() -> None:
    asked = Asked()
    first = asyncio.create_task(asked.answer("{ slow }"))
    await asked.world.started.wait()
    second = asyncio.create_task(asked.answer("{ slow }"))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    asked.world.going.set()
    assert decoded(await first)["data"] == {"slow": 1}


def test_a_value_that_is_too_heavy_is_not_kept_and_the_oldest_goes_first() -> None:
    kept: Lru[str, int] = Lru(10)
    kept.put("a", 1, 4)
    kept.put("b", 2, 4)
    assert kept.get("a") == 1
    kept.put("c", 3, 4)
    kept.put("d", 4, 11)
    assert [kept.get(key) for key in "abcd"] == [1, None, 3, None]
    kept.put("a", 5, 1)
    assert (kept.get("a"), kept.weight, len(kept)) == (5, 5, 2)
