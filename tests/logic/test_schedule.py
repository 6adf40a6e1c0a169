"""Placement: pending pods are given to nodes that have what they ask for."""

from __future__ import annotations

from typing import Any

import pytest

from foretell.logic.forecast import forecast
from foretell.logic.requeue import sentence_of
from foretell.model.changes import Cordon, Scale, Uncordon
from foretell.model.forecast import Assumptions, Reason, Verb
from tests.builders import (
    Document,
    claim,
    cluster,
    daemonset,
    node,
    nodes,
    pod,
    settled,
    statefulset,
    taint,
    waiting,
)

SMALL = {"cpu": "1", "memory": "1Gi", "pods": 10}
LARGE = {"cpu": "3500m", "memory": "1Gi", "pods": 10}


def placed(*documents: Document, **spec: Any) -> str:
    """The node that a single pod goes to; empty where it stays pending."""
    story = forecast(cluster(*documents, statefulset(replicas=1, pod=spec)))
    (found,) = (there for there in story.after.pods if there.name == "web-0")
    return found.spec.node_name


@pytest.mark.parametrize(
    ("requests", "expected"),
    [
        pytest.param({"cpu": "1"}, "small", id="just-fits"),
        pytest.param({"cpu": "1001m"}, "large", id="a-thousandth-too-much"),
        pytest.param({"cpu": "3.5"}, "large", id="spelt-otherwise"),
        pytest.param({"cpu": "4"}, "", id="fits-nowhere"),
        pytest.param({"memory": "1073741824"}, "small", id="memory-just-fits"),
        pytest.param({"memory": "1025Mi"}, "", id="memory-too-much"),
        pytest.param({"example.com/gpu": "1"}, "", id="a-resource-that-no-node-has"),
    ],
)
def test_requests_are_compared_exactly(requests: dict[str, str], expected: str) -> None:
    """The larger node would rather have none: it is taken only where the smaller one hasn't enough."""
    small = node("small", allocatable=SMALL)
    large = node("large", taint("small-first", "PreferNoSchedule"), allocatable=LARGE)
    assert placed(small, large, requests=requests) == expected


def test_pods_that_are_there_use_up_what_a_node_offers() -> None:
    there = node("n1", allocatable=SMALL)
    user = pod("user", "n1", requests={"cpu": "300m"})
    assert placed(there, user, requests={"cpu": "700m"}) == "n1"
    assert placed(there, user, requests={"cpu": "701m"}) == ""


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param({"phase": "Succeeded"}, "n1", id="finished"),
        pytest.param({"terminating": True}, "", id="terminating"),
    ],
)
def test_finished_pods_use_up_nothing_and_terminating_ones_do(state: dict[str, Any], expected: str) -> None:
    user = pod("user", "n1", requests={"cpu": "1"}, **state)
    wanting = statefulset(replicas=1, pod={"requests": {"cpu": "1"}})
    story = forecast(cluster(node("n1", allocatable=SMALL), user, wanting), horizon=0)
    assert [found.spec.node_name for found in story.after.pods] == ["n1", expected]


def test_a_node_takes_no_more_pods_than_it_allows() -> None:
    there = node("n1", allocatable={"pods": 2})
    story = forecast(cluster(there, statefulset(replicas=3)))
    assert waiting(story) == ["StatefulSet/web: Pod/web-2 pod-unplaced"]


def test_a_node_without_numbers_has_room_for_everything() -> None:
    assert placed(node("n1"), requests={"cpu": "64", "memory": "1Ti"}) == "n1"


def test_init_containers_run_before_the_others_and_sidecars_beside_them() -> None:
    """The most that runs at a time: the sidecar with the greedy init container, 600m."""
    inits = [
        {"name": "side", "image": "i", "restartPolicy": "Always", "resources": {"requests": {"cpu": "100m"}}},
        {"name": "init", "image": "i", "resources": {"requests": {"cpu": "500m"}}},
    ]
    spec: dict[str, Any] = {"initContainers": inits, "requests": {"cpu": "200m"}}
    assert placed(node("n1", allocatable={"cpu": "600m", "pods": 9}), **spec) == "n1"
    assert placed(node("n1", allocatable={"cpu": "599m", "pods": 9}), **spec) == ""


