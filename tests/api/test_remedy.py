"""`foretell remedy`: what it prints, how it ends, and what it refuses."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from foretell.api.cli.change_options import CHANGES
from foretell.api.cli.notation_back import note_of, option_of
from foretell.api.telling.goals import goal_of, goal_text, pattern_of, weight_of
from foretell.model import changes as c
from foretell.model.changes import change_from_json
from foretell.model.meta import Key
from foretell.model.remedy import (
    WEIGHTS,
    Drained,
    EditKind,
    EditPattern,
    Goal,
    RunsOn,
    Schedulable,
    Spared,
    Unstuck,
)
from tests import builders as b
from tests.api.conftest import Run

State = Callable[..., str]
GPU = b.taint("gpu", "NoSchedule", "yes")
READERS = {row.name: row.reader for row in CHANGES}
AGENT = Key("DaemonSet", "default", "agent")


@pytest.fixture
def state(tmp_path: Path) -> State:
    """Write documents as a file, and give its path."""

    def state(*documents: b.Document) -> str:
        path = tmp_path / "state.json"
        path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": documents}))
        return str(path)

    return state


_TOLERATION = '{"key": "gpu", "operator": "Equal", "value": "yes", "effect": "NoSchedule"}'
_SPEC = f'{{"spec": {{"tolerations": [{_TOLERATION}]}}}}'
TOLERATED = f"""--patch 'ds/agent={{"spec": {{"template": {_SPEC}}}}}'"""


def test_a_remedy_is_told_with_its_cost_its_options_and_what_the_forecast_says(
    run: Run, state: State
) -> None:
    there = state(b.node("n1", GPU), b.daemonset())
    result = run("remedy", "--state", there, "--goal", "ds/agent on n1", "--weight", "node/*=2")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "Goal: ds/agent on n1",
        "",
        "Remedy 1, cost 2",
        "  ds/agent: tolerates gpu=yes:NoSchedule",
        f"    {TOLERATED}",
        "  forecast: the goal holds after 1 wave",
        "",
        "Remedy 2, cost 2",
        "  node n1: without the taint gpu=yes:NoSchedule",
        "    --untaint n1:gpu:NoSchedule",
        "  forecast: the goal holds after 1 wave",
        "",
        "2 remedies: none is cheaper.",
    ]


def test_what_stands_against_a_goal_is_told(run: Run, state: State) -> None:
    there = state(b.node("n1", GPU), b.daemonset())
    result = run(
        "remedy", "--state", there, "--goal", "ds/agent on all nodes",
        "--never", "node/*", "--never", "toleration", "--never", "label",
    )  # fmt: skip
    assert result.exit_code == 2
    assert result.stdout.splitlines() == [
        "Goal: ds/agent on all nodes",
        "",
        "No remedy.",
        "  These stand against it together:",
        "    n1 refuses ds/agent: untolerated taint gpu=yes:NoSchedule",
        "    --never 'node/*'",
        "    --never toleration",
    ]
    assert result.stderr == "foretell: note: no edit that bears on the goal matches 'label'\n"


def test_where_a_goal_holds_nothing_has_to_be_changed(run: Run, state: State) -> None:
    there = state(b.node("n1"), b.deployment("shop", 1))
    result = run("remedy", "--state", there, "--goal", "deploy/shop schedulable")
    assert result.exit_code == 0
    head, text = result.stdout.splitlines()
    assert head == "Goal: deploy/shop schedulable"
    assert text.startswith("It holds as things go: nothing has to be changed. Pods are taken to get ready")


def test_the_cheapest_of_edits_that_are_in_vain_is_told(run: Run, state: State) -> None:
    size = {"cpu": "1", "memory": "1Gi", "pods": "10"}
    there = state(
        b.node("n1", unschedulable=True, allocatable=size),
        b.statefulset("web", 1, pod={"requests": {"cpu": "600m"}}),
        b.pod("bare", phase="Pending", ready=False, requests={"cpu": "500m"}),
    )
    run("advance", "--all", "--state", there)
    result = run("remedy", "--state", there, "--goal", "sts/web on n1")
    assert result.exit_code == 2
    assert result.stdout.splitlines()[2:6] == [
        "No remedy: 2 sets of edits might do, but by the forecast none does.",
        "  After the cheapest of them:",
        "    node n1: uncordoned",
        "  the forecast ends with:",
    ]


def test_a_search_that_is_given_up_says_so(run: Run, state: State) -> None:
    size = {"cpu": "1", "memory": "1Gi", "pods": "10"}
    there = state(
        b.node("n1", unschedulable=True, allocatable=size),
        b.statefulset("web", 1, pod={"requests": {"cpu": "600m"}}),
        b.pod("bare", phase="Pending", ready=False, requests={"cpu": "500m"}),
    )
    run("advance", "--all", "--state", there)
    result = run("remedy", "--state", there, "--goal", "sts/web on n1", "--tries", "1")
    assert result.exit_code == 2
    assert result.stdout.splitlines()[2] == "None found among the cheapest 1 set of edits (--tries)."


def test_the_document_says_the_same(run: Run, state: State) -> None:
    there = state(b.node("n1", GPU), b.daemonset())
    result = run("remedy", "--state", there, "--goal", "ds/agent on n1", "-o", "json")
    document: dict[str, Any] = json.loads(result.stdout)
    assert (document["version"], document["goal"]) == ("foretell.remedy/v1", "ds/agent on n1")
    (one,) = document["remedies"]
    assert (one["cost"], one["waves"], one["seconds"], one["renewed"]) == (2, 1, 0.0, False)
    assert one["edits"] == [
        {
            "kind": "toleration", "cost": 2, "detail": "tolerates gpu=yes:NoSchedule",
            "objects": [{"kind": "DaemonSet", "namespace": "default", "name": "agent"}],
        }
    ]  # fmt: skip
    assert isinstance(change_from_json(one["changes"][0]), c.Patch)
    assert len(document["candidates"]) == 2


def test_its_changes_are_read_by_plan(run: Run, state: State, tmp_path: Path) -> None:
    there = state(b.node("n1", GPU), b.daemonset())
    printed = run("remedy", "--state", there, "--goal", "ds/agent on n1", "-o", "json").stdout
    file = tmp_path / "changes.json"
    file.write_text(json.dumps(json.loads(printed)["remedies"][0]["changes"]))
    result = run("plan", str(file), "--state", there)
    assert "create pod agent-* on n1" in result.stdout


# --- notations ---


@pytest.mark.parametrize(
    ("text", "goal"),
    [
        pytest.param("ds/agent on n1", RunsOn(workload=AGENT, nodes=("n1",)), id="node"),
        pytest.param("ds/agent on n1,n2", RunsOn(workload=AGENT, nodes=("n1", "n2")), id="nodes"),
        pytest.param("ds/agent on all nodes", RunsOn(workload=AGENT), id="all-nodes"),
        pytest.param("pod/web-1 schedulable", Schedulable(thing=Key("Pod", "default", "web-1")), id="pod"),
        pytest.param(
            "deploy/shop schedulable", Schedulable(thing=Key("Deployment", "default", "shop")), id="workload"
        ),
        pytest.param("sts/web unstuck", Unstuck(workload=Key("StatefulSet", "default", "web")), id="unstuck"),
        pytest.param("drain n1", Drained(node="n1"), id="drain"),
        pytest.param(
            "drain n1 force delete-emptydir-data",
            Drained(node="n1", force=True, delete_emptydir_data=True),
            id="drain-with-flags",
        ),
        pytest.param(
            "no pod lost while n1 tainted a/b=c:NoExecute",
            Spared(node="n1", key="a/b", value="c", effect="NoExecute"),
            id="taint",
        ),
    ],
)
def test_goals_are_read_as_they_are_told(text: str, goal: Goal) -> None:
    assert goal_of(text, "default") == goal
    assert goal_text(goal) == text


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param("", "'' is no goal: expected one of KIND/NAME on NODE", id="nothing"),
        pytest.param("ds/agent", "'ds/agent' is no goal", id="no-verb"),
        pytest.param("ds/agent on", "'ds/agent on' is no goal", id="no-node"),
        pytest.param("ds/agent on ,", "'ds/agent on ,' is no goal", id="commas"),
        pytest.param("drain n1 now", "is no goal", id="unknown-flag"),
        pytest.param("agent unstuck", "'agent' names no object", id="no-kind"),
        pytest.param("dss/agent unstuck", "unknown kind 'dss'", id="unknown-kind"),
        pytest.param("cm/agent unstuck", "'cm/agent' is no DaemonSet", id="no-workload"),
        pytest.param("pod/web-1 unstuck", "'pod/web-1' is no DaemonSet", id="pods-don't-get-stuck"),
        pytest.param("no pod lost while n1 tainted x", "expected KEY", id="no-effect"),
        pytest.param("no pod lost while n1 tainted x:Never", "expected KEY", id="unknown-effect"),
        pytest.param("no pod lost while n1 tainted =x:NoExecute", "expected KEY", id="no-key"),
        pytest.param("'; drop table", "is no goal", id="hostile"),
    ],
)
def test_a_goal_that_can_not_be_read_is_refused(run: Run, state: State, text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        goal_of(text, "default")
    result = run("remedy", "--state", state(b.node("n1")), "--goal", text)
    assert result.exit_code == 1
    assert complaint in result.stderr


def test_a_goal_about_what_is_not_there_is_refused(run: Run, state: State) -> None:
    result = run("remedy", "--state", state(b.node("n1"), b.daemonset()), "--goal", "ds/agent on n2")
    assert (result.exit_code, result.stderr) == (
        1,
        'foretell: Error from server (NotFound): nodes "n2" not found\n',
    )


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        pytest.param("toleration", EditPattern(edit="toleration", text="toleration"), id="edit"),
        pytest.param("node/*", EditPattern(kind="Node", name="*", text="node/*"), id="object"),
        pytest.param("po/web-*", EditPattern(kind="Pod", name="web-*", text="po/web-*"), id="short-kind"),
        pytest.param(
            "taint:node/n*",
            EditPattern(edit="taint", kind="Node", name="n*", text="taint:node/n*"),
            id="both",
        ),
        pytest.param("*", EditPattern(text="*"), id="everything"),
        pytest.param("*:*/web", EditPattern(name="web", text="*:*/web"), id="any-kind"),
    ],
)
def test_patterns_are_read(text: str, pattern: EditPattern) -> None:
    assert pattern_of(text) == pattern
    assert weight_of(f"{text}=7") == (pattern, 7)


@pytest.mark.parametrize(
    "text", ["", "tolerations", "x:node/*", "taint:", "taint:node", "taint:/x", "zz/*", "node/", "=", ":"]
)
def test_patterns_that_match_no_edit_are_refused(run: Run, state: State, text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        pattern_of(text)
    there = state(b.node("n1"), b.daemonset())
    result = run("remedy", "--state", there, "--goal", "drain n1", "--never", text)
    assert result.exit_code == 1
    assert "--never" in result.stderr


@pytest.mark.parametrize(
    "text", ["taint", "taint=", "taint=0", "taint=-1", "taint=x", "taint=10001", "taint=²", "=3"]
)
def test_weights_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        weight_of(text)


@pytest.mark.parametrize(
    ("change", "option"),
    [
        pytest.param(
            c.RemoveTaint(node="n1", key="a", effect="NoExecute"), "--untaint n1:a:NoExecute", id="untaint"
        ),
        pytest.param(c.Uncordon(node="n1"), "--uncordon n1", id="uncordon"),
        pytest.param(
            c.SetLabels(node="n1", labels={"a": "b", "c": None}), "--label node/n1,a=b,c-", id="label"
        ),
        pytest.param(
            c.SetAnnotations(kind="StatefulSet", name="web", annotations={"touched": "yes"}),
            "--annotate sts/web,touched=yes",
            id="annotate",
        ),
        pytest.param(c.DeletePod(pod="web-0", grace=0), "--delete-pod web-0,grace=0", id="delete-pod"),
        pytest.param(c.Scale(kind="Deployment", name="x", replicas=3), "--scale deploy/x=3", id="scale"),
        pytest.param(c.Resume(kind="Deployment", name="shop"), "--resume deploy/shop", id="resume"),
        pytest.param(c.Undo(kind="DaemonSet", name="x", to_revision=2), "--undo ds/x,to=2", id="undo"),
        pytest.param(
            c.Patch(kind="Job", name="import", with_={"spec": {"suspend": False}}),
            "--unsuspend job/import",
            id="unsuspend",
        ),
        pytest.param(
            c.Patch(kind="StatefulSet", name="web", with_={"spec": {"x": "it's"}}),
            """--patch 'sts/web={"spec": {"x": "it'"'"'s"}}'""",
            id="patch",
        ),
    ],
)
def test_a_change_is_noted_as_its_option_reads_it(change: c.Change, option: str) -> None:
    assert option_of(change, "default") == option
    name, text = shlex.split(option)
    assert READERS[name.removeprefix("--")](text) == change


def test_what_no_option_does_is_noted_in_json_form() -> None:
    elsewhere = c.DeletePod(pod="web-0", namespace="other")
    assert note_of(elsewhere, "default") == '{"deletePod": {"pod": "web-0", "namespace": "other"}}'
    assert note_of(elsewhere, "other") == "--delete-pod web-0"


def test_the_documents_tell_all_edits_and_their_weights() -> None:
    text = (Path(__file__).parents[2] / "docs" / "remedy.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in text.splitlines() if line.startswith("| `")]
    told = {
        EditKind(kind.strip(" `")): int(row[2])
        for row in rows
        if row[2].strip().isdigit()
        for kind in row[1].split(",")
    }
    assert told == WEIGHTS


def test_the_documents_tell_every_field(run: Run, state: State) -> None:
    text = (Path(__file__).parents[2] / "docs" / "remedy.md").read_text(encoding="utf-8")
    there = state(b.node("n1", GPU), b.daemonset())
    document = json.loads(run("remedy", "--state", there, "--goal", "ds/agent on n1", "-o", "json").stdout)
    (one,) = document["remedies"]
    fields = [*document, *one, *one["edits"][0]]
    assert [field for field in fields if f"`{field}`" not in text] == []
