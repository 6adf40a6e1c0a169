"""Times of ways to the same answer, taken in turns so that a busy machine slows all of them; limits."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from statistics import median
from time import perf_counter
from types import FrameType
from typing import TypeVar

T = TypeVar("T")
Times = dict[str, list[float]]


def interleaved(works: Mapping[str, Callable[[T], object]], subjects: Iterable[T], seconds: float) -> Times:
    """The seconds that each work takes on each subject in turn; one that has taken too many sits out.

    Every other round goes backwards, so that no work always comes after the same other one.
    """
    taken: Times = {name: [] for name in works}
    for number, subject in enumerate(subjects):
        for name in list(works)[:: -1 if number % 2 else 1]:
            if sum(taken[name]) > seconds:
                continue
            began = perf_counter()
            result = works[name](subject)
            taken[name].append(perf_counter() - began)
            del result  # its end belongs to nobody's time
    return taken


def summary(seconds: Sequence[float]) -> dict[str, float]:
    """The median and the least of times, in milliseconds."""
    return {"median_ms": round(median(seconds) * 1e3, 3), "least_ms": round(min(seconds) * 1e3, 3)}


def ratio(of: Sequence[float], to: Sequence[float]) -> dict[str, float]:
    """How many times as long one work takes as another: the median of rounds, and of the least."""
    # One of them may have sat out the last rounds.
    by_round = [one / other for one, other in zip(of, to, strict=False)]
    return {"median": round(median(by_round), 3), "least": round(min(of) / min(to), 3)}


class OverTimeError(Exception):
    """Work has not ended within its limit."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Break work off after so many seconds; raises OverTimeError then. For the main thread alone.

    The alarm rings again every second, since one that rings in a destructor goes unheard.
    """

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise OverTimeError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
