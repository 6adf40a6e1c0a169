"""`foretell why`: what it prints, how it ends, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from foretell.api.telling.explained import WhyDocument
from foretell.api.telling.whys import about_of, is_target, question_text
from tests import builders as b
from tests.api.conftest import Put, Run

LAW = "A node repels a daemon pod through each NoSchedule or NoExecute taint that it does not tolerate."
TEMPLATE = "spec.template.spec"
LABEL = '["disk"]'
TAINT = ("--taint", "n2:gpu=yes:NoSchedule")


def lines(run: Run, *arguments: str, code: int = 0) -> list[str]:
    """What a command prints; it has to end as expected."""
    result = run("why", *arguments)
    assert result.exit_code == code, result.output
    return [line.rstrip() for line in result.stdout.splitlines()]


def test_a_reason_is_told_with_the_fields_that_it_stands_on(run: Run, put: Put) -> None:
    assert lines(run, "not", "ds/agent@n2", *TAINT, "--state", put("nodes"), code=1) == []
    assert lines(run, "not", "ds/agent@n2", *TAINT, "--state", put("agents")) == [
        "ds/agent wants no pod on n2, though pod agent-5f66b (ready) is there.",
        "  taint: the node's taint gpu=yes:NoSchedule is not tolerated",
        "    node n2 spec.taints[0]; ds/agent spec.template.spec.tolerations (not set)",
    ]


def test_with_full_the_rule_and_what_would_help_are_told_too(run: Run, put: Put) -> None:
    told = lines(run, "not", "ds/agent@n2", *TAINT, "--full", "--state", put("agents"))
    assert told[2:] == [
        '    node n2 spec.taints[0] = {"key":"gpu","value":"yes","effect":"NoSchedule"}',
        "    ds/agent spec.template.spec.tolerations (not set)",
        f"    by eligibility.lp:15: {LAW}",
        "    until the taint goes, or it is tolerated",
    ]


def test_a_tree_goes_down_to_the_fields(run: Run, put: Put) -> None:
    told = lines(run, "not", "ds/agent@n2", *TAINT, "-o", "tree", "--state", put("agents"))
    assert any(line.endswith("[owing.lp:34]") for line in told)
    assert any("├─ taint(" in line and line.endswith("= Node/n2 spec.taints[0]") for line in told)
    assert any("└─ not befalls(" in line for line in told)


def test_what_is_not_so_ends_with_2(run: Run, put: Put) -> None:
    assert lines(run, "not", "ds/agent@n2", "--state", put("agents"), code=2) == [
        "ds/agent wants a pod on n2, and pod agent-5f66b (ready) is there.",
        "  any-node: its template asks for no node in particular",
    ]


def test_nodes_of_a_daemonset_that_say_the_same_are_told_together(run: Run, put: Put) -> None:
    both = (*TAINT, "--taint", "n3:gpu=yes:NoSchedule")
    assert lines(run, "ds/agent", *both, "--state", put("agents"))[:3] == [
        "ds/agent wants a pod on 1 of 3 nodes, and has one ready on 1.",
        "  2 nodes: n2, n3",
        "    taint: the node's taint gpu=yes:NoSchedule is not tolerated",
    ]


def test_a_file_of_changes_follows_the_question(run: Run, put: Put, tmp_path: Path) -> None:
    (tmp_path / "new.json").write_text(json.dumps(b.daemonset(pod={"nodeSelector": {"disk": "ssd"}})))
    told = lines(run, "ds/agent@n1", str(tmp_path / "new.json"), "--state", put("nodes"), code=2)
    assert told == [
        "ds/agent wants no pod on n1.",
        "  node-selector: the node selector wants other labels: wants disk=ssd, the node has no such label",
        f"    ds/agent {TEMPLATE}.nodeSelector{LABEL} = ssd; node n1 metadata.labels{LABEL} (not set)",
    ]


def test_an_ordinal_that_is_to_come_is_made_next(run: Run, put: Put) -> None:
    told = lines(run, "pod/web-3", "--scale", "sts/web=5", "--state", put("web"))
    assert told[0] == "pod web-3 isn't there yet: sts/web makes it next."


def test_the_next_but_one_waits_for_the_one_before(run: Run, put: Put) -> None:
    told = lines(run, "pod/web-4", "--scale", "sts/web=5", "--state", put("web"), code=0)
    assert told[0] == "pod web-4 isn't there yet: sts/web makes pod web-3 first."


def test_what_becomes_of_a_pod_is_told(run: Run, put: Put) -> None:
    assert lines(run, "pod/web-2", "--scale", "sts/web=2", "--state", put("web")) == [
        "pod web-2 is on n3 and is ready: sts/web wants it no longer.",
        "  beyond-replicas: its ordinal is none of those that are wanted",
        "    sts/web spec.replicas = 2",
        "",
        "Wave 1, +0s",
        "   1 - delete pod web-2 on n3  (beyond the wanted replicas)",
    ]


def test_an_order_says_what_waited_for_what(run: Run, put: Put) -> None:
    assert lines(run, "order", "--image", "sts/web=web:2", "--wave", "2", "--state", put("web")) == [
        "10 actions in 6 waves.",
        "",
        "Wave 2, +1s",
        "   1 + create pod web-2  (missing)",
        "       after pod web-2 is gone",
        "   2 > bind pod web-2 on n3  (the node is feasible)",
        "",
        "… and 8 more actions (--all, or --wave N for one wave)",
    ]


def test_a_long_order_is_cut_and_says_so(run: Run, put: Put) -> None:
    told = lines(run, "order", "--image", "sts/web=web:2", "--state", put("web-7"))
    assert told[0] == "22 actions in 14 waves."
    assert told[-1] == "… and 2 more actions (--all, or --wave N for one wave)"
    assert len(lines(run, "order", "--image", "sts/web=web:2", "--all", "--state", put("web-7"))) > len(told)


def test_what_a_forecast_is_stuck_on_is_told_with_what_would_free_it(run: Run, put: Put) -> None:
    stuck = ("--image", "sts/web=web:2", "--never-ready", "web-2")
    told = lines(run, "stuck", *stuck, "--full", "--state", put("web"))
    assert told[:2] == [
        "1 thing stands in the way.",
        "  pod-not-ready: sts/web waits: pod web-2 runs but is not ready",
    ]
    assert "    pod web-2 status.conditions[type=Ready].status = False" in told
    assert told[-1].startswith("    until it gets ready")


def test_that_nothing_is_stuck_is_said(run: Run, put: Put) -> None:
    assert lines(run, "stuck", "--state", put("web"), code=2) == [
        "nothing is stuck: everything is as wanted."
    ]


def test_a_drain_is_refused_by_a_budget(run: Run, put: Put) -> None:
    told = lines(run, "not", "drain/n1", "--state", put("guarded"))
    assert told[1] == (
        "  budget: budget web doesn't let pod web-0 go now: it wants at least 3 available; "
        "of 3 pods 3 are healthy, and 3 have to be"
    )


def test_a_drain_is_refused_by_pods(run: Run, put: Put) -> None:
    told = lines(run, "not", "drain/n1", "--state", put("agents"))
    assert told[0] == "node n1 isn't drained: 1 of its pods refuse that."
    assert told[1].startswith("  daemon-pod: pod agent-")


def test_a_drain_that_nothing_refuses_is_said_to_be_possible(run: Run, put: Put) -> None:
    told = lines(run, "not", "drain/n1", "--state", put("web"), code=2)
    assert told == ["nothing refuses the drain of node n1: 1 pods would go."]


def test_json_is_a_document_of_its_version(run: Run, put: Put) -> None:
    result = run("why", "not", "ds/agent@n2", *TAINT, "-o", "json", "--state", put("agents"))
    told = msgspec.json.decode(result.stdout, type=WhyDocument)
    assert (told.format, told.question, told.holds) == ("foretell.why/1", "not ds/agent@n2", True)
    assert told.changes == ({"taint": {"node": "n2", "key": "gpu", "value": "yes", "effect": "NoSchedule"}},)
    (ground,) = told.grounds
    assert ground.rule is not None
    assert (ground.code, ground.rule.file) == ("taint", "eligibility.lp")
    assert [(source.object, source.path, source.value) for source in ground.sources] == [
        ("Node/n2", "spec.taints[0]", '{"key":"gpu","value":"yes","effect":"NoSchedule"}'),
        ("DaemonSet/agent", "spec.template.spec.tolerations", ""),
    ]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param([], "nothing is asked: expected KIND/NAME", id="nothing"),
        pytest.param(["not"], "'not' is no question", id="not-what"),
        pytest.param(["web"], "'web' names nothing to ask about: expected pod, ds, sts", id="no-kind"),
        pytest.param(["statefulst/web"], "did you mean statefulset?", id="misspelt-kind"),
        pytest.param(["svc/web"], "nothing is known of why a Service is as it is", id="other-kind"),
        pytest.param(["sts/web@"], "names nothing to ask about", id="no-node"),
        pytest.param(["drain/n1"], "of a drain it is asked why not", id="drain"),
        pytest.param(["order", "pod/web-0"], "has no order: expected a workload", id="order-of-a-pod"),
        pytest.param(["stuck", "--wave", "1"], "--wave is about the order", id="wave"),
        pytest.param(["sts/wbe"], '"wbe" not found: did you mean web?', id="misspelt-name"),
        pytest.param(["sts/web@n9"], 'nodes "n9" not found', id="misspelt-node"),
        pytest.param(["pod/nobody"], 'pods "nobody" not found', id="no-such-pod"),
        pytest.param(["sts/web", "--wait", "3"], "time passes in forecasts alone", id="wait"),
        pytest.param(["sts/web", "none.yaml"], "none.yaml: can't be read", id="no-such-file"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(
    run: Run, put: Put, words: list[str], says: str
) -> None:
    result = run("why", *words, "--state", put("web"))
    assert result.exit_code == 1
    assert says in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    "text",
    ["pod/web-0", "not pod/web-0@n1", "ds/agent@n1", "not drain/n1", "stuck", "order", "order deploy/shop"],
)
def test_a_question_is_told_as_it_is_asked(text: str) -> None:
    assert question_text(about_of(text.split(), "default")) == text


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        pytest.param("not", True, id="not"),
        pytest.param("sts/web", True, id="object"),
        pytest.param("drain/n1", True, id="drain"),
        pytest.param("web.yaml", False, id="file"),
        pytest.param("changes/web.yaml", False, id="file-in-a-folder"),
        pytest.param("./sts/web", False, id="path"),
        pytest.param("-", False, id="standard-input"),
    ],
)
def test_words_of_a_question_are_told_from_files(word: str, expected: bool) -> None:
    assert is_target(word) is expected
