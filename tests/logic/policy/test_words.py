"""The vocabulary: what inputs.lp documents is told, and nothing else."""

from __future__ import annotations

import re
from typing import Any

import pytest

from foretell.logic.forecast import forecast
from foretell.logic.policy.pace import Pace
from foretell.logic.policy.runs import runs_of
from foretell.logic.policy.telling import TELLERS
from foretell.logic.policy.words import FILE, derived, needed, words
from foretell.model.changes import Evict, SetImage
from foretell.model.cluster import Cluster
from tests import builders as b
from tests.logic.policy.policies import report, told

BESIDES = {
    "before", "wave", "outcome", "at", "action", "evicted", "refused", "verdict", "waits", "existed", "field",
    "wanted", "covers",
}  # fmt: skip
"""What no object tells of by itself alone."""


def test_every_predicate_is_told_or_derived() -> None:
    assert words().keys() == TELLERS.keys() | BESIDES | derived()
    assert not derived() & (TELLERS.keys() | BESIDES)


def test_what_is_told_is_declared() -> None:
    declared = re.findall(r"^#defined (\w+)/(\d+)\.", FILE.read_text("utf-8"), re.MULTILINE)
    told_ = {(name, len(word.arguments)) for name, word in words().items() if name not in derived()}
    assert {(name, int(arity)) for name, arity in declared} == told_


def test_only_what_is_asked_for_is_told() -> None:
    assert needed(["ready"]) == (("ready",), "")
    told_, rules = needed(["serves"])
    assert told_ == ("terminating", "pod", "phase", "ready")
    assert rules.startswith("active(Pod) :-")
    assert rules.endswith("serves(Pod) :- active(Pod), ready(Pod).")


# --- what is told ---

POD: dict[str, Any] = {
    "initContainers": [{"name": "first", "image": "host:5000/init"}],
    "containers": [
        {"name": "main", "image": "web:1", "resources": {
            "requests": {"cpu": "250m", "memory": "1.5Gi"}, "limits": {"cpu": "1", "example.com/gpu": "2"},
        }},
        {"name": "side", "image": "host:5000/side@sha256:00"},
    ],
    "tolerations": [b.tolerate(), {"key": "a", "value": "b"}],
    "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "c"}}],
}  # fmt: skip


@pytest.fixture(scope="module")
def mixed() -> Cluster:
    lone = b.pod("lone", "n1", ready=False, phase="Running", labels={"app": "lone"})
    lone["spec"] |= POD
    lone["metadata"]["annotations"] = {"note": 'a "b"\n'}
    custom = {
        "apiVersion": "pets.io/v1", "kind": "Cat", "metadata": {"name": "tom", "namespace": "default"},
        "spec": {"lives": 9, "tame": True, "weight": 4.5, "big": 2**40,
                 "toys": [{"name": "ball"}, {"name": "mouse"}]},
    }  # fmt: skip
    node = b.node("n2", b.taint("gpu", "NoSchedule", "yes"), allocatable={"cpu": "4", "memory": "8Gi"})
    node["spec"]["unschedulable"] = True
    return b.cluster(
        b.nodes(1), node, lone, custom, b.daemonset(), b.statefulset("web", 2), b.deployment("shop", 3),
        b.budget("web", {"app": "web"}, minAvailable=1), b.budget("lone", {"app": "lone"}, minAvailable=1),
    )  # fmt: skip


def facts(cluster: Cluster, *predicates: str) -> list[str]:
    """The facts of a cluster as it stands."""
    story = forecast(cluster, waves=0)
    (run,) = runs_of(story, needed(predicates)[0], None, frozenset({"before"}), Pace())
    return sorted({*run.shared, *run.varying})


