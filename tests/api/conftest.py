"""What tests of the command line share: running a command, and states to run it on."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from foretell.api.cli.program import PROGRAM
from foretell.model.cluster import Cluster
from foretell.model.writing import write_cluster
from tests import builders as b
from tests.api import shops

Run = Callable[..., Result]
Put = Callable[[str], str]

STATES: dict[str, Callable[[], Cluster]] = {
    "nodes": lambda: b.cluster(b.nodes(3)),
    "agents": lambda: b.settled(b.nodes(3), b.daemonset()),
    "agents-30": lambda: b.settled(b.nodes(30), b.daemonset(rolling={"maxUnavailable": "50%"})),
    "web": lambda: b.settled(b.nodes(3), b.statefulset()),
    "web-7": lambda: b.settled(b.nodes(3), b.statefulset(replicas=7)),
    "guarded": lambda: b.settled(
        b.nodes(2), b.statefulset(), b.budget("web", {"app": "web"}, minAvailable=3)
    ),
    "shop": shops.state,
    "spare": lambda: b.settled(
        b.nodes(2), b.statefulset(), b.budget("web", {"app": "web"}, maxUnavailable=1)
    ),
    "mixed": lambda: b.settled(b.nodes(2), b.daemonset(), b.statefulset(replicas=2)),
}


@cache
def _written(name: str) -> bytes:
    return write_cluster(STATES[name](), "json")


@pytest.fixture
def run() -> Run:
    """Run `foretell` with arguments."""

    def run(*arguments: str, stdin: str | bytes | None = None) -> Result:
        return CliRunner().invoke(PROGRAM, list(arguments), input=stdin)

    return run


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Write a state of STATES, and give its path."""

    def put(name: str) -> str:
        path = tmp_path / f"{name}.json"
        path.write_bytes(_written(name))
        return str(path)

    return put
