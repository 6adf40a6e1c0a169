"""Forecasts agree with recordings of a real control plane, but for the deviations that are known."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from foretell.api.replay import Trace, differences, read_trace, replay

HERE = Path(__file__).parent
TRACES = {
    str(path.relative_to(HERE / "traces")).removesuffix(".json.gz"): path
    for path in sorted((HERE / "traces").rglob("*.json.gz"))
}
DEVIATIONS: list[dict[str, Any]] = tomllib.loads((HERE / "deviations.toml").read_text(encoding="utf-8"))[
    "deviation"
]
KNOWN = {(each["trace"], each["step"]): each["parts"] for each in DEVIATIONS}
LEAST_SHARE = 0.97
_PARTS = {"claims": "storage", "revisions": "storage"}


def differing_parts(trace: Trace, index: int) -> list[str]:
    """The parts in which the forecast of a step differs from what was recorded."""
    found = differences(trace.steps[index], replay(trace, index), ignored=trace.ignore)
    named = (_PARTS.get(each.part, each.part.partition(" ")[0]) for each in found)
    return list(dict.fromkeys("waves" if part == "wave" else part for part in named))


@pytest.mark.parametrize("name", TRACES)
def test_each_step_is_forecast_as_it_was_recorded(name: str) -> None:
    trace = read_trace(TRACES[name])
    differing = {
        (name, index): parts for index in range(len(trace.steps)) if (parts := differing_parts(trace, index))
    }
    assert differing == {place: parts for place, parts in KNOWN.items() if place[0] == name}


def test_known_deviations_are_of_steps_that_exist() -> None:
    steps = {name: len(read_trace(TRACES[name]).steps) for name in {each["trace"] for each in DEVIATIONS}}
    assert [place for place in KNOWN if place[1] not in range(steps[place[0]])] == []
    assert len(KNOWN) == len(DEVIATIONS)


def test_each_known_deviation_has_a_reason() -> None:
    assert [each for each in DEVIATIONS if not each["reason"].strip()] == []


def test_enough_steps_are_exact() -> None:
    """As each trace differs just where it is known to, the known deviations tell the share."""
    steps = sum(len(read_trace(path).steps) for path in TRACES.values())
    assert 1 - len(KNOWN) / steps >= LEAST_SHARE


def test_the_steps_of_the_tutorial_are_all_exact() -> None:
    assert [place for place in KNOWN if place[0].startswith("seed/")] == []
