"""GraphQL over HTTP, beyond what the audits look at."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import httpx
import pytest

from foretell.api.graphql.engine import Engine
from foretell.api.server.negotiation import Accepted, Media, accepted, is_json
from tests.api.server.conftest import RESPONSE, Live, live, looped
from tests.api.server.sample import SCHEMA

QUERY = {"query": "{ head }"}


@looped
async def test_a_query_is_answered_by_post_and_by_get() -> None:
    async with live() as server:
        posted = await server.ask("{ head }")
        got = await server.client.get("/graphql", params=QUERY, headers={"accept": RESPONSE})
    for response in (posted, got):
        assert (response.status_code, response.json()["data"]) == (200, {"head": 1})
        assert response.headers["content-type"] == f"{RESPONSE}; charset=utf-8"
        assert response.headers["cache-control"] == "no-store"


@looped
async def test_get_takes_variables_and_the_name_of_the_operation() -> None:
    parameters = {
        "query": "query A($n: Int!) { pods(first: $n) { nodes { name } } } query B { head }",
        "variables": '{"n": 1}',
        "operationName": "A",
    }
    async with live() as server:
        response = await server.client.get("/graphql", params=parameters)
    assert response.json()["data"] == {"pods": {"nodes": [{"name": "web-0"}]}}


@looped
async def test_a_head_request_has_the_length_of_the_answer_and_no_body() -> None:
    async with live() as server:
        response = await server.client.head("/graphql", params=QUERY)
    assert (response.status_code, response.content) == (200, b"")


@looped
async def test_a_mutation_by_get_is_refused_with_the_method_that_it_needs() -> None:
    async with live() as server:
        response = await server.client.get("/graphql", params={"query": "mutation { bump }"})
        assert (response.status_code, response.headers["allow"]) == (405, "POST")
        assert server.world.head == 1


@looped
async def test_an_answer_with_errors_of_fields_has_the_status_200() -> None:
    async with live() as server:
        response = await server.ask("{ head rejected }")
    assert (response.status_code, response.json()["data"]) == (200, {"head": 1, "rejected": None})


@looped
async def test_a_registered_document_is_found_by_its_sha256() -> None:
    digest = sha256(b"{ head }").hexdigest()
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
    async with live() as server:
        post = server.client.post
        unknown = await post("/graphql", json={"extensions": extensions})
        assert unknown.json()["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
        await post("/graphql", json={**QUERY, "extensions": extensions})
        got = await server.client.get("/graphql", params={"extensions": json.dumps(extensions)})
        named = await post("/graphql", json={"documentId": f"sha256:{digest}"})
    assert got.json()["data"] == named.json()["data"] == {"head": 1}


REFUSED = [
    pytest.param({"method": "DELETE"}, 405, "DELETE is not possible here", id="method"),
    pytest.param({"method": "PUT", "json": QUERY}, 405, "expected GET or POST", id="put"),
    pytest.param({"json": QUERY, "headers": {"accept": "text/html"}}, 406, "expected one of", id="accept"),
    pytest.param(
        {"content": "query={head}", "headers": {"content-type": "application/x-www-form-urlencoded"}},
        415,
        "application/json",
        id="form",
    ),
    pytest.param(
        {"content": b"{}", "headers": {"content-type": "text/plain"}}, 415, "application/json", id="text"
    ),
    pytest.param(
        {"content": b"{}", "headers": {"content-type": "application/json; charset=latin-1"}},
        415,
        "UTF-8",
        id="charset",
    ),
    pytest.param({"content": b"{}"}, 415, "application/json", id="no-type"),
    pytest.param({"json": [QUERY, QUERY]}, 400, "one request at a time", id="batch"),
    pytest.param({"json": "query"}, 400, "no GraphQL request", id="string"),
    pytest.param({"json": {"query": 1}}, 400, "`$.query`", id="number"),
    pytest.param({"json": {**QUERY, "variables": []}}, 400, "`$.variables`", id="variables"),
    pytest.param({"json": {}}, 400, "no document", id="empty"),
    pytest.param(
        {"content": b'{"query": "{ \xff }"}', "headers": {"content-type": "application/json"}},
        400,
        "UTF-8",
        id="utf-8",
    ),
    pytest.param(
        {"content": b'{"query": "{ \\ud800 }"}', "headers": {"content-type": "application/json"}},
        400,
        "JSON",
        id="surrogate",
    ),
    pytest.param(
        {"content": b"[" * 500_000, "headers": {"content-type": "application/json"}},
        400,
        "one request",
        id="brackets",
    ),
    pytest.param(
        {"content": b'{"variables": ' + b'{"a":' * 100_000, "headers": {"content-type": "application/json"}},
        400,
        "JSON",
        id="deep",
    ),
    pytest.param(
        {"method": "GET", "params": {**QUERY, "variables": "{"}},
        400,
        "parameter variables",
        id="get-variables",
    ),
    pytest.param({"method": "GET", "url": "/graphql?query=%FF"}, 400, "UTF-8", id="get-utf-8"),
    pytest.param(
        {"method": "GET", "url": "/graphql?query=a&query=b"}, 400, "several parameters", id="get-twice"
    ),
    pytest.param(
        {"method": "GET", "url": "/graphql?" + "a&" * 1000}, 400, "too many parameters", id="get-many"
    ),
    pytest.param({"method": "GET", "url": "/nothing"}, 404, "there is nothing at /nothing", id="path"),
    pytest.param({"method": "POST", "url": "/healthz"}, 405, "POST is not possible here", id="health"),
]


@pytest.mark.parametrize(("request_", "status", "sentence"), REFUSED)
def test_what_is_no_request_is_refused_with_a_status_and_a_sentence(
    shared: Live, request_: dict[str, Any], status: int, sentence: str
) -> None:
    with httpx.Client(base_url=shared.url) as client:
        response = client.request(**{"method": "POST", "url": "/graphql", **request_})
    assert shared.world.runs == 0
    assert response.status_code == status
    assert sentence in response.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param(None, Accepted(Media.JSON, False), id="missing"),
        pytest.param("*/*", Accepted(Media.JSON, False), id="any"),
        pytest.param(RESPONSE, Accepted(Media.RESPONSE, False), id="response"),
        pytest.param(f"application/json, {RESPONSE}", Accepted(Media.JSON, False), id="first"),
        pytest.param(f"application/json;q=0.9, {RESPONSE}", Accepted(Media.RESPONSE, False), id="quality"),
        pytest.param(f"{RESPONSE}, text/event-stream", Accepted(Media.RESPONSE, True), id="events-too"),
        pytest.param("text/event-stream", Accepted(Media.EVENTS, True), id="events"),
        pytest.param(f"{RESPONSE};q=0", None, id="not-at-all"),
        pytest.param(f"{RESPONSE};q=x", None, id="no-number"),
        pytest.param("application/json; charset=utf-8", Accepted(Media.JSON, False), id="charset"),
        pytest.param("application/json; charset=utf-16", None, id="other-charset"),
        pytest.param("text/html, image/*", None, id="others"),
    ],
)
def test_the_media_type_is_the_one_that_is_wanted_most(header: str | None, expected: Accepted | None) -> None:
    assert accepted(header) == expected


def test_json_is_json_in_any_case_with_or_without_utf_8() -> None:
    assert is_json("application/json")
    assert is_json('Application/JSON; Charset="UTF-8"')
    assert not is_json(None)
    assert not is_json("application/json+x")


@looped
async def test_the_cache_is_seen_in_the_engine() -> None:
    engine = Engine(SCHEMA)
    async with live(engine=engine) as server:
        for _ in range(3):
            await server.ask("{ head }")
    assert (engine.stats.answers_missed, engine.stats.answers_hit) == (1, 2)
