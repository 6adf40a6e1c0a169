"""`foretell orders`: what it prints of what is sure and possible, how it ends, and what it refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest

from foretell.api.telling.ordered import FORMAT, OrdersDocument
from foretell.api.telling.statements import FORMS, in_words, statement
from foretell.model import statements as s
from foretell.model.meta import Key
from foretell.model.orders import ChoiceKind, Holds
from tests.api.conftest import Put, Run

ROOT = Path(__file__).resolve().parents[2]
DOC = (ROOT / "docs" / "orders.md").read_text(encoding="utf-8")
AGENT, SHOP = Key("DaemonSet", "default", "agent"), Key("Deployment", "default", "shop")
WEB = Key("Pod", "default", "web-0")
IMAGE = ("--image", "ds/agent=agent:2")


# --- statements ---

WRITTEN = [
    ("settles", s.Settles()),
    ("settles within 300s", s.Settles(within=300)),
    ("deploy/shop keeps 2 ready", s.Keeps(workload=SHOP, pods=2)),
    ("ds/agent keeps 0 available", s.Keeps(workload=AGENT, pods=0, available=True)),
    ("ds/agent ready within 60s", s.GetsReady(workload=AGENT, within=60)),
    ("deploy/shop on 1 node", s.Spreads(workload=SHOP, nodes=1)),
    ("deploy/shop on 2 nodes", s.Spreads(workload=SHOP, nodes=2)),
    ("pod/web-0 stays", s.Stays(pod=WEB)),
    ("pod/web-0 goes", s.Goes(pod=WEB)),
    ("pod/web-0 on worker-1", s.IsOn(pod=WEB, node="worker-1")),
    ("other/pod/web-0 stays", s.Stays(pod=Key("Pod", "other", "web-0"))),
]


@pytest.mark.parametrize(("text", "meant"), WRITTEN, ids=[text for text, _ in WRITTEN])
def test_a_statement_is_read_and_written_alike(text: str, meant: s.Statement) -> None:
    assert statement(text, "default") == meant
    assert in_words(meant, "default") == text


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("  DaemonSet/agent   keeps 1 ready ", s.Keeps(workload=AGENT, pods=1)),
        ("daemonsets/agent ready within 2m", s.GetsReady(workload=AGENT, within=120)),
        ("settles within 1h", s.Settles(within=3600)),
        ("po/web-0 on nodes", s.IsOn(pod=WEB, node="nodes")),
    ],
)
def test_a_statement_may_be_written_otherwise(text: str, meant: s.Statement) -> None:
    assert statement(text, "default") == meant


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "'' is no statement: expected settles [within TIME], KIND/NAME keeps N ready|available"),
        ("ds/agent keeps -1 ready", "is no statement"),
        ("ds/agent keeps 1.5 ready", "is no statement"),
        ("ds/agent keeps 99999999999 ready", "is no statement"),
        ("ds/agent ready within 60", "is no statement"),
        ("settles within soon", "is no statement"),
        ("a/b/ds/agent keeps 1 ready", "is no statement"),
        ("dss/agent keeps 1 ready", "unknown kind 'dss': did you mean"),
        ("node/n1 keeps 1 ready", "is about a Node: expected one of DaemonSet, Deployment"),
        ("job/import ready within 5s", "is about a Job"),
        ("ds/agent stays", "is about a DaemonSet: expected a pod, such as pod/web-0"),
    ],
)
def test_what_is_no_statement_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        statement(text, "default")


# --- the command ---


def test_alike_nodes_are_one_order(run: Run, put: Put) -> None:
    found = run("orders", "--state", put("agents"), *IMAGE, "--sure", "ds/agent keeps 2 ready")
    assert found.exit_code == 0
    lines = found.output.splitlines()
    assert lines[2:-2] == [
        "",
        "There is one order, but for nodes that are alike. The control plane chooses:",
        "  which nodes ds/agent goes on with, among n1, n2, n3 (waves 1 to 3)",
        "",
        "Sure: ds/agent keeps 2 ready.",
        "",
        "In every order:",
        "  everything is as wanted in the end",
        "  at least 2 of 3 pods of ds/agent stay ready",
    ]
    assert lines[-2].startswith("  gone are agent-")
    assert lines[-1] == "  6 waves, all done after 6s"


def test_nothing_to_choose_is_said(run: Run, put: Put) -> None:
    found = run("orders", "--state", put("web"))
    assert "There is one order: the control plane has nothing to choose.\n" in found.output
    assert found.exit_code == 0


@pytest.mark.parametrize(
    ("statement", "said", "code"),
    [
        ("ds/agent keeps 3 ready", "Never: ds/agent keeps 3 ready, it holds in no order.", 2),
        ("settles", "Never: settles, it holds in no order.", 2),
        ("ds/agent keeps 1 ready", "Sure: ds/agent keeps 1 ready.", 0),
    ],
)
def test_a_statement_decides_the_exit_code(statement: str, said: str, code: int, run: Run, put: Put) -> None:
    broken = ("--never-ready", "agent@n2")
    found = run("orders", "--state", put("agents"), *IMAGE, *broken, "--sure", statement)
    assert f"{said}\n" in found.output
    assert found.exit_code == code


def test_a_limit_leaves_things_unknown(run: Run, put: Put) -> None:
    arguments = ("--state", put("agents"), *IMAGE, "--never-ready", "agent@n2", "--orders", "1")
    found = run("orders", *arguments, "--sure", "ds/agent keeps 1 ready")
    assert "1 order was looked at, not all." in found.output
    assert "Not known: ds/agent keeps 1 ready, though none of these breaks it.\n" in found.output
    assert "In the one order looked at:\n" in found.output
    assert found.exit_code == 2


def test_a_horizon_cuts_every_order(run: Run, put: Put) -> None:
    found = run("orders", "--state", put("agents"), *IMAGE, "--horizon", "1")
    assert "  it is cut: the horizon of 1 turn is reached\n" in found.output


def test_a_drain_that_is_refused_is_an_error(run: Run, put: Put) -> None:
    found = run("orders", "--state", put("agents"), "--drain", "n1")
    assert "cannot delete DaemonSet-managed Pods" in found.output
    assert found.exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--sure", "all is well"), "Invalid value for --sure: 'all is well' is no statement: expected"),
        (
            ("--sure", "deploy/shop keeps 1 ready"),
            "a statement is about Deployment/shop in namespace",
        ),
        (("--sure", "pod/agent-0 stays"), "which isn't there before the changes"),
        (("--orders", "0"), "Invalid value for '--orders'"),
        (("--image", "ds/other=x:1"), 'daemonsets.apps "other" not found'),
    ],
)
def test_what_cannot_be_asked_is_an_error(
    arguments: tuple[str, ...], problem: str, run: Run, put: Put
) -> None:
    found = run("orders", "--state", put("agents"), *arguments)
    assert problem in found.stderr
    assert found.stdout == ""
    assert found.exit_code == 1


# --- as JSON ---


def test_the_document_has_the_fields_that_are_written_down(run: Run, put: Put) -> None:
    arguments = ("--never-ready", "agent@n2", "--sure", "ds/agent keeps 3 ready", "-o", "json")
    found = run("orders", "--state", put("agents"), *IMAGE, *arguments)
    document = msgspec.json.decode(found.output, type=OrdersDocument)
    assert document.format == FORMAT
    assert document.complete
    assert [each.holds for each in document.statements] == [Holds.NONE]
    assert document.statements[0].counterexample is not None
    assert [len(wave.actions) for wave in document.statements[0].counterexample.waves] == [2]
    assert {choice.kind for choice in document.choices} == {ChoiceKind.ROLL_OUT}
    assert FORMAT in DOC
    assert all(f"`{field}`" in DOC for field in json.loads(found.output))


@pytest.mark.parametrize("kind", ChoiceKind)
def test_every_kind_of_choice_is_described(kind: ChoiceKind) -> None:
    assert len(re.findall(rf"^\| `{kind}` \|", DOC, re.MULTILINE)) == 1


def test_every_form_of_a_statement_is_described() -> None:
    words = {word for form in FORMS for word in re.findall(r"[a-z]{2,}", form)} - {"pod"}
    assert all(word in DOC.partition("## Statements")[2] for word in words)
