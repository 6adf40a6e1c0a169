"""The typed boundary, the rules' own declarations and what clingo reads hold together, both ways."""

from __future__ import annotations

import re
from pathlib import Path

import clingo
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretell.logic import vocabulary as v
from foretell.logic.embedding import facts_text
from foretell.logic.gates import default_gates
from foretell.logic.solve import RULES
from foretell.model.cluster import Cluster
from foretell.model.meta import Key
from foretell.model.reading import read
from tests.builders import after, settled
from tests.logic.golden import answers

ENTRY_POINTS = sorted(path.name for path in RULES.glob("*.lp") if "#include" in path.read_text())
TUTORIAL = Path(__file__).parents[2] / "examples" / "tutorial"
_DOCSTRING = re.compile(r"%\*! (\w+)(?:\(([\w, ]*)\))?")

Parameters = dict[str, tuple[str, ...]]


def documented(file: str) -> list[tuple[str, tuple[str, ...]]]:
    """The predicates that a rule file documents, with the names of their parameters."""
    found = _DOCSTRING.findall((RULES / file).read_text(encoding="utf-8"))
    return [(name, tuple(parameters.split(", ")) if parameters else ()) for name, parameters in found]


def declared(directive: str, file: str) -> set[tuple[str, int]]:
    """The signatures that a rule file gives to `#show` or `#defined`."""
    text = (RULES / file).read_text(encoding="utf-8")
    return {
        (name, int(arity)) for name, arity in re.findall(rf"^#{directive} (\w+)/(\d+)\.", text, re.MULTILINE)
    }


def included(file: str) -> list[str]:
    """The files that a rule file includes, in order."""
    return re.findall(r'^#include "(.+)"\.', (RULES / file).read_text(encoding="utf-8"), re.MULTILINE)


def tutorial() -> Cluster:
    """The tutorial's cluster, once as it is read and applied."""
    files = ("cluster.yaml", "daemonset-tolerating.yaml", "statefulset.yaml")
    return read([thing for file in files for thing in read(TUTORIAL / file)])


# --- inputs ---


def test_inputs_are_documented_as_python_tells_them() -> None:
    told = [*((p.name, p.parameters) for p in v.INPUTS), ("vocabulary", ("Major", "Minor"))]
    assert sorted(documented("inputs.lp")) == sorted(told)


def test_inputs_are_declared_as_python_tells_them() -> None:
    assert declared("defined", "inputs.lp") == {(p.name, len(p.parameters)) for p in v.INPUTS}


def test_no_input_is_told_twice() -> None:
    assert len({p.name for p in v.INPUTS}) == len(v.INPUTS)


def test_only_inputs_are_declared_elsewhere() -> None:
    others = {path.name for path in RULES.glob("*.lp")} - {"inputs.lp"}
    assert [file for file in sorted(others) if declared("defined", file)] == []


# --- outputs ---


def test_outputs_are_shown_as_python_reads_them() -> None:
    shown = {signature for path in RULES.glob("*.lp") for signature in declared("show", path.name)}
    assert shown == {(name, len(parameters)) for name, parameters in v.OUTPUTS.items()}


def test_outputs_are_documented_as_python_reads_them() -> None:
    told = {entry for path in RULES.glob("*.lp") for entry in documented(path.name) if entry[0] in v.OUTPUTS}
    assert sorted(told) == sorted(v.OUTPUTS.items())


# --- entry points ---


def test_there_are_no_other_entry_points() -> None:
    known = (
        "budget.lp", "covers.lp", "desired.lp", "diff.lp", "drain.lp", "evict.lp", "meant.lp", "optimal.lp",
        "place.lp", "preempt.lp", "reasons.lp", "requeue.lp", "round.lp", "schedule.lp", "sync.lp",
        "verdict.lp", "victims.lp",
    )  # fmt: skip
    assert tuple(ENTRY_POINTS) == known


@pytest.mark.parametrize("file", ENTRY_POINTS)
def test_entry_points_load_in_silence_without_facts(file: str) -> None:
    messages, found = answers([RULES / file])
    assert messages == []
    assert len(found) == 1


@pytest.mark.parametrize("file", ENTRY_POINTS)
@pytest.mark.parametrize("played", [False, True], ids=["applied", "settled"])
def test_entry_points_load_in_silence_with_the_facts_of_the_tutorial(file: str, *, played: bool) -> None:
    cluster = after(tutorial()) if played else tutorial()
    messages, found = answers([RULES / file], facts_text(cluster))
    assert messages == []
    assert len(found) == 1


@pytest.mark.parametrize("file", ENTRY_POINTS)
def test_entry_points_begin_with_the_inputs(file: str) -> None:
    assert included(file)[0] == "inputs.lp"


def test_a_round_of_the_library_is_one_of_plain_clingo() -> None:
    """What it asks beside that is only what needn't be told again."""
    assert included("round.lp") == [*included("sync.lp"), "rest.lp"]


@pytest.mark.parametrize("entry", ["sync.lp", "diff.lp"])
def test_an_entry_point_shows_nothing_by_itself(entry: str) -> None:
    assert declared("show", entry) == set()


# --- terms ---


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_any_text_comes_out_of_clingo_as_it_went_in(text: str) -> None:
    assert clingo.parse_term(v.text_of(text)).string == text


def test_terms_are_written_as_clingo_writes_them() -> None:
    term = v.Term("taint", ("maintenance", "", v.Term("none")))
    assert str(clingo.parse_term(v.text_of(term))) == v.text_of(term)


def test_a_fact_needs_all_of_its_arguments() -> None:
    with pytest.raises(TypeError, match="bound takes 2 arguments, not 1"):
        v.BOUND("default/web-0")


@pytest.mark.parametrize(
    "key",
    [Key("DaemonSet", "default", "agent"), Key("StatefulSet", "other", "web")],
    ids=lambda key: key.kind,
)
def test_workloads_are_found_by_their_terms(key: Key) -> None:
    assert v.workload_key(v.workload_term(key)) == key


def test_gates_of_the_default_version_are_told() -> None:
    """The facts name the gates that are on, and no others."""
    told = re.findall(r'^gate\("(.+)"\)\.$', facts_text(settled(), default_gates("1.35")), re.MULTILINE)
    assert told == sorted(default_gates("1.35"))
