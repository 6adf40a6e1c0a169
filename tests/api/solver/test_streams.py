"""A stream's items are worked out when they are asked for, and it ends cleanly whoever ends it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from foretell.api.solver.errors import (
    HoldLimitError,
    MemoryLimitError,
    SolverFaultError,
    TimeLimitError,
    WorkerLostError,
)
from foretell.api.solver.limits import Limits
from foretell.api.solver.measures import Cause, End, Observation
from foretell.api.solver.pool import Pool
from foretell.model.errors import ForetellError, RejectedError
from tests.api.solver.playing import LOOPS, pid_of, play, until


async def _taken(stream: AsyncGenerator[float, None], items: int, *, pause: float) -> None:
    """Read a number of items as a slow reader does."""
    for _ in range(items):
        await anext(stream)
        await asyncio.sleep(pause)


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("most", [0, 1, 1000], ids="{} items".format)
def test_all_items_arrive_in_order(most: int, loop: str) -> None:
    async def story(pool: Pool) -> None:
        for _ in range(2):
            assert [item async for item in pool.stream("count", most, item=int)] == [*range(most)]
        assert (pool.stats().idle, pool.stats().started) == (1, 1)

    play(story, loop=loop)


def test_an_item_is_not_worked_out_before_it_is_asked_for() -> None:
    async def story(pool: Pool) -> None:
        stream = pool.stream("moments", 5, item=float)
        for _ in range(5):
            asked = time.monotonic()
            assert await anext(stream) >= asked
            await asyncio.sleep(0.02)  # a slow reader
        await stream.aclose()

    play(story)


def test_nothing_happens_before_the_first_item_is_asked_for() -> None:
    async def story(pool: Pool) -> None:
        stream = pool.stream("count", 5, item=int)
        assert pool.stats().busy == 0
        assert await anext(stream) == 0
        assert pool.stats().busy == 1
        await stream.aclose()

    play(story)


@pytest.mark.parametrize("taken", [1, 2], ids="after {} items".format)
def test_closing_early_ends_the_handler_and_frees_the_worker(taken: int, tmp_path: Path) -> None:
    async def story(pool: Pool) -> None:
        stream = pool.stream("guarded", str(tmp_path / "ended"), item=int)
        pids = {await anext(stream) for _ in range(taken)}
        await stream.aclose()
        assert {await pid_of(pool)} == pids
        assert (tmp_path / "ended").exists()
        assert pool.stats().started == 1

    play(story)


def test_closing_while_the_handler_works_replaces_the_worker() -> None:
    async def story(pool: Pool) -> None:
        pid = await pid_of(pool)
        stream = pool.stream("spin-each", 3600.0, item=float)
        task = asyncio.ensure_future(anext(stream))
        await until(lambda: pool.stats().busy == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await pid_of(pool) != pid
        assert pool.stats().recycled[Cause.CANCELLED] == 1

    play(story)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        pytest.param("rejected", RejectedError, id="a refusal"),
        pytest.param("fault", SolverFaultError, id="a fault"),
        pytest.param("bad-alloc", MemoryLimitError, id="too little memory"),
    ],
)
@pytest.mark.parametrize("before", [0, 2], ids="after {} items".format)
def test_an_error_arrives_after_the_items_before_it(
    name: str, form: type[ForetellError], before: int
) -> None:
    async def story(pool: Pool) -> None:
        stream = pool.stream("count-and-raise", (before, name), item=int)
        assert [await anext(stream) for _ in range(before)] == [*range(before)]
        with pytest.raises(form):
            await anext(stream)
        assert await pool.run("echo", 1, result=int) == 1

    play(story)


@pytest.mark.parametrize(
    ("task", "form"),
    [pytest.param("echo", int, id="no iterator"), pytest.param("count", str, id="items of another type")],
)
def test_a_handler_that_gives_no_such_stream_is_a_fault(task: str, form: type[object]) -> None:
    async def story(pool: Pool) -> None:
        stream = pool.stream(task, 3, item=form)
        with pytest.raises(SolverFaultError):
            await anext(stream)
        await until(lambda: pool.stats().idle == 1)
        assert pool.stats().started == 1

    play(story)


def test_a_worker_that_is_lost_between_two_items_fails_the_stream() -> None:
    async def story(pool: Pool) -> None:
        stream = pool.stream("count-and-leave", 1, item=int)
        assert await anext(stream) == 0
        with pytest.raises(WorkerLostError):
            await anext(stream)
        assert await pool.run("echo", 1, result=int) == 1

    play(story)


def test_the_limit_of_time_counts_the_work_of_all_items_and_no_waiting_for_the_reader() -> None:
    async def story(pool: Pool) -> None:
        stream = pool.stream("spin-each", 0.1, item=float, seconds=0.35)
        await _taken(stream, 2, pause=0.2)
        with pytest.raises(TimeLimitError) as caught:
            await _taken(stream, 2, pause=0.2)
        assert type(caught.value) is TimeLimitError
        assert pool.stats().timeouts == 1

    play(story)


def test_a_stream_that_is_held_for_too_long_is_ended_and_frees_its_worker() -> None:
    seen: list[Observation] = []

    async def story(pool: Pool) -> None:
        pid = await pid_of(pool)
        stream = pool.stream("count", 5, item=int)
        assert await anext(stream) == 0
        assert await pid_of(pool) == pid
        with pytest.raises(HoldLimitError) as caught:
            await anext(stream)
        assert str(caught.value) == "the stream waited more than 0.1 s for its reader and was ended"
        assert [(seen.task, seen.end) for seen in seen][1:] == [("count", End.TIME), ("pid", End.DONE)]

    play(story, limits=Limits(hold=0.1), observe=seen.append)


def test_a_stream_whose_reader_is_slow_all_the_time_is_ended_too() -> None:
    async def story(pool: Pool) -> None:
        with pytest.raises(HoldLimitError) as caught:
            await _taken(pool.stream("count", 10**9, item=float), 10**9, pause=0.02)
        assert caught.value.seconds == 0.2
        assert await pool.run("echo", 1, result=int) == 1
        assert pool.stats().started == 1

    play(story, limits=Limits(hold=20.0, held=0.2))
