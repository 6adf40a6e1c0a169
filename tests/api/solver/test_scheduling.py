"""Which worker gets a task, who waits for how long, and what becomes of work that nobody waits for."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import pytest

from foretell.api.solver.errors import BusyError, TimeLimitError
from foretell.api.solver.limits import Limits
from foretell.api.solver.measures import Cause, End, Observation
from foretell.api.solver.pool import Pool
from foretell.model.errors import RejectedError
from tests.api.solver.playing import ended, pid_of, play, until


def test_a_task_goes_to_the_worker_that_ran_its_key_last_or_else_to_the_least_recently_used() -> None:
    async def story(pool: Pool) -> None:
        homes = {key: await pid_of(pool, key) for key in "abc"}
        assert len({*homes.values()}) == 3
        for key in "cabbacc":
            assert await pid_of(pool, key) == homes[key]
        # The last ones were b, a, c.
        assert [await pid_of(pool) for _ in range(3)] == [homes[key] for key in "bac"]
        assert await pid_of(pool, "d") == homes["b"]
        assert await pid_of(pool, "b") == homes["b"]

    play(story, size=3)


def test_a_task_whose_worker_is_busy_goes_to_another_and_stays_there() -> None:
    async def story(pool: Pool) -> None:
        home = await pid_of(pool, "a")
        stream = pool.stream("count", 2, item=int, prefer="a")
        await anext(stream)
        other = await pid_of(pool, "a")
        assert other != home
        await stream.aclose()
        await until(lambda: pool.stats().idle == 2)
        assert await pid_of(pool, "a") == other

    play(story, size=2)


def test_tasks_wait_in_the_order_in_which_they_came() -> None:
    done: list[int] = []

    async def ask(pool: Pool, number: int) -> None:
        done.append(await pool.run("echo", number, result=int))

    async def story(pool: Pool) -> None:
        first = asyncio.create_task(pool.run("sleep", 0.05, result=type(None)))
        await until(lambda: pool.stats().busy == 1)
        await asyncio.gather(first, *[ask(pool, number) for number in range(20)])
        assert done == [*range(20)]

    play(story)


def test_a_task_that_waits_too_long_or_in_too_long_a_line_is_told_that_the_solver_is_busy() -> None:
    seen: list[Observation] = []

    async def story(pool: Pool) -> None:
        stream = pool.stream("count", 2, item=int)
        await anext(stream)
        waiting = asyncio.create_task(pool.run("echo", 1, result=int))
        await until(lambda: pool.stats().waiting == 1)
        with pytest.raises(BusyError) as refused:
            await pool.run("echo", 2, result=int)
        assert refused.value.waited == 0.0
        with pytest.raises(BusyError) as tired:
            await waiting
        assert str(tired.value) == "the solver is busy: no worker was free within 0.2 s, ask again later"
        assert 0.19 < tired.value.waited < 1.0
        await stream.aclose()
        assert await pool.run("echo", 3, result=int) == 3
        assert [seen.end for seen in seen] == [End.BUSY, End.BUSY, End.CANCELLED, End.DONE]

    play(story, limits=Limits(waiting=1, patience=0.2), observe=seen.append)


def test_heavy_tasks_leave_one_worker_and_the_line_to_the_others() -> None:
    async def story(pool: Pool) -> None:
        heavy = [
            asyncio.create_task(pool.run("spin", 3600.0, result=float, heavy=True, seconds=1.0))
            for _ in range(5)
        ]
        await until(lambda: pool.stats().busy == 2)
        assert (pool.stats().idle, pool.stats().waiting) == (1, 2)
        light = [pool.run("echo", number, result=int) for number in range(3)]
        assert await asyncio.gather(*light) == [0, 1, 2]
        for task in heavy:
            task.cancel()
        ends = await asyncio.gather(*heavy, return_exceptions=True)
        assert sorted(type(end).__name__ for end in ends) == ["BusyError", *["CancelledError"] * 4]

    play(story, size=3, limits=Limits(waiting=2))


def test_a_heavy_task_does_not_take_the_only_worker_that_is_left_while_others_start() -> None:
    async def story(pool: Pool) -> None:
        with pytest.raises(TimeLimitError):
            await pool.run("spin", 3600.0, result=float, seconds=0.05)
        heavy = asyncio.create_task(pool.run("pid", None, result=int, heavy=True))
        await until(lambda: pool.stats().waiting == 1)
        assert (pool.stats().idle, pool.stats().busy) == (1, 0)
        await heavy
        assert pool.stats().started == 3

    play(story, size=2)


def test_a_heavy_task_runs_where_there_is_but_one_worker() -> None:
    async def story(pool: Pool) -> None:
        assert await pool.run("echo", 1, result=int, heavy=True) == 1

    play(story)


def test_a_cancelled_task_is_ended_and_its_worker_replaced(tmp_path: Path) -> None:
    mark = tmp_path / "begun"

    async def story(pool: Pool) -> None:
        pid = await pid_of(pool)
        task = asyncio.create_task(pool.run("begin-and-spin", str(mark), result=type(None)))
        await until(mark.exists)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await pid_of(pool) != pid
        await until(lambda: ended(pid))
        assert pool.stats().recycled[Cause.CANCELLED] == 1

    play(story)


def test_a_cancelled_task_that_is_nearly_done_keeps_its_worker() -> None:
    async def story(pool: Pool) -> None:
        pid = await pid_of(pool)
        task = asyncio.create_task(pool.run("sleep", 0.05, result=type(None)))
        await until(lambda: pool.stats().busy == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await pid_of(pool) == pid

    play(story, limits=Limits(leave=10.0))


def test_a_task_that_is_cancelled_while_it_waits_leaves_the_line() -> None:
    async def story(pool: Pool) -> None:
        stream = pool.stream("count", 2, item=int)
        await anext(stream)
        tasks = [asyncio.create_task(pool.run("echo", 1, result=int)) for _ in range(3)]
        await until(lambda: pool.stats().waiting == 3)
        tasks[0].cancel()
        await asyncio.wait(tasks[:1])
        assert pool.stats().waiting == 2
        await stream.aclose()
        assert await asyncio.gather(*tasks[1:]) == [1, 1]

    play(story)


def test_no_worker_is_lost_whenever_tasks_are_cancelled() -> None:
    async def story(pool: Pool) -> None:
        for pause in itertools.islice(itertools.cycle(range(8)), 400):
            tasks = [asyncio.create_task(pool.run("echo", 1, result=int)) for _ in range(4)]
            for _ in range(pause):
                await asyncio.sleep(0)
            for task in tasks[pause % 2 :: 2]:
                task.cancel()
            await asyncio.wait(tasks)
        await until(lambda: pool.stats().idle == 2)
        assert (pool.stats().busy, pool.stats().waiting) == (0, 0)
        assert pool.stats().recycled[Cause.CANCELLED] == 0

    play(story, size=2, limits=Limits(tasks=10**9, leave=10.0))


def test_each_task_is_observed_once_with_its_end() -> None:
    seen: list[Observation] = []

    async def story(pool: Pool) -> None:
        await pool.run("spin", 0.05, result=float)
        with pytest.raises(RejectedError):
            await pool.run("raise", "rejected", result=int)
        assert [item async for item in pool.stream("count", 3, item=int)] == [0, 1, 2]
        assert [(seen.task, seen.end) for seen in seen] == [
            ("spin", End.DONE),
            ("raise", End.REFUSED),
            ("count", End.DONE),
        ]
        assert 0.05 <= seen[0].worked < 1.0
        assert all(seen.waited < 0.05 for seen in seen)
        assert pool.stats().tasks == 3

    play(story, observe=seen.append)


def test_an_observer_that_fails_harms_no_task(caplog: pytest.LogCaptureFixture) -> None:
    def observe(_: Observation) -> None:
        raise ValueError("no such label")

    async def story(pool: Pool) -> None:
        assert await pool.run("echo", 1, result=int) == 1

    play(story, observe=observe)
    assert "no such label" in caplog.text
