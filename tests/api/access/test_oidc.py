"""Tokens of OpenID Connect, checked with a real issuer's real keys over a real socket."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import socket
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

import jwt
import pytest

from foretell.api.access import fetching, keys
from foretell.api.access.authenticator import AccessSettings, Authenticator, authenticator_of
from foretell.api.access.errors import UnauthenticatedError
from foretell.api.access.roles import Grant, Principal, Role
from tests.api.access.issuer import AUDIENCE, DISCOVERY, JWKS, Issuer, jwk, part, pem, private, send

GRANT = Grant("team-a-*", Role.OPERATOR)
UNCHECKED = "the token can't be checked now: its issuer doesn't answer as expected"


def authenticator(url: str, **more: str) -> Authenticator:
    settings = AccessSettings(
        oidc_issuer=url, oidc_audience=AUDIENCE, oidc_mapping={"team-a": (GRANT,)}, **more
    )
    made = authenticator_of(settings)
    assert made is not None
    return made


async def told(one: Authenticator, token: str) -> str:
    """What is said of a token: whose it is, or why it is none."""
    try:
        return (await one.authenticate(f"Bearer {token}")).name
    except UnauthenticatedError as error:
        return str(error).replace(token, "LEAK") if len(token) > 9 else str(error)


def once(issuer: Issuer, token: str) -> str:
    return asyncio.run(told(authenticator(issuer.url), token))


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        *(pytest.param("rsa", f"{family}{bits}") for family in ("RS", "PS") for bits in (256, 384, 512)),
        pytest.param("p256", "ES256"),
        pytest.param("p384", "ES384"),
        pytest.param("p521", "ES512"),
        pytest.param("ed25519", "EdDSA"),
    ],
)
def test_tokens_of_each_algorithm_are_taken(issuer: Issuer, key: str, algorithm: str) -> None:
    issuer.keys = [jwk("rsa-other", "other"), jwk(key, "one")]
    assert once(issuer, issuer.token(key, algorithm)) == "alice"
    assert once(issuer, issuer.token(key, algorithm, kid=None)) == "alice"


@pytest.mark.parametrize(
    ("claims", "settings", "principal"),
    [
        pytest.param({"groups": ["team-a", "x"]}, {}, Principal("alice", (GRANT,)), id="groups"),
        pytest.param({}, {}, Principal("alice", ()), id="nothing"),
        pytest.param(
            {"realm_access": {"roles": "team-a"}, "email": "a@example.com"},
            {"oidc_claim": "realm_access.roles", "oidc_name_claim": "email"},
            Principal("a@example.com", (GRANT,)),
            id="configured",
        ),
        pytest.param({"aud": ["x", AUDIENCE]}, {}, Principal("alice", ()), id="several audiences"),
    ],
)
def test_claims_say_who_and_what(
    issuer: Issuer, claims: dict[str, Any], settings: dict[str, str], principal: Principal
) -> None:
    one = authenticator(issuer.url, **settings)
    assert asyncio.run(one.authenticate(f"Bearer {issuer.token(**claims)}")) == principal


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        pytest.param({"exp": lambda now: now - 60}, "the token has expired", id="expired"),
        pytest.param({"exp": lambda now: now - 10}, "alice", id="expired within the leeway"),
        pytest.param({"nbf": lambda now: now + 60}, "the token is not valid yet", id="nbf"),
        pytest.param({"nbf": lambda now: now + 10}, "alice", id="nbf within the leeway"),
        pytest.param({"iat": lambda now: now + 60}, "the token is not valid yet", id="iat"),
        pytest.param({"iat": lambda now: now + 10}, "alice", id="iat within the leeway"),
        pytest.param({"iat": None}, "alice", id="no iat"),
        pytest.param({"exp": None}, "the token lacks a claim: expected `exp`, `iss` and `aud`", id="no exp"),
        pytest.param({"aud": None}, "the token lacks a claim: expected `exp`, `iss` and `aud`", id="no aud"),
        pytest.param({"iss": None}, "the token lacks a claim: expected `exp`, `iss` and `aud`", id="no iss"),
        pytest.param({"aud": "other"}, "the token is for another audience", id="audience"),
        pytest.param({"aud": [AUDIENCE + "x"]}, "the token is for another audience", id="audiences"),
        pytest.param({"iss": "https://else.example"}, "the token is from another issuer", id="issuer"),
        pytest.param(
            {"sub": None},
            "the token gives no name: expected at most 256 printable characters in its claim 'sub'",
            id="no name",
        ),
    ],
)
def test_claims_are_checked(issuer: Issuer, claims: dict[str, Any], sentence: str) -> None:
    now = int(time.time())
    made = {name: value(now) if callable(value) else value for name, value in claims.items()}
    assert once(issuer, issuer.token(**made)) == sentence


def unsigned(issuer: Issuer, algorithm: str) -> str:
    return f"{part({'alg': algorithm, 'kid': 'one'})}.{part(issuer.claims())}."


def confused(issuer: Issuer, secret: bytes) -> str:
    """A token signed with HS256, the public key as its secret."""
    signed = f"{part({'alg': 'HS256', 'kid': 'one'})}.{part(issuer.claims())}"
    digest = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda issuer: unsigned(issuer, "none"), id="none"),
        pytest.param(lambda issuer: unsigned(issuer, "None"), id="None"),
        pytest.param(lambda issuer: confused(issuer, pem("rsa")), id="HS256 with the key as a file"),
        pytest.param(
            lambda issuer: confused(issuer, json.dumps(issuer.keys[0]).encode()), id="HS256 with the JWK"
        ),
        pytest.param(lambda issuer: confused(issuer, b""), id="HS256 with nothing"),
        pytest.param(lambda issuer: f"{part({'alg': ['RS256']})}.{part(issuer.claims())}.AAAA", id="a list"),
        pytest.param(lambda issuer: f"{part({'alg': {}})}.{part(issuer.claims())}.AAAA", id="an object"),
    ],
)
def test_only_public_key_algorithms_are_accepted(issuer: Issuer, forge: Callable[[Issuer], str]) -> None:
    issuer.keys += [{"kty": "oct", "k": base64.urlsafe_b64encode(b"").decode(), "kid": "one"}]
    answer = once(issuer, forge(issuer))
    assert answer.startswith("the token is signed in a way that isn't accepted: expected RS256, RS384")
    assert issuer.asked == []


@pytest.mark.parametrize(
    ("forge", "sentence"),
    [
        pytest.param(
            lambda issuer: issuer.token("rsa-other"), "the token is not signed by its issuer", id="other key"
        ),
        pytest.param(
            lambda issuer: issuer.token()[:-40] + "A" * 40,
            "the token is not signed by its issuer",
            id="other signature",
        ),
        pytest.param(
            lambda issuer: ".".join(
                part(issuer.claims(sub="root")) if number == 1 else piece
                for number, piece in enumerate(issuer.token().split("."))
            ),
            "the token is not signed by its issuer",
            id="other claims",
        ),
        pytest.param(
            lambda issuer: issuer.token("p256", "ES256"),
            "the token is not signed with a key of its issuer",
            id="a key of another kind",
        ),
        pytest.param(
            lambda issuer: issuer.token("p384", "ES384", kid="small"),
            "the token is not signed with a key of its issuer",
            id="a key of another curve",
        ),
        pytest.param(
            lambda issuer: issuer.token(algorithm="PS256", kid="fixed"),
            "the token is not signed with a key of its issuer",
            id="a key for another algorithm",
        ),
        pytest.param(
            lambda issuer: issuer.token(kid="enc"),
            "the token is not signed with a key of its issuer",
            id="a key for encryption",
        ),
        pytest.param(
            lambda issuer: jwt.encode(
                issuer.claims(), private("rsa"), "RS256", {"kid": "one", "crit": ["x"], "x": 1}
            ),
            "the token can't be read: expected one of Foretell's, or a signed JSON Web Token",
            id="critical extension",
        ),
    ],
)
def test_signatures_are_checked(issuer: Issuer, forge: Callable[[Issuer], str], sentence: str) -> None:
    issuer.keys += [jwk("p256", "small"), jwk("rsa", "fixed", alg="RS256"), jwk("rsa", "enc", use="enc")]
    assert once(issuer, forge(issuer)) == sentence


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("x", id="word"),
        pytest.param("a.b.c", id="no JSON"),
        pytest.param(f"{part([])}.{part({})}.x", id="a list"),
        pytest.param(
            base64.urlsafe_b64encode(b"[" * 9000).decode().rstrip("=") + ".e30.x", id="a deep header"
        ),
        pytest.param(f"{part({'alg': 'RS256', 'kid': 1})}.e30.x", id="a kid that is no text"),
    ],
)
def test_what_is_no_token_is_one_sentence(issuer: Issuer, token: str) -> None:
    assert once(issuer, token).startswith("the token can't be read: expected")
    assert issuer.asked == []


def test_keys_are_fetched_once(issuer: Issuer) -> None:
    async def run() -> list[str]:
        one = authenticator(issuer.url)
        return list(await asyncio.gather(*(told(one, issuer.token()) for _ in range(20))))

    assert asyncio.run(run()) == ["alice"] * 20
    assert issuer.asked == [DISCOVERY, JWKS]


def test_a_new_key_is_noticed_and_a_withdrawn_one_forgotten(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        one = authenticator(issuer.url)
        assert await told(one, issuer.token()) == "alice"
        issuer.keys = [jwk("rsa-other", "two")]
        new = issuer.token("rsa-other", kid="two")
        assert await told(one, new) == "the token is not signed with a key of its issuer"
        monkeypatch.setattr(keys, "AGAIN", 0.0)
        assert await told(one, new) == "alice"
        assert await told(one, issuer.token()) == "the token is not signed with a key of its issuer"

    asyncio.run(run())


def test_unknown_keys_are_asked_for_every_30_seconds_at_most(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = 1000.0
    monkeypatch.setattr(keys, "monotonic", lambda: moment)

    async def run() -> None:
        nonlocal moment
        one = authenticator(issuer.url)
        fetches = []
        for passed in (0, 1, 28.9, 0.1, 29.9, 0.1):
            moment += passed
            await told(one, issuer.token("rsa-other", kid=f"unknown-{moment}"))
            fetches.append(issuer.fetches())
        assert fetches == [1, 1, 1, 2, 2, 3]

    asyncio.run(run())


def test_old_keys_are_fetched_anew_beside_the_requests(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        one = authenticator(issuer.url)
        assert await told(one, issuer.token()) == "alice"
        issuer.keys = []
        monkeypatch.setattr(keys, "STALE", 0.0)
        monkeypatch.setattr(keys, "AGAIN", 0.0)
        assert await told(one, issuer.token()) == "alice"
        async with asyncio.timeout(10):
            while issuer.fetches() < 2 or await told(one, issuer.token()) == "alice":
                await asyncio.sleep(0.01)

    asyncio.run(run())


def test_known_keys_outlast_an_issuer_that_is_down(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        one = authenticator(issuer.url)
        assert await told(one, issuer.token()) == "alice"
        issuer.answers[DISCOVERY] = lambda handler: send(handler, b"", 503)
        monkeypatch.setattr(keys, "AGAIN", 0.0)
        assert await told(one, issuer.token(kid="two")) == UNCHECKED
        assert await told(one, issuer.token()) == "alice"
        monkeypatch.setattr(keys, "EXPIRED", 0.0)
        assert await told(one, issuer.token()) == UNCHECKED

    asyncio.run(run())


def dead() -> str:
    """The URL of an issuer that doesn't listen."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_dead_issuer_is_told_once_a_minute_and_never_with_a_traceback(
    issuer: Issuer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "RETRY", 0.0)
    token = issuer.token()
    url = dead()

    async def run() -> None:
        one = authenticator(url)
        assert [await told(one, token) for _ in range(3)] == [UNCHECKED] * 3
        monkeypatch.setattr(keys, "_QUIET", 0.0)
        assert await told(one, token) == UNCHECKED

    with caplog.at_level(logging.DEBUG, "foretell"):
        asyncio.run(run())
    first, second = [record for record in caplog.records if record.name.startswith("foretell")]
    assert first.getMessage() == second.getMessage()
    assert first.getMessage() == (
        f"tokens of {url} can't be checked now: '{url}{DISCOVERY}' can't be fetched: "
        "[Errno 111] Connection refused"
    )
    assert first.exc_info is None
    assert token not in caplog.text


