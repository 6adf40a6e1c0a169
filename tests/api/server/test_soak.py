"""Many clients at once lose nothing: a short version of benchmarks/soak.py."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.api.served import ROOT
from tests.postgres import Server as Postgres
from tests.postgres import postgres_server

__all__ = ["postgres_server"]


def soaked(*options: str) -> str:
    """What a soak of 30 clients prints; fails where anything was amiss."""
    command = [
        sys.executable,
        str(ROOT / "benchmarks" / "soak.py"),
        "--clients",
        "30",
        "--seconds",
        "4",
        *options,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("options", [(), ("--kill",)], ids=["soaked", "killed"])
def test_one_server_on_sqlite_loses_nothing(options: tuple[str, ...]) -> None:
    told = soaked(*options)
    assert "all is well" in told
    assert "  0 mutations acknowledged" not in told
    assert ("integrity: ok" in told) is bool(options)


@pytest.mark.parametrize("options", [(), ("--kill",)], ids=["soaked", "killed"])
def test_two_servers_on_postgresql_lose_nothing(postgres_server: Postgres, options: tuple[str, ...]) -> None:
    assert "all is well" in soaked("--postgres", postgres_server.new_database(), *options)
