"""Replays see only what was known before, and tell what differs."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from foretell.api.comparison import Difference, differences
from foretell.api.replay import read_trace, replay
from foretell.api.traces import Beginning, Step
from foretell.model.errors import ManifestError
from foretell.model.writing import write_cluster
from tests.api.conftest import STATES, Run

HASH_LABEL = "controller-revision-hash"


def _action(verb: str, kind: str, name: str, **more: Any) -> dict[str, Any]:
    return {"verb": verb, "kind": kind, "name": name, "by": ["x"], **more}


def _daemon_pod(verb: str, node: str, revision: str, name: str = "agent-zzzzz") -> dict[str, Any]:
    return _action(verb, "Pod", name, owner="DaemonSet/agent", node=node, revision=revision)


def _state(name: str) -> dict[str, Any]:
    state: dict[str, Any] = json.loads(write_cluster(STATES[name](), "json"))
    return state


def _trace(**step: Any) -> dict[str, Any]:
    """A trace of one step: a pod of `agents` is deleted, and made again, as it was really recorded."""
    before = _state("agents")
    items = before["items"]
    label = next(item["metadata"]["labels"][HASH_LABEL] for item in items if item["kind"] == "Pod")
    waves = [{"turn": 1, "actions": [_daemon_pod("create", "n1", label), _daemon_pod("bind", "n1", label)]}]
    pod = {
        "owner": "DaemonSet/agent",
        "revision": label,
        "phase": "Running",
        "ready": True,
        "terminating": False,
    }
    numbers = (
        "currentNumberScheduled",
        "desiredNumberScheduled",
        "numberAvailable",
        "numberReady",
        "updatedNumberScheduled",
    )
    after = {
        "pods": [{"name": f"agent-{node}", "node": node, **pod} for node in ("n1", "n2", "n3")],
        "revisions": [{"name": "agent-1", "revision": 1, "owner": "agent"}],
        "workloads": [
            {"kind": "DaemonSet", "name": "agent", "replicas": None, "status": dict.fromkeys(numbers, 3)}
        ],
        "claims": [],
        "budgets": [],
    }
    recorded = {
        "title": "a pod goes", "before": before, "changes": [{"deletePod": {"pod": "agent@n1"}}],
        "assume": {}, "quiet": 1.0, "compare": "exact", "waves": waves, "after": after,
    }  # fmt: skip
    return {"name": "small", "kubernetes": "v1.36.2", "steps": [{**recorded, **step}]}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The trace as a file."""
    path = tmp_path / "small.json"
    path.write_text(json.dumps(_trace()))
    return path


def test_a_step_that_went_as_forecast_is_the_same(path: Path, run: Run) -> None:
    result = run("replay", str(path))
    assert result.stdout == "same    small [0] a pod goes\n1 of 1 steps are the same (100.0 %).\n"
    assert result.exit_code == 0


def test_traces_may_be_gzipped(path: Path, run: Run, tmp_path: Path) -> None:
    packed = tmp_path / "small.json.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert run("replay", str(packed)).exit_code == 0


def test_what_differs_is_told_by_parts(path: Path, run: Run) -> None:
    trace = _trace()
    trace["steps"][0]["waves"][0]["actions"][0]["node"] = "n2"
    trace["steps"][0]["after"]["pods"].pop()
    path.write_text(json.dumps(trace))
    result = run("replay", str(path))
    label = trace["steps"][0]["after"]["pods"][0]["revision"]
    assert result.exit_code == 1
    assert result.stdout == (
        "differs small [0] a pod goes\n"
        "    wave 1\n"
        f"      - create pod DaemonSet/agent@n2, revision {label}\n"
        f"      + create pod DaemonSet/agent@n1, revision {label}\n"
        "    pods\n"
        f"      + DaemonSet/agent@n3, revision {label}: Running, ready\n"
        "0 of 1 steps are the same (0.0 %).\n"
    )


def test_the_json_is_what_recordings_look_like(path: Path, run: Run) -> None:
    for option in (["--json"], ["-o", "json"]):
        forecast, *rest = json.loads(run("replay", str(path), *option).stdout)
        assert rest == []
        assert (forecast["trace"], forecast["step"]) == ("small", 0)
        assert [action["verb"] for action in forecast["waves"][0]] == ["create", "bind"]
        assert sorted(forecast["after"]) == ["budgets", "claims", "pods", "revisions", "workloads"]


def test_an_error_in_a_step_is_told_and_hides_no_other(path: Path, run: Run) -> None:
    trace = _trace(changes=[{"scale": {"kind": "StatefulSet", "name": "nope", "replicas": 1}}])
    trace["steps"] += _trace()["steps"]
    path.write_text(json.dumps(trace))
    failed, fine = json.loads(run("replay", "--json", str(path)).stdout)
    assert failed == {
        "trace": "small",
        "step": 0,
        "error": 'Error from server (NotFound): statefulsets.apps "nope" not found',
    }
    assert "error" not in fine
    assert run("replay", str(path)).stdout.startswith("error   small [0]")


def test_a_forecast_knows_nothing_of_what_happened(path: Path) -> None:
    """With all that was recorded taken away the forecast is the same."""
    told = replay(read_trace(path), 0)
    bare = {key: value for key, value in _trace()["steps"][0].items() if key in Beginning.__struct_fields__}
    path.write_text(json.dumps({**_trace(), "steps": [bare]}))
    assert replay(read_trace(path), 0) == told


