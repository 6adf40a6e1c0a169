"""The header `Authorization`: whose it is, and that nothing of it is ever told."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from foretell.api.access.authenticator import AccessSettings, Authenticator, authenticator_of
from foretell.api.access.errors import AccessFileError, AccessSettingError, UnauthenticatedError
from foretell.api.access.roles import Grant, Principal, Role
from foretell.api.access.token_edits import add_token
from foretell.api.access.tokens import Token, digest_of, new_secret
from tests.api.access.issuer import Issuer

GRANTS = (Grant("team-a-*", Role.PLANNER),)
SECRET, OVER = new_secret(), new_secret()
MISSING = "no token was given: expected the header 'Authorization: Bearer <token>'"
NONE = "no token can be found in what was given: expected the header 'Authorization: Bearer <token>'"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A token file with a token that is good and one that is over."""
    file = tmp_path / "tokens.toml"
    add_token(file, Token("ci", digest_of(SECRET), GRANTS))
    past = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    add_token(file, Token("old", digest_of(OVER), GRANTS, past))
    return file


def made(settings: AccessSettings) -> Authenticator:
    one = authenticator_of(settings)
    assert one is not None
    return one


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer "])
def test_a_token_says_who_asks(path: Path, scheme: str) -> None:
    one = made(AccessSettings(token_file=path))
    assert asyncio.run(one.authenticate(f"{scheme} {SECRET}")) == Principal("ci", GRANTS)


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        pytest.param(None, MISSING, id="none"),
        pytest.param("", MISSING, id="empty"),
        pytest.param("Bearer", NONE, id="no token"),
        pytest.param("Basic dXNlcjpzZWNyZXQ=", NONE, id="basic"),
        pytest.param(SECRET, NONE, id="no scheme"),
        pytest.param(f"Bearer {SECRET} {SECRET}", NONE, id="two"),
        pytest.param(f"Bearer {SECRET}\n", NONE, id="line break"),
        pytest.param(f"Bearer {SECRET}é", NONE, id="no ASCII"),
        pytest.param(f"Bearer {'x' * 20_000}", NONE, id="long"),
        pytest.param(f"Bearer {SECRET}x", "the token is not known, or was revoked", id="more"),
        pytest.param(f"Bearer {SECRET[:-1]}", "the token is not known, or was revoked", id="less"),
        pytest.param("Bearer foretell_", "the token is not known, or was revoked", id="prefix"),
        pytest.param(f"Bearer {OVER}", "the token has expired", id="expired"),
        pytest.param(
            "Bearer a.b.c",
            "the token is not accepted here: expected one that begins with 'foretell_'",
            id="no issuer",
        ),
    ],
)
def test_whoever_is_not_known_is_told_what_is_expected_and_nothing_else(
    path: Path, header: str | None, sentence: str, caplog: pytest.LogCaptureFixture
) -> None:
    one = made(AccessSettings(token_file=path))
    with caplog.at_level(logging.DEBUG), pytest.raises(UnauthenticatedError) as caught:
        asyncio.run(one.authenticate(header))
    assert str(caught.value) == sentence
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caplog.text + repr(one)
    for piece in (header or "").removesuffix("\n").split(" ")[1:] or [SECRET]:
        assert len(piece) < 10 or piece not in shown


def test_both_kinds_of_tokens_are_taken_beside_each_other(path: Path, issuer: Issuer) -> None:
    settings = AccessSettings(path, issuer.url, "foretell", oidc_mapping={"ops": GRANTS})

    async def run() -> list[Principal]:
        one = made(settings)
        tokens = (SECRET, issuer.token(groups=["ops"]))
        return [await one.authenticate(f"Bearer {token}") for token in tokens]

    assert asyncio.run(run()) == [Principal("ci", GRANTS), Principal("alice", GRANTS)]


def test_tokens_of_foretell_s_own_are_not_sent_to_the_issuer(issuer: Issuer) -> None:
    one = made(AccessSettings(None, issuer.url, "foretell", oidc_mapping={}))
    with pytest.raises(UnauthenticatedError, match=r"^tokens of Foretell's own are not accepted here"):
        asyncio.run(one.authenticate(f"Bearer {SECRET}"))
    assert issuer.asked == []


def test_without_settings_nobody_is_asked_for() -> None:
    assert authenticator_of(AccessSettings()) is None


URL = "https://issuer.example"


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        pytest.param(AccessSettings(oidc_audience="x"), "`oidc_audience` is set, and no issuer", id="none"),
        pytest.param(AccessSettings(oidc_mapping={}), "`oidc_mapping` is set, and no issuer", id="mapping"),
        pytest.param(
            AccessSettings(oidc_issuer=URL, oidc_mapping={}), "needs an audience, lest", id="audience"
        ),
        pytest.param(
            AccessSettings(oidc_issuer=URL, oidc_audience="x"), "needs a mapping, which", id="no mapping"
        ),
        *(
            pytest.param(
                AccessSettings(oidc_issuer=url, oidc_audience="x", oidc_mapping={}),
                "^the issuer's URL: expected https, or http on a loopback address",
                id=url,
            )
            for url in (
                "http://issuer.example",
                "http://10.0.0.1",
                "http://localhost.example",
                "http://127.0.0.1@issuer.example",
                "https://user:secret@issuer.example",
                "ftp://127.0.0.1",
                "issuer.example",
                "https://",
                "https://[",
            )
        ),
    ],
)
def test_settings_that_don_t_fit_together_are_one_sentence(settings: AccessSettings, problem: str) -> None:
    with pytest.raises(AccessSettingError, match=problem) as caught:
        authenticator_of(settings)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", [URL, "http://localhost:8080/realms/x", "http://127.9.9.9", "http://[::1]:1"])
def test_an_issuer_is_on_https_or_on_this_machine(url: str) -> None:
    settings = AccessSettings(oidc_issuer=url, oidc_audience="x", oidc_mapping={})
    assert isinstance(authenticator_of(settings), Authenticator)


def test_a_broken_token_file_ends_the_start(path: Path) -> None:
    path.write_text("[[token")
    with pytest.raises(AccessFileError, match=r"tokens\.toml: expected TOML"):
        authenticator_of(AccessSettings(token_file=path))


@pytest.mark.parametrize("module", ["jwt", "cryptography"])
def test_a_missing_library_is_named_with_its_extra(module: str) -> None:
    program = (
        f"import sys; sys.modules[{module!r}] = None\n"
        "from foretell.api.access.authenticator import AccessSettings, authenticator_of\n"
        "from foretell.model.errors import ForetellError\n"
        "assert authenticator_of(AccessSettings()) is None\n"
        "try: authenticator_of(AccessSettings(oidc_issuer='https://x', oidc_audience='x', oidc_mapping={}))\n"
        "except ForetellError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == (
        "OpenID Connect needs a library that is not installed: pip install 'foretell[oidc]'\n"
    )
