"""A server of its own for a test: `foretell serve` as a process, and a client that speaks to its socket."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import msgspec
import websockets

ROOT = Path(__file__).resolve().parent.parent.parent
TUTORIAL = ROOT / "examples" / "tutorial"
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


@dataclass
class Server:
    """A running server: its address and its process."""

    url: str
    process: subprocess.Popen[str]
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, query: str, variables: dict[str, Any] | None = None, **headers: str) -> dict[str, Any]:
        """The data of an answer; fails on errors."""
        answer = self.answer(query, variables, **headers)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    def answer(self, query: str, variables: dict[str, Any] | None = None, **headers: str) -> dict[str, Any]:
        """The whole answer."""
        response = httpx.post(
            f"{self.url}/graphql",
            json={"query": query, "variables": variables or {}},
            headers={**self.headers, **headers, "accept": "application/graphql-response+json"},
            timeout=60,
        )
        answer: dict[str, Any] = response.json()
        return answer

    @asynccontextmanager
    async def subscribed(self, query: str, variables: dict[str, Any] | None = None) -> AsyncIterator[Any]:
        """A subscription over graphql-transport-ws: an iterator of the data of its parts."""
        address = self.url.replace("http", "ws", 1) + "/graphql"
        async with websockets.connect(
            address, subprotocols=[websockets.Subprotocol("graphql-transport-ws")]
        ) as socket:

            async def send(**message: Any) -> None:
                await socket.send(msgspec.json.encode(message).decode())

            async def receive() -> dict[str, Any]:
                message: dict[str, Any] = msgspec.json.decode(await asyncio.wait_for(socket.recv(), 60))
                return message

            await send(type="connection_init")
            assert (await receive())["type"] == "connection_ack"
            await send(id="1", type="subscribe", payload={"query": query, "variables": variables or {}})

            async def parts() -> AsyncIterator[dict[str, Any]]:
                while (message := await receive())["type"] != "complete":
                    if message["type"] in ("ping", "pong"):
                        continue
                    assert message["type"] == "next", message
                    assert "errors" not in message["payload"], message
                    yield message["payload"]["data"]

            yield parts()

    def kill(self) -> None:
        """End the server without any warning."""
        self.process.kill()
        self.process.wait()

    def interrupt(self) -> int:
        """Ask the server to end, as Ctrl-C does; its exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=30)


@contextmanager
def serving(store: str, *options: str) -> Iterator[Server]:
    """`foretell serve` on a free port, until the end of the block."""
    command = [
        str(Path(sys.executable).parent / "foretell"),
        "serve",
        "--store",
        store,
        "--port",
        "0",
        *options,
    ]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    try:
        lines = iter(process.stdout.readline, "")
        found = next((match for line in lines if (match := _ADDRESS.search(line))), None)
        assert found is not None, f"the server ended with {process.wait()}"
        yield Server(found[0], process)
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        process.stdout.close()
