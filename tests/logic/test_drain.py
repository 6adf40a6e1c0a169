"""Drains in kubectl's manner: filters, refusals, and evictions that are asked for again."""

from __future__ import annotations

from typing import Any

import pytest

from foretell.logic.drain import chosen
from foretell.logic.edits import edit
from foretell.logic.forecast import forecast
from foretell.model.changes import Apply, Drain, Patch, Wait, change_from_json, change_to_json
from foretell.model.cluster import Cluster
from foretell.model.errors import ManifestError, NotFoundError
from foretell.model.forecast import Forecast, Outcome, Why
from foretell.model.objects import Node, Pod
from tests.builders import (
    Document,
    budget,
    cluster,
    daemonset,
    node,
    nodes,
    owned_by,
    plan,
    pod,
    settled,
    statefulset,
    waiting,
)

WEB = {"app": "web"}
N2 = Apply(object=node("n2"))
SCRATCH: dict[str, Any] = {"volumes": [{"name": "tmp", "emptyDir": {}}]}


def drain(**flags: Any) -> Drain:
    """The first node is drained as kubectl does it."""
    return Drain(node="n1", kubectl=True, **flags)


def names(there: Cluster) -> list[str]:
    """The pods that aren't going."""
    return [each.name for each in there.pods if not each.terminating]


def cordoned(story: Forecast) -> bool:
    """Whether the first node is cordoned in the end."""
    found = story.after.find(Node, "n1")
    return found is not None and found.spec.unschedulable


def web(replicas: int = 3, **spec: Any) -> Cluster:
    """A StatefulSet on one node, with a budget."""
    return settled(nodes(1), statefulset(replicas=replicas), budget("web", WEB, **spec))


# --- filters ---

MIXED = settled(nodes(1), daemonset(), pod("bare", "n1"), pod("cache", "n1", **SCRATCH))


def mirror() -> Document:
    """What the kubelet runs by itself."""
    document = pod("proxy", "n1", owner=owned_by("Node", "n1"))
    document["metadata"]["annotations"] = {"kubernetes.io/config.mirror": "hash"}
    return document


DAEMON = "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): default/agent-"
DATA = "cannot delete Pods with local storage (use --delete-emptydir-data to override): default/cache"
BARE = "cannot delete Pods that declare no controller (use --force to override): default/"


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        pytest.param([], [DAEMON, DATA, f"{BARE}bare"], id="nothing"),
        pytest.param(["ignore_daemonsets"], [DATA, f"{BARE}bare"], id="daemon-pods"),
        pytest.param(
            ["ignore_daemonsets", "delete_emptydir_data"], [f"{BARE}bare, default/cache"], id="data"
        ),
        pytest.param(["ignore_daemonsets", "force"], [DATA], id="force"),
        pytest.param(["delete_emptydir_data", "force"], [DAEMON], id="all-but-daemon-pods"),
    ],
)
def test_a_refusal_is_worded_as_kubectl_words_it(flags: list[str], said: list[str]) -> None:
    """Several reasons stand in brackets; each names the flag that would do."""
    story = forecast(MIXED, [drain(**dict.fromkeys(flags, True))])
    (refusal,) = story.refusals
    assert refusal.startswith('error: unable to drain node "n1" due to error: ')
    assert all(each in refusal for each in said)
    assert refusal.count("cannot delete") == len(said)
    assert ("[" in refusal) == (len(said) > 1)


def test_a_refused_drain_evicts_nothing_but_leaves_the_node_cordoned() -> None:
    story = forecast(MIXED, [drain(force=True)])
    assert (names(story.after), story.answers) == (names(MIXED), ())
    assert cordoned(story)
    assert story.verdict.outcome is Outcome.STUCK


def test_with_every_flag_all_but_daemon_pods_go() -> None:
    story = forecast(MIXED, [drain(ignore_daemonsets=True, delete_emptydir_data=True, force=True)])
    assert [answer.pod for answer in story.answers] == ["bare", "cache"]
    assert (story.refusals, story.verdict.outcome) == ((), Outcome.SETTLED)
    assert [name.partition("-")[0] for name in names(story.after)] == ["agent"]


def test_mirror_pods_stay_and_pods_that_have_ended_go() -> None:
    ended = pod("ended", "n1", phase="Succeeded", ready=False, **SCRATCH)
    story = forecast(cluster(nodes(1), mirror(), ended), [drain()])
    assert (names(story.after), story.refusals) == (["proxy"], ())


def test_pods_that_have_been_going_for_long_are_passed_over() -> None:
    before = cluster(nodes(1), pod("going", "n1", terminating=True), statefulset(replicas=0))
    going = before.find(Pod, "going", "default")
    assert going is not None
    moment = 1767225660.0 + 31
    flags = {"force": True, "skip_wait_for_delete_timeout": 30}
    assert chosen(before, drain(**flags), moment) == ((), ())
    assert chosen(before, drain(**flags), moment - 1) == ((going,), ())
    assert chosen(before, drain(force=True), moment) == ((going,), ())


def test_a_node_that_is_not_there_is_told() -> None:
    with pytest.raises(NotFoundError, match='nodes "n9" not found'):
        edit(MIXED, Drain(node="n9", kubectl=True), 0)


# --- asking again ---


