"""Server-sent events: the distinct connections mode of GraphQL over SSE."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from foretell.api.server.settings import Settings, Times
from tests.api.server.conftest import NOWHERE, Live, live, looped, until

EVENTS = {"accept": "text/event-stream"}


async def events(server: Live, query: str, *, get: bool = False) -> AsyncIterator[tuple[str, object]]:
    """The events of an operation, with what they carry."""
    options: dict[str, Any] = {"params": {"query": query}} if get else {"json": {"query": query}}
    async with server.client.stream(
        "GET" if get else "POST", "/graphql", headers=EVENTS, **options
    ) as response:
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        name = ""
        async for line in response.aiter_lines():
            field, _, value = line.partition(":")
            if field == "event":
                name = value.strip()
            elif field == "data":
                yield name, msgspec.json.decode(value) if value else None


@pytest.mark.parametrize("get", [True, False])
@looped
async def test_each_answer_is_an_event_and_the_end_is_one(get: bool) -> None:
    async with live() as server:
        told = [event async for event in events(server, "subscription { count(to: 2) }", get=get)]
    extensions = {"cost": {"requested": 1, "limit": 50_000}}
    assert told == [
        ("next", {"data": {"count": "0"}, "extensions": extensions}),
        ("next", {"data": {"count": "1"}, "extensions": extensions}),
        ("complete", None),
    ]


@looped
async def test_a_query_is_one_event() -> None:
    async with live() as server:
        told = [event async for event in events(server, "{ head }")]
    assert [name for name, _ in told] == ["next", "complete"]


@pytest.mark.parametrize(
    ("query", "get", "code"),
    [
        pytest.param("{", False, "SYNTAX", id="syntax"),
        pytest.param("mutation { bump }", True, "OPERATION_NOT_ALLOWED", id="mutation-by-get"),
    ],
)
@looped
async def test_a_refusal_is_told_as_an_event(query: str, get: bool, code: str) -> None:
    async with live() as server:
        (_, body), (last, _) = [event async for event in events(server, query, get=get)]
        assert server.world.head == 1
    assert isinstance(body, dict)
    assert (body["errors"][0]["extensions"]["code"], last) == (code, "complete")


@looped
async def test_who_takes_events_as_well_gets_them_for_a_subscription_alone() -> None:
    both = {"accept": "application/json, text/event-stream"}
    async with live() as server:
        post = server.client.post
        stream = await post("/graphql", json={"query": "subscription { count(to: 1) }"}, headers=both)
        single = await post("/graphql", json={"query": "{ head }"}, headers=both)
    assert stream.text.endswith("event: complete\ndata:\n\n")
    assert single.json()["data"] == {"head": 1}


@looped
async def test_a_quiet_stream_is_shown_to_be_alive() -> None:
    settings = Settings(page=NOWHERE, times=Times(quiet=0.02))
    async with (
        live(settings) as server,
        server.client.stream(
            "POST", "/graphql", json={"query": "subscription { forever }"}, headers=EVENTS
        ) as response,
    ):
        comments = 0
        async for line in response.aiter_lines():
            comments += line == ":"
            if comments > 3:
                break
        await response.aclose()
        await until(lambda: server.world.open == 0)


@looped
async def test_a_client_that_leaves_ends_the_subscription() -> None:
    async with live() as server:
        async for name, _ in (stream := events(server, "subscription { forever }")):
            assert (name, server.world.open) == ("next", 1)
            break
        await stream.aclose()  # type: ignore[attr-defined]
        await until(lambda: server.world.open == 0)


@looped
async def test_events_are_made_only_as_fast_as_the_client_takes_them() -> None:
    query = b'{"query": "subscription { count(to: 2000, size: 20000) }"}'
    async with live() as server, server.raw() as (reader, writer):
        writer.write(
            b"POST /graphql HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n"
            b"content-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(query), query)
        )
        seen = -1
        while server.world.produced != seen:  # until the buffers on the way are full
            seen = server.world.produced
            await asyncio.sleep(0.1)
        assert 0 < seen < 1_000
        while b"event: complete" not in await reader.read(2**20):
            pass
        assert server.world.produced == 2_000


@looped
async def test_at_the_end_of_the_server_streams_are_completed() -> None:
    async with live() as server:
        told = []
        async for name, _ in events(server, "subscription { forever }"):
            told.append(name)
            if name == "next":
                server.stop()
        assert told == ["next", "complete"]
        await server.done
        assert (server.world.open, server.backend.steps) == (0, ["start", "stop"])
