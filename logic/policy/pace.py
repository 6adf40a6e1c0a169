"""The pace of judging: how much may vary in a run, learnt from how long runs take."""

from __future__ import annotations

_FEW, _MANY = 16, 1000
_WORSE = 1.5
"""A run that takes so many times longer for each moment than the one before was too varied."""


class Pace:
    """How many facts may vary in the next run; one moment by itself always makes a run.

    To ground the rules costs the same for any number of moments. But counts over what varies are prepared for
    every number that they may come to, and rules with several of them for every combination.
    """

    def __init__(self, most: int = _FEW, limit: int = _MANY) -> None:
        self.most, self._limit = min(most, limit), limit
        self._cost: float | None = None

    def note(self, moments: int, seconds: float) -> None:
        """Learn from a run: vary more while that pays, and less for good once it doesn't."""
        cost = seconds / moments
        if self._cost is None or cost < self._cost:
            self.most = min(2 * self.most, self._limit)
        elif cost > _WORSE * self._cost:
            self.most = self._limit = self.most // 2
        self._cost = cost
