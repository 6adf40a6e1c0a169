"""Forecasts are computed once, remembered up to a size, and ended when nobody waits any more."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import msgspec
import pytest

from foretell.api.service.forecasts import Forecasts
from foretell.api.service.services import Services
from foretell.api.solver import questions as q
from foretell.api.solver.errors import TimeLimitError
from foretell.api.solver.limits import Limits
from foretell.model.errors import NotFoundError
from foretell.model.forecast import Assumptions, Outcome
from foretell.model.meta import Json
from tests import builders as b
from tests.api.service.conftest import Open, create

WIDE = b.cluster(b.nodes(2), b.statefulset("web", 2_000_000_000, parallel=True))


async def question(
    services: Services, *changes: Json, never_ready: tuple[str, ...] = ()
) -> q.ForecastQuestion:
    """What is asked of the newest revision of the cluster `c`."""
    base = (await services.clusters.snapshot("c")).base.with_changes(changes)
    return q.ForecastQuestion(base=base, assume=Assumptions(never_ready=never_ready))


def test_equal_questions_are_solved_once_and_others_each(services: Open) -> None:
    """Changes, assumptions and revisions tell them apart; gates in another order don't."""

    async def story() -> None:
        async with services() as made:
            await create(made, "c")
            plain, forecasts = await question(made), made.forecasts
            answers = await asyncio.gather(*(forecasts.ask(plain) for _ in range(10)))
            assert answers == [answers[0]] * 10
            assert (forecasts.misses, forecasts.hits) == (1, 9)
            assert await forecasts.ask(plain) == answers[0]
            assert (forecasts.misses, forecasts.hits) == (1, 10)
            await forecasts.ask(await question(made, {"cordon": {"node": "n1"}}))
            await forecasts.ask(await question(made, never_ready=("agent@*",)))
            assert (forecasts.misses, forecasts.hits) == (3, 10)

    asyncio.run(story())


def test_a_question_that_fails_fails_for_all_who_ask_it_and_is_asked_anew(services: Open) -> None:
    """Failures aren't remembered."""

    async def story() -> None:
        async with services() as made:
            await create(made, "c")
            bad = await question(made, {"cordon": {"node": "n9"}})
            for misses in (1, 2):
                failures = await asyncio.gather(
                    *(made.forecasts.ask(bad) for _ in range(3)), return_exceptions=True
                )
                assert [type(failure) for failure in failures] == [NotFoundError] * 3
                assert made.forecasts.misses == misses

    asyncio.run(story())


def test_one_who_gives_up_does_not_spoil_it_for_the_others(services: Open) -> None:
    """They get their answer."""

    async def story() -> None:
        async with services() as made:
            await create(made, "c", b.cluster(b.nodes(3), b.statefulset("web", 12)))
            asked = await question(made)
            first, second = (asyncio.create_task(made.forecasts.ask(asked)) for _ in range(2))
            await asyncio.sleep(0)
            first.cancel()
            assert (await second).verdict.outcome is Outcome.SETTLED
            assert first.cancelled()
            assert made.forecasts.misses == 1

    asyncio.run(story())


def test_when_all_give_up_the_work_is_ended_and_the_next_begins_anew(services: Open) -> None:
    """Also one who asks in the moment in which the work is being ended."""

    async def story() -> None:
        async with services(limits=Limits(seconds=1)) as made:
            await create(made, "c", WIDE)
            asked = await question(made)
            first = asyncio.create_task(made.forecasts.ask(asked))
            while not made.pool.stats().busy:
                await asyncio.sleep(0.01)
            first.cancel()
            while not first.done():
                await asyncio.sleep(0)
            with pytest.raises(TimeLimitError):
                await made.forecasts.ask(asked)
            assert made.forecasts.misses == 2

    asyncio.run(story())


def test_what_is_remembered_is_bounded_by_its_bytes(services: Open) -> None:
    """What was asked for longest ago goes first."""

    async def story() -> None:
        async with services() as made:
            await create(made, "c")
            questions = [
                await question(made, {"label": {"node": "n1", "labels": {"a": str(n)}}}) for n in range(6)
            ]
            one = await Forecasts(made.pool).ask(questions[0])
            size = len(msgspec.msgpack.encode(one))
            small = Forecasts(made.pool, most_bytes=3 * size + size // 2)
            for asked in questions:
                await small.ask(asked)
            assert small.misses == 6
            for asked in reversed(questions[-3:]):
                await small.ask(asked)
            assert small.misses == 6
            await small.ask(questions[0])
            assert small.misses == 7

    asyncio.run(story())


def test_waves_that_were_read_to_the_end_are_remembered_as_the_whole_forecast(services: Open) -> None:
    """And the other way round; those that were left are not."""

    async def story() -> None:
        async with services() as made:
            await create(made, "c")
            asked, forecasts = await question(made), made.forecasts
            async with aclosing(forecasts.stream(asked)) as parts:
                await anext(parts)
            assert (forecasts.misses, forecasts.hits) == (1, 0)
            read = [part async for part in forecasts.stream(asked)]
            whole = await forecasts.ask(asked)
            assert (forecasts.misses, forecasts.hits) == (2, 1)
            assert [part.wave for part in read if part.wave] == list(whole.waves)
            assert [part async for part in forecasts.stream(asked)] == read
            assert (forecasts.misses, forecasts.hits) == (2, 2)

    asyncio.run(story())
