"""The documents of the command line say what it does."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from foretell.api.cli.change_options import CHANGES, WAIT
from foretell.api.cli.lines import SYMBOLS, lines_of
from foretell.api.cli.program import COMMANDS, PROGRAM
from foretell.api.telling.invented import Names
from foretell.api.telling.placements import WORDS as REFUSALS
from foretell.api.telling.placements import reason_text
from foretell.api.telling.planned import FORMAT, PlanDocument
from foretell.api.telling.reasons import WORDS
from foretell.model.changes import change_from_json, change_to_json
from foretell.model.cluster import Cluster
from foretell.model.forecast import (
    Action,
    Assumptions,
    Because,
    Forecast,
    Outcome,
    Reason,
    Verb,
    Verdict,
    Wave,
    Why,
)
from foretell.model.placement import Best, Placing

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
CLI, REASONS, PLAN = (
    (DOCS / name).read_text(encoding="utf-8") for name in ("cli.md", "reasons.md", "plan-json.md")
)

_KIND = {
    "pod": "Pod",
    "job": "Job",
    "revision": "ControllerRevision",
    "claim": "PersistentVolumeClaim",
    "ReplicaSet": "ReplicaSet",
}
_EXAMPLE = re.compile(
    r"(?P<symbol>\S) (?P<verb>\w+) (?P<noun>\w+) (?P<name>\S+?)(?:,? (?P<rest>\S.*?))?  \((?P<words>.*)\)"
)


def test_every_reason_has_one_row_and_one_example() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \|", REASONS, re.MULTILINE)
    assert sorted(rows) == sorted([*Reason, *Why])
    examples = [match["words"] for match in _EXAMPLE.finditer(REASONS)]
    assert sorted(examples) == sorted(WORDS.values())


def test_every_reason_has_words_of_its_own() -> None:
    assert set(WORDS) == set(Reason)
    assert len(set(WORDS.values())) == len(WORDS)


@pytest.mark.parametrize("line", [match[0] for match in _EXAMPLE.finditer(REASONS)])
def test_each_example_of_a_reason_reads_as_a_plan_does(line: str) -> None:
    match = _EXAMPLE.fullmatch(line)
    assert match
    scaled, rest = match["verb"] == "scale", match["rest"] or ""
    verb = Verb.UPDATE if scaled else Verb(match["verb"])
    node = None if scaled else re.search(r"(?:on|to) (\S+)", rest)
    number, owned = re.search(r"number (\d+)", rest), re.search(r"owned by sts/(\S+)", rest)
    sized = re.search(r"to (\d+)", rest) if scaled else None
    name = match["name"].replace("agent-*", "agent-zzzzz")
    owner = f"{'DaemonSet/agent' if name.startswith('agent') else 'StatefulSet/web'}"
    action = Action(
        verb=verb, kind=_KIND[match["noun"]], namespace="default", name=name, owner=owner, by=("x",),
        node=node[1] if node else None, revision=int(number[1]) if number else None,
        owners=(f"StatefulSet/{owned[1]}",) if owned else None,
        replicas=int(sized[1]) if sized else None,
        reason=next(reason for reason, words in WORDS.items() if words == match["words"]),
    )  # fmt: skip
    bind = msgspec.structs.replace(action, verb=Verb.BIND)
    actions = (action, bind) if verb is Verb.CREATE and action.kind == "Pod" else (action,)
    empty = Forecast(before=Cluster(), waves=(), verdict=Verdict(outcome=Outcome.SETTLED), after=Cluster())
    names = Names(empty)
    names.of = lambda _: match["name"]  # type: ignore[method-assign, assignment]
    [told] = lines_of(Wave(turn=0, at=0, actions=actions), names, Cluster())
    assert line == f"{SYMBOLS[verb]} {told.phrase('default')}  ({WORDS[told.reason]})"


def test_the_schema_of_plans_is_the_one_that_is_written_down() -> None:
    """`msgspec.json.schema(PlanDocument)` has what belongs into docs/plan-json.md."""
    written = re.findall(r"```json\n(.*?)```", PLAN, re.DOTALL)
    assert json.loads(written[-1]) == json.loads(msgspec.json.encode(msgspec.json.schema(PlanDocument)))
    assert FORMAT in PLAN


def test_the_example_of_a_plan_is_one() -> None:
    written = re.findall(r"```json\n(.*?)```", PLAN, re.DOTALL)[0]
    plan = msgspec.json.decode(written, type=PlanDocument)
    assert msgspec.json.decode(msgspec.json.encode(plan)) == json.loads(written)


def test_the_assumptions_are_described() -> None:
    names = {field.encode_name for field in msgspec.structs.fields(Assumptions)}
    assert all(f"`{name}`" in PLAN for name in names)


def test_every_command_and_every_option_for_changes_is_described() -> None:
    assert all(f"foretell {name:<9} {row.help}\n" in CLI for name, row in COMMANDS.items())
    assert all(f"`--{row.name} " in CLI for row in (*CHANGES, WAIT))


ROWS = [
    (options, forms)
    for options, forms in re.findall(r"^\| (`--.*?`) \| (`\{.*`) \|$", CLI, re.MULTILINE)
    if "…" not in forms
]


@pytest.mark.parametrize(("options", "forms"), ROWS)
def test_an_option_and_its_json_form_are_the_same_change(options: str, forms: str) -> None:
    """The last notation of a row is the one whose JSON form stands beside it."""
    readers = {row.name: row.reader for row in (*CHANGES, WAIT)}
    option, text = shlex.split(re.findall(r"`(.*?)`", options)[-1])
    form = json.loads(re.findall(r"`(.*?)`", forms)[-1])
    assert change_to_json(readers[option.removeprefix("--")](text)) == change_to_json(change_from_json(form))


def test_the_plan_in_the_manual_is_what_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two nodes and a DaemonSet whose pods have real-looking names."""
    block = re.findall(r"```console\n(\$ foretell plan.*?)```", CLI, re.DOTALL)[0]
    command, _, printed = block.partition("\n")
    (tmp_path / "cluster.json").write_text(json.dumps(_manual_state()))
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(PROGRAM, shlex.split(command)[2:])
    assert [line.rstrip() for line in result.stdout.splitlines()] == printed.splitlines()


