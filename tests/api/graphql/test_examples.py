"""The saved queries of the playground tell the tutorial: each is valid, and all can be played in order."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import OperationDefinitionNode, build_schema, parse, validate

from foretell.api.graphql.schema import schema_text
from tests.api.served import ROOT, TUTORIAL, Server, serving

FOLDER = ROOT / "examples" / "queries"
EXAMPLES = sorted(FOLDER.glob("*.graphql"))
MANIFESTS = {
    "02": "daemonset", "03": "daemonset", "07": "daemonset-tolerating", "11": "statefulset", "21": "shop",
}  # fmt: skip


def variables(path: Path) -> dict[str, Any]:
    """The variables of an example."""
    beside = path.with_suffix(".variables.json")
    found: dict[str, Any] = json.loads(beside.read_text()) if beside.exists() else {}
    return found


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_valid_and_has_a_title(path: Path) -> None:
    text = path.read_text()
    assert text.startswith("# ")
    assert validate(build_schema(schema_text()), parse(text)) == []


@pytest.mark.parametrize(("number", "name"), sorted(MANIFESTS.items()))
def test_the_manifests_are_those_of_the_tutorial(number: str, name: str) -> None:
    (path,) = FOLDER.glob(f"{number}-*.variables.json")
    assert json.loads(path.read_text()) == {"manifests": (TUTORIAL / f"{name}.yaml").read_text()}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What the examples answer, played in order on a fresh cluster: data by number."""
    store = f"sqlite:///{tmp_path_factory.mktemp('store')}/foretell.db"
    with serving(store, "--load", f"tutorial={TUTORIAL / 'cluster.yaml'}") as server:
        yield {path.stem[:2]: played(server, path) for path in EXAMPLES}


def played(server: Server, path: Path) -> Any:
    """The data of an example; of a subscription that of all parts."""
    text = path.read_text()
    (operation,) = (d for d in parse(text).definitions if isinstance(d, OperationDefinitionNode))
    if operation.operation.value != "subscription":
        return server.ask(text, variables(path))

    async def parts() -> list[Any]:
        async with server.subscribed(text, variables(path)) as found:
            return [part async for part in found]

    return asyncio.run(parts())


def test_every_mutation_among_them_is_accepted(answers: dict[str, Any]) -> None:
    payloads = [payload for data in answers.values() if isinstance(data, dict) for payload in data.values()]
    told = [payload["userErrors"] for payload in payloads if "userErrors" in payload]
    assert len(told) >= 8
    assert not any(told)


def test_they_tell_the_story(answers: dict[str, Any]) -> None:
    """A pod on each worker, none on the master and why, one driven off, order, and what gets stuck."""
    assert answers["03"]["apply"]["diff"]["counts"] == {"missing": 3}
    assert [part["forecastWaves"]["end"] for part in answers["04"]][-1]["verdict"] == {"outcome": "SETTLED"}
    assert len(answers["05"]["reconcile"]["cluster"]["pods"]["nodes"]) == 3
    (left,) = answers["06"]["cluster"]["leftOut"]["nodes"]
    assert left["reasons"][0]["taint"]["key"] == "node-role.kubernetes.io/master"
    (joined,) = answers["08"]["reconcile"]["cluster"]["pods"]["nodes"]
    assert joined["ready"] is True
    impact = answers["09"]["cluster"]["whatIf"]["outcome"]
    assert [(pod["fate"], pod["before"]) for pod in impact["pods"]] == [("GONE", "worker-2")]
    assert [row["detail"] for row in answers["10"]["taint"]["diff"]["nodes"]] == ["not-eligible"]
    pods = answers["12"]["advance"]["cluster"]["object"]["pods"]["nodes"]
    assert [pod["name"] for pod in pods] == ["test-sts-0", "test-sts-1"]
    assert pods[0]["dnsName"] == "test-sts-0.nginx.default.svc.cluster.local"
    tree = answers["13"]["reconcile"]["cluster"]["tree"]
    assert [line["object"]["name"] for line in tree if line["object"]["kind"] == "Pod"] == [
        "test-sts-0", "test-sts-1", "test-sts-2", "test-sts-3",
    ]  # fmt: skip
    waves = answers["14"]["cluster"]["whatIf"]["waves"]
    rolled = [a["name"] for wave in waves for a in wave["actions"] if a["verb"] == "DELETE"]
    assert rolled == [f"test-sts-{number}" for number in (3, 2, 1, 0)]
    verdict = answers["15"]["cluster"]["whatIf"]["verdict"]
    assert verdict["outcome"] == "STUCK"
    assert "deleted by hand" in verdict["obstacles"][0]["remedy"]
    ways = {one["name"]: one["forecast"]["outcome"] for one in answers["16"]["cluster"]["compare"]}
    assert {name: (outcome["gone"], outcome["moved"]) for name, outcome in ways.items()} == {
        "cordon": (0, 0), "drain": (0, 1), "taint": (1, 1),
    }  # fmt: skip
    assert answers["19"]["revert"]["revision"]["number"] == 11
    (shop,) = answers["22"]["cluster"]["deployments"]["nodes"]
    assert (shop["name"], shop["desired"], shop["paused"]) == ("shop", 3, False)
    assert [job["name"] for job in answers["23"]["cluster"]["jobs"]["nodes"]] == ["import"]
    assert answers["23"]["cluster"]["cronJobs"]["nodes"][0]["suspended"] is True
    assert [budget["name"] for budget in answers["24"]["cluster"]["budgets"]["nodes"]] == ["shop"]
    assert [one["name"] for one in answers["25"]["cluster"]["compare"]] == ["held", "let go on"]
    pending = answers["26"]["cluster"]["placement"]
    assert pending["sentence"].startswith("0/4 nodes are available: ")
    assert all("too little cpu left" in [r["words"] for r in n["reasons"]] for n in pending["nodes"])
    free = answers["27"]["cluster"]["placement"]
    assert free["nodeName"] == free["nodes"][0]["nodeName"]
    assert free["nodes"][-1] == {
        "nodeName": "master-0", "feasible": False, "points": None,
        "reasons": [{"words": "untolerated taint node-role.kubernetes.io/master:NoSchedule"}],
    }  # fmt: skip
    assert answers["27"]["cluster"]["bestPlacement"]["proven"] is True