@pytest.mark.parametrize(
    ("taken", "wanted", "expected"),
    [
        pytest.param({"host_port": 80}, {"host_port": 80}, "", id="taken"),
        pytest.param({"host_port": 80}, {"host_port": 81}, "n1", id="another"),
        pytest.param({"host_port": 80}, {}, "n1", id="none"),
    ],
)
def test_a_host_port_is_taken_once(taken: dict[str, Any], wanted: dict[str, Any], expected: str) -> None:
    assert placed(node("n1"), pod("user", "n1", **taken), **wanted) == expected


def test_tolerations_selectors_and_cordons_decide() -> None:
    tainted, cordoned = node("n1", taint("gpu", "NoSchedule")), node("n2", unschedulable=True)
    assert placed(tainted, cordoned) == ""
    assert placed(tainted, cordoned, tolerations=[{"key": "gpu", "operator": "Exists"}]) == "n1"
    assert placed(node("n3", labels={"disk": "ssd"}), node("n4"), nodeSelector={"disk": "ssd"}) == "n3"


def test_the_emptiest_node_is_taken() -> None:
    crowd = [pod("bare-1", "n1"), pod("bare-2", "n1"), pod("bare-3", "n2")]
    assert placed(node("n1"), node("n2"), *crowd) == "n2"


def test_pods_of_higher_priority_come_first() -> None:
    there = node("n1", allocatable={"pods": 1})
    low, high = (pod(name, phase="Pending", ready=False) for name in ("a-low", "b-high"))
    high["spec"] = {**high["spec"], "priorityClassName": "system-node-critical"}
    story = forecast(cluster(there, low, high))
    assert {found.name: found.spec.node_name for found in story.after.pods} == {"a-low": "", "b-high": "n1"}


def test_a_pod_waits_for_its_claim() -> None:
    """Nobody makes a volume for a claim without a storage class."""
    unbound = claim("data-web-0")
    unbound["spec"] = {**unbound["spec"], "storageClassName": ""}
    story = forecast(cluster(node("n1"), unbound, statefulset(replicas=1, claims=["data"])))
    assert waiting(story) == ["StatefulSet/web: Pod/web-0 pod-unplaced"]


def test_pods_of_another_scheduler_are_left_alone() -> None:
    assert placed(node("n1"), schedulerName="mine") == ""


def test_daemon_pods_are_bound_on_their_own_nodes_alone() -> None:
    before = cluster(node("n1", allocatable={"pods": 1}), node("n2"), pod("bare", "n1"), daemonset())
    assert waiting(forecast(before)) == ["DaemonSet/agent: agent@n1 pod-unplaced"]


def test_a_pod_that_waited_is_placed_when_there_is_room() -> None:
    before = settled(node("n1", unschedulable=True), statefulset(replicas=1))
    story = forecast(before, [Uncordon(node="n1"), Scale(kind="StatefulSet", name="web", replicas=2)])
    assert {found.spec.node_name for found in story.after.pods} == {"n1"}


def test_a_pod_that_runs_is_not_moved() -> None:
    before = settled(node("n1"), statefulset(replicas=1))
    assert forecast(before, [Cordon(node="n1")]).actions == ()


APART: dict[str, Any] = {
    "podAntiAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": [
            {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "other"}}}
        ]
    }
}


def test_daemon_pods_find_their_own_among_alike_nodes_also_beside_a_pod_that_keeps_others_away() -> None:
    """The nodes are all alike, and told as one; each daemon pod still has its own."""
    story = forecast(cluster(nodes(3), pod("loner", "n3", affinity=APART), daemonset()))
    assert waiting(story) == []


