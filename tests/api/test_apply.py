"""`apply` and `advance` move a state on, and write all of it or nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from foretell.model.cluster import Cluster
from foretell.model.reading import read
from tests.api import shops
from tests.api.conftest import Put, Run

WEB = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec: {replicas: 5}
"""
NEW = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
"""


def pods(path: str) -> list[str]:
    """The pods of a state, with what they are up to."""
    cluster: Cluster = read(path)
    return [f"{pod.name} {'Terminating' if pod.terminating else pod.phase}" for pod in cluster.pods]


@pytest.mark.parametrize(
    ("state", "options", "lines"),
    [
        pytest.param("web", ["--scale", "sts/web=5"], ["statefulset.apps/web scaled"], id="scale"),
        pytest.param("web", ["--taint", "n1:a=b:NoExecute"], ["node/n1 tainted"], id="taint"),
        pytest.param(
            "web",
            ["--taint", "n1:a:NoExecute", "--untaint", "n1:a"],
            ["node/n1 tainted", "node/n1 untainted"],
            id="untaint",
        ),
        pytest.param("web", ["--label", "node/n1,a=b"], ["node/n1 labeled"], id="label"),
        pytest.param("web", ["--annotate", "node/n1,a=b,c-"], ["node/n1 annotated"], id="annotate"),
        pytest.param(
            "web",
            ["--label", "po/web-0,app=web", "--label", "po/web-0,app-"],
            ["pod/web-0 not labeled", "pod/web-0 unlabeled"],
            id="unlabel",
        ),
        pytest.param(
            "web",
            ["--cordon", "n1", "--cordon", "n1", "--uncordon", "n1", "--uncordon", "n1"],
            [
                "node/n1 cordoned",
                "node/n1 already cordoned",
                "node/n1 uncordoned",
                "node/n1 already uncordoned",
            ],
            id="cordon",
        ),
        pytest.param("web", ["--image", "sts/web=x"], ["statefulset.apps/web image updated"], id="image"),
        pytest.param("web", ["--restart", "sts/web"], ["statefulset.apps/web restarted"], id="restart"),
        pytest.param(
            "web",
            ["--patch", 'sts/web={"spec": {"replicas": 3}}'],
            ["statefulset.apps/web patched (no change)"],
            id="patch-of-nothing",
        ),
        pytest.param(
            "web",
            ["--delete", "sts/web", "--delete", "node/n3"],
            ['statefulset.apps "web" deleted from default namespace', 'node "n3" deleted'],
            id="delete",
        ),
        pytest.param(
            "agents",
            ["--delete-pod", "agent@n1"],
            ['pod "agent-56cc4" deleted from default namespace'],
            id="delete-pod",
        ),
        pytest.param(
            "shop",
            ["--scale", "deploy/shop=5", "--scale", f"rs/shop-{shops.OLD}=1", "--restart", "deploy/shop"],
            [
                "deployment.apps/shop scaled",
                f"replicaset.apps/shop-{shops.OLD} scaled",
                "deployment.apps/shop restarted",
            ],
            id="deployments-and-their-replicasets",
        ),
        pytest.param(
            "shop",
            ["--pause", "deploy/shop", "--resume", "deploy/shop", "--resume", "deploy/held"],
            ["deployment.apps/shop paused", "deployment.apps/shop resumed", "deployment.apps/held resumed"],
            id="pause-and-resume",
        ),
        pytest.param(
            "shop",
            [
                "--image",
                "cj/nightly=import:2",
                "--suspend",
                "cj/nightly",
                "--unsuspend",
                "job/export",
                "--delete",
                "job/import,cascade=Orphan",
            ],
            [
                "cronjob.batch/nightly image updated",
                "cronjob.batch/nightly patched",
                "job.batch/export patched",
                'job.batch "import" deleted from default namespace',
            ],
            id="jobs",
        ),
        pytest.param("web", ["--evict", "web-0"], ["pod/web-0 evicted"], id="evict"),
        pytest.param(
            "guarded",
            ["--drain", "n2"],
            [
                "node/n2 cordoned",
                "pod/web-1 not evicted: it would violate the disruption budget web",
                "node/n2 not drained",
            ],
            id="drain-held-by-a-budget",
        ),
        pytest.param(
            "web", ["--drain", "n1"], ["node/n1 cordoned", "pod/web-0 evicted", "node/n1 drained"], id="drain"
        ),
        pytest.param("web", ["--node-ready", "n1=False"], ["node/n1 reports Ready=False"], id="node-ready"),
        pytest.param(
            "web",
            ["--node-condition", "n1,DiskPressure=True"],
            ["node/n1 reports DiskPressure=True"],
            id="condition",
        ),
        pytest.param("web", ["--pod-status", "web-0=Failed"], ["pod/web-0 is Failed"], id="pod-status"),
    ],
)
def test_each_change_is_told_as_kubectl_tells_it(
    state: str, options: list[str], lines: list[str], run: Run, put: Put
) -> None:
    result = run("apply", "--state", put(state), *options)
    assert result.stdout.splitlines() == lines
    assert result.exit_code == 0


def test_manifests_are_created_configured_or_unchanged(run: Run, put: Put, tmp_path: Path) -> None:
    state, file = put("web"), tmp_path / "changes.yaml"
    file.write_text(f"{WEB}---\n{NEW}")
    first = run("apply", str(file), "--state", state)
    assert first.stdout.splitlines() == ["statefulset.apps/web configured", "configmap/settings created"]
    second = run("apply", str(file), "--state", state)
    assert second.stdout.splitlines() == ["statefulset.apps/web unchanged", "configmap/settings unchanged"]


def test_nothing_is_written_when_any_change_is_refused(run: Run, put: Put) -> None:
    state = put("web")
    before = Path(state).read_bytes()
    result = run("apply", "--state", state, "--cordon", "n1", "--scale", "sts/nope=1")
    assert result.exit_code == 1
    assert Path(state).read_bytes() == before


def test_an_unchanged_state_is_not_written_again(run: Run, put: Put) -> None:
    state = put("web")
    before = Path(state).stat()
    run("apply", "--state", state, "--scale", "sts/web=3")
    assert Path(state).stat() == before


def test_no_controller_acts_when_changes_are_applied(run: Run, put: Put) -> None:
    state = put("web")
    run("apply", "--state", state, "--scale", "sts/web=1")
    assert pods(state) == ["web-0 Running", "web-1 Running", "web-2 Running"]


def test_time_passes_for_plan_and_advance_alone(run: Run, put: Put, tmp_path: Path) -> None:
    file = tmp_path / "wait.yaml"
    file.write_text("wait: 5\n")
    result = run("apply", str(file), "--state", put("web"))
    assert result.exit_code == 1
    assert "apply lets no time pass" in result.stderr


@pytest.mark.parametrize(
    ("suffix", "start"),
    [pytest.param(".yaml", "apiVersion: v1\n", id="yaml"), pytest.param(".json", "{\n", id="json")],
)
def test_the_target_is_written_as_its_name_says(
    suffix: str, start: str, run: Run, put: Put, tmp_path: Path
) -> None:
    state, target = put("web"), tmp_path / f"after{suffix}"
    before = Path(state).read_bytes()
    run("apply", "--state", state, "--cordon", "n1", "--write", str(target))
    assert target.read_text().startswith(start)
    assert Path(state).read_bytes() == before


def test_a_state_on_standard_output_stands_alone_there(run: Run, put: Put) -> None:
    result = run("apply", "--state", put("web"), "--cordon", "n1", "--write", "-")
    assert json.loads(result.stdout)["kind"] == "List"
    assert result.stderr == "node/n1 cordoned\n"


@pytest.mark.parametrize("state", ["-", "."])
def test_a_state_without_a_file_of_its_own_needs_a_target(state: str, run: Run, put: Put) -> None:
    result = run("apply", "--state", state, "--cordon", "n1", stdin=Path(put("web")).read_bytes())
    assert result.exit_code == 1
    assert "--write has to say where it goes" in result.stderr


def test_a_target_that_cannot_be_written_is_an_error(run: Run, put: Put) -> None:
    result = run("apply", "--state", put("web"), "--cordon", "n1", "--write", "/nowhere/state.yaml")
    assert result.exit_code == 1
    assert result.stderr == "foretell: /nowhere/state.yaml: can't be written: no such file or directory\n"


def test_what_was_done_can_be_had_as_json(run: Run, put: Put) -> None:
    told = json.loads(run("apply", "--state", put("web"), "--cordon", "n1", "-o", "json").stdout)
    assert told == [{"change": {"cordon": {"node": "n1"}}, "results": ["node/n1 cordoned"]}]


# --- advance ---


def test_one_wave_is_taken_at_a_time(run: Run, put: Put) -> None:
    state = put("web")
    first = run("advance", "--state", state, "--scale", "sts/web=1")
    assert first.stdout.endswith(f"1 wave taken, more to come: {state} is the cluster after.\n")
    assert pods(state) == ["web-0 Running", "web-1 Running", "web-2 Terminating"]
    run("advance", "--state", state)
    assert pods(state) == ["web-0 Running", "web-1 Terminating"]
    last = run("advance", "--state", state)
    assert last.stdout.startswith("Nothing to do: no controller acts;")
    assert pods(state) == ["web-0 Running"]


@pytest.mark.parametrize("option", ["--all", "--waves=100"])
def test_all_waves_lead_to_where_nothing_is_left_to_do(option: str, run: Run, put: Put) -> None:
    state = put("web")
    result = run("advance", "--state", state, "--scale", "sts/web=1", option)
    assert "2 waves taken, nothing is left to do" in result.stdout
    assert pods(state) == ["web-0 Running"]
    assert run("plan", "--state", state).exit_code == 0


def test_single_waves_lead_where_all_at_once_do(run: Run, put: Put) -> None:
    """The objects are the same but for their moments: the clock of a state stands still between commands."""
    step, leap = put("agents"), put("mixed")
    leap = step.replace("agents", "leap")
    Path(leap).write_bytes(Path(step).read_bytes())
    run("advance", "--state", leap, "--image", "ds/agent=x", "--all")
    run("advance", "--state", step, "--image", "ds/agent=x")
    for _ in range(8):
        run("advance", "--state", step)
    assert pods(step) == pods(leap)


def test_the_json_of_an_advance_has_the_waves_that_were_taken(run: Run, put: Put) -> None:
    result = run("advance", "--state", put("web"), "--scale", "sts/web=1", "-o", "json", "--write", "-")
    plan = json.loads(result.stderr)
    assert plan["format"] == "foretell.plan/1"
    assert plan["summary"]["waves"] == len(plan["waves"]) == 1
    assert json.loads(result.stdout)["kind"] == "List"


def test_a_round_that_never_ends_is_advanced_as_far_as_is_asked(run: Run, put: Put) -> None:
    result = run(
        "advance", "--state", put("web"), "--delete-pod", "web-2", "--fails", "web-2", "--waves", "3"
    )
    assert "3 waves taken, more to come" in result.stdout


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        pytest.param(
            ["--resume", "deploy/shop"], 'error: deployments.apps "shop" is not paused', id="not-paused"
        ),
        pytest.param(
            ["--pause", "deploy/held"],
            'error: deployments.apps "held" is already paused',
            id="already-paused",
        ),
        pytest.param(
            ["--pause", f"rs/shop-{shops.OLD}"],
            f'error: replicasets.apps "shop-{shops.OLD}" pausing is not supported',
            id="other-kind",
        ),
        pytest.param(
            ["--image", "pdb/shop=shop:2"],
            'error: poddisruptionbudgets "shop" is not a pod and has no pod template',
            id="image-of-nothing",
        ),
        pytest.param(
            ["--scale", "job/import=2"],
            "Error from server (NotFound): the server could not find the requested resource",
            id="scale-of-a-job",
        ),
        pytest.param(
            ["--scale", "job/export-2=2"],
            'Error from server (NotFound): jobs.batch "export-2" not found',
            id="scale-of-nothing",
        ),
        pytest.param(
            ["--suspend", "deploy/shop"],
            "'deploy/shop' can't be read: expected a Job or a CronJob, such as job/import or cj/nightly",
            id="suspend-of-another-kind",
        ),
    ],
)
def test_what_can_not_be_held_is_refused_in_a_sentence(
    options: list[str], sentence: str, put: Put, run: Run
) -> None:
    result = run("apply", "--state", put("shop"), *options)
    assert result.exit_code != 0
    assert " ".join(result.output.split()).replace(" │ ", " ").count(sentence) == 1


def test_a_plan_tells_the_changes_of_deployments_and_jobs_in_words(put: Put, run: Run) -> None:
    options = ["--pause", "deploy/shop", "--resume", "deploy/shop", "--suspend", "cj/nightly",
               "--unsuspend", "job/export", "--scale", "deploy/shop=4"]  # fmt: skip
    lines = run("plan", "--state", put("shop"), "--horizon", "0", *options).stdout.splitlines()
    assert lines[0] == (
        "Forecast for 2 nodes, 2 Deployments, 2 Jobs, 1 CronJob, 5 pods (Kubernetes 1.36), after:"
    )
    assert lines[1:6] == [
        "  pause deploy/shop", "  resume deploy/shop", "  suspend cj/nightly", "  unsuspend job/export",
        "  scale deploy/shop to 4 replicas",
    ]  # fmt: skip
