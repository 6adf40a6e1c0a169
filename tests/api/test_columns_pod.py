"""A pod's state is told as kubectl tells it."""

from __future__ import annotations

from typing import Any

import pytest

from foretell.api.cli.columns_pod import pod_cells
from foretell.model.documents import from_document
from foretell.model.objects import Pod
from tests import builders as b

RUNNING = {
    "containerStatuses": [{"name": "main", "ready": True, "restartCount": 3, "state": {"running": {}}}]
}
GATED = {"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}
INITIALIZING = {"waiting": {"reason": "PodInitializing"}}


def _container(**state: Any) -> dict[str, Any]:
    return {"containerStatuses": [{"name": "main", "ready": False, "restartCount": 1, "state": state}]}


@pytest.mark.parametrize(
    ("status", "cells"),
    [
        pytest.param({"phase": "Running", **RUNNING}, ("1/1", "Running", "3"), id="running"),
        pytest.param({"phase": "Running"}, ("1/1", "Running", "0"), id="running-by-its-condition"),
        pytest.param({"phase": "Failed", "reason": "Evicted"}, ("0/1", "Evicted", "0"), id="evicted"),
        pytest.param(
            {"phase": "Succeeded", **_container(terminated={"reason": "Completed"})},
            ("0/1", "Completed", "1"),
            id="completed",
        ),
        pytest.param(
            {"phase": "Pending", **_container(waiting={"reason": "ContainerCreating"})},
            ("0/1", "ContainerCreating", "1"),
            id="creating",
        ),
        pytest.param(
            {"phase": "Running", **_container(waiting={"reason": "CrashLoopBackOff"})},
            ("0/1", "CrashLoopBackOff", "1"),
            id="crashing",
        ),
        pytest.param(
            {"phase": "Failed", **_container(terminated={"exitCode": 137})},
            ("0/1", "ExitCode:137", "1"),
            id="exit-code",
        ),
        pytest.param(
            {"phase": "Failed", **_container(terminated={"signal": 9})}, ("0/1", "Signal:9", "1"), id="signal"
        ),
        pytest.param({"phase": "Failed", **RUNNING}, ("0/1", "Failed", "0"), id="failed-since-it-ran"),
        pytest.param(
            {"phase": "Pending", "conditions": [GATED]}, ("0/1", "SchedulingGated", "0"), id="gated"
        ),
    ],
)
def test_a_pods_state_is_told_as_kubectl_tells_it(status: dict[str, Any], cells: tuple[str, ...]) -> None:
    ready = status["phase"] == "Running" and "waiting" not in str(status)
    document = b.pod("p", "n", ready=ready)
    pod = from_document({**document, "status": {**document["status"], **status}})
    assert isinstance(pod, Pod)
    assert pod_cells(pod)[:3] == cells


@pytest.mark.parametrize(
    ("inits", "told"),
    [
        pytest.param([{"state": {"running": {}}}, {"state": INITIALIZING}], "Init:0/2", id="first"),
        pytest.param(
            [{"state": {"terminated": {"exitCode": 0}}}, {"state": {"running": {}}}], "Init:1/2", id="second"
        ),
        pytest.param(
            [{"state": {"terminated": {"exitCode": 1, "reason": "Error"}}}], "Init:Error", id="failed"
        ),
        pytest.param(
            [{"state": {"waiting": {"reason": "ErrImagePull"}}}], "Init:ErrImagePull", id="no-image"
        ),
    ],
)
def test_init_containers_are_counted(inits: list[dict[str, Any]], told: str) -> None:
    document = b.pod("p", "n", phase="Pending", ready=False, initContainers=[{"name": "a"}, {"name": "b"}])
    pod = from_document({**document, "status": {**document["status"], "initContainerStatuses": inits}})
    assert isinstance(pod, Pod)
    assert pod_cells(pod)[1] == told
