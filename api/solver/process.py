"""A worker process as the server sees it: orders go in, replies come out, and it can be killed."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import cast

from foretell.api.solver.errors import MemoryLimitError, StartError, WorkerLostError
from foretell.api.solver.frames import Begin, Cutter, Failed, OutOfStepError, Ready, Reply, framed, reply_of
from foretell.api.solver.guard import OUT_OF_MEMORY

_LOG = logging.getLogger("foretell.api.solver")
_STDIN, _STDOUT = 0, 1
_MOST_LOGGED = 64 * 1024
"""The bytes of a worker's stderr that are logged between two orders."""
_LAST_WORDS = 1.0
"""For how many seconds the pipes of a worker that has ended are read."""
_LONGEST_END = 5.0
_EXHAUSTED = b"bad_alloc"
"""What the C++ library writes before it aborts."""


class Process(asyncio.SubprocessProtocol):
    """One worker process, in a session of its own so that signals to the server's terminal don't reach it."""

    def __init__(self, memory: int, on_gone: Callable[[Process], None]) -> None:
        """`on_gone` is called when the process has ended, whyever, or could not be made."""
        self.resident = 0
        self._memory, self._on_gone = memory, on_gone
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.SubprocessTransport | None = None
        self._doomed = False
        self._gone = asyncio.Event()
        self._cutter = Cutter()
        self._replies: deque[Reply] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._logged = 0
        self._tail = b""
        self._exhausted = False
        self._last_words: asyncio.TimerHandle | None = None

    async def start(self, begin: Begin, seconds: float) -> None:
        """Start the process, and wait until it takes tasks; raises StartError, and doesn't end it then."""
        # With -P nothing is imported that lies in the working directory by chance.
        command = (sys.executable, "-P", "-m", "foretell.api.solver.worker")
        spawning = asyncio.create_task(
            self._loop.subprocess_exec(lambda: self, *command, start_new_session=True)
        )
        spawning.add_done_callback(self._spawned)
        try:
            async with asyncio.timeout(seconds):
                # Who gives up meanwhile leaves a process that is known, and killed as soon as it is there.
                await asyncio.shield(spawning)
                self.order(framed(begin))
                reply = await self.reply()
        except TimeoutError:
            raise StartError(f"a worker was not ready within {seconds:g} s") from None
        except (OSError, WorkerLostError, MemoryLimitError) as error:
            problem = f"it ended, {error.how}" if isinstance(error, WorkerLostError) else str(error)
            raise StartError(f"a worker could not be started: {problem}") from None
        if not isinstance(reply, Ready):
            problem = reply.sentence if isinstance(reply, Failed) else "it does not speak as a worker does"
            raise StartError(f"a worker could not be started with {begin.entry}: {problem}")

    @property
    def pid(self) -> int:
        """The process's id; 0 before it has one."""
        return 0 if self._transport is None else self._transport.get_pid()

    @property
    def gone(self) -> bool:
        """Whether the process has ended."""
        return self._gone.is_set()

    def order(self, frame: bytes) -> None:
        """Give an order."""
        self._logged = 0
        if self._transport is not None:
            pipe = cast(asyncio.WriteTransport, self._transport.get_pipe_transport(_STDIN))
            if not pipe.is_closing():
                pipe.write(frame)

    async def reply(self) -> Reply:
        """The next reply; raises MemoryLimitError or WorkerLostError when none will come."""
        while not self._replies:
            if self.gone:
                raise self._loss()
            self._waiter = self._loop.create_future()
            await self._waiter
        reply = self._replies.popleft()
        self.resident = reply.resident
        return reply

    def kill(self) -> None:
        """Kill the process and what it may have started, as soon as it is there."""
        self._doomed = True
        if self._transport is not None and self._transport.get_returncode() is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._transport.get_pid(), signal.SIGKILL)

    async def end(self) -> None:
        """Kill the process, and wait until nothing is left of it."""
        self.kill()
        # A process that the kernel can't end must not hold up the server's own end.
        with suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_END):
                await self._gone.wait()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to listen, as asyncio's protocols do."""
        self._transport = cast(asyncio.SubprocessTransport, transport)
        if self._doomed:
            self.kill()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Take what the process has written."""
        if fd != _STDOUT:
            self._log(data)
            return
        try:
            self._replies.extend(map(reply_of, self._cutter.feed(data)))
        except OutOfStepError as error:
            _LOG.error("worker %d is killed: what it sends can't be read (%s)", self.pid, error)
            self.kill()
        self._wake()

    def process_exited(self) -> None:
        """Wait a moment for the rest of its output, should anything else hold the pipes."""
        if not self.gone and self._transport is not None:
            self._last_words = self._loop.call_later(_LAST_WORDS, self._transport.close)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Say that the process has gone; its pipes have been read to their ends."""
        if self._last_words is not None:
            self._last_words.cancel()
        if self._transport is not None:
            self._transport.close()
        self._end()

    def _spawned(self, spawning: asyncio.Task[object]) -> None:
        """Take notice of a process that could not be made."""
        if spawning.cancelled() or spawning.exception() is not None:
            self._end()

    def _end(self) -> None:
        self._gone.set()
        self._wake()
        self._on_gone(self)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _loss(self) -> MemoryLimitError | WorkerLostError:
        status = None if self._transport is None else self._transport.get_returncode()
        if status == OUT_OF_MEMORY or self._exhausted:
            return MemoryLimitError(self._memory)
        if status is None:
            return WorkerLostError("without a word")
        return WorkerLostError(f"signal {-status}" if status < 0 else f"exit status {status}")

    def _log(self, data: bytes) -> None:
        """Log a piece of stderr, as long as it isn't too much."""
        self._exhausted = self._exhausted or _EXHAUSTED in self._tail + data
        self._tail = data[-len(_EXHAUSTED) :]
        room = _MOST_LOGGED - self._logged
        self._logged += len(data)
        if room >= 0:
            text = data[:room].decode(errors="replace").rstrip()
            _LOG.warning(
                "worker %d: %s%s", self.pid, text, " … (more is left out)" if len(data) > room else ""
            )
