"""`foretell check`: what it prints in each form, how it ends, and what it refuses."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from time import sleep
from xml.etree import ElementTree as ET

import msgspec
import pytest

from foretell.api.telling.checked import FORMAT, CheckDocument
from foretell.logic.policy.sources import library
from foretell.model.writing import write_cluster
from tests import builders as b
from tests.api.conftest import Put, Run

READY = """%! ready: Every pod is ready in every wave.
%! ready: Be slower.
%! unready(Node): it is not, on {Node}
warn(ready, Pod, unready(Node)) :- bound(Pod, Node), not ready(Pod).
deny(ready, Pod) :- terminating(Pod), wave(_).
"""
FORETELL = str(Path(sys.executable).parent / "foretell")
IMAGE = ("--image", "sts/web=web:2")
ODD = 'a <b> & "c" \u00e9 %s]]>'


@pytest.fixture
def policy(tmp_path: Path) -> str:
    """A file of a policy."""
    path = tmp_path / "ready.lp"
    path.write_text(READY)
    return str(path)


# --- text ---


def test_a_policy_is_told_in_a_line_with_its_findings_beneath(run: Run, put: Put, policy: str) -> None:
    done = run("check", "--state", put("web"), "--policy", policy, "--policy", "settles", *IMAGE)
    assert done.stdout == (
        "denied  ready    Every pod is ready in every wave.\n"
        "  pod web-2  (wave 1)\n"
        "  pod web-1  (wave 3)\n"
        "  pod web-0  (wave 5)\n"
        "  warn: pod web-2: it is not, on node n3  (wave 2)\n"
        "  warn: pod web-1: it is not, on node n2  (wave 4)\n"
        "  warn: pod web-0: it is not, on node n1  (wave 6)\n"
        "  Be slower.\n"
        "ok      settles  What is changed comes to rest, and nothing is left waiting.\n"
        "\n"
        "2 policies over 6 waves and the outcome: 1 denied.\n"
    )
    assert done.exit_code == 2


def test_names_that_cannot_be_known_are_starred(run: Run, put: Put, policy: str) -> None:
    done = run("check", "--state", put("agents"), "--policy", policy, "--image", "ds/agent=a:2", "-q")
    assert "  warn: pod agent-*: it is not, on node n1  (wave 2)\n" in done.stdout


def test_of_many_findings_the_first_are_told(run: Run, put: Put, tmp_path: Path) -> None:
    path = tmp_path / "p.lp"
    path.write_text("warn(p, Pod) :- pod(Pod).")
    arguments = ("check", "--state", put("agents-30"), "--policy", str(path))
    assert "  … and 18 more (--all)\n" in run(*arguments).stdout
    assert run(*arguments, "--all").stdout.count("\n") == 33


def test_quietly_only_what_was_found_is_told(run: Run, put: Put, policy: str) -> None:
    done = run("check", "--state", put("web"), "--policy", policy, "--policy", "settles", "-q")
    assert (done.stdout, done.exit_code) == ("", 0)


def test_new_passes_over_what_was_so_before(run: Run, put: Put) -> None:
    arguments = ("check", "--state", put("web"), "--policy", "budget_for_sets")
    assert run(*arguments).exit_code == 2
    assert run(*arguments, "--new").exit_code == 0


def test_nothing_in_a_label_steers_the_terminal(run: Run, tmp_path: Path) -> None:
    state, policy = tmp_path / "state.json", tmp_path / "p.lp"
    node = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": "n", "annotations": {"a": "\x1b[2J\r\n\u202e"}},
    }
    state.write_text(json.dumps(node))
    policy.write_text("warn(p, Node, Value) :- at_rest, annotation(Node, _, Value).")
    done = run("check", "--state", str(state), "--policy", str(policy))
    assert "  node n: \ufffd[2J\ufffd\ufffd\ufffd  (in the end; as before)\n" in done.stdout


def test_the_library_is_listed(run: Run) -> None:
    done = run("check", "--library")
    assert [line.split()[0] for line in done.stdout.splitlines()[1:]] == list(library())
    assert done.exit_code == 0


@pytest.fixture
def luck(tmp_path: Path) -> str:
    """A state in which a small pod may be put where a tall one has its only place."""
    size = {"cpu": "1", "pods": "9"}
    there = b.cluster(
        b.node("n1", labels={"disk": "ssd"}, allocatable=size), b.node("n2", allocatable=size),
        b.pod("small", phase="Pending", ready=False, requests={"cpu": "500m"}),
        b.pod("tall", phase="Pending", ready=False, requests={"cpu": "1"}, nodeSelector={"disk": "ssd"}),
    )  # fmt: skip
    state = tmp_path / "luck.json"
    state.write_bytes(write_cluster(there, "json"))
    return str(state)


def test_every_order_is_judged_where_that_is_asked_for(run: Run, luck: str) -> None:
    done = run("check", "--state", luck, "--policy", "nothing_pending", "--every-order")
    assert done.exit_code == 2
    assert "pod tall: no node takes it  (in the end; as before; in some orders)" in done.stdout
    assert done.stdout.endswith("1 policy over every order (3): 1 denied.\n")


def test_where_orders_are_left_nothing_is_sure(run: Run, luck: str) -> None:
    arguments = ("check", "--state", luck, "--policy", "no_bare_pods", "--every-order")
    assert "over 1 order, which aren't all" in run(*arguments, "--orders", "1", "--new").stdout
    done = run(*arguments, "--orders", "1", "--new", "-q")
    assert (done.exit_code, done.stdout != "") == (2, True)
    assert run(*arguments, "--new", "-q").exit_code == 0


# --- other forms ---


def test_json_says_the_same_in_a_versioned_form(run: Run, put: Put, policy: str) -> None:
    done = run("check", "--state", put("web"), "--policy", policy, "-o", "json", *IMAGE)
    document = msgspec.json.decode(done.stdout, type=CheckDocument)
    assert (document.format, document.denied, document.waves) == (FORMAT, True, 6)
    (found,) = document.policies
    assert (found.name, found.source, found.line, found.result) == ("ready", policy, 4, "denied")
    first, *_, last = json.loads(done.stdout)["policies"][0]["findings"]
    assert first == {
        "level": "deny", "line": 5, "subject": "pod web-2",
        "object": {"kind": "Pod", "namespace": "default", "name": "web-2"},
        "message": "", "waves": [[1, 1]], "outcome": False, "before": False, "every": True,
    }  # fmt: skip
    assert (last["level"], last["message"], last["line"]) == ("warn", "it is not, on node n1", 4)


@pytest.fixture
def odd(tmp_path: Path) -> tuple[str, str]:
    """A state with an odd annotation, and a policy that denies and warns in odd words."""
    state, policy = tmp_path / "a state.json", tmp_path / "odd <&>.lp"
    node = {
        "apiVersion": "v1", "kind": "Node",
        "metadata": {"name": "n", "annotations": {"a": ODD % "\x00\x1b\ud7ff\ufffe"}},
    }  # fmt: skip
    state.write_text(json.dumps(node))
    policy.write_text(
        "%! odd: <&> \"'\u00e4.\n"
        "deny(odd, Node, Value) :- at_rest, annotation(Node, _, Value).\n"
        'warn(odd, "<&>") :- at_rest.\n'
        "deny(even, it) :- pod(_)."
    )
    return str(state), str(policy)


def test_junit_has_a_case_for_each_policy(run: Run, odd: tuple[str, str]) -> None:
    state, policy = odd
    done = run("check", "--state", state, "--policy", policy, "--policy", "settles", "-o", "junit")
    root = ET.fromstring(done.stdout.encode())
    assert (root.tag, root.attrib) == (
        "testsuites", {"name": "foretell check", "tests": "3", "failures": "1", "errors": "0"}
    )  # fmt: skip
    assert [(suite.get("name"), suite.get("tests"), suite.get("failures")) for suite in root] == [
        (policy, "2", "1"),
        ("settles", "1", "0"),
    ]
    cases = {str(case.get("name")): case for case in root.iter("testcase")}
    assert list(cases) == ["odd", "even", "settles"]
    failure = cases["odd"].find("failure")
    assert failure is not None
    assert failure.get("message") == "<&> \"'\u00e4."
    assert failure.text == f"node n: {ODD % chr(0xFFFD)} (in the end; as before)".replace(
        "\ufffd", "\ufffd\ufffd\ud7ff\ufffd"
    )
    assert cases["odd"].findtext("system-out") == "<&> (in the end; as before)"
    assert len(cases["even"]) == 0
    assert done.exit_code == 2


def test_sarif_holds_what_the_standard_asks_for(run: Run, odd: tuple[str, str]) -> None:
    """Source: SARIF 2.1.0, sections 3.13 (log), 3.14 (run), 3.19 (driver), 3.27 (result), 3.28 (location)."""
    state, policy = odd
    done = run("check", "--state", state, "--policy", policy, "--policy", "budget_for_sets", "-o", "sarif")
    log = json.loads(done.stdout)
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("/sarif-schema-2.1.0.json")
    (one,) = log["runs"]
    driver = one["tool"]["driver"]
    assert driver["name"] == "foretell"
    assert [rule["id"] for rule in driver["rules"]] == ["odd", "even", "budget_for_sets"]
    assert all(rule["shortDescription"]["text"] for rule in driver["rules"])
    assert one["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    assert all(invocation["executionSuccessful"] is True for invocation in one["invocations"])
    assert [result["level"] for result in one["results"]] == ["error", "warning"]
    for result in one["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        physical = [*result["locations"], *result["relatedLocations"]]
        for location in physical:
            uri = location["physicalLocation"]["artifactLocation"]["uri"]
            assert uri.startswith("file:///")
            assert not set(' <>"\\') & set(uri)
        assert result["relatedLocations"][0]["physicalLocation"]["region"]["startLine"] in (2, 3)
    assert one["results"][0]["locations"][0]["logicalLocations"] == [
        {"name": "n", "fullyQualifiedName": "Node/n", "kind": "resource"}
    ]
    prints = [result["partialFingerprints"]["finding/v1"] for result in one["results"]]
    assert len(set(prints)) == len(prints)


@pytest.mark.usefixtures("policy")
def test_addresses_in_sarif_stay_relative(run: Run, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    state = Path(put("web"))
    monkeypatch.chdir(state.parent)
    done = run("check", "--state", state.name, "--policy", "ready.lp", "-o", "sarif", *IMAGE)
    result = json.loads(done.stdout)["runs"][0]["results"][0]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "web.json"
    assert result["relatedLocations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "ready.lp"}, "region": {"startLine": 5},
    }  # fmt: skip
    piped = run(
        "check", "--state", "-", "--policy", "ready.lp", "-o", "sarif", *IMAGE, stdin=state.read_bytes()
    )
    location = json.loads(piped.stdout)["runs"][0]["results"][0]["locations"][0]
    assert "physicalLocation" not in location


# --- ends ---


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        pytest.param("deny(p, it) :- outcome.", 2, id="denied"),
        pytest.param("warn(p, it) :- outcome.", 0, id="warned"),
        pytest.param("deny(p, it) :- before.", 0, id="before-alone"),
        pytest.param("deny(p, it) :- podd(X).", 1, id="fault"),
    ],
)
@pytest.mark.parametrize("output", ["text", "json", "junit", "sarif"])
def test_the_exit_code_says_whether_anything_is_denied(
    run: Run, put: Put, tmp_path: Path, rule: str, code: int, output: str
) -> None:
    path = tmp_path / "p.lp"
    path.write_text(rule)
    assert run("check", "--state", put("nodes"), "--policy", str(path), "-o", output).exit_code == code


def test_faults_are_told_with_their_places_and_nothing_is_printed(run: Run, put: Put, tmp_path: Path) -> None:
    path = tmp_path / "p.lp"
    path.write_text('% one\ndeny(p, Pod) :- pdo(Pod).\n#include "/etc/passwd".\n')
    done = run("check", "--state", put("nodes"), "--policy", str(path))
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"foretell: {path}:3:1: #include is not for policies\n"
    path.write_text("% one\ndeny(p, Pod) :- pdo(Pod).\n:- pod(_).\n")
    done = run("check", "--state", put("nodes"), "--policy", str(path))
    assert done.stderr == (
        f"foretell: {path}:3:1: a constraint finds nothing: derive deny(Policy, Subject, Message)\n"
    )


def test_faults_are_told_before_anything_is_forecast(run: Run, put: Put, tmp_path: Path) -> None:
    path = tmp_path / "p.lp"
    path.write_text("deny(p, Pod) :- pdo(Pod).")
    done = run("check", "--state", put("nodes"), "--policy", str(path), "--scale", "sts/nope=3")
    assert "pdo/1 is neither told nor derived" in done.stderr
    path.write_text("deny(p, Pod) :- pod(Pod).")
    done = run("check", "--state", put("nodes"), "--policy", str(path), "--scale", "sts/nope=3")
    assert '"nope" not found' in done.stderr


def test_a_policy_that_takes_too_long_is_an_error(run: Run, put: Put, tmp_path: Path) -> None:
    path = tmp_path / "p.lp"
    path.write_text("p(0). p((X + 1) \\ 1000000007) :- p(X). deny(p, X) :- p(X), outcome.")
    done = run("check", "--state", put("nodes"), "--policy", str(path), "--seconds", "0.5")
    assert done.exit_code == 1
    assert done.stderr == f"foretell: {path}: it takes longer than 0.5 s (--seconds), at the outcome\n"


@pytest.mark.parametrize("seconds", ["inf", "nan", "1e300"])
def test_any_number_of_seconds_can_be_counted_down(run: Run, put: Put, seconds: str) -> None:
    done = run("check", "--state", put("nodes"), "--policy", "settles", "--seconds", seconds)
    assert (done.exit_code, done.stderr) == (0, "")


def test_notes_go_to_standard_error(run: Run, put: Put, tmp_path: Path) -> None:
    path = tmp_path / "p.lp"
    path.write_text('deny(p, it) :- outcome, X = "a", X + 1 > 0.')
    done = run("check", "--state", put("nodes"), "--policy", str(path))
    assert (done.exit_code, done.stderr) == (
        0,
        f"foretell: note: {path}:1:34: operation undefined: (X+1)\n",
    )


def test_a_drain_that_is_refused_is_an_error(run: Run, put: Put, policy: str) -> None:
    done = run("check", "--state", put("agents"), "--policy", policy, "--drain", "n1")
    assert done.exit_code == 1
    assert "cannot delete DaemonSet-managed Pods" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param((), "Missing option '--policy'", id="no-policy"),
        pytest.param(
            ("--policy", "nope"), "'nope' is neither a file, nor a folder, nor a policy", id="unknown"
        ),
        pytest.param(("--policy", "settles", "--const", "x"), "expected NAME=VALUE, such as", id="const"),
        pytest.param(("--policy", "settles", "--const", "x=1"), "no policy has a constant", id="no-const"),
        pytest.param(("--policy", ""), "'' is neither a file, nor a folder", id="empty"),
        pytest.param(
            ("--policy", "keeps_ready", "--const", "least=3000000000"),
            "too large: numbers go up to",
            id="large",
        ),
        pytest.param(("--policy", "settles", "--seconds", "0"), "'--seconds'", id="seconds"),
        pytest.param(("--policy", "settles", "--memory", "1"), "'--memory'", id="memory"),
    ],
)
def test_what_cannot_be_asked_is_refused(run: Run, put: Put, arguments: tuple[str, ...], said: str) -> None:
    done = run("check", "--state", put("nodes"), *arguments)
    assert done.exit_code == 1
    assert said in done.stderr


def test_constants_are_numbers_or_texts(run: Run, put: Put) -> None:
    arguments = ("check", "--state", put("web"), "--policy", "keeps_ready", "--const", "label_value=web")
    assert run(*arguments, "--const", "least=3").exit_code == 0
    assert run(*arguments, "--const", "least=4").exit_code == 2


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are found by /proc")
def test_an_interrupt_ends_it_at_once_and_leaves_nothing_behind(put: Put, tmp_path: Path) -> None:
    path = tmp_path / "p.lp"
    path.write_text("p(0). p((X + 1) \\ 1000000007) :- p(X). deny(p, X) :- p(X), outcome.")
    command = [FORETELL, "check", "--state", put("nodes"), "--policy", str(path), "--seconds", "60"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        while not (child := children.read_text().split()):
            sleep(0.05)
        sleep(1.0)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 130
    assert not Path(f"/proc/{child[0]}").exists()
