"""The line of tasks that wait for a worker: first come, first served, of bounded length and patience."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from foretell.api.solver.crew import Crew, Worker
from foretell.api.solver.errors import BusyError, StoppingError
from foretell.api.solver.limits import Limits


@dataclass(eq=False)
class _Waiter:
    prefer: str
    heavy: bool
    worker: asyncio.Future[Worker]


class Line:
    """Who waits for a worker of a crew; others may pass heavy tasks that have to wait for each other."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._waiting: dict[_Waiter, None] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    async def worker(self, crew: Crew, prefer: str, *, heavy: bool) -> Worker:
        """The next free worker, which has to be given back; raises BusyError or StoppingError."""
        if crew.closing:
            raise StoppingError
        loop = asyncio.get_running_loop()
        waiter = _Waiter(prefer, heavy, loop.create_future())
        self._waiting[waiter] = None
        self.serve(crew)
        if waiter.worker.done():
            return waiter.worker.result()
        begun = loop.time()
        try:
            # Each sort has a bound of its own, so that many heavy tasks don't keep the others out.
            if sum(other.heavy is heavy for other in self._waiting) > self._limits.waiting:
                raise BusyError(0.0)
            async with asyncio.timeout(self._limits.patience):
                return await waiter.worker
        except TimeoutError:
            _give_back(crew, waiter.worker)
            raise BusyError(loop.time() - begun) from None
        except asyncio.CancelledError:
            _give_back(crew, waiter.worker)
            raise
        finally:
            self._waiting.pop(waiter, None)

    def serve(self, crew: Crew) -> None:
        """Give free workers to those who have waited for longest."""
        for waiter in [*self._waiting]:
            if waiter.worker.done():
                continue
            worker = crew.take(waiter.prefer, heavy=waiter.heavy)
            if worker is not None:
                del self._waiting[waiter]
                waiter.worker.set_result(worker)
            elif not crew.idle:
                return

    def close(self) -> None:
        """Send everybody away."""
        for waiter in self._waiting:
            if not waiter.worker.done():
                waiter.worker.set_exception(StoppingError())


def _give_back(crew: Crew, worker: asyncio.Future[Worker]) -> None:
    """Give back a worker that came in the moment in which nobody waited for it any more."""
    if worker.done() and not worker.cancelled() and worker.exception() is None:
        crew.give(worker.result())
