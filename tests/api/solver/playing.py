"""What tests of the pool share: pools on the sample tasks, and waiting for what has to come."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop

from foretell.api.solver.limits import Limits
from foretell.api.solver.measures import Observation
from foretell.api.solver.pool import Pool

ENTRY = f"{Path(__file__).with_name('samples.py')}:tasks"
FOREVER = "p(0). p(X+1) :- p(X), X < 1000000000."
"""Rules that are never grounded."""
LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.new_event_loop,
    "uvloop": uvloop.new_event_loop,
}
_PATIENCE = 20.0

Story = Callable[[Pool], Awaitable[None]]


def play(
    story: Story,
    *,
    size: int = 1,
    limits: Limits | None = None,
    argument: object = None,
    observe: Callable[[Observation], None] = lambda _: None,
    loop: str = "asyncio",
) -> None:
    """Play a story on a pool of its own; what leaks is found at the end."""

    async def played() -> None:
        pool = Pool(ENTRY, {} if argument is None else argument, size, limits, observe=observe)
        async with pool:
            await story(pool)

    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        runner.run(played())
    gc.collect()


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    end = time.monotonic() + _PATIENCE
    while not holds():
        assert time.monotonic() < end, "it never came"
        await asyncio.sleep(0.005)


def ended(pid: int) -> bool:
    """Whether a process has ended, be it that nobody has taken notice."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


async def pid_of(pool: Pool, prefer: str = "") -> int:
    """The id of the worker that gets the next task."""
    return await pool.run("pid", None, result=int, prefer=prefer)
