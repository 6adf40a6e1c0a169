"""A server as a process: how it begins, and how it ends."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from foretell.api.graphql.engine import Engine
from foretell.api.server.app import create_app
from foretell.api.server.running import RefusedSettingsError, listening, serve
from foretell.api.server.settings import Settings
from tests.api.server.sample import SCHEMA, Backend

ROOT = Path(__file__).parents[3]


@pytest.fixture
def process() -> Iterator[subprocess.Popen[str]]:
    """The sample's server."""
    command = [sys.executable, "-m", "tests.api.server.served"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as running:
        yield running
        running.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_running_requests_finish_and_then_stops_everything(
    process: subprocess.Popen[str], number: signal.Signals
) -> None:
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    answers: list[httpx.Response] = []
    with httpx.Client(base_url=url, timeout=20) as client:

        def ask() -> None:
            answers.append(client.post("/graphql", json={"query": "{ slow }"}))

        asking = threading.Thread(target=ask)
        asking.start()
        with httpx.Client(base_url=url) as watching:
            while "foretell_requests_under_way 2.0" not in watching.get("/metrics").text:
                pass
        process.send_signal(number)
        asking.join()
    assert answers[0].json()["data"] == {"slow": 1}
    assert process.stdout.readline() == "start stop\n"
    assert process.wait(10) == 0
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) != 0


def test_a_second_signal_ends_the_server_at_once(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as stuck:
        stuck.sendall(b"POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n")
        stuck.sendall(b"content-type: application/json\r\n\r\n")
        while "foretell_requests_under_way 2.0" not in httpx.get(f"{url}/metrics").text:
            pass
        process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        process.send_signal(signal.SIGTERM)
        process.wait(3)


def test_settings_that_are_refused_start_nothing() -> None:
    settings, backend = Settings(host="0.0.0.0", port=0), Backend()
    with pytest.raises(RefusedSettingsError, match=r"0\.0\.0\.0 can be reached from other machines"):
        serve(create_app(settings, Engine(SCHEMA), backend), settings)
    assert backend.steps == []


def test_a_port_that_is_taken_is_an_error() -> None:
    with listening(Settings(port=0)) as first, pytest.raises(OSError, match="in use"):
        listening(Settings(port=first.getsockname()[1]))
