"""A live server for a test: the sample, served on a socket by the loop that the test runs in."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from types import FrameType
from typing import Any, ParamSpec

import httpx
import msgspec
import pytest
import websockets
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection

from foretell.api.graphql.engine import Engine
from foretell.api.server.app import create_app
from foretell.api.server.running import Server, address_of, listening
from foretell.api.server.settings import Settings
from foretell.api.server.telemetry import Tracing
from tests.api.server.sample import SCHEMA, Backend, World

P = ParamSpec("P")
RESPONSE = "application/graphql-response+json"
NOWHERE = Path("/nowhere")


def looped(test: Callable[P, Awaitable[None]]) -> Callable[P, None]:
    """Run a test in an event loop of its own."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        async def limited() -> None:
            async with asyncio.timeout(30):
                await test(*args, **kwargs)

        asyncio.run(limited())

    return run


class Prompt(Server):
    """A server that ends as soon as it is told to, where uvicorn looks ten times a second."""

    def __init__(self, app: Starlette, settings: Settings, announce: Callable[[str], None]) -> None:
        super().__init__(app, settings, announce=announce)
        self._told = asyncio.Event()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self._told.wait()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self._told.set()


@dataclass
class Live:
    """A running server and a client that speaks to it."""

    url: str
    client: httpx.AsyncClient
    backend: Backend
    server: Prompt
    engine: Engine
    done: asyncio.Task[None] = field(repr=False)

    @property
    def world(self) -> World:
        return self.backend.world

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    async def ask(self, query: str, **parameters: Any) -> httpx.Response:
        """POST a request for the newer media type."""
        return await self.client.post(
            "/graphql", json={"query": query, **parameters}, headers={"accept": RESPONSE}
        )

    def socket(self, **options: Any) -> websockets.connect:
        """A WebSocket to /graphql."""
        options.setdefault("subprotocols", ["graphql-transport-ws"])
        return websockets.connect(self.url.replace("http", "ws", 1) + "/graphql", **options)

    def stop(self) -> None:
        """Do what a signal does."""
        self.server.handle_exit(15, None)

    @asynccontextmanager
    async def raw(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """A plain connection."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield reader, writer
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


@asynccontextmanager
async def live(
    settings: Settings | None = None, *, engine: Engine | None = None, tracing: Tracing | None = None
) -> AsyncIterator[Live]:
    """Serve the sample until the end of the block."""
    settings = replace(settings or Settings(page=NOWHERE), port=0)
    engine, backend = engine or Engine(SCHEMA), Backend()
    app = create_app(settings, engine, backend, tracing=tracing)
    listens: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    bound = listening(settings)
    server = Prompt(app, settings, listens.set_result)
    done = asyncio.create_task(server._serve([bound]))
    url = await listens
    assert url == address_of(bound)
    async with httpx.AsyncClient(base_url=url, timeout=20) as client:
        try:
            yield Live(url, client, backend, server, engine, done)
        finally:
            await client.aclose()
            if not server.should_exit:
                server.handle_exit(15, None)
            await done
            bound.close()


async def until(condition: Callable[[], bool]) -> None:
    """Give way to other tasks until something is the case."""
    while not condition():
        await asyncio.sleep(0.005)


async def receive(socket: ClientConnection) -> Any:
    """The next message of a WebSocket, decoded."""
    return msgspec.json.decode(await socket.recv())


@pytest.fixture(scope="module")
def shared() -> Iterator[Live]:
    """A server for all tests of a module that leave nothing behind, in a loop and thread of its own."""
    told: SimpleQueue[tuple[Live, asyncio.AbstractEventLoop]] = SimpleQueue()

    async def serve() -> None:
        async with live(Settings(page=NOWHERE, hosts=("Foretell.example",))) as server:
            told.put((server, asyncio.get_running_loop()))
            await asyncio.wait({server.done})

    thread = Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    server, loop = told.get()
    yield server
    loop.call_soon_threadsafe(server.stop)
    thread.join()
