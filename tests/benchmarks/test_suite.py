"""The suite of benchmarks runs at its smallest size, and its ways come to the same answers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
SMALLEST = (
    *("--nodes", "10,20", "--rounds", "2", "--limit", "60", "--pods-per-node", "2"),
    *("--forecast-nodes", "5", "--daemonsets", "3", "--taints", "2", "--replicas", "2"),
)
Found = dict[str, Any]


def run(script: str, *arguments: str) -> str:
    command = [sys.executable, str(BENCHMARKS / script), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("suite") / "measured.json"
    run("suite.py", *SMALLEST, "--json", str(path))
    return path


@pytest.fixture(scope="module")
def found(file: Path) -> Found:
    whole: Found = json.loads(file.read_text())
    return whole


def test_the_machine_is_told(found: Found) -> None:
    assert {"cores", "cpu", "python", "clingo"} <= found["machine"].keys()
    assert found["machine"]["cores"] >= 1


@pytest.mark.parametrize("section", ["desired", "growth"])
def test_all_ways_come_to_the_same_answer_at_every_size(found: Found, section: str) -> None:
    rows = found[section]
    asked = [(row["nodes"], row["answer"]) for row in rows]
    assert asked == [(10, "counts"), (10, "pairs"), (20, "counts"), (20, "pairs")]
    for row in rows:
        assert row["agrees"]
        assert row["pods"] > 0
        assert set(row["times"]) == {"foretell", "naive", "plain", "loop"}
        assert set(row["ratios"]) == {"naive", "plain", "loop"}
        assert all(0 < each["least_ms"] <= each["median_ms"] for each in row["times"].values())


def test_each_size_is_told_against_the_one_before(found: Found) -> None:
    told = [(row["answer"], row["from_nodes"], row["to_nodes"]) for row in found["factors"]]
    assert told == [("counts", 10, 20), ("pairs", 10, 20)]


def test_memory_is_told_by_pods(found: Found) -> None:
    for row in found["memory"]:
        assert row["pods"] >= 2 * row["nodes"]
        assert row["traced_bytes_a_pod"] > 0


def test_every_forecast_settles(found: Found) -> None:
    rows = {row["measure"]: row for row in found["forecasts"]}
    assert list(rows) == [
        "first forecast, one taint",
        "one taint",
        "one taint, without a resync",
        "roll-out, maxUnavailable 10%",
        "roll-out, maxUnavailable 1",
        "ordered update",
    ]
    for row in rows.values():
        assert row["outcome"] == "SETTLED"
        assert 0 < row["p50_s"] <= row["p95_s"]
    # A new revision; then each pod is deleted, created and bound.
    assert rows["ordered update"]["actions"] == 1 + 3 * 2
    assert rows["roll-out, maxUnavailable 1"]["actions"] == 1 + 3 * 5


def test_a_forecast_beyond_its_limit_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "measured.json"
    limits = ("--only", "forecasts", "--limit", "0.001", "--json", str(path))
    assert "not within 0.001 s" in run("suite.py", *SMALLEST, *limits)
    for row in json.loads(path.read_text())["forecasts"]:
        assert row["p50_s"] is None
        assert row["note"] == "not within 0.001 s"


def test_grounding_that_would_take_too_long_is_skipped_with_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "measured.json"
    run("suite.py", *SMALLEST, "--only", "desired", "--most-pairs", "5", "--json", str(path))
    for row in json.loads(path.read_text())["desired"]:
        assert set(row["skipped"]) == {"naive", "plain"}
        assert row["skipped"]["naive"].endswith("pairs to ground are more than 5")
        assert set(row["times"]) == {"foretell", "loop"}


def test_the_curves_are_drawn_from_the_file(file: Path, tmp_path: Path) -> None:
    run("draw.py", str(file), str(tmp_path))
    for name in ("growth-desired.svg", "growth-memory.svg"):
        assert ElementTree.parse(tmp_path / name).getroot().tag == "{http://www.w3.org/2000/svg}svg"
