"""Lines of plans about ReplicaSets and Jobs, and the names of what the forecast had to invent."""

from __future__ import annotations

import pytest

from foretell.api.cli.lines import lines_of
from foretell.api.telling.invented import Names
from foretell.api.telling.planned import plan_document, wave_document
from foretell.model.cluster import Cluster
from foretell.model.forecast import (
    Action,
    Forecast,
    Obstacle,
    Outcome,
    Reason,
    Verb,
    Verdict,
    Wave,
    Why,
)
from foretell.model.meta import OwnerReference
from foretell.model.objects import Pod
from tests import builders as b
from tests.api import shops

OLD, NEWER = f"shop-{shops.OLD}", "shop-5c6b7d8f9b"


def action(
    verb: Verb, kind: str, name: str, *, owner: str | None = None, replicas: int | None = None
) -> Action:
    """An action for whatever reason."""
    return Action(
        verb=verb, kind=kind, namespace="default", name=name, owner=owner, replicas=replicas,
        by=("deployment-controller",), reason=Reason.MISSING,
    )  # fmt: skip


def told(*actions: Action) -> list[str]:
    """The lines of a wave that comes first after the shop."""
    before = shops.state()
    forecast = Forecast(before=before, waves=(), verdict=Verdict(outcome=Outcome.SETTLED), after=before)
    lines = lines_of(Wave(turn=0, at=0, actions=actions), Names(forecast), before)
    return [line.phrase("default") for line in lines]


@pytest.mark.parametrize(
    ("one", "line"),
    [
        pytest.param(action(Verb.CREATE, "ReplicaSet", NEWER, owner="Deployment/shop", replicas=1),
                     "create ReplicaSet shop-*, with 1 replica", id="new"),
        pytest.param(action(Verb.CREATE, "ReplicaSet", NEWER, replicas=3),
                     "create ReplicaSet shop-*, with 3 replicas", id="new-without-an-owner"),
        pytest.param(action(Verb.UPDATE, "ReplicaSet", OLD, owner="Deployment/shop", replicas=2),
                     f"scale ReplicaSet {OLD} to 2", id="scaled"),
        pytest.param(action(Verb.UPDATE, "ReplicaSet", OLD, owner="Deployment/shop", replicas=3),
                     f"update ReplicaSet {OLD}", id="as-many-as-before"),
        pytest.param(action(Verb.DELETE, "ReplicaSet", OLD), f"delete ReplicaSet {OLD}", id="gone"),
        pytest.param(action(Verb.CREATE, "Pod", f"{OLD}-fffff", owner=f"ReplicaSet/{OLD}"),
                     f"create pod {OLD}-*, not bound", id="pod"),
        pytest.param(action(Verb.CREATE, "Pod", f"{NEWER}-fffff", owner=f"ReplicaSet/{NEWER}"),
                     "create pod shop-*-*, not bound", id="pod-of-a-new-one"),
        pytest.param(action(Verb.CREATE, "Pod", "import-1-fffff", owner="Job/import"),
                     "create pod import-1-*, not bound", id="pod-with-an-index"),
        pytest.param(action(Verb.DELETE, "Pod", f"{OLD}-aaaaa", owner=f"ReplicaSet/{OLD}"),
                     f"delete pod {OLD}-aaaaa", id="pod-that-was-there"),
        pytest.param(action(Verb.CREATE, "Job", "nightly-29446380", owner="CronJob/nightly"),
                     "create job nightly-29446380", id="job"),
    ],
)  # fmt: skip
def test_a_line_says_what_is_done_and_by_how_many(one: Action, line: str) -> None:
    assert told(one) == [line]


def test_a_replica_set_that_is_made_small_and_grows_in_the_same_wave_is_scaled() -> None:
    made = action(Verb.CREATE, "ReplicaSet", NEWER, replicas=0)
    grown = action(Verb.UPDATE, "ReplicaSet", NEWER, replicas=2)
    noted = action(Verb.UPDATE, "ReplicaSet", NEWER, replicas=2)
    assert told(made, grown, noted) == [
        "create ReplicaSet shop-*, with 0 replicas", "scale ReplicaSet shop-* to 2",
        "update ReplicaSet shop-*",
    ]  # fmt: skip


def test_the_json_of_a_plan_tells_the_replicas() -> None:
    empty = Forecast(before=Cluster(), waves=(), verdict=Verdict(outcome=Outcome.SETTLED), after=Cluster())
    wave = Wave(turn=0, at=0, actions=(action(Verb.CREATE, "ReplicaSet", NEWER, replicas=0),))
    (planned,) = wave_document(wave, 1, Names(empty)).actions
    assert (planned.name, planned.replicas) == ("shop-*", 0)


def test_the_json_of_a_plan_calls_a_new_replica_set_the_same_wherever_it_is_named() -> None:
    pod = action(Verb.CREATE, "Pod", f"{NEWER}-fffff", owner=f"ReplicaSet/{NEWER}")
    obstacle = Obstacle(
        workload=f"ReplicaSet/{NEWER}", namespace="default", on=f"ReplicaSet/{NEWER}", why=Why.ASLEEP,
        sentence="hasn't looked", remedy="it looks",
    )  # fmt: skip
    before = shops.state()
    verdict = Verdict(outcome=Outcome.STUCK, obstacles=(obstacle,))
    waves = (Wave(turn=0, at=0, actions=(pod,)),)
    plan = plan_document(Forecast(before=before, waves=waves, verdict=verdict, after=before))
    (planned,) = plan.waves[0].actions
    assert (planned.name, planned.owner) == ("shop-*-*", "ReplicaSet/shop-*")
    (told,) = plan.verdict.obstacles
    assert (told.workload, told.on) == ("ReplicaSet/shop-*", "ReplicaSet/shop-*")


def test_a_pod_that_has_appeared_is_named_after_what_controls_it() -> None:
    before = shops.state()
    pod = before.find(Pod, f"{OLD}-aaaaa", "default")
    assert pod is not None
    assert isinstance(pod.metadata.controller, OwnerReference)
    fresh = b.cluster(*[each for each in shops.documents() if each["kind"] != "Pod"])
    forecast = Forecast(before=fresh, waves=(), verdict=Verdict(outcome=Outcome.SETTLED), after=before)
    assert Names(forecast).pod("default", pod.name) == (f"{OLD}-*", pod)
