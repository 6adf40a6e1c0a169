"""The sandbox's own process: it takes orders, and can neither open files nor outlive its limits."""

from __future__ import annotations

import os
import resource
import sys
from contextlib import nullcontext, suppress
from typing import BinaryIO

from foretell.logic.policy.frames import LENGTH, OUT_OF_MEMORY, Order, Taken, framed, order_of
from foretell.logic.policy.solving import Solver


def main(memory: int, seconds: int) -> None:
    """Answer orders until there are no more; `memory` is in bytes, `seconds` of the processor's time."""
    orders, replies = sys.stdin.buffer, sys.stdout.buffer
    confine(memory, seconds)
    replies.write(framed(Taken()))
    replies.flush()
    solver = Solver()
    while order := _next(orders):
        try:
            reply = solver.answered(order)
        except MemoryError:
            os._exit(OUT_OF_MEMORY)
        replies.write(framed(reply))
        replies.flush()


def confine(memory: int, seconds: int) -> None:
    """Take from this process whatever solving doesn't need; its pipes stay open."""
    with open("/proc/self/statm", "rb") if sys.platform == "linux" else open(os.devnull, "rb") as file:
        mapped = int((file.read().split() or [b"0"])[0]) * resource.getpagesize()
    limits = {
        # What is mapped by now, for the most part shared, doesn't count.
        resource.RLIMIT_AS: mapped + memory,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        # No file can be opened any more, whatever else a policy has got through.
        resource.RLIMIT_NOFILE: 0,
        resource.RLIMIT_NPROC: 0,
    }
    for each, most in limits.items():
        hard = resource.getrlimit(each)[1]
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        # Not every platform knows every limit; Linux does.
        with nullcontext() if sys.platform == "linux" else suppress(ValueError, OSError):
            resource.setrlimit(each, (value, value))


def _next(orders: BinaryIO) -> Order | None:
    head = orders.read(LENGTH)
    return order_of(orders.read(int.from_bytes(head, "big"))) if len(head) == LENGTH else None


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
