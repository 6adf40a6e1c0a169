"""Who may ask, by which name, from which page, and as whom."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from foretell.api.access.errors import UnauthenticatedError
from foretell.api.access.roles import Grant, Principal, Role
from foretell.api.server.settings import Settings, is_loopback, refusal
from tests.api.server.conftest import NOWHERE, Live, live, looped

CONSOLE = "https://console.example"


class Tokens:
    """Knows one token."""

    async def authenticate(self, authorization: str | None) -> Principal:
        if authorization != "Bearer open-sesame":
            raise UnauthenticatedError("no token that is known was given")
        return Principal("ali", (Grant("*", Role.VIEWER),))


GUARDED = Settings(authenticator=Tokens(), page=NOWHERE)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        pytest.param("localhost", 200, id="localhost"),
        pytest.param("LOCALHOST:8000", 200, id="port"),
        pytest.param("127.0.0.1:1", 200, id="address"),
        pytest.param("[::1]:80", 200, id="ipv6"),
        pytest.param("foretell.example", 200, id="named"),
        pytest.param("evil.example", 421, id="other"),
        pytest.param("127.0.0.1.evil.example", 421, id="looks-like"),
        pytest.param("localhost@evil.example", 421, id="user"),
        pytest.param("", 421, id="empty"),
    ],
)
def test_a_server_answers_to_its_own_names_alone(shared: Live, host: str, status: int) -> None:
    with httpx.Client(base_url=shared.url) as client:
        response = client.get("/healthz", headers={"host": host})
    assert response.status_code == status


@looped
async def test_a_request_has_one_host() -> None:
    async with live() as server:
        for hosts in (b"", b"host: localhost\r\nhost: localhost\r\n"):
            async with server.raw() as (reader, writer):
                writer.write(b"GET /healthz HTTP/1.1\r\n" + hosts + b"\r\n")
                assert (await reader.readline()).split()[1] == b"400"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({}, 200, id="program"),
        pytest.param({"origin": "http://HOST"}, 200, id="own"),
        pytest.param({"origin": CONSOLE}, 200, id="allowed"),
        pytest.param({"origin": "https://evil.example"}, 403, id="other"),
        pytest.param({"origin": f"{CONSOLE}.evil.example"}, 403, id="longer"),
        pytest.param({"origin": "null"}, 403, id="null"),
        pytest.param({"sec-fetch-site": "same-origin"}, 200, id="fetched-own"),
        pytest.param({"sec-fetch-site": "none"}, 200, id="fetched-by-the-user"),
        pytest.param({"sec-fetch-site": "cross-site"}, 403, id="fetched-other"),
        pytest.param({"sec-fetch-site": "same-site"}, 403, id="fetched-same-site"),
    ],
)
@looped
async def test_pages_of_others_can_change_nothing(headers: dict[str, str], status: int) -> None:
    async with live(Settings(origins=(CONSOLE,), page=NOWHERE)) as server:
        named = {name: value.replace("HOST", f"127.0.0.1:{server.port}") for name, value in headers.items()}
        response = await server.client.post("/graphql", json={"query": "mutation { bump }"}, headers=named)
        assert server.world.head == (2 if status == 200 else 1)
    assert response.status_code == status


@looped
async def test_only_the_pages_that_are_allowed_can_read_answers() -> None:
    async with live(Settings(origins=(CONSOLE,), page=NOWHERE)) as server:
        seen = await server.client.get("/healthz", headers={"origin": CONSOLE})
        unseen = await server.client.get("/healthz", headers={"origin": "https://evil.example"})
        asked = {"origin": CONSOLE, "access-control-request-method": "POST"}
        preflight = await server.client.options("/graphql", headers=asked)
        refused = await server.client.options("/graphql", headers={**asked, "origin": "https://evil.example"})
    assert seen.headers["access-control-allow-origin"] == CONSOLE
    assert "access-control-allow-origin" not in unseen.headers
    assert preflight.status_code == 204
    assert "authorization" in preflight.headers["access-control-allow-headers"]
    assert "access-control-allow-origin" not in refused.headers


@looped
async def test_by_default_no_page_of_others_can_read_answers() -> None:
    async with live() as server:
        response = await server.client.get("/healthz", headers={"origin": CONSOLE})
    assert not [name for name in response.headers if name.startswith("access-control")]


@looped
async def test_every_answer_has_the_headers_that_protect_pages() -> None:
    async with live() as server:
        for path in ("/graphql", "/graphiql", "/nothing", "/healthz"):
            headers = (await server.client.get(path)).headers
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert "default-src 'none'" in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"method": "POST", "url": "/graphql", "json": {"query": "{ head }"}}, id="post"),
        pytest.param({"method": "GET", "url": "/graphql", "params": {"query": "{ head }"}}, id="get"),
        pytest.param({"method": "GET", "url": "/clusters/prod.json"}, id="export"),
        pytest.param({"method": "PUT", "url": "/clusters/prod.json", "json": {}}, id="replace"),
    ],
)
@looped
async def test_without_a_token_that_is_known_the_answer_is_401(options: dict[str, Any]) -> None:
    async with live(GUARDED) as server:
        for given in ({}, {"authorization": "Bearer wrong"}):
            response = await server.client.request(**options, headers=given)
            assert response.status_code == 401
            assert response.headers["www-authenticate"].startswith("Bearer")
            assert response.json()["errors"][0]["message"] == "no token that is known was given"
        assert server.world.runs == 0


@looped
async def test_with_a_token_the_request_is_answered_as_its_owner() -> None:
    async with live(GUARDED) as server:
        server.client.headers["authorization"] = "Bearer open-sesame"
        assert (await server.ask("{ head }")).json()["data"] == {"head": 1}
        refused = await server.client.put("/clusters/prod.json", json={})
    assert refused.status_code == 403
    assert "ali is viewer there" in refused.json()["errors"][0]["message"]


@looped
async def test_health_needs_no_token() -> None:
    async with live(GUARDED) as server:
        statuses = [
            (await server.client.get(path)).status_code for path in ("/healthz", "/readyz", "/metrics")
        ]
    assert statuses == [200, 200, 200]


@pytest.mark.parametrize(
    ("settings", "refused"),
    [
        pytest.param(Settings(), False, id="default"),
        pytest.param(Settings(host="localhost"), False, id="localhost"),
        pytest.param(Settings(host="::1"), False, id="ipv6"),
        pytest.param(Settings(host="0.0.0.0"), True, id="everywhere"),
        pytest.param(Settings(host="192.168.0.7"), True, id="network"),
        pytest.param(Settings(host="foretell.example"), True, id="name"),
        pytest.param(Settings(host="0.0.0.0", authenticator=Tokens()), False, id="with-tokens"),
    ],
)
def test_without_tokens_a_server_listens_on_loopback_alone(settings: Settings, refused: bool) -> None:
    assert (refusal(settings) is not None) == refused


def test_loopback_is_known_in_all_its_forms() -> None:
    assert [is_loopback(host) for host in ("127.1.2.3", "[::1]", "10.0.0.1", "")] == [
        True,
        True,
        False,
        False,
    ]
