"""The pool: tasks run in recycled worker processes, each with a limit of time and of memory."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from types import TracebackType
from typing import Self, TypeVar

import msgspec

from foretell.api.solver.crew import Crew
from foretell.api.solver.errors import BusyError, StoppingError
from foretell.api.solver.frames import Answer, Ask, Begin, Next, framed
from foretell.api.solver.job import Job
from foretell.api.solver.limits import Limits
from foretell.api.solver.line import Line
from foretell.api.solver.measures import Cause, End, Observation, Observer, Stats
from foretell.model.meta import Json

T = TypeVar("T")
_LOG = logging.getLogger("foretell.api.solver")
_NEXT = framed(Next())


def _unobserved(_: Observation) -> None:
    """Nobody wants to know."""


class Pool:
    """Worker processes that do tasks, for one event loop.

    `entry` names a function as `module:function`, or as `/path/of/file.py:function`. Each worker calls it
    once with `argument`; it gives the handlers by name. A handler gets what was asked as Python's own types,
    and gives what msgspec can encode, or for a stream an iterator. `observe` is called with each task that
    has ended.
    """

    def __init__(
        self,
        entry: str,
        argument: Json,
        size: int,
        limits: Limits | None = None,
        *,
        observe: Observer = _unobserved,
    ) -> None:
        if size < 1:
            raise ValueError("a pool has at least one worker")
        self._limits = Limits() if limits is None else limits
        self._line = Line(self._limits)
        self._observe = observe
        begin = Begin(entry, _raw(argument), self._limits.memory)
        self._crew = Crew(begin, size, self._limits, self._serve)
        self._started = False

    @property
    def seconds(self) -> float:
        """For how long a task may work where nothing else is said."""
        return self._limits.seconds

    async def start(self) -> None:
        """Start the workers, once, and wait until they take tasks; raises StartError when one can't."""
        await self._crew.open()
        self._started = True

    async def stop(self, grace: float = 5.0) -> None:
        """Take no more tasks, finish those that run within `grace` seconds, and end the workers."""
        self._started = False
        self._line.close()
        await self._crew.close(grace)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, form: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def run(
        self,
        task: str,
        params: object,
        *,
        result: type[T],
        prefer: str = "",
        seconds: float | None = None,
        heavy: bool = False,
    ) -> T:
        """The result of a task.

        `prefer` names what the task is about: a worker that has caches of that is chosen if it is free.
        `heavy` tasks leave one worker to the others. A task whose caller is cancelled is ended.
        Raises the ForetellError that the handler raises, SolverFaultError, TimeLimitError, MemoryLimitError,
        BusyError, StoppingError or WorkerLostError.
        """
        order = framed(Ask(task, _raw(params), stream=False))
        job = await self._job(task, prefer, seconds, heavy=heavy, stream=False)
        try:
            answer = await job.ask(order)
            assert isinstance(answer, Answer)
            return self._value(job, answer, result)
        finally:
            job.leave()

    async def stream(
        self,
        task: str,
        params: object,
        *,
        item: type[T],
        prefer: str = "",
        seconds: float | None = None,
        heavy: bool = False,
    ) -> AsyncGenerator[T, None]:
        """The items of a task, each worked out when it is asked for; closing the iterator ends the task.

        As `run`; `seconds` counts while the worker works. Raises HoldLimitError as well.
        """
        order = framed(Ask(task, _raw(params), stream=True))
        job = await self._job(task, prefer, seconds, heavy=heavy, stream=True)
        try:
            while isinstance(answer := await job.ask(order), Answer):
                yield self._value(job, answer, item)
                order = _NEXT
        finally:
            job.leave()

    def stats(self) -> Stats:
        """The state of the pool at this moment."""
        crew = self._crew
        return Stats(
            size=crew.size,
            idle=crew.idle,
            busy=crew.busy,
            starting=crew.starting,
            waiting=len(self._line),
            started=crew.started,
            recycled={cause: crew.recycled[cause] for cause in Cause},
            tasks=crew.tasks,
        )

    async def _job(self, task: str, prefer: str, seconds: float | None, *, heavy: bool, stream: bool) -> Job:
        if not self._started:
            raise StoppingError
        begun = asyncio.get_running_loop().time()
        try:
            worker = await self._line.worker(self._crew, prefer, heavy=heavy)
        except BusyError as error:
            self._told(Observation(task, End.BUSY, error.waited, 0.0))
            raise
        return Job(
            self._crew,
            worker,
            task,
            self._limits,
            seconds=self._limits.seconds if seconds is None else seconds,
            waited=asyncio.get_running_loop().time() - begun,
            stream=stream,
            observe=self._told,
        )

    def _value(self, job: Job, answer: Answer, form: type[T]) -> T:
        try:
            return msgspec.msgpack.decode(answer.value, type=form)
        except (msgspec.DecodeError, RecursionError) as error:
            _LOG.error("a worker gave what was not asked for: %s", error)
            raise job.fault() from None

    def _told(self, observation: Observation) -> None:
        try:
            self._observe(observation)
        except Exception:
            _LOG.exception("an observation could not be noted")

    def _serve(self) -> None:
        self._line.serve(self._crew)


def _raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.msgpack.encode(value))
