"""Drains on the command line: kubectl's flags, its refusals, and what they leave behind."""

from __future__ import annotations

import msgspec
import pytest

from foretell.api.telling.planned import PlanDocument
from foretell.model.objects import Node
from foretell.model.reading import read
from tests.api.conftest import Put, Run

DAEMON_PODS = (
    'error: unable to drain node "n1" due to error: cannot delete DaemonSet-managed Pods '
    "(use --ignore-daemonsets to ignore): default/agent-"
)


def cordoned(path: str) -> bool:
    """Whether n1 is cordoned in a state."""
    node = read(path).find(Node, "n1")
    return node is not None and node.spec.unschedulable


@pytest.mark.parametrize("command", ["plan", "apply", "advance"])
def test_a_refused_drain_is_told_as_kubectl_tells_it(command: str, run: Run, put: Put) -> None:
    """The flag that would do is named, and the exit code is that of an error."""
    result = run(command, "--state", put("mixed"), "--drain", "n1")
    assert DAEMON_PODS in result.output
    assert result.exit_code == 1


@pytest.mark.parametrize("command", ["apply", "advance"])
def test_a_refused_drain_leaves_the_node_cordoned(command: str, run: Run, put: Put) -> None:
    state = put("mixed")
    before = read(state).pods
    run(command, "--state", state, "--drain", "n1")
    assert cordoned(state)
    assert read(state).pods == before


def test_a_refused_drain_is_an_obstacle_in_json(run: Run, put: Put) -> None:
    result = run("plan", "--state", put("mixed"), "--drain", "n1", "-o", "json")
    plan = msgspec.json.decode(result.stdout, type=PlanDocument)
    (obstacle,) = plan.verdict.obstacles
    assert (obstacle.workload, obstacle.why, obstacle.node) == ("Node/n1", "daemon-pod", "n1")
    assert plan.changes == ({"drain": {"node": "n1", "kubectl": True}},)


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        pytest.param(["--ignore-daemonsets"], {"ignoreDaemonsets": True}, id="ignore-daemonsets"),
        pytest.param(["--delete-emptydir-data"], {"deleteEmptydirData": True}, id="delete-emptydir-data"),
        pytest.param(["--force"], {"force": True}, id="force"),
        pytest.param(["--disable-eviction"], {"disableEviction": True}, id="disable-eviction"),
        pytest.param(["--timeout", "90"], {"timeout": 90}, id="seconds"),
        pytest.param(["--timeout", "1.5m"], {"timeout": 90}, id="minutes"),
        pytest.param(["--timeout", "2h"], {"timeout": 7200}, id="hours"),
        pytest.param(
            ["--skip-wait-for-delete-timeout", "30s"], {"skipWaitForDeleteTimeout": 30}, id="skip-wait"
        ),
    ],
)
def test_flags_hold_for_every_drain(flags: list[str], told: dict[str, object], run: Run, put: Put) -> None:
    result = run("plan", "--state", put("web"), "--drain", "n1", "--drain", "n2", *flags, "-o", "json")
    plan = msgspec.json.decode(result.stdout, type=PlanDocument)
    assert [change["drain"] for change in plan.changes] == [
        {"node": node, "kubectl": True, **told} for node in ("n1", "n2")
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["--force"], "--force says how a node is drained: expected --drain", id="no-drain"),
        pytest.param(["--drain", "n1", "--timeout", "soon"], "'soon' can't be read", id="no-time"),
        pytest.param(["--drain", "n1", "--timeout", "-1"], "'-1' can't be read", id="negative"),
        pytest.param(["--drain", "n9"], 'nodes "n9" not found', id="no-node"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: list[str], said: str, run: Run, put: Put) -> None:
    result = run("plan", "--state", put("web"), *arguments)
    assert said in result.output
    assert result.exit_code == 1


def test_answers_in_json_have_the_servers_code_and_words(run: Run, put: Put) -> None:
    result = run("plan", "--state", put("guarded"), "--evict", "web-0", "-o", "json")
    (answer,) = msgspec.json.decode(result.stdout, type=PlanDocument).evictions
    assert answer.code == 429
    assert answer.message == (
        "Cannot evict pod as it would violate the pod's disruption budget. "
        "The disruption budget web needs 3 healthy pods and has 3 currently"
    )


def test_apply_deletes_without_asking_budgets_where_it_is_told_so(run: Run, put: Put) -> None:
    result = run("apply", "--state", put("guarded"), "--drain", "n2", "--disable-eviction")
    assert result.output == "node/n2 cordoned\npod/web-1 deleted\nnode/n2 drained\n"
