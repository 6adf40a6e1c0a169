"""What a visit to the page needs: a server that shows it, and a browser that is driven by node."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.served import ROOT, TUTORIAL, Server, serving

HERE = Path(__file__).parent
WEB = ROOT / "web"
QUERIES = ROOT / "examples" / "queries"
FORETELL = str(Path(sys.executable).parent / "foretell")
SECONDS = 60

Visit = Callable[..., dict[str, Any]]
"""Visits a URL and takes steps there; returns what happened. See playground.mjs for both."""


@pytest.fixture(scope="session")
def node() -> str:
    """The path of node; the test is skipped where it is missing, or the packages that it runs."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("node is missing")
    if not all((WEB / "node_modules" / name).is_dir() for name in ("esbuild", "playwright-core")):
        pytest.skip("web/node_modules is missing: `npm ci --prefix web` installs it")
    return found


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium; the test is skipped where it is missing."""
    wanted = os.environ.get("FORETELL_CHROMIUM")
    found = wanted or shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("chromium is missing")
    return found


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """The address of a server with the tutorial's cluster, after its DaemonSet was applied and reconciled."""
    with serving(*_store(tmp_path)) as server:
        _play(server)
        yield f"{server.url}/"


@pytest.fixture
def token(tmp_path: Path) -> str:
    """A token that lets its holder do everything, in the file `tokens.toml`."""
    command = [FORETELL, "token", "create", "ann", "--role", "operator", "--cluster", "*", "--file"]
    done = subprocess.run(
        [*command, str(tmp_path / "tokens.toml")], check=True, capture_output=True, text=True, timeout=SECONDS
    )
    return done.stdout.strip()


@pytest.fixture
def guarded_url(tmp_path: Path, token: str) -> Iterator[str]:
    """The address of such a server that answers only with the token."""
    with serving(*_store(tmp_path), "--token-file", str(tmp_path / "tokens.toml")) as server:
        server.headers["authorization"] = f"Bearer {token}"
        _play(server)
        yield f"{server.url}/"


def _store(folder: Path) -> tuple[str, ...]:
    return f"sqlite:///{folder}/store.db", "--load", f"tutorial={TUTORIAL / 'cluster.yaml'}"


def _play(server: Server) -> None:
    """Apply the DaemonSet, and let the controllers act."""
    for path in (QUERIES / "03-apply-it.graphql", QUERIES / "05-let-it-happen.graphql"):
        beside = path.with_suffix(".variables.json")
        server.ask(path.read_text(), json.loads(beside.read_text()) if beside.exists() else None)


@pytest.fixture
def visit(node: str, chromium: str, tmp_path: Path) -> Visit:
    """Visits a page with a browser that was never used before this test."""

    def visited(url: str, *steps: dict[str, Any], **options: Any) -> dict[str, Any]:
        plan = {
            "chromium": chromium,
            "profile": str(tmp_path / "profile"),
            "failed": str(tmp_path / "failed.png"),
            "steps": steps,
            **options,
        }
        path = tmp_path / "visit.json"
        path.write_text(json.dumps(plan))
        done = subprocess.run(
            [node, HERE / "playground.mjs", url, path], capture_output=True, text=True, timeout=SECONDS
        )
        assert done.returncode == 0, done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    return visited
