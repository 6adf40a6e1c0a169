"""A job: one task on one worker, from the first order until the worker is free again."""

from __future__ import annotations

import asyncio
from enum import Enum, auto
from typing import assert_never

from foretell.api.solver.crew import Crew, Worker
from foretell.api.solver.errors import (
    HoldLimitError,
    MemoryLimitError,
    SolverFaultError,
    StoppingError,
    TimeLimitError,
    WorkerLostError,
)
from foretell.api.solver.frames import Answer, Ended, Failed, Ready, Refused
from foretell.api.solver.limits import Limits
from foretell.api.solver.measures import Cause, End, Observation, Observer
from foretell.api.solver.refusals import refused


class _State(Enum):
    """What the worker does for the job: nothing yet or any more, the task, or it waits between two items.

    Or it has nothing to do with the job any longer.
    """

    RESTING = auto()
    WORKING = auto()
    HELD = auto()
    GONE = auto()


class Job:
    """One task on one worker; `seconds` limits how long that works, over all items of a stream together."""

    def __init__(
        self,
        crew: Crew,
        worker: Worker,
        task: str,
        limits: Limits,
        *,
        seconds: float,
        waited: float,
        stream: bool,
        observe: Observer,
    ) -> None:
        self._crew, self._worker, self._task, self._limits = crew, worker, task, limits
        self._seconds, self._waited, self._stream, self._observe = seconds, waited, stream, observe
        self._loop = asyncio.get_running_loop()
        self._worked = self._held = self._rested = 0.0
        self._end = End.CANCELLED
        self._state = _State.RESTING
        self._hold: asyncio.TimerHandle | None = None
        self._hold_limit = limits.hold

    async def ask(self, order: bytes) -> Answer | Ended:
        """Give an order, and get the answer.

        Raises the ForetellError that the handler raises, SolverFaultError, TimeLimitError, MemoryLimitError,
        WorkerLostError, StoppingError or HoldLimitError.
        """
        begun = self._loop.time()
        if self._hold is not None:
            self._hold.cancel()
            self._held += begun - self._rested
        if self._state is _State.GONE:
            raise HoldLimitError(self._hold_limit)
        self._state = _State.WORKING
        process = self._worker.process
        try:
            async with asyncio.timeout(self._seconds - self._worked):
                process.order(order)
                reply = await process.reply()
        except TimeoutError:
            self._lose(Cause.TIME, End.TIME)
            raise TimeLimitError(self._seconds) from None
        except MemoryLimitError:
            self._lose(Cause.MEMORY, End.MEMORY)
            raise
        except WorkerLostError:
            self._lose(Cause.LOST, End.LOST)
            if self._crew.closing:
                raise StoppingError from None
            raise
        finally:
            self._worked += self._loop.time() - begun
        return self._taken(reply)

    def fault(self) -> SolverFaultError:
        """The error for a result that isn't what was asked for."""
        self._end = End.FAULT
        return SolverFaultError(self._task)

    def leave(self) -> None:
        """Be done with the task, as far as it has come; the worker is freed or replaced."""
        if self._hold is not None:
            self._hold.cancel()
        state, self._state = self._state, _State.GONE
        if state is _State.RESTING:
            self._crew.give(self._worker)
        elif state is not _State.GONE:
            self._crew.leave(self._worker, streaming=self._stream)
        elif self._end is End.CANCELLED:
            return  # It was observed when it was held for too long.
        self._observe(Observation(self._task, self._end, self._waited, self._worked))

    def _taken(self, reply: Ready | Answer | Ended | Refused | Failed) -> Answer | Ended:
        self._state = _State.RESTING
        match reply:
            case Answer():
                if self._stream:
                    self._state = _State.HELD
                    self._rested = self._loop.time()
                    left = self._limits.held - self._held
                    self._hold_limit = self._limits.hold if self._limits.hold < left else self._limits.held
                    self._hold = self._loop.call_later(min(self._limits.hold, left), self._held_too_long)
                else:
                    self._end = End.DONE
                return reply
            case Ended():
                self._end = End.DONE
                return reply
            case Refused():
                self._end = End.REFUSED
                raise refused(reply)
            case Failed() | Ready():
                raise self.fault()
            case _ as never:
                assert_never(never)

    def _held_too_long(self) -> None:
        self._end = End.TIME
        self.leave()
        self._end = End.CANCELLED

    def _lose(self, cause: Cause, end: End) -> None:
        self._state, self._end = _State.GONE, end
        self._crew.lose(self._worker, cause)
