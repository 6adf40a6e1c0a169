"""GraphQL over WebSocket: graphql-transport-ws, message by message."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from foretell.api.server.settings import Settings, Sizes, Times
from tests.api.server.conftest import NOWHERE, Live, live, looped, receive, until
from tests.api.server.test_protection import GUARDED

INIT = {"type": "connection_init"}


async def send(socket: ClientConnection, **message: Any) -> None:
    await socket.send(msgspec.json.encode(message).decode())


async def subscribe(socket: ClientConnection, name: str, query: str, **parameters: Any) -> None:
    await send(socket, id=name, type="subscribe", payload={"query": query, **parameters})


@asynccontextmanager
async def opened(server: Live, **options: Any) -> AsyncIterator[ClientConnection]:
    """A connection that has been acknowledged."""
    async with server.socket(**options) as socket:
        await send(socket, **INIT)
        assert await receive(socket) == {"type": "connection_ack"}
        yield socket


async def closed(socket: ClientConnection) -> int:
    """The code with which the server closes a connection."""

    async def read() -> None:
        while True:
            await socket.recv()

    with pytest.raises(ConnectionClosed) as caught:
        await read()
    assert caught.value.rcvd is not None
    return caught.value.rcvd.code


@looped
async def test_a_subscription_tells_each_answer_and_its_end() -> None:
    async with live() as server, opened(server) as socket:
        await subscribe(socket, "1", "subscription ($n: Int!) { count(to: $n) }", variables={"n": 2})
        messages = [await receive(socket) for _ in range(3)]
    assert [message["type"] for message in messages] == ["next", "next", "complete"]
    assert [message["payload"]["data"] for message in messages[:2]] == [{"count": "0"}, {"count": "1"}]
    assert {message["id"] for message in messages} == {"1"}


@looped
async def test_queries_and_mutations_are_answered_too_and_an_id_can_be_used_again() -> None:
    async with live() as server, opened(server) as socket:
        for query, data in (("mutation { bump }", {"bump": 2}), ("{ head }", {"head": 2})):
            await subscribe(socket, "1", query)
            assert (await receive(socket))["payload"]["data"] == data
            assert await receive(socket) == {"type": "complete", "id": "1"}


@looped
async def test_a_refused_operation_is_an_error_and_the_connection_goes_on() -> None:
    async with live() as server, opened(server) as socket:
        await subscribe(socket, "1", "{ nope }")
        message = await receive(socket)
        assert (message["type"], message["id"]) == ("error", "1")
        assert message["payload"][0]["extensions"]["code"] == "INVALID_DOCUMENT"
        await send(socket, type="ping")
        assert await receive(socket) == {"type": "pong"}


@looped
async def test_complete_ends_a_subscription_and_so_does_leaving() -> None:
    async with live() as server:
        async with opened(server) as socket:
            await subscribe(socket, "1", "subscription { forever }")
            await receive(socket)
            assert server.world.open == 1
            await send(socket, id="1", type="complete")
            await send(socket, type="ping")
            assert await receive(socket) == {"type": "pong"}
            assert server.world.open == 0
            await subscribe(socket, "1", "subscription { forever }")
            await receive(socket)
        await until(lambda: server.world.open == 0)


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        pytest.param(
            [{"type": "subscribe", "id": "1", "payload": {"query": "{ head }"}}], 4401, id="too-early"
        ),
        pytest.param([INIT, INIT], 4429, id="opened-twice"),
        pytest.param([{"type": "connection_init", "payload": 1}], 4400, id="payload"),
        pytest.param([INIT, {"type": "nope"}], 4400, id="type"),
        pytest.param([INIT, {"nope": 1}], 4400, id="no-type"),
        pytest.param([INIT, {"type": "subscribe", "payload": {"query": "{ head }"}}], 4400, id="no-id"),
        pytest.param([INIT, {"type": "subscribe", "id": "1", "payload": {"query": 1}}], 4400, id="no-query"),
        pytest.param([INIT, {"type": "subscribe", "id": "1"}], 4400, id="no-payload"),
        pytest.param(
            [INIT, *[{"type": "subscribe", "id": "1", "payload": {"query": "subscription { forever }"}}] * 2],
            4409,
            id="id-twice",
        ),
    ],
)
@looped
async def test_a_breach_of_the_protocol_closes_the_connection(
    messages: list[dict[str, Any]], code: int
) -> None:
    async with live() as server, server.socket() as socket:
        for message in messages:
            await send(socket, **message)
        assert await closed(socket) == code
        await until(lambda: server.world.open == 0)


@pytest.mark.parametrize("message", ["{", b"\x00", "[1]"])
@looped
async def test_what_is_no_message_closes_the_connection(message: str | bytes) -> None:
    async with live() as server, server.socket() as socket:
        await socket.send(message)
        assert await closed(socket) == 4400


@looped
async def test_a_connection_that_is_not_opened_in_time_is_closed() -> None:
    async with live(Settings(page=NOWHERE, times=Times(opening=0.05))) as server, server.socket() as socket:
        assert await closed(socket) == 4408


@looped
async def test_a_connection_that_is_opened_in_time_stays() -> None:
    async with live(Settings(page=NOWHERE, times=Times(opening=0.05))) as server, opened(server) as socket:
        await asyncio.sleep(0.1)
        await send(socket, type="ping")
        assert await receive(socket) == {"type": "pong"}


@looped
async def test_a_message_that_is_too_large_closes_the_connection() -> None:
    async with live(Settings(page=NOWHERE, sizes=Sizes(message=1_000))) as server, opened(server) as socket:
        await socket.send("x" * 1_001)
        assert await closed(socket) == 1009


@looped
async def test_only_so_many_operations_run_on_a_connection() -> None:
    async with live(Settings(page=NOWHERE, subscriptions=1)) as server, opened(server) as socket:
        await subscribe(socket, "1", "subscription { forever }")
        await receive(socket)
        await subscribe(socket, "2", "{ head }")
        message = await receive(socket)
    assert (message["type"], message["id"]) == ("error", "2")
    assert "no more are taken" in message["payload"][0]["message"]


@looped
async def test_the_subprotocol_has_to_be_asked_for() -> None:
    async with live() as server, server.socket(subprotocols=None) as socket:
        assert await closed(socket) == 4406


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"origin": "https://evil.example"}, id="origin"),
        pytest.param({"origin": "null"}, id="null"),
    ],
)
@looped
async def test_pages_of_others_get_no_connection(headers: dict[str, str]) -> None:
    async with live() as server:
        with pytest.raises(InvalidStatus) as caught:
            async with server.socket(additional_headers=headers):
                pass
    assert caught.value.response.status_code == 403


@looped
async def test_a_token_comes_in_the_first_message_or_in_a_header() -> None:
    async with live(GUARDED) as server:
        async with server.socket() as socket:
            await send(socket, type="connection_init", payload={"Authorization": "Bearer open-sesame"})
            assert await receive(socket) == {"type": "connection_ack"}
        async with opened(server, additional_headers={"authorization": "Bearer open-sesame"}) as socket:
            await subscribe(socket, "1", "{ head }")
            assert (await receive(socket))["payload"]["data"] == {"head": 1}


@looped
async def test_without_a_token_that_is_known_there_is_no_connection() -> None:
    async with live(GUARDED) as server:
        async with server.socket() as socket:
            await send(socket, **INIT)
            assert await closed(socket) == 4403
        with pytest.raises(InvalidStatus):
            async with server.socket(additional_headers={"authorization": "Bearer wrong"}):
                pass


@looped
async def test_answers_are_made_only_as_fast_as_the_client_takes_them() -> None:
    async with live() as server, opened(server, max_queue=1, compression=None) as socket:
        await subscribe(socket, "1", "subscription { count(to: 2000, size: 20000) }")
        seen = -1
        while server.world.produced != seen:  # until the buffers on the way are full
            seen = server.world.produced
            await asyncio.sleep(0.1)
        assert 0 < seen < 1_000
        while (await receive(socket))["type"] != "complete":
            pass
        assert server.world.produced == 2_000


@looped
async def test_at_the_end_of_the_server_connections_are_closed_as_going_away() -> None:
    async with live() as server, opened(server) as socket:
        await subscribe(socket, "1", "subscription { forever }")
        await receive(socket)
        server.stop()
        assert await closed(socket) == 1001
        await server.done
        assert server.world.open == 0
