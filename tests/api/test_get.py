"""`foretell get` prints what kubectl prints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import builders as b
from tests.api import shops
from tests.api.conftest import Put, Run

TABLES = Path(__file__).parent / "tables"
CREATED = {"creationTimestamp": "2026-01-01T00:00:00Z"}
RUNNING = {
    "containerStatuses": [{"name": "main", "ready": True, "restartCount": 3, "state": {"running": {}}}]
}


def _with(document: dict[str, Any], status: dict[str, Any] | None = None, **meta: Any) -> dict[str, Any]:
    merged = {**document, "metadata": {**document["metadata"], **CREATED, **meta}}
    return {**merged, "status": {**document.get("status", {}), **status}} if status else merged


@pytest.fixture
def state(tmp_path: Path) -> str:
    """A state with something of each kind, an hour old."""
    info = {"nodeInfo": {"kubeletVersion": "v1.36.2"}}
    web = {"app": "web"}
    claim = _with(
        b.claim("data-web-0"),
        {"phase": "Bound", "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"]},
    )
    claim["spec"]["volumeName"] = "pv-1"
    pods = [
        _with(b.pod("web-0", "n1", labels=web), {**RUNNING, "podIP": "10.0.0.7"}),
        _with(b.pod("web-1", labels=web, phase="Pending", ready=False)),
        _with(
            b.pod("web-2", "n2", labels={**web, "rank": "2"}),
            RUNNING,
            deletionTimestamp="2026-01-01T01:00:00Z",
            deletionGracePeriodSeconds=30,
        ),
    ]
    owner = b.owned_by("StatefulSet", "web")
    settings = {"name": "settings", "namespace": "default", **CREATED}
    service = {"apiVersion": "v1", "kind": "Service"}
    ports = [{"port": 80, "nodePort": 30080, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}]
    items = [
        _with(b.node("cp", labels={"node-role.kubernetes.io/control-plane": ""}), info),
        _with(b.node("n1", ready="Unknown"), info),
        _with(b.node("n2", unschedulable=True), info),
        *pods,
        _with(b.statefulset(), {"readyReplicas": 2, "replicas": 3}),
        _with(
            b.daemonset(pod={"nodeSelector": {"pool": "a"}}),
            {
                "desiredNumberScheduled": 3,
                "currentNumberScheduled": 3,
                "numberReady": 2,
                "numberAvailable": 2,
                "updatedNumberScheduled": 3,
                "numberMisscheduled": 0,
            },
        ),
        claim,
        _with(b.claim("data-web-1"), {"phase": "Pending"}),
        _with(b.budget("web", web, maxUnavailable="50%"), {"disruptionsAllowed": 1}),
        {
            **service,
            "metadata": {"name": "web", "namespace": "default", **CREATED},
            "spec": {"clusterIP": "None", "selector": web, "ports": [{"port": 80, "protocol": "TCP"}]},
        },
        {
            **service,
            "metadata": {"name": "wide", "namespace": "default", **CREATED},
            "spec": {"type": "NodePort", "clusterIP": "10.96.0.9", "ports": ports},
        },
        {
            "apiVersion": "apps/v1",
            "kind": "ControllerRevision",
            "revision": 1,
            "metadata": {"name": "web-1", "namespace": "default", "ownerReferences": [owner], **CREATED},
        },
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": settings},
    ]
    path = tmp_path / "state.json"
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    return str(path)


@pytest.mark.parametrize("name", sorted(path.stem for path in TABLES.glob("*.txt")))
def test_a_table_is_kubectls(name: str, state: str, run: Run) -> None:
    query, _, table = (TABLES / f"{name}.txt").read_text(encoding="utf-8").partition("\n")
    result = run("get", *query.removeprefix("$ foretell get ").split(), "--state", state)
    assert result.exit_code == 0
    assert result.stdout == table


@pytest.mark.parametrize("name", sorted(path.stem for path in (TABLES / "shop").glob("*.txt")))
def test_a_table_of_what_makes_others_is_kubectls(name: str, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "shop.json"
    path.write_text(json.dumps(shops.documents()))
    query, _, table = (TABLES / "shop" / f"{name}.txt").read_text(encoding="utf-8").partition("\n")
    result = run("get", *query.removeprefix("$ foretell get ").split(), "--state", str(path))
    assert result.exit_code == 0
    assert result.stdout == table


def test_json_of_one_object_is_the_object_and_of_several_a_list(state: str, run: Run) -> None:
    one = json.loads(run("get", "pod", "web-0", "-o", "json", "--state", state).stdout)
    several = json.loads(run("get", "pods", "-o", "json", "--state", state).stdout)
    assert one["metadata"]["name"] == "web-0"
    assert [item["metadata"]["name"] for item in several["items"]] == ["web-0", "web-1", "web-2"]


def test_yaml_is_what_was_read(state: str, run: Run) -> None:
    printed = yaml.safe_load(run("get", "node", "cp", "-o", "yaml", "--state", state).stdout)
    assert printed["status"]["nodeInfo"] == {"kubeletVersion": "v1.36.2"}


def test_nothing_found_is_told_beside_the_output(state: str, run: Run) -> None:
    result = run("get", "pods", "-n", "other", "--state", state)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.endswith("No resources found in other namespace.\n")


def test_ages_count_from_the_latest_moment_of_the_state(put: Put, run: Run) -> None:
    assert run("get", "sts", "--state", put("web")).stdout.splitlines()[1].split()[:2] == ["web", "3/3"]
