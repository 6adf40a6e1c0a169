"""The audits of graphql-http, which is the reference for GraphQL over HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from pathlib import Path

import pytest

from tests.api.server.conftest import live, looped

HERE = Path(__file__).parent
MODULES = Path(os.environ.get("FORETELL_NODE_MODULES") or HERE.parents[2] / "web" / "node_modules")
NODE = shutil.which("node")


@pytest.mark.skipif(NODE is None, reason="node is missing")
@pytest.mark.skipif(
    not (MODULES / "graphql-http").is_dir(),
    reason="graphql-http is missing: `npm ci --prefix web` installs it",
)
@looped
async def test_every_audit_of_graphql_over_http_passes() -> None:
    async with live() as server:
        process = await asyncio.create_subprocess_exec(
            str(NODE),
            str(HERE / "audits.mjs"),
            f"{server.url}/graphql",
            env={**os.environ, "NODE_MODULES": str(MODULES.resolve())},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    results = json.loads(out)
    assert len(results) >= 60
    assert [result for result in results if result["status"] != "ok"] == []