def test_evictions_are_asked_for_again_every_five_seconds() -> None:
    """Chain 2: one after the other, as the budget allows."""
    story = forecast(web(maxUnavailable=1), [N2, drain()])
    assert plan(story, times=True) == [
        "1 1s create web-0: missing",
        "2 5s evict web-1: drained",
        "3 6s create web-1: missing",
        "4 10s evict web-2: drained",
        "5 11s create web-2: missing",
    ]
    assert story.verdict.outcome is Outcome.SETTLED
    assert [(a.pod, a.code) for a in story.answers] == [
        ("web-0", 201), ("web-1", 429), ("web-2", 429), ("web-1", 201), ("web-2", 201),
    ]  # fmt: skip


def test_several_pods_are_asked_for_in_the_order_of_names() -> None:
    """Two may go at once; the first two by name do."""
    pods = [pod(f"p{number}", "n1", labels=WEB) for number in (3, 1, 2, 0)]
    before = settled(nodes(1), pods, budget("web", WEB, minAvailable=2))
    assert [a.pod for a in forecast(before, [drain(force=True)]).answers if a.allowed] == ["p0", "p1"]


def test_a_drain_that_nothing_helps_ends_stuck_on_its_budget() -> None:
    story = forecast(web(maxUnavailable=0), [N2, drain()])
    assert story.verdict.outcome is Outcome.STUCK
    assert waiting(story) == [f"Pod/web-{number}: PodDisruptionBudget/web budget" for number in range(3)]
    assert (plan(story), len(story.answers)) == ([], 3)


def test_a_drain_whose_pods_find_no_place_ends_stuck() -> None:
    story = forecast(web(maxUnavailable=1), [drain()])
    assert waiting(story) == [
        "Pod/web-1: PodDisruptionBudget/web budget",
        "Pod/web-2: PodDisruptionBudget/web budget",
        "StatefulSet/web: Pod/web-0 pod-unplaced",
    ]


def test_a_drain_goes_on_when_its_budget_is_loosened() -> None:
    loosened = Patch(kind="PodDisruptionBudget", name="web", with_={"spec": {"maxUnavailable": 3}})
    story = forecast(web(maxUnavailable=0), [N2, drain(), Wait(seconds=12), loosened])
    assert [line for line in plan(story, times=True) if "evict" in line] == [
        f"0 15s evict web-{number}: drained" for number in range(3)
    ]


def test_a_drain_gives_up_when_its_time_is_over() -> None:
    story = forecast(web(maxUnavailable=1), [N2, drain(timeout=6)])
    assert waiting(story) == ["Pod/web-2: PodDisruptionBudget/web budget"]
    assert names(story.after) == ["web-0", "web-1", "web-2"]


def test_pods_under_several_budgets_are_not_asked_for_again() -> None:
    before = settled(nodes(1), statefulset(replicas=1), budget("a", WEB), budget("b", WEB))
    story = forecast(before, [N2, drain()])
    assert [obstacle.why for obstacle in story.verdict.obstacles] == [Why.SEVERAL_BUDGETS]


def test_without_eviction_budgets_are_not_asked() -> None:
    story = forecast(web(maxUnavailable=0), [N2, drain(disable_eviction=True)])
    assert story.answers == ()
    assert [line for line in plan(story) if "create" in line] == [
        f"{number + 1} create web-{number}: missing" for number in range(3)
    ]


def test_a_drain_waits_for_pods_that_do_not_go() -> None:
    story = forecast(web(1, maxUnavailable=1), [N2, drain()], {"neverGone": ["web-0"]})
    assert waiting(story) == [
        "Node/n1: Pod/web-0 pod-terminating",
        "StatefulSet/web: Pod/web-0 pod-terminating",
    ]


def test_two_drains_go_on_at_the_same_time() -> None:
    before = settled(nodes(2), statefulset(replicas=4), budget("web", WEB, maxUnavailable=1))
    story = forecast(before, [Apply(object=node("n3")), drain(), Drain(node="n2", kubectl=True)])
    assert {each.spec.node_name for each in story.after.pods} == {"n3"}
    assert story.verdict.outcome is Outcome.SETTLED


def test_a_pod_that_was_made_anew_is_not_asked_for() -> None:
    """Its name is the same, but it is another pod, and on another node."""
    changes = [N2, drain(), change_from_json({"deletePod": {"pod": "web-1", "grace": 0}})]
    story = forecast(web(2, maxUnavailable=0), changes)
    assert [answer.allowed for answer in story.answers] == [False, False]
    assert waiting(story) == ["Pod/web-0: PodDisruptionBudget/web budget"]


# --- the plain form ---


def test_the_plain_form_asks_once_and_refuses_nothing() -> None:
    """That is how recordings are played."""
    story = forecast(MIXED, [Drain(node="n1")])
    assert [answer.pod for answer in story.answers] == ["bare", "cache"]
    blocked = forecast(web(maxUnavailable=1), [N2, Drain(node="n1")])
    assert [line for line in plan(blocked) if "evict" in line] == []
    assert waiting(blocked) == [f"Pod/web-{number}: PodDisruptionBudget/web budget" for number in (1, 2)]


def test_the_flags_have_kubectls_names_in_json() -> None:
    form: Document = {
        "drain": {
            "node": "n1", "kubectl": True, "force": True, "ignoreDaemonsets": True,
            "deleteEmptydirData": True, "disableEviction": True, "timeout": 30.0,
            "skipWaitForDeleteTimeout": 5.0,
        }
    }  # fmt: skip
    assert change_to_json(change_from_json(form)) == form
    assert change_to_json(Drain(node="n1")) == {"drain": {"node": "n1"}}


@pytest.mark.parametrize("seconds", [-1, "soon"])
def test_a_time_that_is_none_is_refused(seconds: object) -> None:
    with pytest.raises(ManifestError, match="Expected"):
        change_from_json({"drain": {"node": "n1", "timeout": seconds}})
