"""Many clients at once lose nothing: a short version of benchmarks/soak.py."""

from __future__ import annotations

import subprocess
import sys

from tests.api.served import ROOT
from tests.postgres import Server as Postgres
from tests.postgres import postgres_server

__all__ = ["postgres_server"]


def soaked(*options: str) -> str:
    """What a soak of 40 clients prints; fails where anything was amiss."""
    command = [
        sys.executable,
        str(ROOT / "benchmarks" / "soak.py"),
        "--clients",
        "40",
        "--seconds",
        "5",
        *options,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def check(told: str) -> None:
    """Check that the soak has done what it is for."""
    assert "all is well" in told
    assert " 0 mutations acknowledged" not in told
    assert " saw 0 revisions" not in told


def test_one_server_on_sqlite_loses_nothing() -> None:
    check(soaked())


def test_one_server_on_sqlite_that_is_killed_loses_nothing_that_it_has_acknowledged() -> None:
    told = soaked("--kill")
    check(told)
    assert "killed, and serving again" in told
    assert "integrity: ok" in told


def test_two_servers_on_postgresql_of_which_one_is_killed_lose_nothing(postgres_server: Postgres) -> None:
    told = soaked("--postgres", postgres_server.new_database(), "--kill")
    check(told)
    assert "killed, and serving again" in told