@pytest.mark.parametrize(
    ("predicate", "expected"),
    [
        ("before", ["before"]),
        ("node", ['node(node("n1"))', 'node(node("n2"))']),
        ("taint", ['taint(node("n2"),"gpu","yes","NoSchedule")']),
        ("unschedulable", ['unschedulable(node("n2"))']),
        (
            "allocatable",
            ['allocatable(node("n2"),"cpu",4000)', 'allocatable(node("n2"),"memory",8192)'],
        ),
        ("pod", ['pod(pod("default/lone"))']),
        ("phase", ['phase(pod("default/lone"),"Running")']),
        ("ready", []),
        ("bound", ['bound(pod("default/lone"),node("n1"))']),
        ("uses", ['uses(pod("default/lone"),claim("default/c"))']),
        (
            "annotation",
            [
                'annotation(daemonset("default/agent"),"deprecated.daemonset.template.generation","1")',
                'annotation(pod("default/lone"),"note","a \\"b\\"\\n")',
            ],
        ),
        (
            "limit",
            [
                'limit(pod("default/lone"),"main","cpu",1000)',
                'limit(pod("default/lone"),"main","example.com/gpu",2)',
            ],
        ),
        (
            "request",
            [
                'request(pod("default/lone"),"main","cpu",250)',
                'request(pod("default/lone"),"main","example.com/gpu",2)',
                'request(pod("default/lone"),"main","memory",1536)',
            ],
        ),
        (
            "tag",
            [
                'tag(daemonset("default/agent"),"main","1")',
                'tag(deployment("default/shop"),"main","1")',
                'tag(pod("default/lone"),"first","latest")',
                'tag(pod("default/lone"),"main","1")',
                'tag(pod("default/lone"),"side","sha256:00")',
                'tag(statefulset("default/web"),"main","1")',
            ],
        ),
        (
            "toleration",
            [
                'toleration(pod("default/lone"),"","Exists","","")',
                'toleration(pod("default/lone"),"a","Equal","b","")',
            ],
        ),
        ("priority", ['priority(pod("default/lone"),0)']),
        ("replicas", ['replicas(deployment("default/shop"),3)', 'replicas(statefulset("default/web"),2)']),
        ("wanted", ['wanted(daemonset("default/agent"),1)', 'wanted(statefulset("default/web"),2)']),
        (
            "covers",
            [
                'covers(budget("default/lone"),pod("default/lone"))',
                'covers(budget("default/web"),statefulset("default/web"))',
            ],
        ),
    ],
)
def test_a_predicate_tells_what_it_says(mixed: Cluster, predicate: str, expected: list[str]) -> None:
    assert facts(mixed, predicate) == expected


def test_every_leaf_of_every_object_is_a_field(mixed: Cluster) -> None:
    cat = [fact for fact in facts(mixed, "field") if "Cat.pets.io" in fact and '"spec' in fact]
    subject = 'object("Cat.pets.io","default/tom")'
    assert cat == [
        f'field({subject},"spec.big","1099511627776")',
        f'field({subject},"spec.lives",9)',
        f'field({subject},"spec.tame","true")',
        f'field({subject},"spec.toys[].name","ball")',
        f'field({subject},"spec.toys[].name","mouse")',
        f'field({subject},"spec.weight","4.5")',
    ]


# --- what follows ---


def test_words_of_a_roll_out_hold_together() -> None:
    before = b.settled(b.nodes(2), b.deployment("shop", 2))
    text = """
    deny(p, Workload, serves(Count)) :- serving(Workload, Count), wave(_).
    deny(p, Workload, loses) :- belongs(Pod, Workload), workload(Workload), terminating(Pod), pod(Pod).
    """
    change = SetImage(kind="Deployment", name="shop", image="web:2")
    assert told(report(before, text, change)) == [
        "deny p Deployment/shop: serves(2) @ 1-3",
        "deny p Deployment/shop: loses @ 2-3",
    ]


def test_evictions_are_told_in_the_outcome() -> None:
    before = b.settled(b.nodes(2), b.statefulset("web", 2), b.budget("web", {"app": "web"}, minAvailable=1))
    text = "deny(p, Pod, granted) :- evicted(Pod). deny(p, Pod, by(Budget)) :- refused(Pod, Budget)."
    found = told(report(before, text, Evict(pod="web-0"), Evict(pod="web-1")))
    assert found == [
        "deny p Pod/web-0: granted @ end",
        'deny p Pod/web-1: by(budget("default/web")) @ end',
    ]
