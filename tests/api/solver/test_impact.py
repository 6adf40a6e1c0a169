"""What becomes of pods is told by what users know them by: a Deployment, not its ReplicaSets."""

from __future__ import annotations

import pytest

from foretell.api.solver.impact import impact_of
from foretell.api.solver.questions import WorkloadImpact
from foretell.api.telling.invented import Names
from foretell.model.cluster import Cluster
from foretell.model.documents import from_document, to_document
from foretell.model.forecast import Forecast, Outcome, Verdict
from foretell.model.meta import Key, Object
from tests.api import shops

OLD, NEW = f"shop-{shops.OLD}", f"shop-{shops.NEW}"


def story(*states: Cluster) -> Forecast:
    """A forecast that goes through these states."""
    before, *others = states
    return Forecast(
        before=before,
        waves=(),
        verdict=Verdict(outcome=Outcome.SETTLED),
        after=states[-1],
        states=tuple(others),
    )


def without(cluster: Cluster, *names: str) -> Cluster:
    """The cluster without these pods."""
    return cluster.replaced(drops=[Key("Pod", "default", name) for name in names])


def ready(cluster: Cluster, name: str) -> Object:
    """A pod, running and ready."""
    pod = cluster.get(Key("Pod", "default", name))
    assert pod is not None
    status = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
    return from_document({**to_document(pod), "status": status})


def test_pods_of_all_replica_sets_count_as_their_deployments() -> None:
    """The fewest that were ready on the way are those of both together."""
    before = shops.state()
    middle = without(before, f"{OLD}-aaaaa")
    after = without(middle.replaced(puts=[ready(middle, f"{NEW}-ddddd")]), f"{OLD}-bbbbb")
    forecast = story(before, middle, after)
    impact = impact_of(forecast, Names(forecast), before)
    assert [(fate.fate, fate.workload, fate.name) for fate in impact.fates] == [
        ("gone", "Deployment/shop", f"{OLD}-aaaaa"), ("gone", "Deployment/shop", f"{OLD}-bbbbb"),
    ]  # fmt: skip
    assert impact.workloads == (
        WorkloadImpact(
            workload="Deployment/shop", namespace="default", pods_before=4, pods_after=2,
            ready_before=3, ready_after=2, lowest_ready=2,
        ),
    )  # fmt: skip


@pytest.mark.parametrize("kept", [True, False], ids=["nothing-controls-it", "deployment-out-of-sight"])
def test_a_replica_set_without_a_deployment_stands_for_itself(kept: bool) -> None:
    """As in a dump that leaves Deployments out."""
    bare = Cluster(
        loose(thing) if kept and thing.kind == "ReplicaSet" else thing
        for thing in shops.state()
        if kept or thing.kind != "Deployment"
    )
    forecast = story(bare, without(bare, f"{OLD}-aaaaa"))
    impact = impact_of(forecast, Names(forecast), bare)
    assert [(fate.workload, fate.name) for fate in impact.fates] == [(f"ReplicaSet/{OLD}", f"{OLD}-aaaaa")]
    assert [(row.workload, row.pods_before, row.lowest_ready) for row in impact.workloads] == [
        (f"ReplicaSet/{OLD}", 3, 2)
    ]


def test_pods_that_are_orphaned_neither_go_nor_come() -> None:
    """When their ReplicaSet loses its Deployment, and when they lose it."""
    before = shops.state()
    parted = before.replaced(
        puts=[loose(thing) for thing in before if thing.kind in ("ReplicaSet", "Pod")],
        drops=[Key("Deployment", "default", "shop")],
    )
    forecast = story(before, parted)
    assert impact_of(forecast, Names(forecast), before).fates == ()


def loose(thing: Object) -> Object:
    """An object without its owners."""
    document = to_document(thing)
    meta = {key: value for key, value in document["metadata"].items() if key != "ownerReferences"}
    return from_document({**document, "metadata": meta})


def test_pods_of_jobs_count_as_their_jobs() -> None:
    """Each run of a CronJob is a thing of its own."""
    before = shops.state()
    forecast = story(before, without(before, f"{shops.NOON}-2-eeeee"))
    (row,) = impact_of(forecast, Names(forecast), before).workloads
    assert (row.workload, row.pods_before, row.pods_after) == (f"Job/{shops.NOON}", 1, 0)
