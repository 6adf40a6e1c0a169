"""Schedules: which times a cron expression means; the one module that imports cronsim.

Expressions are read as Kubernetes' library robfig/cron reads them (parser.go, spec.go), which differs from
other crons: Sunday is 0 alone, `?` is `*`, and a day has to fit day-of-month and day-of-week both only
where one of them is a plain `*`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

_DESCRIPTORS = {
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}  # fmt: skip
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: tuple[tuple[int, int, Mapping[str, int]], ...] = (
    (0, 59, {}),
    (0, 23, {}),
    (1, 31, {}),
    (1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    (0, 6, {name: number for number, name in enumerate(_DAYS)}),
)
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_DURATION = re.compile(r"(\d+\.?\d*|\.\d+)([^\d.]*)", re.ASCII)
_LONGEST = 2**31


class ScheduleError(ValueError):
    """A text is no cron expression; the sentence is the one that Kubernetes' library gives."""


@dataclass(frozen=True)
class Schedule:
    """The times of a cron expression, or every so many seconds; `zone` is the one that the text names."""

    fields: str = ""
    every: float = 0.0
    zone: tzinfo | None = None

    def after(self, moment: float, zone: tzinfo) -> float | None:
        """The first time after a moment, both in seconds since the epoch; none where there is none."""
        if self.every:
            return math.floor(moment) + self.every
        return self._tick(moment, zone, reverse=False)

    def latest(self, earliest: float, now: float, zone: tzinfo) -> float | None:
        """The last time after the earliest moment and not after now."""
        if self.every:
            passed = math.floor((now - math.floor(earliest)) / self.every)
            return math.floor(earliest) + passed * self.every if passed >= 1 else None
        found = self._tick(math.floor(now) + 1, zone, reverse=True)
        return found if found is not None and found > earliest else None

    def _tick(self, moment: float, zone: tzinfo, *, reverse: bool) -> float | None:
        try:
            start = datetime.fromtimestamp(math.floor(moment), self.zone or zone)
            return next(CronSim(self.fields, start, reverse=reverse)).timestamp()
        except (CronSimError, StopIteration, OverflowError, ValueError):
            return None


@lru_cache(maxsize=1024)
def schedule_of(text: str) -> Schedule:
    """The schedule of an expression of five fields, or of one such as `@hourly` or `@every 90m`.

    Raises ScheduleError. Source: robfig/cron parser.go `Parse`.
    """
    zone = None
    if text.startswith(("TZ=", "CRON_TZ=")):
        name, _, text = text.partition("=")[2].partition(" ")
        zone = zone_of(name)
        if zone is None:
            raise ScheduleError(f"provided bad location {name}: unknown time zone {name}")
    text = text.strip()
    if not text:
        raise ScheduleError("empty spec string")
    if text.startswith("@every "):
        return Schedule(every=_seconds(text.removeprefix("@every ")), zone=zone)
    if text.startswith("@"):
        if text not in _DESCRIPTORS:
            raise ScheduleError(f"unrecognized descriptor: {text}")
        text = _DESCRIPTORS[text]
    parts = text.split()
    if len(parts) != len(_FIELDS):
        raise ScheduleError(
            f"expected exactly {len(_FIELDS)} fields, found {len(parts)}: [{' '.join(parts)}]"
        )
    read = (_field(part, *bounds) for part, bounds in zip(parts, _FIELDS, strict=True))
    # With seconds told, cronsim leaves out times that the clock skips, as Kubernetes' library does.
    return Schedule(fields=" ".join(("0", *read)), zone=zone)


@lru_cache(maxsize=256)
def zone_of(name: str) -> tzinfo | None:
    """The time zone of a name, UTC for an empty one; none where it isn't known."""
    if name in ("", "UTC"):
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def _field(text: str, low: int, high: int, names: Mapping[str, int]) -> str:
    """A field as a list of numbers, or a star."""
    numbers: set[int] = set()
    star = False
    for part in text.split(","):
        found, plain = _range(part, low, high, names)
        numbers.update(found)
        star = star or plain
    return "*" if star else ",".join(map(str, sorted(numbers)))


def _range(text: str, low: int, high: int, names: Mapping[str, int]) -> tuple[range, bool]:
    """The numbers of one part, and whether it is a plain star. Source: parser.go `getRange`."""
    span, *steps = text.split("/")
    ends = span.split("-")
    star = ends[0] in ("*", "?")
    if star:
        first, last = low, high
    elif len(ends) > 2:
        raise ScheduleError(f"too many hyphens: {text}")
    else:
        first = _number(ends[0], names)
        last = _number(ends[-1], names)
    if len(steps) > 1:
        raise ScheduleError(f"too many slashes: {text}")
    step = _number(steps[0], {}) if steps else 1
    if steps and len(ends) == 1:
        last = high
    if first < low:
        raise ScheduleError(f"beginning of range ({first}) below minimum ({low}): {text}")
    if last > high:
        raise ScheduleError(f"end of range ({last}) above maximum ({high}): {text}")
    if first > last:
        raise ScheduleError(f"beginning of range ({first}) beyond end of range ({last}): {text}")
    if step == 0:
        raise ScheduleError(f"step of range should be a positive number: {text}")
    return range(first, last + 1, step), star and step == 1


def _number(text: str, names: Mapping[str, int]) -> int:
    if text.lower() in names:
        return names[text.lower()]
    if not re.fullmatch(r"[+-]?[0-9]+", text, re.ASCII):
        problem = f'strconv.Atoi: parsing "{text}": invalid syntax'
        raise ScheduleError(f"failed to parse int from {text}: {problem}")
    number = int(text)
    if number < 0:
        raise ScheduleError(f"negative number ({number}) not allowed: {text}")
    return number


def _seconds(text: str) -> float:
    """The seconds of a duration such as `1h30m`, at least one. Source: Go's time.ParseDuration."""
    digits = text.removeprefix("+").removeprefix("-")
    parts = _DURATION.findall(digits)
    problem = "" if digits == "0" else _duration_problem(text, digits, parts)
    if problem:
        raise ScheduleError(f"failed to parse duration @every {text}: time: {problem}")
    total = sum(float(number) * _UNITS[unit] for number, unit in parts if unit)
    return float(min(_LONGEST, max(1, math.floor(-total if text.startswith("-") else total))))


def _duration_problem(text: str, digits: str, parts: list[tuple[str, str]]) -> str:
    if not parts or "".join(number + unit for number, unit in parts) != digits:
        return f'invalid duration "{text}"'
    for _, unit in parts:
        if not unit:
            return f'missing unit in duration "{text}"'
        if unit not in _UNITS:
            return f'unknown unit "{unit}" in duration "{text}"'
    return ""
