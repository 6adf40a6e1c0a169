"""Workers start, are recycled, and end: all of them, whatever happens to the server."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from foretell.api.solver.errors import StartError, StoppingError
from foretell.api.solver.frames import Ask, Begin, framed
from foretell.api.solver.limits import Limits
from foretell.api.solver.measures import Cause
from foretell.api.solver.pool import Pool
from tests.api.solver.playing import ENTRY, FOREVER, LOOPS, ended, pid_of, play, until

MEBIBYTE = 1024 * 1024


@pytest.mark.parametrize("loop", LOOPS)
def test_recycling_keeps_memory_flat_though_symbols_are_never_forgotten(loop: str) -> None:
    async def story(pool: Pool) -> None:
        first = await pool.run("symbols", 0, result=int)
        most = 0
        for _ in range(16):
            most = max(most, await pool.run("symbols", 10_000, result=int))
            await until(lambda: not pool.stats().starting)
        assert 20 * MEBIBYTE < most - first < 64 * MEBIBYTE
        assert 3 <= pool.stats().recycled[Cause.GROWTH] <= 8

    play(story, limits=Limits(growth=24 * MEBIBYTE), loop=loop)


def test_a_worker_is_replaced_after_its_share_of_tasks_while_others_go_on() -> None:
    async def story(pool: Pool) -> None:
        pids = []
        while pool.stats().recycled[Cause.TASKS] < 4:
            # One of the two at least is always free: the old one goes when the new one has come.
            assert pool.stats().idle >= 2
            pids.append(await pid_of(pool))
        assert min(pids.count(pid) for pid in {*pids[:10]}) >= 5
        await until(lambda: pool.stats().idle == 2 and not pool.stats().starting)
        assert pool.stats().started == 2 + pool.stats().recycled[Cause.TASKS]

    play(story, size=2, limits=Limits(tasks=5))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="descriptors are counted in /proc")
@pytest.mark.parametrize("loop", LOOPS)
def test_recycling_leaks_no_descriptors_and_no_processes(loop: str) -> None:
    async def story(pool: Pool) -> None:
        before = len(os.listdir("/proc/self/fd"))
        pids = set()
        for _ in range(6):
            pids.add(await pid_of(pool))
            await until(lambda: pool.stats().idle == 1 and all(map(ended, pids)))
        assert len(pids) == 6
        await until(lambda: len(os.listdir("/proc/self/fd")) == before)
        await until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))

    play(story, limits=Limits(tasks=1), loop=loop)


def test_an_idle_worker_that_is_killed_is_replaced() -> None:
    async def story(pool: Pool) -> None:
        pid = await pid_of(pool)
        os.kill(pid, signal.SIGKILL)
        await until(lambda: pool.stats().started == 2)
        assert await pid_of(pool) != pid
        assert pool.stats().recycled[Cause.LOST] == 1

    play(story)


def test_a_replacement_that_does_not_start_is_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(pool: Pool) -> None:
        pid = await pid_of(pool)
        os.kill(pid, signal.SIGKILL)
        await until(lambda: pool.stats().started == 2)
        assert await pid_of(pool) != pid

    play(story, argument={"starts": str(tmp_path / "starts"), "bad": 2})
    assert (tmp_path / "starts").read_text() == "..."
    assert "no replacement for a worker: a worker could not be started with" in caplog.text


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize(
    ("entry", "argument", "sentence"),
    [
        pytest.param(
            ENTRY,
            {"fail": "gate"},
            f"a worker could not be started with {ENTRY}: unknown feature gate 'X'",
            id="the entry refuses",
        ),
        pytest.param(
            ENTRY,
            {"fail": "fault"},
            f"a worker could not be started with {ENTRY}: ValueError: the password is swordfish",
            id="the entry fails",
        ),
        pytest.param(
            ENTRY,
            {"fail": "exit"},
            "a worker could not be started: it ended, exit status 3",
            id="the entry ends the process",
        ),
        pytest.param(
            "foretell.no:tasks",
            {},
            "a worker could not be started with foretell.no:tasks: "
            "ModuleNotFoundError: No module named 'foretell.no'",
            id="no such module",
        ),
        pytest.param(
            "foretell.model:tasks",
            {},
            "a worker could not be started with foretell.model:tasks: "
            "AttributeError: module 'foretell.model' has no attribute 'tasks'",
            id="no such function",
        ),
    ],
)
def test_a_pool_whose_entry_fails_does_not_start_and_leaves_nothing(
    entry: str, argument: object, sentence: str, loop: str
) -> None:
    async def story() -> None:
        pool = Pool(entry, argument, 2)
        with pytest.raises(StartError) as caught:
            await pool.start()
        assert str(caught.value) == sentence
        with pytest.raises(StoppingError):
            await pool.run("echo", 1, result=int)
        await pool.stop()

    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        runner.run(story())
    gc.collect()


def test_a_worker_that_takes_too_long_to_start_is_given_up() -> None:
    async def story() -> None:
        with pytest.raises(StartError, match=r"a worker was not ready within 0\.01 s"):
            await Pool(ENTRY, {}, 1, Limits(start=0.01)).start()

    asyncio.run(story())
    gc.collect()


def test_a_pool_that_is_cancelled_while_it_starts_leaves_nothing() -> None:
    async def story() -> None:
        start = asyncio.create_task(Pool(ENTRY, {}, 2).start())
        for _ in range(3):
            await asyncio.sleep(0)
        start.cancel()
        with pytest.raises(asyncio.CancelledError):
            await start

    asyncio.run(story())
    gc.collect()


def test_stopping_finishes_what_runs_and_sends_away_who_waits() -> None:
    async def story(pool: Pool) -> None:
        pid = await pid_of(pool)
        running = asyncio.create_task(pool.run("sleep", 0.2, result=type(None)))
        waiting = asyncio.create_task(pool.run("echo", 1, result=int))
        await until(lambda: pool.stats().waiting == 1)
        await pool.stop(grace=10.0)
        await running
        with pytest.raises(StoppingError, match="the solver takes no tasks now: it is not running"):
            await waiting
        with pytest.raises(StoppingError):
            await pool.run("echo", 1, result=int)
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)

    play(story)


@pytest.mark.parametrize("loop", LOOPS)
def test_stopping_ends_what_is_not_done_within_the_grace(loop: str) -> None:
    async def story(pool: Pool) -> None:
        pids = {await pid_of(pool) for _ in range(2)}
        running = asyncio.create_task(pool.run("ground", FOREVER, result=type(None)))
        stream = pool.stream("count", 2, item=int)
        await anext(stream)
        await until(lambda: pool.stats().busy == 2)
        await pool.stop(grace=0.1)
        with pytest.raises(StoppingError):
            await running
        with pytest.raises(StoppingError):
            await anext(stream)
        for pid in pids:
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)
        await pool.stop()

    play(story, size=2, loop=loop)


def test_no_worker_outlives_a_server_that_is_killed() -> None:
    keeper = Path(__file__).with_name("keeper.py")
    with subprocess.Popen([sys.executable, keeper, ENTRY, FOREVER], stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        pids = [int(pid) for pid in server.stdout.readline().split()]
        assert len({*pids}) == 2
        assert not any(map(ended, pids))
        server.kill()
    asyncio.run(until(lambda: all(map(ended, pids))))


def _raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.msgpack.encode(value))


@pytest.mark.parametrize(
    "orders",
    [
        pytest.param([], id="before it was told anything"),
        pytest.param([Begin(ENTRY, _raw({}), 2**31)], id="while it is idle"),
        pytest.param(
            [Begin(ENTRY, _raw({}), 2**31), Ask("ground", _raw(FOREVER), stream=False)], id="while it grounds"
        ),
        pytest.param(
            [Begin(ENTRY, _raw({}), 2**31), Ask("count", _raw(9), stream=True)], id="between two items"
        ),
    ],
)
def test_a_worker_ends_when_its_pipe_is_closed(orders: list[Begin | Ask]) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "foretell.api.solver.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        for order in orders:
            worker.stdin.write(framed(order))
            worker.stdin.flush()
        if orders:
            assert len(worker.stdout.read(4)) == 4
        worker.stdin.close()
        assert worker.wait(timeout=20.0) == 0


def test_a_pool_has_at_least_one_worker() -> None:
    with pytest.raises(ValueError, match="a pool has at least one worker"):
        Pool(ENTRY, {}, 0)


def test_a_pool_that_was_not_started_takes_no_tasks() -> None:
    with pytest.raises(StoppingError):
        asyncio.run(Pool(ENTRY, {}, 1).run("echo", 1, result=int))
