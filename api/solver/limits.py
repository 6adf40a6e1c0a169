"""How much time, memory and patience the work in worker processes is given."""

from __future__ import annotations

from dataclasses import dataclass

_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The limits of a pool; times in seconds, sizes in bytes.

    * `seconds`: a task may work; what a stream's reader takes between two items doesn't count.
    * `memory`: a worker may have resident, which is looked at ten times a second; on Linux the address space
      may grow by no more, so that one huge allocation fails at once. macOS enforces no such thing, and says
      only how much was resident at most.
    * `tasks`: a worker does before it is recycled.
    * `growth`: a worker's resident memory may have since it began to take tasks, as solvers never forget a
      symbol; then it is recycled.
    * `waiting`: so many heavy tasks, and as many others, may queue for a worker.
    * `patience`: a task waits in the queue.
    * `hold`: a stream's reader may take for one item, and `held` for all items together; then the stream is
      ended, so that slow readers don't keep workers for ever.
    * `leave`: work that nobody waits for any more may go on; then its worker is killed and replaced.
    * `start`: a worker may take from its launch until it takes tasks.
    """

    seconds: float = 30.0
    memory: int = 2048 * _MEBIBYTE
    tasks: int = 1000
    growth: int = 1024 * _MEBIBYTE
    waiting: int = 64
    patience: float = 10.0
    hold: float = 30.0
    held: float = 120.0
    leave: float = 0.25
    start: float = 60.0
