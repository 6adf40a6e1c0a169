"""The library: each policy finds what it is for, and finds nothing where all is well."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from foretell.logic.policy.judging import check
from foretell.logic.policy.sources import library, read_policies
from foretell.model.changes import Delete, DeletePod, Drain, Scale, SetImage
from foretell.model.cluster import Cluster
from tests import builders as b
from tests.logic.policy.policies import PATIENT, told


class Case(NamedTuple):
    """A cluster, changes, assumptions and constants, and what is found."""

    cluster: Cluster
    changes: tuple[Any, ...] = ()
    expected: tuple[str, ...] = ()
    assume: dict[str, Any] | None = None
    constants: dict[str, str | int] | None = None


def _db(replicas: int, **rolling: Any) -> Cluster:
    return b.settled(b.nodes(3), b.deployment("db", replicas, rolling=rolling))


DB = SetImage(kind="Deployment", name="db", image="db:2")
ASKING: dict[str, Any] = {"requests": {"cpu": "1", "memory": "1Gi"}}
RETAINED = {"whenScaled": "Delete", "whenDeleted": "Retain"}
CLAIMING = b.statefulset("web", 2, claims=["data"], persistentVolumeClaimRetentionPolicy=RETAINED)


def web(replicas: int = 3, *more: Any, nodes: int = 2) -> Cluster:
    """A StatefulSet on some nodes, at rest."""
    return b.settled(b.nodes(nodes), b.statefulset("web", replicas), *more)


def guard(least: int, app: str = "web") -> b.Document:
    """A budget that wants so many pods of an app."""
    return b.budget("web", {"app": app}, minAvailable=least)


BROKEN = {"neverReady": ["web-*"]}
MIRROR = b.pod("mirror", "n1", labels={})
MIRROR["metadata"]["annotations"] = {"kubernetes.io/config.mirror": "1"}
ALLOWS_NONE = "it allows no disruption although all its pods are ready: drains wait"
TOLERATES_ALL = "its pods tolerate every taint, so that no taint keeps them away"
RUNS, TODAY = "container main runs", "whatever that is today"
GONE = "it is gone, and its volume may be too"
WEB = SetImage(kind="StatefulSet", name="web", image="web:2")
SYSTEM = b.daemonset("system", pod={"tolerations": [b.tolerate()]})
SYSTEM["metadata"]["namespace"] = "kube-system"

CASES: dict[str, dict[str, Case]] = {
    "keeps_ready": {
        "surges": Case(_db(2, maxUnavailable=0, maxSurge=1), (DB,)),
        "loses-one": Case(
            _db(2, maxUnavailable=1, maxSurge=0), (DB,),
            ("deny keeps_ready pods labelled app=db: only 1 ready, of 2 that are needed @ 1-2",),
        ),
        "has-enough-for-less": Case(
            _db(2, maxUnavailable=1, maxSurge=0), (DB,), constants={"least": 1}
        ),
        "another-label": Case(
            _db(1), (),
            ("deny keeps_ready pods labelled tier=x: only 0 ready, of 2 that are needed @ end before",),
            constants={"label_key": "tier", "label_value": "x"},
        ),
    },
    "no_outage": {
        "two-replicas": Case(web(2), (WEB,)),
        "one-replica": Case(
            web(1), (WEB,),
            ("deny no_outage StatefulSet/web: none of its pods is ready @ 1-2",),
        ),
        "scaled-to-none": Case(
            web(1), (Scale(kind="StatefulSet", name="web", replicas=0),)
        ),
        "daemon-of-one-node": Case(
            b.settled(b.nodes(1), b.daemonset()),
            (SetImage(kind="DaemonSet", name="agent", image="agent:2"),),
            ("deny no_outage DaemonSet/agent: none of its pods is ready @ 1-2",),
        ),
    },
    "budget_for_sets": {
        "covered": Case(web(3, guard(2))),
        "one-replica": Case(web(1)),
        "bare": Case(
            web(), (),
            ("deny budget_for_sets StatefulSet/web: no budget covers its 3 replicas @ end before",),
        ),
        "another-is-covered": Case(
            web(3, guard(2, "other")),
            (Scale(kind="StatefulSet", name="web", replicas=1),),
        ),
    },
    "budget_allows_drains": {
        "allows-one": Case(web(3, guard(2))),
        "allows-none": Case(
            web(3, guard(3)), (),
            (f"warn budget_allows_drains PodDisruptionBudget/web: {ALLOWS_NONE} @ end before",),
        ),
        "covers-nothing": Case(b.settled(b.nodes(2), b.budget("web", {"app": "web"}, minAvailable=3))),
        "a-pod-is-not-ready": Case(
            web(3, guard(2)), (WEB,),
            assume=BROKEN,
        ),
    },
    "no_tolerate_everything": {
        "some": Case(b.cluster(b.nodes(1), b.daemonset(pod={"tolerations": [b.tolerate("gpu")]}))),
        "all-of-an-effect": Case(
            b.cluster(b.nodes(1), b.daemonset(pod={"tolerations": [b.tolerate("", "NoSchedule")]}))
        ),
        "exempt": Case(b.cluster(b.nodes(1), SYSTEM)),
        "all": Case(
            b.cluster(b.nodes(1), b.daemonset(pod={"tolerations": [b.tolerate()]})), (),
            (f"deny no_tolerate_everything DaemonSet/agent: {TOLERATES_ALL} @ end before",),
        ),
    },
    "spread_replicas": {
        "two-nodes": Case(b.settled(b.nodes(2), b.deployment("web", 2))),
        "one-node": Case(
            b.settled(b.nodes(1), b.deployment("web", 2)), (),
            ("deny spread_replicas Deployment/web: all 2 replicas are on Node/n1 @ end before",),
        ),
        "one-replica": Case(b.settled(b.nodes(1), b.deployment("web", 1))),
        "drained": Case(
            b.settled(b.nodes(2), b.deployment("web", 2)), (Drain(node="n2"),),
            ("deny spread_replicas Deployment/web: all 2 replicas are on Node/n1 @ end",),
        ),
    },
    "no_latest_image": {
        "tagged": Case(b.cluster(b.nodes(1), b.deployment("web", image="host:5000/web:1"))),
        "digest": Case(b.cluster(b.nodes(1), b.deployment("web", image="web@sha256:00"))),
        "untagged": Case(
            b.cluster(b.nodes(1), b.deployment("web", image="host:5000/web")), (),
            (f"deny no_latest_image Deployment/web: {RUNS} host:5000/web, {TODAY} @ end before",),
        ),
        "latest": Case(
            b.settled(b.nodes(1), b.statefulset("web")),
            (SetImage(kind="StatefulSet", name="web", image="web:latest"),),
            (f"deny no_latest_image StatefulSet/web: {RUNS} web:latest, {TODAY} @ end",),
        ),
    },
    "requests_set": {
        "set": Case(b.cluster(b.nodes(1), b.deployment("web", pod=ASKING))),
        "half": Case(
            b.cluster(b.nodes(1), b.deployment("web", pod={"requests": {"cpu": "1"}})), (),
            ("warn requests_set Deployment/web: container main requests no memory @ end before",),
        ),
    },
    "settles": {
        "settles": Case(web(), (WEB,)),
        "stuck": Case(
            web(), (WEB,),
            ("deny settles StatefulSet/web: it waits for Pod/web-2 (pod-not-ready) @ end",), assume=BROKEN,
        ),
    },
    "nothing_pending": {
        "all-placed": Case(web()),
        "no-room": Case(
            b.settled(b.node("n1", allocatable={"cpu": "2", "memory": "8Gi", "pods": "10"}),
                      b.statefulset("web", 2, pod={"requests": {"cpu": "1"}})),
            (Scale(kind="StatefulSet", name="web", replicas=3),),
            ("deny nothing_pending Pod/web-2: no node takes it @ end",),
        ),
    },
    "no_bare_pods": {
        "owned": Case(b.settled(b.nodes(1), b.daemonset(), b.statefulset())),
        "mirror": Case(b.cluster(b.nodes(1), MIRROR)),
        "bare": Case(
            b.cluster(b.nodes(1), b.pod("lone", "n1", labels={})), (),
            ("warn no_bare_pods Pod/lone: nothing would make it again @ end before",),
        ),
        "deleted": Case(b.cluster(b.nodes(1), b.pod("lone", "n1", labels={})), (DeletePod(pod="lone"),)),
    },
    "keeps_claims": {
        "kept": Case(b.settled(b.nodes(2), CLAIMING), (Delete(kind="StatefulSet", name="web"),)),
        "scaled-down": Case(
            b.settled(b.nodes(2), CLAIMING), (Scale(kind="StatefulSet", name="web", replicas=1),),
            (f"deny keeps_claims PersistentVolumeClaim/data-web-1: {GONE} @ 2 end",),
        ),
    },
}  # fmt: skip


def test_every_policy_has_cases() -> None:
    assert tuple(sorted(CASES)) == library()
    for name, cases in CASES.items():
        assert any(case.expected for case in cases.values()), name
        assert any(not case.expected for case in cases.values()), name


@pytest.mark.parametrize(
    ("name", "case"),
    [
        pytest.param(name, case, id=f"{name}-{id_}")
        for name, cases in CASES.items()
        for id_, case in cases.items()
    ],
)
def test_a_policy_finds_what_it_is_for(name: str, case: Case) -> None:
    found = check(
        case.cluster,
        read_policies([name]),
        case.changes,
        case.assume,
        constants=case.constants,
        limits=PATIENT,
    )
    assert found.notes == ()
    assert tuple(told(found)) == case.expected


@pytest.mark.parametrize("name", library())
def test_a_policy_says_what_it_is_for_and_what_helps(name: str) -> None:
    (policy,) = check(Cluster(), read_policies([name]), limits=PATIENT).policies
    assert policy.name == policy.source == name
    assert policy.title.endswith(".")
    assert policy.help.endswith(".")
