"""Plans read as they are written down, golden, in `plans/`."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from foretell.api.cli.program import PROGRAM
from foretell.api.telling.planned import PlanDocument
from tests.api.conftest import Put, Run

PLANS = Path(__file__).parent / "plans"
CASES = sorted(path.stem for path in PLANS.glob("*.txt"))
COMMAND = re.compile(r"\$ foretell plan --state (\S+)(.*)\n")


def told(name: str, run: Run, put: Put) -> tuple[str, str]:
    """A golden plan, and what its command prints today; the last line is the exit code."""
    golden = (PLANS / f"{name}.txt").read_text(encoding="utf-8")
    match = COMMAND.match(golden)
    assert match
    result = run("plan", "--state", put(match[1]), *shlex.split(match[2]))
    lines = (line.rstrip() for line in result.output.splitlines())
    return golden, "\n".join((match[0].rstrip(), *lines, f"exit code {result.exit_code}")) + "\n"


@pytest.mark.parametrize("name", CASES)
def test_a_plan_reads_as_it_is_written_down(name: str, run: Run, put: Put) -> None:
    golden, today = told(name, run, put)
    assert today == golden


@pytest.mark.parametrize("name", [name for name in CASES if not name.startswith("error")])
def test_the_json_of_a_plan_is_of_its_type_and_ends_alike(name: str, run: Run, put: Put) -> None:
    golden, _ = told(name, run, put)
    state, rest = COMMAND.match(golden).groups()  # type: ignore[union-attr]
    options = [word for word in shlex.split(rest) if word != "--all"]
    result = run("plan", "--state", put(state), *options, "-o", "json")
    plan = msgspec.json.decode(result.stdout, type=PlanDocument)
    assert msgspec.json.encode(plan) == msgspec.json.encode(msgspec.json.decode(result.stdout))
    assert result.exit_code == (2 if plan.waves else 0)
    assert golden.endswith(f"exit code {result.exit_code}\n")
    assert plan.summary.waves == len(plan.waves)


def test_names_that_cannot_be_known_before_are_starred(run: Run, put: Put) -> None:
    result = run(
        "plan", "--state", put("mixed"), "--restart", "ds/agent", "--restart", "sts/web", "-o", "json"
    )
    plan = msgspec.json.decode(result.stdout, type=PlanDocument)
    created = [action for wave in plan.waves for action in wave.actions if action.verb == "create"]
    names = {(action.kind, action.owner): action.name for action in created}
    assert names["Pod", "DaemonSet/agent"] == "agent-*"
    assert names["ControllerRevision", "DaemonSet/agent"] == "agent-*"
    assert names["Pod", "StatefulSet/web"] in ("web-0", "web-1")
    assert "*" not in names["ControllerRevision", "StatefulSet/web"]


def test_a_pod_that_was_applied_keeps_its_name_when_it_is_adopted(run: Run, put: Put, tmp_path: Path) -> None:
    pod = tmp_path / "pod.yaml"
    pod.write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: bare, labels: {app: agent}}\n"
        "spec: {nodeName: n1, containers: [{name: main, image: x}]}\n"
    )
    result = run("plan", str(pod), "--state", put("agents"), "-o", "json")
    plan = msgspec.json.decode(result.stdout, type=PlanDocument)
    adopted = [action for wave in plan.waves for action in wave.actions if action.reason == "adopted"]
    assert [action.name for action in adopted] == ["bare"]


@pytest.mark.parametrize(
    ("forced", "environment", "colours"),
    [
        pytest.param(True, {}, True, id="terminal"),
        pytest.param(True, {"NO_COLOR": "1"}, False, id="terminal-with-NO_COLOR"),
        pytest.param(False, {}, False, id="no-terminal"),
    ],
)
def test_colours_are_for_terminals_alone(
    forced: bool, environment: dict[str, str], colours: bool, put: Put
) -> None:
    arguments = ["plan", "--state", put("agents"), "--restart", "ds/agent"]
    result = CliRunner().invoke(PROGRAM, arguments, env=environment, color=forced)
    assert ("\x1b[32m+" in result.output) is colours
