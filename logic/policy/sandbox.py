"""The sandbox as its caller sees it: orders go to a process of its own, which is killed at the deadline."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from time import monotonic
from types import TracebackType
from typing import IO

import msgspec

from foretell.logic.policy.child import OUT_OF_MEMORY
from foretell.logic.policy.frames import LENGTH, Failed, Order, Reply, Taken, framed, reply_of
from foretell.model.policy import Limits

MOST_ANSWERED = 256 * 2**20
"""How many bytes all replies together may have."""
_START = 60.0
"""For how many seconds the process may take to begin, which doesn't count."""
_LONGEST = 10**6
_PIECE = 2**16
_MEBIBYTE = 2**20


class Sandbox:
    """A process that solves what strangers have written; it is gone when the block that uses it ends."""

    def __init__(self, limits: Limits) -> None:
        self._limits, self._left = limits, limits.seconds
        self._room = MOST_ANSWERED
        self._process: subprocess.Popen[bytes] | None = None
        self._begun = False

    def __enter__(self) -> Sandbox:
        # -I keeps out what lies in the working directory and what the environment says. The processor's time
        # ends the process too should there be nobody left to kill it.
        seconds = int(min(self._limits.seconds, _LONGEST)) + 2
        self._process = subprocess.Popen(
            (sys.executable, "-I", "-X", "utf8", "-m", "foretell.logic.policy.child",
             str(self._limits.memory), str(seconds)),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={}, cwd=os.sep, start_new_session=True,
        )  # fmt: skip
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self._running
        process.kill()
        process.communicate()

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._running.pid

    def ask(self, order: Order) -> Reply:
        """The reply to an order; Failed where the limits don't suffice, and then no other will come."""
        process = self._running
        assert process.stdin is not None
        assert process.stdout is not None
        if not self._begun and not self._begins(process.stdout):
            return Failed(f"the sandbox can't be started: its process ended with status {process.wait()}")
        began = monotonic()
        try:
            process.stdin.write(framed(order))
            process.stdin.flush()
            return self._reply(process.stdout, began + self._left)
        except TimeoutError:
            process.kill()
            return Failed(self._took_too_long())
        except (BrokenPipeError, EOFError, msgspec.DecodeError):
            process.kill()
            return Failed(self._loss(process.wait()))
        finally:
            self._left = max(0.0, self._left - (monotonic() - began))

    def _begins(self, pipe: IO[bytes]) -> bool:
        """Wait until the process takes orders."""
        try:
            self._begun = isinstance(self._reply(pipe, monotonic() + _START), Taken)
        except (TimeoutError, EOFError, msgspec.DecodeError):
            self._running.kill()
        return self._begun

    def _reply(self, pipe: IO[bytes], deadline: float) -> Reply:
        length = int.from_bytes(_read(pipe, LENGTH, deadline), "big")
        self._room -= length
        if self._room < 0:
            return Failed("there is more to tell of the findings than can be taken")
        return reply_of(_read(pipe, length, deadline))

    def _took_too_long(self) -> str:
        return f"it takes longer than {self._limits.seconds:g} s (--seconds)"

    def _loss(self, status: int) -> str:
        if status in (-signal.SIGXCPU, -signal.SIGKILL) and self._left <= 0:
            return self._took_too_long()
        if status in (OUT_OF_MEMORY, -signal.SIGABRT, -signal.SIGKILL):
            return f"it takes more than {self._limits.memory // _MEBIBYTE:,} MiB of memory (--memory)"
        return f"the solver has ended with status {status}: the rules are too deep or too many"


def _read(pipe: IO[bytes], count: int, deadline: float) -> bytes:
    """So many bytes; raises TimeoutError, and EOFError where there are fewer."""
    pieces: list[bytes] = []
    while count:
        left = deadline - monotonic()
        if left <= 0 or not select.select([pipe], [], [], left)[0]:
            raise TimeoutError
        piece = os.read(pipe.fileno(), min(count, _PIECE))
        if not piece:
            raise EOFError
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)
