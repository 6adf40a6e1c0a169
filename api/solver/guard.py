"""The guard of a worker: it ends the process when that takes too much memory or its server has gone."""

from __future__ import annotations

import ctypes
import os
import resource
import select
import signal
import sys
import threading
from contextlib import suppress

OUT_OF_MEMORY = 77
"""The exit status of a worker that has taken too much memory."""

_LINUX = sys.platform == "linux"
_SET_PARENT_DEATH_SIGNAL = 1
_LOOKS_EVERY = 100  # milliseconds
_FIRST_TO_GO = "500"


def begin(orders: int) -> None:
    """End with the server: when its end of the pipe closes, or it is no longer the parent of this process."""
    if _LINUX:
        # The kernel does it also while other code than Python's holds the interpreter; and as soon as the
        # thread ends that started the worker, which is that of the server's event loop.
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
        # Where the machine runs out of memory, a worker is a smaller loss than the server.
        with suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
            file.write(_FIRST_TO_GO)
    _GUARD.begin(orders)


def limit(memory: int) -> None:
    """End when more than so many bytes are resident, and refuse address space far beyond."""
    if _LINUX:
        # What is mapped by now, for the most part shared and untouched, doesn't count.
        mapped = _pages(0) + memory
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        if hard == resource.RLIM_INFINITY or mapped < hard:
            resource.setrlimit(resource.RLIMIT_AS, (mapped, mapped))
    _GUARD.memory = memory


def resident() -> int:
    """The bytes that this process has in memory; the most it ever had where the platform says no more."""
    return _pages(1) if _LINUX else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def out_of_memory() -> None:
    """End, as nothing can be relied on after an allocation has failed."""
    os._exit(OUT_OF_MEMORY)


def _pages(column: int) -> int:
    with open("/proc/self/statm", "rb", buffering=0) as file:
        return int(file.read(128).split()[column]) * resource.getpagesize()


class _Guard:
    """A thread that looks after the process."""

    def __init__(self) -> None:
        self.memory = sys.maxsize

    def begin(self, orders: int) -> None:
        parent = os.getppid()
        threading.Thread(target=self._watch, args=(orders, parent), daemon=True, name="guard").start()

    def _watch(self, orders: int, parent: int) -> None:
        poll = select.poll()
        poll.register(orders, select.POLLHUP)
        while True:
            try:
                if poll.poll(_LOOKS_EVERY) or os.getppid() != parent:
                    os._exit(0)
                if resident() > self.memory:
                    out_of_memory()
            except MemoryError:
                out_of_memory()


_GUARD = _Guard()
