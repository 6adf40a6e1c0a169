"""The crew: the worker processes of a pool, which of them is free, and their replacement."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine
from itertools import count

from foretell.api.solver.errors import MemoryLimitError, StartError, WorkerLostError
from foretell.api.solver.frames import Answer, Begin, Close, framed
from foretell.api.solver.limits import Limits
from foretell.api.solver.measures import Cause
from foretell.api.solver.process import Process

_LOG = logging.getLogger("foretell.api.solver")
_KEYS = 64
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 10.0
_CLOSE = framed(Close())


class Worker:
    """A member of the crew: how much it has done, for whom, and whether it is due to be replaced."""

    def __init__(self, process: Process) -> None:
        self.process, self.first_resident = process, process.resident
        self.tasks = 0
        self.heavy = False
        self.due: Cause | None = None
        self.keys: dict[str, int] = {}
        """When tasks of a key were last begun, on the crew's own clock; the newest come last."""

    def begin(self, prefer: str, moment: int, *, heavy: bool) -> None:
        """Note a task."""
        self.tasks += 1
        self.heavy = heavy
        if prefer:
            self.keys.pop(prefer, None)
            self.keys[prefer] = moment
            if len(self.keys) > _KEYS:
                del self.keys[next(iter(self.keys))]


class Crew:
    """So many workers as there should be; `on_free` is called whenever one may have become free."""

    def __init__(self, begin: Begin, size: int, limits: Limits, on_free: Callable[[], None]) -> None:
        self.size, self.started, self.tasks = size, 0, 0
        self.recycled: Counter[Cause] = Counter()
        self._begin, self._limits, self._on_free = begin, limits, on_free
        self._clock = count()
        self._idle: dict[Worker, None] = {}  # the one that has been idle for longest comes first
        self._busy: dict[Worker, None] = {}
        self._processes: set[Process] = set()
        self._errands: set[asyncio.Task[None]] = set()
        self._hiring = 0
        self._closing = False
        self._quiet = asyncio.Event()

    @property
    def closing(self) -> bool:
        """Whether the workers are being ended, or have been."""
        return self._closing

    @property
    def idle(self) -> int:
        """How many workers are free."""
        return len(self._idle)

    @property
    def busy(self) -> int:
        """How many workers have a task."""
        return len(self._busy)

    @property
    def starting(self) -> int:
        """How many workers are to come."""
        return self._hiring

    async def open(self) -> None:
        """Start the workers, all at once; raises StartError when one doesn't come up."""
        self._hiring = self.size
        try:
            async with asyncio.TaskGroup() as hires:
                for _ in range(self.size):
                    hires.create_task(self._hire())
        except ExceptionGroup as errors:
            await self.close(0.0)
            raise errors.exceptions[0] from None
        except BaseException:
            await self.close(0.0)
            raise

    def take(self, prefer: str, *, heavy: bool) -> Worker | None:
        """A free worker: the one that ran this key last, or else the least recently used one.

        Heavy tasks leave one worker to the others, unless there is to be but one.
        """
        if not self._idle or (heavy and not self._has_room_for_heavy()):
            return None
        knowing = (worker for worker in self._idle if prefer in worker.keys)
        worker = max(knowing, key=lambda worker: worker.keys[prefer], default=None)
        if worker is None:
            worker = next(iter(self._idle))
        del self._idle[worker]
        self._busy[worker] = None
        self.tasks += 1
        worker.begin(prefer, next(self._clock), heavy=heavy)
        return worker

    def give(self, worker: Worker) -> None:
        """Take a worker back that is done with its task."""
        if worker not in self._busy:
            return
        del self._busy[worker]
        worker.heavy = False
        self._idle[worker] = None
        grown = worker.process.resident - worker.first_resident > self._limits.growth
        if worker.due is None and (grown or worker.tasks >= self._limits.tasks):
            worker.due = Cause.GROWTH if grown else Cause.TASKS
        self._mend()
        self._freed()

    def lose(self, worker: Worker, cause: Cause) -> None:
        """Kill a worker and replace it at once."""
        if worker not in self._idle and worker not in self._busy:
            return
        self._idle.pop(worker, None)
        self._busy.pop(worker, None)
        worker.process.kill()
        self.recycled[cause] += 1
        self._mend()
        self._freed()

    def leave(self, worker: Worker, *, streaming: bool) -> None:
        """Take a worker back from a task that nobody waits for any more, when it is done or by killing it."""
        if self._closing:
            self.lose(worker, Cause.CANCELLED)
        else:
            self._send(self._leave(worker, streaming=streaming))

    async def close(self, grace: float) -> None:
        """End all workers, for busy ones wait up to `grace` seconds."""
        self._closing = True
        for worker in self._idle:
            worker.process.kill()
        self._idle.clear()
        if self._busy and grace > 0:
            try:
                async with asyncio.timeout(grace):
                    await self._quiet.wait()
            except TimeoutError:
                _LOG.warning("%d tasks are ended, as the solver stops", len(self._busy))
        for errand in self._errands:
            errand.cancel()
        await asyncio.gather(*self._errands, return_exceptions=True)
        await asyncio.gather(*[process.end() for process in self._processes])

    def _has_room_for_heavy(self) -> bool:
        present = min(self.size, len(self._idle) + len(self._busy))
        room = 1 if self.size == 1 else present - 1
        return sum(worker.heavy for worker in self._busy) < room

    async def _leave(self, worker: Worker, *, streaming: bool) -> None:
        if streaming:
            worker.process.order(_CLOSE)
        try:
            async with asyncio.timeout(self._limits.leave):
                while isinstance(await worker.process.reply(), Answer) and streaming:
                    pass
        except TimeoutError:
            self.lose(worker, Cause.CANCELLED)
        except MemoryLimitError:
            self.lose(worker, Cause.MEMORY)
        except WorkerLostError:
            self.lose(worker, Cause.LOST)
        else:
            self.give(worker)

    async def _hire(self) -> None:
        process = Process(self._begin.memory, self._gone)
        self._processes.add(process)
        try:
            await process.start(self._begin, self._limits.start)
        except BaseException:
            process.kill()
            raise
        self.started += 1
        if process.gone:
            raise StartError("a worker ended as soon as it had started")
        self._hiring -= 1
        self._idle[Worker(process)] = None
        self._mend()
        self._freed()

    async def _replace(self) -> None:
        """Start a worker, however often it takes."""
        pause = _FIRST_PAUSE
        while True:
            try:
                return await self._hire()
            except StartError as error:
                _LOG.error("no replacement for a worker: %s; the next try is in %g s", error, pause)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _mend(self) -> None:
        """See to it that there are as many workers as there should be, none of them due."""
        present = [*self._idle, *self._busy]
        fresh = sum(worker.due is None for worker in present) + self._hiring
        for _ in range(0 if self._closing else self.size - fresh):
            self._hiring += 1
            self._send(self._replace())
        # Those that are due go on until others have come.
        for worker in [worker for worker in self._idle if worker.due][: max(0, len(present) - self.size)]:
            assert worker.due is not None
            self.recycled[worker.due] += 1
            del self._idle[worker]
            worker.process.kill()

    def _gone(self, process: Process) -> None:
        """A process has ended; a busy one's task finds out by itself."""
        self._processes.discard(process)
        for worker in [worker for worker in self._idle if worker.process is process]:
            _LOG.error("worker %d ended while it was idle", process.pid)
            self.lose(worker, Cause.LOST)

    def _freed(self) -> None:
        if self._closing:
            for worker in self._idle:
                worker.process.kill()
            self._idle.clear()
            if not self._busy:
                self._quiet.set()
        self._on_free()

    def _send(self, errand: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)
