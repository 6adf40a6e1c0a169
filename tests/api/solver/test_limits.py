"""A task that takes too much time or memory is ended, and the others don't notice."""

from __future__ import annotations

import asyncio
import statistics
import sys
import time

import pytest

from foretell.api.solver.errors import MemoryLimitError, TimeLimitError, WorkerLostError
from foretell.api.solver.limits import Limits
from foretell.api.solver.measures import Cause
from foretell.api.solver.pool import Pool
from foretell.model.errors import ForetellError
from tests.api.solver.playing import FOREVER, ended, pid_of, play, until

MEBIBYTE = 1024 * 1024
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_AS is enforced on Linux alone")


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_while_tasks_ground_for_ever_the_others_are_answered_in_milliseconds(loop: str) -> None:
    async def story(pool: Pool) -> None:
        begun = time.monotonic()
        grounding = [
            asyncio.create_task(pool.run("ground", FOREVER, result=type(None), seconds=0.7, heavy=True))
            for _ in range(2)
        ]
        await until(lambda: pool.stats().busy == 1)
        taken = []
        while not grounding[0].done():
            asked = time.monotonic()
            assert await pool.run("echo", 1, result=int) == 1
            taken.append(time.monotonic() - asked)
        with pytest.raises(TimeLimitError) as caught:
            await grounding[0]
        assert 0.69 < time.monotonic() - begun < 6
        assert str(caught.value) == "the task took more than 0.7 s and was ended"
        assert statistics.median(taken) < 0.05
        with pytest.raises(TimeLimitError):
            await grounding[1]
        await until(lambda: pool.stats().idle == 2)
        assert pool.stats().timeouts == 2
        assert pool.stats().started == 4

    play(story, size=2, limits=Limits(tasks=10**9), loop=loop)


def test_a_worker_that_was_out_of_time_is_gone_and_replaced() -> None:
    async def story(pool: Pool) -> None:
        pid = await pid_of(pool)
        with pytest.raises(TimeLimitError):
            await pool.run("spin", 3600.0, result=float)
        assert await pid_of(pool) != pid
        await until(lambda: ended(pid))

    play(story, limits=Limits(seconds=0.1))


@pytest.mark.parametrize(
    ("task", "params"),
    [
        pytest.param("allocate", 2**34, id="one huge allocation", marks=LINUX),
        pytest.param("creep", MEBIBYTE, id="many small ones"),
        pytest.param("ground", FOREVER, id="a chain that is never grounded"),
        pytest.param("ground", "q(1..2000000000).", id="a range that is never grounded"),
        pytest.param("raise", "bad-alloc", id="an error of the C++ library"),
    ],
)
def test_a_task_that_takes_too_much_memory_is_ended(task: str, params: object) -> None:
    async def story(pool: Pool) -> None:
        pid = await pid_of(pool)
        with pytest.raises(MemoryLimitError) as caught:
            await pool.run(task, params, result=int)
        assert str(caught.value) == "the task took more than 96 MiB of memory and was ended"
        assert await pid_of(pool) != pid
        assert pool.stats().memory_kills == pool.stats().recycled[Cause.MEMORY] == 1

    play(story, limits=Limits(memory=96 * MEBIBYTE))


@LINUX
def test_the_address_space_of_a_worker_has_a_limit() -> None:
    async def story(pool: Pool) -> None:
        soft, hard = await pool.run("limits", None, result=tuple[int, int])
        assert 512 * MEBIBYTE < soft == hard < 1024 * MEBIBYTE

    play(story, limits=Limits(memory=512 * MEBIBYTE))


@pytest.mark.parametrize(
    ("task", "params", "sentence"),
    [
        pytest.param("leave", 3, "exit status 3", id="it ends by itself"),
        pytest.param("garbage", None, "signal 9", id="it sends what can't be read"),
    ],
)
def test_a_lost_worker_fails_its_task_and_is_replaced(task: str, params: object, sentence: str) -> None:
    async def story(pool: Pool) -> None:
        with pytest.raises(WorkerLostError) as caught:
            await pool.run(task, params, result=int)
        assert str(caught.value) == f"the worker that had the task ended before it was done ({sentence})"
        assert isinstance(caught.value, ForetellError)
        assert await pool.run("echo", 1, result=int) == 1
        assert pool.stats().recycled[Cause.LOST] == 1

    play(story)
