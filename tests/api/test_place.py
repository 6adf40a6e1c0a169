"""`foretell place`: what it prints of nodes and pods, how it ends, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from foretell.api.cli.place_text import best_text
from foretell.model.placement import Assignment, Best, Placing
from tests import builders as b
from tests.api.conftest import Run

State = Callable[..., str]
ROOM = {"cpu": "4", "memory": "8Gi", "pods": "10"}


def asking(cpu: str, **more: Any) -> list[b.Document]:
    """The containers of a pod that asks for so much."""
    return [{"name": "main", "image": "x:1", "resources": {"requests": {"cpu": cpu}}, **more}]


def waiting(name: str, **spec: Any) -> b.Document:
    """A pod that waits for a node."""
    return b.pod(name, phase="Pending", ready=False, **spec)


@pytest.fixture
def state(tmp_path: Path) -> State:
    """Write documents as a file, and give its path."""

    def state(*documents: Any, name: str = "state.json") -> str:
        flat = [d for one in documents for d in (one if isinstance(one, list) else [one])]
        path = tmp_path / name
        path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": flat}))
        return str(path)

    return state


HIGH = {
    "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": "high"},
    "value": 1000,
}  # fmt: skip
NODES = [b.node(f"n{n}", allocatable=ROOM) for n in range(1, 7)]
TAINTED = [b.node(f"t{n}", b.taint("gpu", "NoSchedule", "yes"), allocatable=ROOM) for n in range(1, 7)]


def test_a_pod_that_finds_a_node_is_told_with_ranks_ties_and_what_speaks_against_others(
    run: Run, state: State
) -> None:
    there = state(NODES[:2], TAINTED, waiting("web-1", containers=asking("1")))
    result = run("place", "pod/web-1", "--state", there)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "pod/web-1 in namespace default: goes to n1 (one of 2 with as many points)",
        "  RANK   NODE   POINTS",
        "  1      n1     473      chosen",
        "  1      n2     473      tie",
        "  NODE                    AGAINST IT",
        "  t1, t2, t3 and 3 more   untolerated taint gpu=yes:NoSchedule",
    ]


def test_all_lists_every_node(run: Run, state: State) -> None:
    there = state(TAINTED, waiting("web-1"))
    result = run("place", "pod/web-1", "--all", "--state", there)
    assert [line.split()[0] for line in result.stdout.splitlines()[-6:]] == [f"t{n}" for n in range(1, 7)]


def test_of_many_nodes_that_would_take_a_pod_the_first_are_listed_unless_all_are_asked_for(
    run: Run, state: State
) -> None:
    nodes = [b.node(f"n{number:02}", allocatable=ROOM) for number in range(30)]
    guests = [b.pod(f"g{number}", f"n{number:02}") for number in range(20)]
    there = state(nodes, guests, waiting("web-1"))
    lines = run("place", "pod/web-1", "--state", there).stdout.splitlines()
    assert (len(lines), lines[-1]) == (14, "  … and 19 more that would take it (--all)")
    assert lines[2].split()[1::2] == ["n20", "chosen"]
    assert len(run("place", "pod/web-1", "--all", "--state", there).stdout.splitlines()) == 32


def test_a_pod_that_fits_nowhere_has_the_schedulers_sentence_and_ends_with_2(run: Run, state: State) -> None:
    there = state(NODES[:1], TAINTED[:1], waiting("web-1", containers=asking("5")))
    result = run("place", "pod/web-1", "--state", there)
    assert result.exit_code == 2
    head, sentence = result.stdout.splitlines()[:2]
    assert head == "pod/web-1 in namespace default: fits nowhere"
    assert sentence == (
        "  0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s). no new claims to "
        "deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling."
    )


def test_a_pod_that_drives_others_off_waits(run: Run, state: State) -> None:
    low = b.pod("low", "n1", containers=asking("3"))
    there = state(NODES[:1], HIGH, low, waiting("vip", containers=asking("2"), priorityClassName="high"))
    result = run("place", "po/vip", "--state", there)
    assert result.exit_code == 2
    head = result.stdout.splitlines()[0]
    assert head == "pod/vip in namespace default: waits for room on n1, from where it drives off pod/low"


def test_a_pod_whose_victims_are_leaving_waits_for_them(run: Run, state: State) -> None:
    low = b.pod("low", "n1", containers=asking("3"), terminating=True)
    there = state(NODES[:1], HIGH, low, waiting("vip", containers=asking("2"), priorityClassName="high"))
    result = run("place", "pod/vip", "--state", there)
    assert result.exit_code == 2
    head = result.stdout.splitlines()[0]
    assert (
        head == "pod/vip in namespace default: waits for room on n1, until pods that are leaving it are gone"
    )


def test_a_gated_pod_waits_for_its_gates(run: Run, state: State) -> None:
    there = state(NODES[:1], waiting("held", schedulingGates=[{"name": "a.io/quota"}, {"name": "b.io/x"}]))
    result = run("place", "pod/held", "--state", there)
    assert result.exit_code == 2
    head = result.stdout.splitlines()[0]
    assert (
        head == "pod/held in namespace default: waits until its scheduling gates are gone: a.io/quota, b.io/x"
    )


def test_a_bound_pod_is_judged_as_if_it_were_not_there(run: Run, state: State) -> None:
    there = state(NODES[:1], b.pod("web-1", "n1", containers=asking("3")))
    assert "goes to n1" in run("place", "pod/web-1", "--state", there).stdout


@pytest.mark.parametrize(
    ("manifest", "name"),
    [
        pytest.param(waiting("bare"), "pod/bare", id="pod"),
        pytest.param(b.deployment("shop"), "pod/shop-*", id="deployment"),
        pytest.param(b.replicaset("shop"), "pod/shop-*", id="replicaset"),
        pytest.param(b.statefulset("db"), "pod/db-*", id="statefulset"),
        pytest.param(b.daemonset("agent"), "pod/agent-*", id="daemonset"),
        pytest.param(b.job("hash"), "pod/hash-*", id="job"),
    ],
)
def test_pods_are_placed_before_they_are_there(
    manifest: b.Document, name: str, run: Run, state: State
) -> None:
    result = run("place", state(manifest, name="new.json"), "--state", state(NODES[:2]))
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{name} in namespace default: goes to n1")


def test_a_pod_is_told_once_however_often_it_is_named(run: Run, state: State) -> None:
    there = state(NODES[:1], waiting("web-1"))
    assert run("place", "pod/web-1", "po/web-1", "--state", there).stdout.count("goes to") == 1


def test_json_has_its_form_and_ends_alike(run: Run, state: State) -> None:
    there = state(NODES[:1], TAINTED[:1], waiting("a"), waiting("b", containers=asking("9")))
    result = run("place", "pod/a", "pod/b", "--state", there, "-o", "json")
    first, second = msgspec.json.decode(result.stdout, type=list[Placing])
    assert result.exit_code == 2
    assert (first.node, first.ties, first.sentence) == ("n1", ("n1",), "")
    assert [(one.node, one.feasible) for one in first.verdicts] == [("n1", True), ("t1", False)]
    assert second.sentence.startswith("0/2 nodes are available: ")


def test_node_tells_of_that_node_alone(run: Run, state: State) -> None:
    there = state(NODES, TAINTED, waiting("a"))
    result = run("place", "pod/a", "--node", "n2", "--node", "t1", "--state", there)
    told = [line.split()[:2] for line in result.stdout.splitlines()[1:]]
    assert told == [["RANK", "NODE"], ["1", "n2"], ["NODE", "AGAINST"], ["t1", "untolerated"]]


# --- the best of many ---


def test_the_best_placement_is_told_with_what_is_proven(run: Run, state: State) -> None:
    pods = [
        waiting("small", containers=asking("1"), priorityClassName="high"),
        waiting("large", containers=asking("4")),
    ]
    there = state(b.node("n1", allocatable=ROOM), b.node("n2", allocatable={**ROOM, "cpu": "1"}), HIGH, pods)
    result = run("place", "--best", "--state", there)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "2 of 2 pods find a node; the scheduler would leave 1 pending",
        "no placement is better",
        "  POD         NAMESPACE   NODE",
        "  pod/small   default     n2",
        "  pod/large   default     n1",
    ]


def test_the_best_placement_of_what_fits_nowhere_leaves_it_pending(run: Run, state: State) -> None:
    there = state(NODES[:1], waiting("large", containers=asking("9")))
    result = run("place", "--best", "--state", there, "-o", "json")
    best = msgspec.json.decode(result.stdout, type=Best)
    assert result.exit_code == 2
    assert (best.pending, best.proven, best.pending_at_least) == (1, True, 1)


def test_a_best_placement_that_is_not_proven_says_how_much_better_another_may_be() -> None:
    best = Best(
        assignments=(Assignment(namespace="default", pod="a"), Assignment(namespace="default", pod="b")),
        pending=2, crowding=0, proven=False, pending_at_least=1, greedy_pending=2, seconds=1.0, coarse=True,
    )  # fmt: skip
    assert best_text(best).splitlines()[:3] == [
        "0 of 2 pods find a node; the scheduler would leave 2 pending",
        "not proven best, at least 1 have to stay pending: more --seconds may find a better one",
        "amounts were rounded, so that a little room may be left unused",
    ]


def test_the_best_placement_of_manifests_is_of_them_alone(run: Run, state: State) -> None:
    there = state(NODES[:1], waiting("other"))
    result = run("place", state(waiting("new"), name="new.json"), "--best", "--state", there, "-o", "json")
    best = msgspec.json.decode(result.stdout, type=Best)
    assert [one.pod for one in best.assignments] == ["new"]


def test_where_no_pod_waits_the_best_placement_says_so(run: Run, state: State) -> None:
    result = run("place", "--best", "--state", state(NODES[:1]))
    assert (result.exit_code, result.stdout) == (0, "no pod waits for a node\n")


# --- clusters that can't take anything ---


def test_without_nodes_the_scheduler_has_none(run: Run, state: State) -> None:
    result = run("place", "pod/a", "--state", state(waiting("a")))
    assert result.exit_code == 2
    assert result.stdout.splitlines()[1] == "  no nodes available to schedule pods"


@pytest.mark.parametrize("cpu", ["0", "-1"])
def test_a_node_with_nothing_takes_no_pod_that_asks_for_something(cpu: str, run: Run, state: State) -> None:
    there = state(b.node("n1", allocatable={**ROOM, "cpu": cpu}), waiting("a", containers=asking("1")))
    assert "n1     too little cpu left" in run("place", "pod/a", "--state", there).stdout
    assert run("place", "--best", "--state", there).exit_code == 2


# --- what can't be asked ---


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["pod/absent"], 'pods "absent" not found', id="unknown-pod"),
        pytest.param(["pod/a", "--node", "n9"], "there is no node 'n9' in the state", id="unknown-node"),
        pytest.param(["absent.yaml"], "absent.yaml: can't be read: No such file", id="no-file"),
        pytest.param([], "Name a pod (pod/NAME) or a manifest", id="nothing"),
        pytest.param(["--best", "--seconds", "0"], "0.0 is not in the range", id="no-time"),
        pytest.param(["pod/a", "--gate", "Nonsense=true"], "Nonsense", id="unknown-gate"),
    ],
)
def test_what_cannot_be_asked_is_told_in_a_sentence(
    arguments: list[str], says: str, run: Run, state: State
) -> None:
    result = run("place", *arguments, "--state", state(NODES[:1], waiting("a")))
    assert (result.exit_code, result.stdout) == (1, "")
    assert says in result.stderr


@pytest.mark.parametrize(
    ("manifest", "says"),
    [
        pytest.param(b.cronjob(), "CronJob 'report' has no pods to place", id="cronjob"),
        pytest.param(b.node("n2"), "Node 'n2' has no pods to place: expected a pod or a workload", id="node"),
        pytest.param({"scale": {"kind": "StatefulSet", "name": "web", "replicas": 2}},
                     "a change has no place", id="change"),
        pytest.param(waiting("x", containers=[]), "spec.containers: Required value", id="refused"),
    ],
)  # fmt: skip
def test_manifests_without_pods_are_refused(
    manifest: b.Document, says: str, run: Run, state: State, tmp_path: Path
) -> None:
    path = tmp_path / "new.json"
    path.write_text(json.dumps(manifest))
    result = run("place", str(path), "--state", state(NODES[:1]))
    assert (result.exit_code, result.stdout) == (1, "")
    assert says in result.stderr


def test_the_file_of_a_manifest_without_pods_is_named(run: Run, state: State) -> None:
    path = state(b.cronjob(), name="nightly.json")
    assert f"{path}, " in run("place", path, "--state", state(NODES[:1])).stderr


def test_standard_input_is_read_once(run: Run) -> None:
    result = run("place", "-", "--state", "-", stdin="[]")
    assert result.exit_code == 1
    assert "standard input can be read only once" in result.stderr


def test_a_manifest_comes_from_standard_input(run: Run, state: State) -> None:
    result = run("place", "-", "--state", state(NODES[:1]), stdin=json.dumps(waiting("piped")))
    assert result.stdout.startswith("pod/piped in namespace default: goes to n1")
