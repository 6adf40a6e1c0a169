"""The vicinity of a goal gives the same remedies as the whole cluster."""

from __future__ import annotations

import json
from unittest.mock import patch

from hypothesis import given, settings

from foretell.logic.remedy import search, vicinity
from foretell.logic.remedy.remedies import remedy
from foretell.logic.remedy.vicinity import vicinity_of
from foretell.model.meta import Key
from foretell.model.reading import read
from foretell.model.remedy import RunsOn, Spared
from tests import builders as b
from tests.logic.remedy.test_properties import Situation, misplaced

AGENT = Key("DaemonSet", "default", "agent")


@settings(max_examples=15, deadline=None)
@given(misplaced())
def test_the_vicinity_gives_the_same_remedies_as_the_whole(situation: Situation) -> None:
    """Others are beside them, and a pod that may wait for a node."""
    more = [b.deployment("other", 2), b.daemonset("another"), b.pod("waits", phase="Pending", ready=False)]
    cluster = b.after(read([*json.loads(situation.objects), *more]))
    with patch.object(search, "vicinity_of", lambda *_: None):
        whole = remedy(cluster, situation.goal)
    with patch.object(vicinity, "WORTHWHILE", 0):
        near = remedy(cluster, situation.goal)
    assert [(one.cost, one.edits) for one in near.remedies] == [
        (one.cost, one.edits) for one in whole.remedies
    ]
    assert near.conflicts == whole.conflicts


def test_in_a_large_cluster_only_the_vicinity_is_forecast() -> None:
    tainted = [b.node(f"t{number}", b.taint("gpu", "NoSchedule")) for number in range(3)]
    cluster = b.settled(b.nodes(120), tainted, b.daemonset(), b.deployment("shop", 5))
    found = remedy(cluster, RunsOn(workload=AGENT))
    assert [(one.cost, one.waves) for one in found.remedies] == [(2, None)]
    (lost,) = remedy(cluster, Spared(node="n1", key="fire"), never=()).remedies
    assert len(lost.edits) == len({key for edit in lost.edits for key in edit.objects})


def test_what_ails_anywhere_has_a_say() -> None:
    well = b.settled(b.nodes(120), b.daemonset())
    assert vicinity_of(well, ["n1"]) is not None
    goes = b.pod("goes", "n2", terminating=True)
    assert vicinity_of(well.replaced(b.cluster(goes).pods), ["n1"]) is None
    ails = b.pod("ails", "n2", ready=False)
    assert vicinity_of(well.replaced(b.cluster(ails).pods), ["n1"]) is None


def test_a_small_cluster_is_looked_at_as_a_whole() -> None:
    assert vicinity_of(b.settled(b.nodes(50), b.daemonset()), ["n1"]) is None


def test_pods_of_the_vicinity_take_their_room_and_stay() -> None:
    cluster = b.settled(b.nodes(120), b.daemonset(), b.statefulset("web", 120, parallel=True))
    near = vicinity_of(cluster, ["n7"])
    assert near is not None
    assert [node.name for node in near.nodes] == ["n7"]
    assert {pod.spec.node_name for pod in near.pods} == {"n7"}
    assert len(near.pods) == len(cluster.pods_on("n7")) > 1
    assert not near.statefulsets
    assert b.after(near).pods == near.pods
