"""`foretell token` makes tokens, lists them and takes them back, without ever keeping one."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from foretell.api.access.authenticator import AccessSettings, Authenticator, authenticator_of
from foretell.api.access.errors import AccessFileError, UnauthenticatedError
from foretell.api.access.roles import Grant, Principal, Role
from foretell.api.access.token_file import read_tokens
from foretell.api.cli.token import command


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a token file is to be."""
    return tmp_path / "tokens.toml"


def create(file: Path, name: str, *more: str) -> str:
    """A new token of a viewer on `prod`."""
    done = run("create", name, "--role", "viewer", "--cluster", "prod", "--file", str(file), *more)
    assert done.exit_code == 0, done.output
    return done.stdout.removesuffix("\n")


def test_a_token_is_printed_once_and_its_digest_kept(file: Path) -> None:
    done = run(
        "create", "ci", "--role", "operator", "--cluster", "team-a-*", "--cluster", "b", "--file", str(file)
    )
    assert done.exit_code == 0
    assert re.fullmatch(r"foretell_[A-Za-z0-9_-]{43}\n", done.stdout)
    assert done.stderr == f"foretell: token ci added to {file}; it is shown this once:\n"
    assert done.stdout.strip() not in file.read_text()
    assert done.stdout.strip().removeprefix("foretell_") not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    one = authenticator_of(AccessSettings(token_file=file))
    assert isinstance(one, Authenticator)
    principal = asyncio.run(one.authenticate(f"Bearer {done.stdout.strip()}"))
    assert principal == Principal("ci", (Grant("team-a-*", Role.OPERATOR), Grant("b", Role.OPERATOR)))


def test_a_revoked_token_opens_nothing_from_then_on(file: Path) -> None:
    token, other = create(file, "ci"), create(file, "other")
    one = authenticator_of(AccessSettings(token_file=file))
    assert one is not None
    assert asyncio.run(one.authenticate(f"Bearer {token}")).name == "ci"
    done = run("revoke", "ci", "--file", str(file))
    assert (done.exit_code, done.stdout) == (0, "token ci revoked\n")
    with pytest.raises(UnauthenticatedError, match="not known, or was revoked"):
        asyncio.run(one.authenticate(f"Bearer {token}"))
    assert asyncio.run(one.authenticate(f"Bearer {other}")).name == "other"


def test_tokens_are_listed_by_name(file: Path) -> None:
    create(file, "zoe", "--note", "nightly “check”")
    create(file, "ann", "--expires", "90d")
    [ann, _] = sorted(read_tokens(file).entries, key=lambda entry: entry.name)
    done = run("list", "--file", str(file))
    assert done.stdout == (
        "NAME   GRANTS           EXPIRES                NOTE\n"
        f"ann    viewer on prod   {ann.expires:%Y-%m-%dT%H:%M:%SZ}   \n"
        "zoe    viewer on prod   never                  nightly “check”\n"
    )
    listed = json.loads(run("list", "--file", str(file), "-o", "json").stdout)
    assert listed[1] == {
        "name": "zoe",
        "grants": [{"role": "viewer", "cluster": "prod"}],
        "expires": None,
        "note": "nightly “check”",
    }


def test_a_token_that_is_over_is_listed_as_such(file: Path) -> None:
    create(file, "ci")
    with file.open("a") as text:
        text.write("expires = 2020-01-01T00:00:00Z\n")
    assert "2020-01-01T00:00:00Z (over)" in run("list", "--file", str(file)).stdout


def test_a_file_without_tokens_lists_none(file: Path) -> None:
    create(file, "ci")
    run("revoke", "ci", "--file", str(file))
    done = run("list", "--file", str(file))
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", f"foretell: {file} has no tokens.\n")


@pytest.mark.parametrize(
    ("span", "hours"),
    [
        pytest.param("12h", 12, id="hours"),
        pytest.param("90d", 90 * 24, id="days"),
        pytest.param("4w", 4 * 7 * 24, id="weeks"),
    ],
)
def test_a_span_ends_that_much_later(file: Path, span: str, hours: int) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    create(file, "ci", "--expires", span)
    [entry] = read_tokens(file).entries
    assert entry.expires is not None
    assert before <= entry.expires - timedelta(hours=hours) <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        pytest.param("--expires", "soon", "'soon' is no span: expected a number with h, d or w", id="span"),
        pytest.param("--expires", "0d", "'0d' is no span", id="no time"),
        pytest.param("--cluster", "Prod", "expected a cluster's name or a pattern of it", id="pattern"),
        pytest.param("--role", "admin", "'admin' is not one of 'viewer', 'planner', 'operator'", id="role"),
        pytest.param("--note", "a\nb", "expected one line of at most 200 characters", id="note"),
    ],
)
def test_what_a_file_can_t_hold_is_refused_and_nothing_written(
    file: Path, option: str, value: str, sentence: str
) -> None:
    done = run("create", "ci", "--role", "viewer", "--cluster", "*", "--file", str(file), option, value)
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert done.stdout == ""
    assert not file.exists()


def test_the_file_may_be_named_by_the_environment(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create(file, "ci")
    monkeypatch.setenv("FORETELL_TOKEN_FILE", str(file))
    assert run("list").stdout.startswith("NAME")


def test_a_file_that_others_may_read_is_refused(file: Path) -> None:
    create(file, "ci")
    file.chmod(0o644)
    done = run("create", "two", "--role", "viewer", "--cluster", "*", "--file", str(file))
    assert isinstance(done.exception, AccessFileError)
    assert done.stdout == ""
