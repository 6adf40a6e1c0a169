"""What recurs is repeated: the forecast is the one that the rules would have derived wave by wave."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretell.logic import simulation
from foretell.logic.diff import derived
from foretell.logic.forecast import forecast
from foretell.logic.simulation import Simulation
from foretell.model.changes import Change, SetImage, change_from_json
from foretell.model.forecast import Assumptions, Forecast, Outcome
from tests import builders as b
from tests.builders import Document
from tests.logic.strategies import FEW


@contextmanager
def _wave_by_wave() -> Iterator[None]:
    """Have the rules derive every wave."""
    with patch.object(Simulation, "go_ahead", lambda *_: None):
        yield


def _same(told: Forecast, derived_: Forecast) -> None:
    """Whether two forecasts are the same, state by state."""
    assert told.waves == derived_.waves
    assert told.verdict == derived_.verdict
    assert (told.after, told.after.moment) == (derived_.after, derived_.after.moment)
    assert len(told.states) == len(derived_.states)
    for one, other in zip(told.states, derived_.states, strict=True):
        assert (one, one.moment) == (other, other.moment)


# --- DaemonSets and StatefulSets of any kind ---

_TAINTS: tuple[tuple[Document, ...], ...] = (
    (), (), (b.taint("gpu", "NoSchedule"),), (b.taint("gpu", "NoExecute"),),
    (b.taint("spot", "PreferNoSchedule"),),
)  # fmt: skip
_SIZES: tuple[Document, ...] = ({}, {}, {"cpu": "1", "pods": "3"}, {"cpu": "500m", "pods": "10"})


@st.composite
def _nodes(draw: st.DrawFn, least: int, most: int) -> list[Document]:
    """Nodes of at most three kinds."""
    kinds = draw(
        st.lists(st.tuples(st.sampled_from(_TAINTS), st.sampled_from(_SIZES)), min_size=1, max_size=3)
    )
    chosen = [draw(st.sampled_from(kinds)) for _ in range(draw(st.integers(least, most)))]
    return [
        b.node(f"n{number:02}", *taints, allocatable={"cpu": "2", "pods": "20", **size})
        for number, (taints, size) in enumerate(chosen)
    ]


@st.composite
def _bounds(draw: st.DrawFn) -> Document:
    """The bounds of a DaemonSet's roll-out."""
    if draw(st.booleans()):
        return {"maxUnavailable": draw(st.sampled_from([1, 1, 2, 3, "20%"]))}
    return {"maxSurge": draw(st.sampled_from([1, 2, "20%"])), "maxUnavailable": 0}


_ASSUMED: st.SearchStrategy[dict[str, tuple[str, ...]]] = st.sampled_from(
    [{}, {}, {}, {}, {}, {"never_ready": ("*-5",)}, {"never_ready": ("agent@n05",)}, {"dead_nodes": ("n06",)},
     {"never_gone": ("agent@n07", "web-2")}, {"never_start": ("web-1", "agent@n03")}]
)  # fmt: skip
_REQUESTS = st.sampled_from([None, None, None, {"cpu": "500m"}, {"cpu": "900m"}])


@FEW
@given(st.data())
def test_a_daemonsets_rollout_is_the_same_wave_by_wave(data: st.DataObject) -> None:
    requests, bounds = data.draw(_REQUESTS), data.draw(_bounds())
    agent = b.daemonset(
        rolling=bounds, minReadySeconds=data.draw(st.sampled_from([0, 0, 10])),
        pod={"tolerations": [b.tolerate("gpu")]} if data.draw(st.booleans()) else {},
    )  # fmt: skip
    others = [b.budget("agents", {"app": "agent"}, maxUnavailable=1)] if data.draw(st.booleans()) else []
    before = b.settled(data.draw(_nodes(9, 14)), agent, others)
    changes: list[Change] = [SetImage(kind="DaemonSet", name="agent", image="agent:2")]
    if requests:
        changed = b.daemonset(image="agent:2", rolling=bounds, pod={"requests": requests})
        changes = [change_from_json(changed)]
    assume = Assumptions(**data.draw(_ASSUMED))
    told = forecast(before, changes, assume)
    with _wave_by_wave():
        _same(told, forecast(before, changes, assume))


@FEW
@given(st.data())
def test_a_statefulsets_rollout_is_the_same_wave_by_wave(data: st.DataObject) -> None:
    web = b.statefulset(
        replicas=data.draw(st.integers(7, 11)),
        partition=data.draw(st.sampled_from([None, None, 0, 3])),
        parallel=data.draw(st.booleans()),
        claims=data.draw(st.sampled_from([(), ("data",)])),
        minReadySeconds=data.draw(st.sampled_from([0, 0, 10])),
    )
    others = [b.budget("webs", {"app": "web"}, minAvailable=1)] if data.draw(st.booleans()) else []
    before = b.settled(data.draw(_nodes(3, 8)), web, others)
    assume = Assumptions(**data.draw(_ASSUMED))
    changes = [SetImage(kind="StatefulSet", name="web", image="web:2")]
    told = forecast(before, changes, assume)
    with _wave_by_wave():
        _same(told, forecast(before, changes, assume))


# --- that it is repeated ---


@pytest.mark.parametrize(
    ("workload", "kind", "name"),
    [
        pytest.param(b.daemonset(rolling={"maxUnavailable": 1}), "DaemonSet", "agent", id="daemonset"),
        pytest.param(
            b.daemonset(rolling={"maxSurge": 1, "maxUnavailable": 0}), "DaemonSet", "agent", id="surging"
        ),
        pytest.param(b.statefulset(replicas=60), "StatefulSet", "web", id="statefulset"),
    ],
)
def test_a_long_rollout_asks_the_rules_no_more_often_than_a_short_one(
    workload: Document, kind: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = b.settled(b.nodes(60), workload)
    asked = 0

    def counting(*arguments: object) -> object:
        nonlocal asked
        asked += 1
        return derived(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(simulation, "derived", counting)
    told = forecast(before, [SetImage(kind=kind, name=name, image="new:2")])
    assert told.verdict.outcome is Outcome.SETTLED
    assert sum(action.verb == "delete" for action in told.actions) == 60
    assert asked < 40


def test_a_stretch_can_be_cut_anywhere() -> None:
    before = b.settled(b.nodes(12), b.daemonset(rolling={"maxUnavailable": 1}))
    change = SetImage(kind="DaemonSet", name="agent", image="agent:2")
    with _wave_by_wave():
        whole = forecast(before, [change])
    for waves in range(len(whole.waves) + 1):
        _same(forecast(before, [change], waves=waves), whole.cut_after(waves))
    for horizon in (7, 12, 15):
        with _wave_by_wave():
            cut = forecast(before, [change], horizon=horizon)
        _same(forecast(before, [change], horizon=horizon), cut)
