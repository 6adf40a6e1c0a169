"""A PostgreSQL server for tests: made from what is installed, on a free port of the loopback interface."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

_ACCOUNTS = ("postgres", "nobody")
_OPTIONS = (
    "-c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200 -c unix_socket_directories='{}' -p {}"
)
_NUMBERS = count(1)


@dataclass(frozen=True)
class Server:
    """A running server that everybody on this machine may connect to."""

    programs: Path
    directory: Path
    port: int

    def url(self, database: str = "postgres", *, port: int | None = None) -> str:
        """The URL of a database."""
        return f"postgresql://foretell@127.0.0.1:{port or self.port}/{database}"

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"test_{next(_NUMBERS)}"
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def new_schema(self) -> str:
        """The URL of an empty schema, which is made much faster than a database."""
        name = f"test_{next(_NUMBERS)}"
        self.execute(f"CREATE SCHEMA {name}")
        return f"{self.url()}?options=-csearch_path%3D{name}"

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run a statement, and give the rows that it answers."""
        import psycopg

        with closing(psycopg.connect(self.url(database), autocommit=True)) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def start(self) -> None:
        """Start it, and wait until it answers; raises CalledProcessError."""
        options = _OPTIONS.format(self.directory, self.port)
        self._run("pg_ctl", "start", "-w", "-D", "data", "-l", "log", "-o", options)

    def stop(self) -> None:
        """Stop it at once."""
        self._run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", "data")

    def initialise(self) -> None:
        """Make its files."""
        self._run("initdb", "-D", "data", "-U", "foretell", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")

    def _run(self, program: str, *arguments: str) -> None:
        # It refuses to run as root; and what it starts must not keep a pipe of ours open.
        account = pwd.getpwnam(_account()) if os.geteuid() == 0 else None
        subprocess.run(
            [self.programs / program, *arguments],
            cwd=self.directory,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=() if account else None,
        )


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A server for all tests of this process; skips where PostgreSQL or its driver isn't installed."""
    pytest.importorskip("psycopg", reason="the driver psycopg is not installed")
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL (initdb, pg_ctl) is not installed")
    directory = Path(tempfile.mkdtemp(prefix="foretell-postgres-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(directory, _account())
        server = Server(programs, directory, 0)
        server.initialise()
        server = _started(server)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(directory)


def _programs() -> Path | None:
    """The newest folder with PostgreSQL's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: path.parts[-3].zfill(3))
    on_path = shutil.which("initdb")
    for initdb in ([Path(on_path).resolve()] if on_path else []) + found[::-1]:
        if (initdb.parent / "pg_ctl").exists():
            return initdb.parent
    return None


def _account() -> str:
    """Somebody without privileges."""
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in _ACCOUNTS if name in known)


def _started(server: Server) -> Server:
    """The server on a port that was free a moment ago; another one if somebody was faster."""
    for _ in range(5):
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            port = int(free.getsockname()[1])
        candidate = Server(server.programs, server.directory, port)
        try:
            candidate.start()
        except subprocess.CalledProcessError:
            continue
        return candidate
    raise RuntimeError(f"PostgreSQL doesn't start: {(server.directory / 'log').read_text()}")