def silent(issuer: Issuer) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        issuer.ended.wait(30)
        handler.close_connection = True

    issuer.answers[JWKS] = answer


def dripping(issuer: Issuer) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not issuer.ended.wait(0.02):
            handler.wfile.write(b" ")

    issuer.answers[JWKS] = answer


def hesitant(issuer: Issuer) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not issuer.ended.wait(0.02):
            handler.wfile.write(b"x")

    issuer.answers[JWKS] = answer


def endless(issuer: Issuer) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not issuer.ended.is_set():
            handler.wfile.write(b" " * 65536)

    issuer.answers[JWKS] = answer


def saying(path: str, body: bytes, status: int = 200, **headers: str) -> Callable[[Issuer], None]:
    def prepare(issuer: Issuer) -> None:
        issuer.answers[path] = lambda handler: send(handler, body, status, **headers)

    return prepare


def published(**more: object) -> Callable[[Issuer], None]:
    return lambda issuer: issuer.discovery.update(more)


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        pytest.param(silent, "can't be fetched: it takes longer than 0.3 seconds", id="silent"),
        pytest.param(hesitant, "can't be fetched: it takes longer than 0.3 seconds", id="slow headers"),
        pytest.param(dripping, "can't be fetched: it takes longer than 0.3 seconds", id="dripping"),
        pytest.param(endless, "can't be fetched: it is larger than 1 MiB", id="endless"),
        pytest.param(
            saying(JWKS, b'{"keys":[]}' + b" " * 2**20), "can't be fetched: it is larger than", id="huge"
        ),
        pytest.param(saying(JWKS, b"", 500), "can't be fetched: status 500", id="status"),
        pytest.param(saying(JWKS, b"<html>"), "gives no JSON", id="no JSON"),
        pytest.param(saying(JWKS, b"[" * 100_000), "gives no JSON", id="deep"),
        pytest.param(saying(JWKS, b"[]"), "gives no JSON object", id="a list"),
        pytest.param(saying(JWKS, b"{}"), "has no `keys`", id="no keys"),
        pytest.param(
            saying(JWKS, b"", 302, Location="file:///etc/hostname"),
            "can't be fetched: status 302",
            id="redirect to a file",
        ),
        pytest.param(
            saying(JWKS, b"", 302, Location="http://192.0.2.1/keys"),
            "it redirects to where documents may not come from",
            id="redirect to plain http elsewhere",
        ),
        pytest.param(
            saying(JWKS, b"", 302, Location="https://127.0.0.1/keys"),
            "it redirects to where documents may not come from",
            id="redirect to another scheme",
        ),
        pytest.param(saying(JWKS, b"", 302, Location=JWKS), "can't be fetched: status 302", id="circle"),
        pytest.param(published(issuer="https://else.example"), "is about another issuer", id="other issuer"),
        pytest.param(published(jwks_uri=None), "has no `jwks_uri`", id="no place"),
        pytest.param(
            published(jwks_uri="http://192.0.2.1/keys"), "expected https, or http on a loop", id="plain http"
        ),
        pytest.param(published(jwks_uri="file:///etc/hostname"), "expected https, or http on", id="file"),
        pytest.param(published(jwks_uri="http://127.0.0.1:x/"), "expected https, or http on", id="no URL"),
    ],
)
def test_an_issuer_that_misbehaves_costs_one_sentence(
    issuer: Issuer,
    prepare: Callable[[Issuer], None],
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    if reason.endswith("0.3 seconds"):
        monkeypatch.setattr(fetching, "SECONDS", 0.3)
    prepare(issuer)
    with caplog.at_level(logging.WARNING):
        assert once(issuer, issuer.token()) == UNCHECKED
    [record] = caplog.records
    assert reason in record.getMessage()
    assert record.exc_info is None


def test_a_slow_issuer_holds_up_nothing_else(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "PATIENCE", 0.1)
    silent(issuer)

    async def run() -> None:
        one = authenticator(issuer.url)
        token = issuer.token()
        asked = asyncio.create_task(told(one, token))
        assert await told(one, "x") != UNCHECKED
        assert not asked.done()
        assert [await asked, await told(one, token)] == [UNCHECKED] * 2
        assert issuer.asked.count(DISCOVERY) == 1
        issuer.ended.set()

    asyncio.run(run())


def test_redirects_within_the_scheme_are_followed(issuer: Issuer) -> None:
    saying(JWKS, b"", 302, Location="/new")(issuer)
    saying("/new", json.dumps({"keys": issuer.keys}).encode())(issuer)
    assert once(issuer, issuer.token()) == "alice"


def test_an_issuer_whose_url_ends_with_a_slash_is_found(issuer: Issuer) -> None:
    url = issuer.discovery["issuer"] = issuer.url + "/"
    assert asyncio.run(told(authenticator(url), issuer.token(iss=url))) == "alice"


def test_no_proxy_stands_before_a_loopback_address(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", dead())
    assert once(issuer, issuer.token()) == "alice"


@pytest.mark.parametrize(
    "key",
    [
        pytest.param({"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "one"}, id="small RSA"),
        pytest.param({"kty": "RSA", "n": 1, "e": None, "kid": "one"}, id="no numbers"),
        pytest.param({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "one"}, id="no point"),
        pytest.param({"kty": "OKP", "crv": "Ed25519", "x": "", "kid": "one"}, id="no Ed25519"),
        pytest.param({"kty": "OKP", "crv": "X25519", "x": "A" * 43, "kid": "one"}, id="X25519"),
        pytest.param({"kty": ["RSA"], "kid": "one"}, id="no kind"),
        pytest.param({"kid": 7, "kty": "RSA"}, id="no kid"),
        pytest.param(7, id="no key"),
    ],
)
def test_keys_that_are_none_don_t_spoil_the_others(issuer: Issuer, key: dict[str, object]) -> None:
    issuer.keys = [key, *issuer.keys]
    assert once(issuer, issuer.token()) == "alice"
