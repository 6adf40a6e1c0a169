"""Figures of measurements: percentiles, and how they are printed."""

from __future__ import annotations

from collections.abc import Sequence


def percentile(values: Sequence[float], share: float) -> float:
    """The value that so many of 100 values don't exceed; nought of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share / 100))] if ordered else 0.0


def told(seconds: Sequence[float]) -> str:
    """The percentiles of times, in milliseconds."""
    shown = (f"p{share} {percentile(seconds, share) * 1e3:7.2f} ms" for share in (50, 95, 99))
    return f"{', '.join(shown)}   ({len(seconds):,} times)"
