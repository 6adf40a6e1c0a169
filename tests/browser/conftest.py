"""What a visit to the page needs: the built page, a server, and a browser that is driven by node."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from tests.browser.sample import application

HERE = Path(__file__).parent
WEB = HERE.parents[1] / "web"
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


@pytest.fixture(scope="session")
def page(node: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a page that is built with the examples beside this file."""
    folder = tmp_path_factory.mktemp("page")
    build = (node, str(WEB / "build.mjs"), "--examples", str(HERE / "examples"), "--out", str(folder))
    subprocess.run(build, check=True, capture_output=True, timeout=SECONDS)
    return folder


def _serving(page: Path, token: str | None = None) -> Iterator[str]:
    config = uvicorn.Config(
        application(page, token), port=0, log_level="warning", ws="websockets-sansio", lifespan="off"
    )
    listening = config.bind_socket()
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    server.should_exit = True
    thread.join()
    listening.close()


@pytest.fixture
def url(page: Path) -> Iterator[str]:
    """The address of a server that shows the page."""
    yield from _serving(page)


@pytest.fixture
def guarded_url(page: Path) -> Iterator[str]:
    """The address of a server that answers only with the token `open-sesame`."""
    yield from _serving(page, token="open-sesame")


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
