"""The desired pods, trees of owners, facts and rules are told as text and as JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.api.conftest import Put, Run


def test_desired_pods_are_listed_by_workload(run: Run, put: Put) -> None:
    assert run("desired", "--state", put("mixed")).stdout == (
        "ds/agent in namespace default: 2 pods\n  NODE\n  n1\n  n2\n\n"
        "sts/web in namespace default: 2 pods\n  ORDINAL   NAME\n  0         web-0\n  1         web-1\n"
    )


def test_desired_pods_as_json_are_told_by_identity(run: Run, put: Put) -> None:
    daemon = {"kind": "DaemonSet", "namespace": "default", "owner": "agent"}
    stateful = {"kind": "StatefulSet", "namespace": "default", "owner": "web"}
    assert json.loads(run("desired", "--state", put("mixed"), "-o", "json").stdout) == [
        {**daemon, "node": "n1"},
        {**daemon, "node": "n2"},
        {**stateful, "ordinal": 0, "name": "web-0"},
        {**stateful, "ordinal": 1, "name": "web-1"},
    ]


def test_of_many_desired_pods_the_first_few_are_listed(run: Run, put: Put) -> None:
    few = run("desired", "ds/agent", "--state", put("agents-30")).stdout
    assert few.endswith("  … and 18 more (--all)\n")
    assert len(run("desired", "ds/agent", "--all", "--state", put("agents-30")).stdout.splitlines()) == 32


def test_a_tree_shows_what_a_workload_owns(run: Run, put: Put) -> None:
    assert run("tree", "sts/web", "--state", put("mixed")).stdout == (
        "NAMESPACE  NAME                                 READY  REASON  AGE\n"
        "default    StatefulSet/web                      -              <unknown>\n"
        "default    ├─ControllerRevision/web-6754887f45  -              2s\n"
        "default    ├─Pod/web-0                          True           2s\n"
        "default    └─Pod/web-1                          True           1s\n"
    )


def test_a_tree_as_json_is_nested(run: Run, put: Put) -> None:
    tree = json.loads(run("tree", "ds/agent", "--state", put("mixed"), "-o", "json").stdout)
    assert [(child["kind"], child["ready"]) for child in tree["owns"]] == [
        ("ControllerRevision", None),
        ("Pod", "True"),
        ("Pod", "True"),
    ]


def test_a_tree_of_owners_goes_to_the_ground(run: Run, tmp_path: Path) -> None:
    """A tree of several levels, as the plugin draws it; an object that owns itself is told once more."""
    items = []
    for name, owner in (("a", ""), ("b", "a"), ("c", "b"), ("d", "b"), ("e", "a"), ("f", "e")):
        meta: dict[str, Any] = {"name": name, "uid": name, "namespace": "default"}
        meta |= (
            {"ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": owner, "uid": owner}]}
            if owner
            else {}
        )
        items.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta})
    path = tmp_path / "maps.json"
    path.write_text(json.dumps(items))
    names = [line.split()[1] for line in run("tree", "cm/a", "--state", str(path)).stdout.splitlines()]
    drawn = [
        line[11:].partition("ConfigMap")[0]
        for line in run("tree", "cm/a", "--state", str(path)).stdout.splitlines()
    ]
    assert drawn[1:] == ["", "├─", "│ ├─", "│ └─", "└─", "  └─"]
    assert names[1] == "ConfigMap/a"


def test_facts_are_read_by_clingo_with_the_rules_without_a_word(run: Run, put: Put, tmp_path: Path) -> None:
    facts = tmp_path / "cluster.lp"
    facts.write_text(run("facts", "--state", put("web")).stdout)
    folder = run("rules").stdout.strip()
    done = subprocess.run(
        [sys.executable, "-m", "clingo", f"{folder}/sync.lp", str(facts)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert 'awake(statefulset("default/web"))' in done.stdout


def test_facts_as_json_are_a_list(run: Run, put: Put) -> None:
    facts = json.loads(run("facts", "--state", put("web"), "-o", "json").stdout)
    assert facts == run("facts", "--state", put("web")).stdout.splitlines()


def test_alike_nodes_can_be_told_once(run: Run, put: Put) -> None:
    assert 'stands_for("n1",30).' in run("facts", "--grouped", "--state", put("agents-30")).stdout


def test_every_file_of_the_rules_is_listed_with_what_it_decides(run: Run) -> None:
    listed = json.loads(run("rules", "--list", "-o", "json").stdout)
    assert listed["folder"] == run("rules").stdout.strip()
    assert {"sync.lp", "show.lp"} <= {entry["file"] for entry in listed["files"]}
    assert all(entry["about"] for entry in listed["files"])
    assert "sync.lp" in run("rules", "--list").stdout
