"""Forecasts agree with recordings of a real control plane, but for the deviations that are known."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.replaying import differing_parts, read_trace, trace_names

DEVIATIONS: list[dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("deviations.toml").read_text(encoding="utf-8")
)["deviation"]
KNOWN = {(each["trace"], each["step"]): each["parts"] for each in DEVIATIONS}
LEAST_SHARE = 0.97


@pytest.mark.parametrize("name", trace_names())
def test_each_step_is_forecast_as_it_was_recorded(name: str) -> None:
    trace = read_trace(name)
    differing = {
        (name, index): parts
        for index, step in enumerate(trace.steps)
        if (parts := differing_parts(trace, step))
    }
    assert differing == {place: parts for place, parts in KNOWN.items() if place[0] == name}


def test_known_deviations_are_of_steps_that_exist() -> None:
    steps = {name: len(read_trace(name).steps) for name in {each["trace"] for each in DEVIATIONS}}
    assert [place for place in KNOWN if place[1] not in range(steps[place[0]])] == []
    assert len(KNOWN) == len(DEVIATIONS)


@pytest.mark.parametrize("each", DEVIATIONS, ids=lambda each: f"{each['trace']}-{each['step']}")
def test_each_known_deviation_has_a_reason(each: dict[str, Any]) -> None:
    assert each["reason"].strip()


def test_enough_steps_are_exact() -> None:
    """As each trace differs just where it is known to, the known deviations tell the share."""
    steps = sum(len(read_trace(name).steps) for name in trace_names())
    assert 1 - len(KNOWN) / steps >= LEAST_SHARE


def test_the_tutorials_steps_are_all_exact() -> None:
    assert [place for place in KNOWN if place[0].startswith("seed/")] == []