def test_an_alike_pod_is_tried_again_when_another_has_let_it_in() -> None:
    """The first pod finds no company; once there is some, the third, which is alike, is let in."""
    company = {"topologyKey": "name", "labelSelector": {"matchLabels": {"app": "host"}}}
    near = {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [company]}}
    first, third = (pod(name, phase="Pending", ready=False, affinity=near) for name in ("a", "c"))
    second = pod("b", phase="Pending", ready=False, labels={"app": "host"})
    after = forecast(cluster(node("n1", labels={"name": "n1"}), first, second, third), horizon=0).after
    assert {found.name: found.spec.node_name for found in after.pods} == dict.fromkeys("abc", "n1")


def test_two_claims_of_a_pod_get_two_volumes() -> None:
    before = cluster(node("n1"), LATE, disk("disk-1"), disk("disk-2"), user("data", "logs"))
    after = forecast(before, horizon=0).after
    assert sorted(found.spec.volume_name for found in after.claims) == ["disk-1", "disk-2"]


def test_a_pod_waits_where_there_is_one_volume_for_two_claims() -> None:
    after = forecast(cluster(node("n1"), LATE, disk("disk-1"), user("data", "logs")), horizon=0).after
    assert [found.spec.node_name for found in after.pods] == [""]


LATE: Document = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {"name": "fast"},
    "provisioner": "kubernetes.io/no-provisioner",
    "volumeBindingMode": "WaitForFirstConsumer",
}


def disk(name: str) -> Document:
    """A free volume of the class `fast`."""
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "capacity": {"storage": "1Gi"},
            "storageClassName": "fast",
        },
    }


def user(*claims: str, modes: tuple[str, ...] = ("ReadWriteOnce",), **spec: Any) -> list[Document]:
    """A pod that waits for a node, and its claims."""
    volumes = [{"name": name, "persistentVolumeClaim": {"claimName": name}} for name in claims]
    made = [claim(name) for name in claims]
    for each in made:
        each["spec"] = {**each["spec"], "accessModes": list(modes)}
    return [*made, pod("user", phase="Pending", ready=False, volumes=volumes, **spec)]


def test_a_pod_waits_while_another_uses_its_claim_that_only_one_may_use() -> None:
    there = pod("there", "n1", volumes=[{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}])
    before = cluster(nodes(2), there, user("data", modes=("ReadWriteOncePod",)))
    after = forecast(before, horizon=0).after
    assert {found.name: found.spec.node_name for found in after.pods} == {"there": "n1", "user": ""}


def test_a_more_important_pod_drives_off_who_uses_its_claim_that_only_one_may_use() -> None:
    there = pod("there", "n1", volumes=[{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}])
    important = user("data", modes=("ReadWriteOncePod",), priorityClassName="system-node-critical")
    story = forecast(cluster(nodes(2), there, important))
    assert [action.name for action in story.actions if action.reason is Reason.PREEMPTED] == ["there"]
    assert [found.spec.node_name for found in story.after.pods] == ["n1"]


def test_who_waits_for_victims_to_go_drives_off_nobody_else() -> None:
    """While the victim is in its grace period a node opens whose guest would be a lesser loss."""
    victim = pod("victim", "n1", requests={"cpu": "1"}, priorityClassName="system-cluster-critical")
    lesser = pod("lesser", "n2", requests={"cpu": "1"})
    closed = node("n2", allocatable=SMALL, unschedulable=True)
    before = cluster(node("n1", allocatable=SMALL), closed, victim, lesser, important("high"))
    stays = Assumptions(never_gone=("victim",))
    leaving = forecast(before, (), stays)
    assert [action.name for action in leaving.actions if action.verb is Verb.DELETE] == ["victim"]
    story = forecast(leaving.after, [Uncordon(node="n2")], stays)
    assert story.actions == ()
    (high,) = (there for there in story.after.pods if there.name == "high")
    assert high.status.nominated_node_name == "n1"
    assert sentence_of(high).endswith("not eligible due to a terminating pod on the nominated node.")


def important(name: str) -> Document:
    """A pod of the highest priority that waits for a node with a whole core."""
    critical = "system-node-critical"
    return pod(name, phase="Pending", ready=False, requests={"cpu": "1"}, priorityClassName=critical)
