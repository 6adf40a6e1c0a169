"""Completion indexes as a Job's status writes them, such as `0-3,5`."""

from __future__ import annotations

from collections.abc import Iterable

Run = tuple[int, int]
"""The first and the last of indexes that follow one another."""


def runs_of(text: str) -> tuple[Run, ...]:
    """The runs that a text names, in its order; what can't be read is left out."""
    found: list[Run] = []
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if first.isdecimal() and (last or first).isdecimal() and int(first) <= int(last or first):
            found.append((int(first), int(last or first)))
    return tuple(found)


def merged(runs: Iterable[Run]) -> tuple[Run, ...]:
    """The runs in order, those that touch or overlap made one."""
    whole: list[Run] = []
    for first, last in sorted(runs):
        if whole and first <= whole[-1][1] + 1:
            whole[-1] = (whole[-1][0], max(last, whole[-1][1]))
        else:
            whole.append((first, last))
    return tuple(whole)


def text_of_runs(runs: Iterable[Run]) -> str:
    """The text of runs: two neighbours are written `3,4`, more of them `3-5`.

    Source: Kubernetes indexed_job_utils.go `orderedIntervals.String`.
    """
    parts = (
        str(first) if first == last else f"{first}{',' if last == first + 1 else '-'}{last}"
        for first, last in merged(runs)
    )
    return ",".join(parts)
