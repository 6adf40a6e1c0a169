"""Token files: what can stand in them, and what is said of what can't."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretell.api.access.errors import AccessFileError
from foretell.api.access.roles import Grant, Role
from foretell.api.access.tokens import PREFIX, Token, digest_of, entry_text, new_secret, tokens_of

D1, D2 = digest_of("one"), digest_of("two")
GRANTS = 'grants = [{ role = "viewer", cluster = "*" }]'
GOOD = f'[[token]]\nname = "ci"\nsha256 = "{D1}"\n{GRANTS}\n'


def with_(line: str) -> str:
    """A good entry with one more line."""
    return GOOD + line + "\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("[[token]", "expected TOML in UTF-8: .*line 1, column 8", id="syntax"),
        pytest.param("users = 1", "^'users' is not known: expected entries that begin with", id="top"),
        pytest.param("token = 1", r"^token: expected entries that begin with \[\[token\]\]", id="no list"),
        pytest.param("token = [1]", "^token 1: expected an entry", id="no entry"),
        pytest.param("[[token]]", "^token 1: `name`: expected at most 63 letters", id="no name"),
        pytest.param('[[token]]\nname = "a b"', "^token 1: `name`: expected", id="name"),
        pytest.param('[[token]]\nname = "ci"', r"^token 1 \(ci\): `sha256`: expected .* 64", id="no digest"),
        pytest.param(GOOD.replace(D1, D1.upper()), "64 lowercase hexadecimal", id="uppercase"),
        pytest.param(
            f'[[token]]\nname = "ci"\nsha256 = "{D1}"', "`grants`: expected a list such as", id="no grants"
        ),
        pytest.param(GOOD.replace("viewer", "admin"), "grant 1: `role`: expected 'viewer', 'pl", id="role"),
        pytest.param(GOOD.replace('"viewer"', "1"), "grant 1: `role`: expected 'viewer'", id="number"),
        pytest.param(GOOD.replace("cluster", "on"), "expected `role` and `cluster`, and nothing", id="key"),
        pytest.param(GOOD.replace('"*"', '"Prod"'), "`cluster`: expected a cluster's name or", id="pattern"),
        pytest.param(GOOD.replace('"*"', '""'), "`cluster`: expected a cluster's name or", id="empty"),
        pytest.param(GOOD.replace('"*"', "1"), "`cluster`: expected text", id="pattern type"),
        pytest.param(with_("grant = 1"), "'grant' is not known: expected `expires`, `grants`", id="unknown"),
        pytest.param(with_("expires = 2027-01-31"), "`expires`: expected a moment with its", id="date"),
        pytest.param(with_("expires = 2027-01-31T00:00:00"), "`expires`: expected a moment", id="local"),
        pytest.param(with_('expires = "2027-01-31T00:00:00Z"'), "`expires`: expected a moment", id="text"),
        pytest.param(with_('note = "a\\nb"'), "`note`: expected one line of at most 200", id="note"),
        pytest.param(
            GOOD + GOOD.replace(D1, D2), "^token 2: expected another `name` than that of token 1", id="twice"
        ),
        pytest.param(
            GOOD + GOOD.replace("ci", "cd"), "^token 2: expected another `sha256` than", id="same token"
        ),
    ],
)
def test_what_can_t_stand_in_a_token_file_is_told_with_its_place(text: str, problem: str) -> None:
    with pytest.raises(AccessFileError, match=problem) as caught:
        tokens_of(text.encode())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(GOOD.replace(D1, "SECRET"), id="digest"),
        pytest.param(GOOD.replace("ci", "SECRET"), id="name"),
        pytest.param(GOOD.replace("*", "SECRET"), id="cluster"),
        pytest.param(GOOD.replace("viewer", "SECRET"), id="role"),
        pytest.param(with_("SECRET = 1"), id="key"),
        pytest.param(with_("SECRET = 1\nSECRET = 2"), id="key twice"),
        pytest.param("[SECRET]", id="table"),
        pytest.param("[SECRET]\n[SECRET]", id="table twice"),
        pytest.param("SECRET", id="line"),
    ],
)
def test_a_token_in_a_wrong_place_is_refused_and_not_repeated(text: str) -> None:
    secret = new_secret()
    with pytest.raises(AccessFileError) as caught:
        tokens_of(text.replace("SECRET", secret).encode())
    assert secret.removeprefix(PREFIX) not in f"{caught.value} {caught.value!r}"


@pytest.mark.parametrize(
    "data", [pytest.param(b"\xff", id="no UTF-8"), pytest.param(b"a=" + b"[" * 100_000, id="deep")]
)
def test_no_text_that_is_no_toml_is_more_than_one_sentence(data: bytes) -> None:
    with pytest.raises(AccessFileError, match=r"^expected TOML in UTF-8"):
        tokens_of(data)


def test_an_empty_file_has_no_tokens() -> None:
    assert tokens_of(b"").entries == ()


TOKENS = st.builds(
    Token,
    name=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,62}", fullmatch=True).filter(
        lambda name: not name.startswith(PREFIX)
    ),
    digest=st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
    grants=st.lists(
        st.builds(Grant, st.from_regex(r"[a-z0-9.*?!\[\]-]{1,20}", fullmatch=True), st.sampled_from(Role)),
        min_size=1,
        max_size=3,
    ).map(tuple),
    expires=st.none()
    | st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1)).map(
        lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
    ),
    note=st.text(max_size=50).filter(str.isprintable),
)


@given(TOKENS)
def test_an_entry_is_read_as_it_was_written(token: Token) -> None:
    assert tokens_of(entry_text(token).encode()).entries == (token,)


@given(
    st.lists(st.text(st.characters(codec="utf-8")), unique=True, max_size=5),
    st.text(st.characters(codec="utf-8")),
)
def test_a_token_is_found_if_it_is_there(secrets: list[str], guess: str) -> None:
    entries = [
        f'[[token]]\nname = "t{number}"\nsha256 = "{digest_of(secret)}"\n{GRANTS}\n'
        for number, secret in enumerate(secrets)
        if secret.isprintable()
    ]
    tokens = tokens_of("".join(entries).encode())
    for secret in [*secrets, guess] if guess.isprintable() else []:
        found = tokens.find(secret)
        there = secret in secrets and secret.isprintable()
        assert (found is not None and found.digest == digest_of(secret)) == there


def test_a_token_is_256_random_bits_after_its_prefix() -> None:
    one, other = new_secret(), new_secret()
    assert one.startswith(PREFIX)
    assert len(one.removeprefix(PREFIX)) == 43
    assert one != other


def test_a_token_is_good_until_the_moment_of_its_end() -> None:
    end = datetime(2027, 1, 1, tzinfo=UTC)
    token = Token("ci", D1, (Grant("*", Role.VIEWER),), end)
    assert not token.expired(end - timedelta(seconds=1))
    assert token.expired(end)


def test_offsets_are_taken_into_account() -> None:
    [token] = tokens_of(with_("expires = 2027-01-01T02:00:00+02:00").encode()).entries
    assert token.expires == datetime(2027, 1, 1, tzinfo=UTC)