def test_of_a_cut_recording_only_what_came_before_is_compared(path: Path) -> None:
    """A pod that always fails is made again for ever; the recording stopped after the second turn."""
    cut = [{"turn": 2, "actions": [], "cut": True}]
    path.write_text(json.dumps(_trace(assume={"fails": ["agent@n1"]}, waves=cut)))
    waves = replay(read_trace(path), 0)["waves"]
    verbs = [sorted(action["verb"] for action in wave) for wave in waves]
    assert verbs == [["bind", "create"], ["bind", "create", "delete"]]


@pytest.mark.parametrize("text", ["", "{}", '{"name": "x", "steps": 5}', "not json"])
def test_what_is_no_trace_is_told(text: str, path: Path) -> None:
    path.write_text(text)
    with pytest.raises(ManifestError, match="no trace"):
        read_trace(path)


# --- what counts as a difference ---


def _compared(recorded: dict[str, Any], forecast: dict[str, Any], **step: Any) -> list[Difference]:
    before = {"items": [
        {"kind": "Pod", "metadata": {"name": "bare"}},
        {"kind": "ControllerRevision", "metadata": {"name": "w-1", "labels": {HASH_LABEL: "h1"}}},
    ]}  # fmt: skip
    empty: dict[str, Any] = {"waves": [], "after": {}, "results": []}
    waves = [{"turn": turn, "actions": actions} for turn, actions in enumerate(recorded.pop("waves", []))]
    real = msgspec.convert({"before": before, **step, **recorded, "waves": waves}, Step)
    return differences(real, {**empty, **forecast}, ignored=["ReplicaSet"])


@pytest.mark.parametrize(
    ("recorded", "forecast", "step", "same"),
    [
        pytest.param(
            [_daemon_pod("create", "a", "h2", "x-1")],
            [_daemon_pod("create", "a", "h3", "x-2")],
            {},
            True,
            id="suffix-and-new-hash",
        ),
        pytest.param(
            [_daemon_pod("create", "a", "h1")], [_daemon_pod("create", "a", "h2")], {}, False, id="known-hash"
        ),
        pytest.param(
            [_daemon_pod("create", "a", "h")], [_daemon_pod("create", "b", "h")], {}, False, id="node"
        ),
        pytest.param(
            [_daemon_pod("create", "a", "h")],
            [_daemon_pod("create", "b", "h")],
            {"compare": "shape"},
            True,
            id="node-by-shape",
        ),
        pytest.param([_daemon_pod("bind", "a", "h")], [], {}, True, id="bind"),
        pytest.param([_action("patch", "Pod", "bare")], [], {}, True, id="patch"),
        pytest.param([_action("update", "ReplicaSet", "x-1")], [], {}, True, id="ignored-kind"),
        pytest.param(
            [_action("delete", "Pod", "bare")], [_action("delete", "Pod", "new-1")], {}, False, id="bare-pod"
        ),
        pytest.param(
            [_action("create", "Pod", "web-0", owner="StatefulSet/web", node="a")],
            [_action("create", "Pod", "web-0", owner="StatefulSet/web", node="b")],
            {},
            True,
            id="placement",
        ),
        pytest.param(
            [_action("create", "Pod", "web-0", owner="StatefulSet/web")],
            [_action("create", "Pod", "web-1", owner="StatefulSet/web")],
            {},
            False,
            id="ordinal",
        ),
        pytest.param(
            [_action("create", "ControllerRevision", "ds-abc", revision=2)],
            [_action("create", "ControllerRevision", "ds-xyz", revision=2)],
            {},
            True,
            id="revision-hash",
        ),
        pytest.param(
            [_action("create", "ControllerRevision", "ds-abc", revision=2)],
            [_action("create", "ControllerRevision", "ds-abc", revision=3)],
            {},
            False,
            id="revision-number",
        ),
        pytest.param(
            [_action("update", "PersistentVolumeClaim", "d-0", owners=["Pod/a", "StatefulSet/w"])],
            [_action("update", "PersistentVolumeClaim", "d-0", owners=["StatefulSet/w", "Pod/a"])],
            {},
            True,
            id="order-of-owners",
        ),
    ],
)
def test_two_recordings_of_a_scenario_are_the_same(
    recorded: list[Any], forecast: list[Any], step: dict[str, Any], same: bool
) -> None:
    found = _compared({"waves": [recorded]}, {"waves": [forecast]}, **step)
    assert (found == []) is same


def test_waves_without_a_write_do_not_count() -> None:
    pod = _daemon_pod("create", "a", "h")
    assert _compared({"waves": [[], [pod]]}, {"waves": [[pod], []]}) == []


def test_numbers_of_nought_are_as_good_as_none() -> None:
    def status(**numbers: int) -> dict[str, Any]:
        return {
            "after": {"workloads": [{"kind": "StatefulSet", "name": "w", "replicas": 1, "status": numbers}]}
        }

    assert _compared(status(replicas=1, readyReplicas=0, observedGeneration=4), status(replicas=1)) == []
    assert _compared(status(replicas=1), status(replicas=2))[0].part == "status"


def test_a_sentence_of_the_scheduler_counts_where_it_was_said_in_this_step() -> None:
    def says(sentence: str, *, said: bool) -> dict[str, Any]:
        pod = {"name": "bare", "phase": "Pending", "ready": False, "terminating": False}
        return {"after": {"pods": [{**pod, "unschedulable": sentence, "said": said}]}}

    assert _compared(says("0/1", said=False), says("0/2", said=False)) == []
    assert _compared(says("0/1", said=True), says("0/2", said=False)) == [
        Difference("sentences", ("bare: 0/1",), ("bare: 0/2",))
    ]


def test_answers_to_evictions_count() -> None:
    recorded = {"results": [{"evict": "web-0", "allowed": False}]}
    assert _compared(recorded, {"results": [{"evict": "web-0", "allowed": True}]}) == [
        Difference("evictions", ("web-0 refused",), ("web-0 allowed",))
    ]
