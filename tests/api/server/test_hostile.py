"""Hostile requests: a clear refusal within a second, or at the limit; and health is answered meanwhile."""

from __future__ import annotations

import asyncio
from time import perf_counter

import httpx
import pytest

from foretell.api.server.settings import Settings, Sizes, Times
from tests.api.graphql.test_engine_limits import HOSTILE
from tests.api.server.conftest import NOWHERE, RESPONSE, Live, live, looped

POST = b"POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
QUICK = Settings(
    page=NOWHERE, times=Times(headers=0.3, body=0.3), sizes=Sizes(headers=8_192, body=10_000, bulk=100_000)
)


async def healthy(client: httpx.AsyncClient) -> None:
    begun = perf_counter()
    assert (await client.get("/healthz")).text == "ok\n"
    assert perf_counter() - begun < 5


@pytest.mark.parametrize(("query", "code"), HOSTILE)
@looped
async def test_a_hostile_document_is_refused_within_a_second(shared: Live, query: str, code: str) -> None:
    async with httpx.AsyncClient(base_url=shared.url) as client:
        asked = client.post("/graphql", json={"query": query}, headers={"accept": RESPONSE})
        begun = perf_counter()
        response, _ = await asyncio.gather(asked, healthy(client))
        assert perf_counter() - begun < 5
    assert shared.world.runs == 0
    assert response.status_code == 400
    assert [error["extensions"]["code"] for error in response.json()["errors"]] == [code]


async def refusal(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The status of an answer, and the rest of it until the connection is closed."""
    status = int((await reader.readline()).split()[1])
    return status, await reader.read()


@looped
async def test_a_body_of_50_mb_is_refused_before_it_is_read() -> None:
    async with live() as server, server.raw() as (reader, writer):
        begun = perf_counter()
        writer.write(POST + b"content-length: 52428800\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        assert perf_counter() - begun < 5
        assert head.startswith(b"HTTP/1.1 413 ")
        assert b"connection: close" in head
        await healthy(server.client)
        # Whoever sends it all the same is let finish, and has the answer.
        for _ in range(50):
            writer.write(b"x" * 2**20)
            await writer.drain()
        assert b"at most 1,048,576 are taken" in await reader.read()


@looped
async def test_a_client_that_sends_50_mb_sees_the_refusal() -> None:
    async with live() as server:
        response, _ = await asyncio.gather(
            server.client.post(
                "/graphql", content=b"x" * 50 * 2**20, headers={"content-type": "application/json"}
            ),
            healthy(server.client),
        )
    assert response.status_code == 413
    assert "the body has 52,428,800 bytes" in response.json()["errors"][0]["message"]


@looped
async def test_a_body_without_a_length_is_refused_when_it_has_become_too_large() -> None:
    async with live(QUICK) as server, server.raw() as (reader, writer):
        writer.write(POST + b"transfer-encoding: chunked\r\n\r\n" + b"1000\r\n" + b"x" * 4096 + b"\r\n")
        writer.write((b"1000\r\n" + b"x" * 4096 + b"\r\n") * 5 + b"0\r\n\r\n")
        status, rest = await refusal(reader)
    assert (status, b"more than 10,000 bytes" in rest) == (413, True)


@looped
async def test_bulk_routes_have_a_larger_limit_of_their_own() -> None:
    async with live(QUICK) as server:
        large, larger = b'"' + b"x" * 50_000 + b'"', b'"' + b"x" * 100_000 + b'"'
        headers = {"content-type": "application/json"}
        assert (
            await server.client.put("/clusters/a.json", content=large, headers=headers)
        ).status_code == 201
        assert (
            await server.client.put("/clusters/a.json", content=larger, headers=headers)
        ).status_code == 413


@looped
async def test_a_slow_body_is_refused_at_the_limit() -> None:
    async with live(QUICK) as server, server.raw() as (reader, writer):
        writer.write(POST + b"content-length: 100\r\n\r\n{")
        answer = asyncio.create_task(refusal(reader))
        await healthy(server.client)
        status, rest = await answer
    assert (status, b"the body didn't come within 0.3 s" in rest) == (408, True)


@looped
async def test_slow_headers_are_refused_at_the_limit_however_often_a_byte_comes() -> None:
    async with live(QUICK) as server, server.raw() as (reader, writer):
        writer.write(b"GET /healthz HTTP/1.1\r\n")
        answer = asyncio.create_task(refusal(reader))
        while not answer.done():
            writer.write(b"a")
            await asyncio.wait({answer}, timeout=0.05)
        status, rest = await answer
    assert (status, b"no headers came within 0.3 s" in rest) == (408, True)


@looped
async def test_slow_headers_of_a_second_request_are_refused_too() -> None:
    async with live(QUICK) as server, server.raw() as (reader, writer):
        writer.write(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        await reader.readuntil(b"ok\n")
        writer.write(b"GET /healthz")
        status, _ = await refusal(reader)
    assert status == 408


@looped
async def test_a_connection_without_a_request_is_closed() -> None:
    async with live(QUICK) as server, server.raw() as (reader, _):
        assert await reader.read() == b""


@looped
async def test_headers_that_are_too_large_are_refused() -> None:
    async with live(QUICK) as server, server.raw() as (reader, writer):
        writer.write(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nx: " + b"x" * 9_000)
        status, rest = await refusal(reader)
        assert (status, b"the headers have more than 8,192 bytes" in rest) == (431, True)
        await healthy(server.client)


@looped
async def test_what_is_no_http_is_refused() -> None:
    async with live() as server, server.raw() as (reader, writer):
        writer.write(b"\x16\x03\x01 hello\r\n\r\n")
        assert (await refusal(reader))[0] == 400


@looped
async def test_over_the_limit_of_connections_the_answer_is_503() -> None:
    async with live(Settings(page=NOWHERE, connections=2)) as server, server.raw():
        statuses = [(await server.client.get("/healthz")).status_code]
        await server.client.aclose()
    assert statuses == [503]


@looped
async def test_a_client_that_leaves_in_the_middle_of_its_body_leaves_nothing_behind() -> None:
    async with live() as server:
        async with server.raw() as (_, writer):
            writer.write(POST + b"content-length: 100\r\n\r\n{")
            await writer.drain()
        await healthy(server.client)
        under_way = 2
        while under_way > 1:  # the one that asks is one
            text = (await server.client.get("/metrics")).text
            under_way = int(text.partition("\nforetell_requests_under_way ")[2].partition(".")[0])
