"""The lint of rule files finds each offence against the style, and nothing in good rules."""

import subprocess
import sys
from pathlib import Path

import pytest

import lint_rules

GOOD = """\
% Decides which nodes repel which pods. Loaded by sync.lp.

#const most = 5.

%*! taint(Node, Key)
The node carries a taint with this key. *%
#defined taint/2.
#defined tolerates/2.
#defined pod/1.
#defined daemon/1.

%*! repels(Node, Pod) The pod may not run on the node. *%
% A node repels a pod through each taint
% that the pod does not tolerate.
repels(Node, Pod) :-
    taint(Node, Key), pod(Pod),
    not tolerates(Pod, Key).  % the key alone counts
repels(Node, Pod) :- taint(Node, _), daemon(Pod).

% A verdict has a rank.
rank(settled, 3).
rank(stuck, 7).

% No node carries more taints than the API server lets it.
:- taint(Node, _), #count { Key : taint(Node, Key) } > most.
"""

INPUTS = "% What a cluster is.\n\n%*! pod(Pod) A pod. *%\n#defined pod/1.\n"
PODS = "% Pods.\n\n% A pod runs.\nruns(Pod) :- pod(Pod).\n"
USES = "% Uses.\n\n% A pod that runs is fine.\nfine(Pod) :- runs(Pod).\n"


def findings(folder: Path, **files: str) -> list[str]:
    for name, text in files.items():
        (folder / f"{name}.lp").write_text(text)
    return [str(finding).removeprefix(f"{folder}/") for finding in lint_rules.lint(folder)]


def test_good_rules_give_no_finding(tmp_path: Path) -> None:
    assert findings(tmp_path, good=GOOD) == []


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        pytest.param("pod(web).\n", ["1: no banner", "1: no sentence"], id="no-banner"),
        pytest.param("% A.\n% Law.\npod(web).\n", ["3: no blank line after the banner"], id="banner-runs-on"),
        pytest.param("% A.\n" * 6, ["6: banner of 6 lines"], id="long-banner"),
        pytest.param("% A.\n\npod(web).\n", ["3: no sentence"], id="no-sentence"),
        pytest.param("% A.\n\n%Law.\npod(web).\n", ["4: no sentence"], id="no-space-in-comment"),
        pytest.param("% A.\n\n% Law.\n\npod(web).\n", ["5: no sentence"], id="blank-between"),
        pytest.param("% A.\n\n% Law.\npod(web).\npod(db).\n", [], id="block"),
        pytest.param("% A.\n\n% Law.\npod(web). pod(db).\n", [], id="block-on-one-line"),
        pytest.param(
            "% A.\n\n% Law.\npod(web).\n\npod(db).\n", ["6: no sentence"], id="block-ended-by-blank"
        ),
        pytest.param("% A.\n\n% Law.\npod(web).\nnode(one).\n", [], id="other-predicate"),
        pytest.param("% A.\n\n% Law.\n{ pod(web) }.\n", [], id="choice"),
        pytest.param("% A.\n\n% Law.\npod(web).\n:- not pod(web).\n", [], id="constraint"),
        pytest.param("% A.\n\n#minimize { 1 }.\n", ["3: no sentence"], id="minimize"),
        pytest.param("% " + "A" * 87 + "\n", ["1: line of 89 columns"], id="wide"),
        pytest.param("% A.\n\n% Law.\npod(web).\t\n", ["4: tab or trailing space"], id="tab"),
        pytest.param(
            "% A.\n\n% Law.\npod(web).\n\n% Law.\nrun(P) :-\n    pod(P).\n",
            ["7: variable P is not", "8: variable P is not"],
            id="short-variable",
        ),
        pytest.param(
            "% A.\n\n% Law.\npod(3).\n\n% Law.\nrun(Pod - 1) :- pod(Pod), Pod > 0, Pod != 3.\n",
            ["7: magic number 3"],
            id="magic-number-in-body",
        ),
        pytest.param(
            "% A.\n\n% Law.\npod(1).\n\n% Law.\nrun(Pod * 100) :- pod(Pod).\n",
            ["7: magic number 100"],
            id="magic-number-in-head",
        ),
        pytest.param(
            "% A.\n\n%*! pod(Pod) *%\n#defined pod/1.\n", ["3: docstring is not"], id="empty-docstring"
        ),
        pytest.param(
            "% A.\n\n%*! Pods. *%\n#defined pod/1.\n", ["3: docstring is not"], id="docstring-of-nothing"
        ),
        pytest.param(
            "% A.\n\n%*! pod(X) A pod. *%\n#defined pod/1.\n", ["3: docstring is not"], id="argument"
        ),
        pytest.param(
            "% A.\n\n%*! pod(Pod) A pod. *%\n#defined pod/2.\n", ["3: no predicate pod/1"], id="arity"
        ),
        pytest.param("% A.\n\n% Law.\npod(web) :-\n", ["5: syntax error"], id="syntax"),
        pytest.param("% A.\n\n% Law.\npod(Pod) :- pdo(Pod).\n", ["4: atom does not occur"], id="undefined"),
        pytest.param("% A.\n\n% Law.\npod(Pod) :- not pod(Pod).\n", ["4: unsafe variables"], id="unsafe"),
        pytest.param('% A.\n\n#include "none.lp".\n', ["3: file could not be opened"], id="no-such-include"),
    ],
)
def test_each_offence_is_found_at_its_line(tmp_path: Path, rules: str, expected: list[str]) -> None:
    found = findings(tmp_path, rules=rules)
    assert len(found) == len(expected), found
    for finding, start in zip(found, expected, strict=True):
        assert finding.startswith(f"rules.lp:{start}")


def test_input_predicates_are_known_to_all_files(tmp_path: Path) -> None:
    assert findings(tmp_path, inputs=INPUTS, pods=PODS) == []


def test_a_file_is_judged_among_those_that_its_entry_point_includes(tmp_path: Path) -> None:
    entry = '% Everything.\n\n#include "pods.lp".\n#include "uses.lp".\n'
    alone = findings(tmp_path, inputs=INPUTS, pods=PODS, uses=USES)
    assert [finding.split(":")[0] for finding in alone] == ["uses.lp"]
    assert findings(tmp_path, entry=entry) == []


def test_an_entry_point_may_include_the_inputs_itself(tmp_path: Path) -> None:
    entry = '% Everything.\n#include "inputs.lp".\n#include "pods.lp".\n'
    assert findings(tmp_path, inputs=INPUTS, pods=PODS, entry=entry) == []


def test_a_folder_without_rules_is_a_finding(tmp_path: Path) -> None:
    assert findings(tmp_path) == [f"{tmp_path}:1: no rule files"]


def test_the_command_prints_findings_and_exits_with_one(tmp_path: Path) -> None:
    def run() -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, lint_rules.__file__, tmp_path], capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    (tmp_path / "good.lp").write_text(GOOD)
    assert run() == (0, "")
    (tmp_path / "bad.lp").write_text("% A.\n\npod(web).\n")
    assert run() == (1, f"{tmp_path}/bad.lp:3: no sentence (`% …`) directly above\n")