def _manual_state() -> list[dict[str, object]]:
    from foretell.model.documents import to_document
    from tests import builders as b

    settled = b.settled([b.node("worker-0"), b.node("worker-1")], b.daemonset())
    text = json.dumps([to_document(thing) for thing in settled])
    first, second = (pod.name for pod in sorted(settled.pods, key=lambda pod: pod.spec.node_name))
    state: list[dict[str, object]] = json.loads(
        text.replace(first, "agent-b7x4q").replace(second, "agent-k2v9d")
    )
    return state


PLACEMENT = (DOCS / "placement.md").read_text(encoding="utf-8")
_HEAD = re.compile(
    r"^(?:from\(|(?:refuses\(Node, Pod|futile\(Pod|astray\(Shape, Node), )([a-z_]+)", re.MULTILINE
)


def _refusals() -> set[str]:
    """The reasons that some rule gives against a node or a pod."""
    files = (DOCS.parent / "logic" / "rules").glob("*.lp")
    return {name.replace("_", "-") for path in files for name in _HEAD.findall(path.read_text())}


def test_every_reason_of_the_rules_against_a_node_has_words_and_a_row() -> None:
    rows = re.findall(
        r"^\| `([a-z-]+)` \| .* \| .*\|$", PLACEMENT.partition("## The scheduler")[0], re.MULTILINE
    )
    assert len(_refusals()) >= 20
    assert _refusals() == set(REFUSALS) == set(rows)
    assert len(set(REFUSALS.values())) == len(REFUSALS)


def test_the_example_of_each_reason_against_a_node_reads_as_it_is_told() -> None:
    about = {"resource": "cpu", "claim": "data", "label": "zone", "port": "0.0.0.0:80/TCP"}
    rows = re.findall(r"^\| `([a-z-]+)` \| (.+?) \| (?:the (\w+) )?\|$", PLACEMENT, re.MULTILINE)
    for reason, example, kind in rows:
        taint = {"key": "gpu", "value": "yes", "effect": "NoSchedule"} if kind == "taint" else {}
        told = reason_text(Because(reason=reason, about=about.get(kind, ""), **taint))
        assert told == example
    assert len(rows) == len(REFUSALS)


def test_a_node_without_room_for_one_more_pod_is_full() -> None:
    assert f"`{reason_text(Because(reason='insufficient', about='pods'))}`" in PLACEMENT


def test_the_json_of_a_placement_is_of_its_type() -> None:
    (written,) = re.findall(r"```json\n(.*?)```", PLACEMENT, re.DOTALL)
    told = msgspec.json.decode(written, type=list[Placing])
    assert json.loads(msgspec.json.encode(told)) == json.loads(written)


@pytest.mark.parametrize("form", [Placing, Best])
def test_every_field_of_a_placement_is_described(form: type[msgspec.Struct]) -> None:
    assert all(f"`{field.encode_name}`" in PLACEMENT for field in msgspec.structs.fields(form))
