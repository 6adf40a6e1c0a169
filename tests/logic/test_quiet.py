"""What needn't be looked at makes no difference."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, reject

from foretell.logic import forecast as forecasting
from foretell.logic import simulation, verdict
from foretell.logic.fingerprint import Fingerprint
from foretell.logic.quiet import restless, timekeepers
from foretell.logic.scope import everything
from foretell.model.changes import SetImage, SetPodStatus
from foretell.model.cluster import Cluster
from foretell.model.errors import RejectedError
from foretell.model.forecast import Forecast
from foretell.model.meta import Key
from tests import builders as b
from tests.logic.strategies import FEW, Scenario
from tests.logic.test_replica_properties import scenarios


def story(scenario: Scenario) -> Forecast:
    """A forecast in which controllers act only on what changes."""
    try:
        return forecasting.forecast(scenario.cluster, *scenario.told(), horizon=12, resync=False)
    except RejectedError:
        reject()


@FEW
@given(scenarios())
def test_a_forecast_is_the_same_when_everything_is_looked_at(scenario: Scenario) -> None:
    """Waves and verdict, with what rests left out and with all of it."""
    short = story(scenario)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(simulation, "timekeepers", everything)
        patched.setattr(verdict, "restless", everything)
        whole = story(scenario)
    assert short.waves == whole.waves
    assert short.verdict == whole.verdict


def keys(found: Iterable[Key]) -> set[str]:
    """The keys as texts, but for nodes."""
    return {str(key) for key in found if key.kind != "Node"}


def test_what_has_come_to_rest_is_passed_over() -> None:
    """Of a settled Deployment neither it nor its ReplicaSet is looked at."""
    settled = b.settled(b.nodes(2), b.deployment(replicas=2), b.statefulset(replicas=1))
    assert keys(restless(settled)) == {"StatefulSet/web"}
    assert keys(timekeepers(settled)) == {"StatefulSet/web"}


def test_what_is_not_well_is_looked_at() -> None:
    """A ReplicaSet with a pod that isn't ready, and so its Deployment."""
    settled = b.settled(b.nodes(2), b.deployment("shop", replicas=2))
    pod = settled.pods[0].name
    broken = b.after(settled, SetPodStatus(pod=pod, phase="Running", ready=False), never_ready=("*",))
    assert {key.kind for key in restless(broken)} == {"Node", "Deployment", "ReplicaSet"}


def test_a_roll_out_keeps_time() -> None:
    """A Deployment that makes progress has a deadline."""
    rolling = b.after(
        b.settled(b.nodes(2), b.deployment("shop", replicas=2)),
        SetImage(kind="Deployment", name="shop", image="shop:2"),
        never_ready=("shop-*",),
    )
    assert "Deployment/shop" in keys(timekeepers(rolling))


@FEW
@given(scenarios())
def test_a_fingerprint_moves_by_what_is_another_whatever_the_way(scenario: Scenario) -> None:
    """Over all states of a story: by all steps together as by one from the first to the last."""
    told = story(scenario)
    kept = Fingerprint()
    before: Cluster = told.before
    for state in (*told.states, told.after):
        _note(kept, before, state)
        at_once = Fingerprint()
        _note(at_once, told.before, state)
        assert kept.moved == at_once.moved
        before = state


def _note(fingerprint: Fingerprint, before: Cluster, after: Cluster) -> None:
    for key in set(after.differing(before)):
        fingerprint.note(before.get(key), after.get(key))
