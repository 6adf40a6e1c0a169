"""A token file is read again when it has changed, and a bad edit of it locks nobody out."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from threading import Thread

import pytest

from foretell.api.access.errors import (
    AccessFileError,
    TokenTakenError,
    UnauthenticatedError,
    UnknownTokenError,
)
from foretell.api.access.roles import Grant, Role
from foretell.api.access.token_edits import add_token, remove_token
from foretell.api.access.token_file import TokenFile, read_tokens
from foretell.api.access.tokens import Token, digest_of

GRANTS = (Grant("*", Role.VIEWER),)


def token(name: str) -> Token:
    """An entry whose token is its name."""
    return Token(name, digest_of(name), GRANTS)


def names(path: Path) -> list[str]:
    return [entry.name for entry in read_tokens(path).entries]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A token file with the tokens `one` and `two`."""
    file = tmp_path / "tokens.toml"
    add_token(file, token("one"))
    add_token(file, token("two"))
    return file


def settle(path: Path, seconds: int = 0) -> None:
    """Let the file look as if it had been written an hour ago, and some seconds later than that."""
    moment = 1_700_000_000 + seconds
    os.utime(path, (moment, moment))


def good(file: TokenFile, secret: str) -> bool:
    try:
        return file.authenticate(secret).name == secret
    except UnauthenticatedError:
        return False


def test_a_change_counts_at_the_next_look(path: Path) -> None:
    file = TokenFile(path)
    remove_token(path, "one")
    add_token(path, token("three"))
    assert [good(file, name) for name in ("one", "two", "three")] == [False, True, True]


@pytest.mark.parametrize("settled", [pytest.param(True, id="long ago"), pytest.param(False, id="just now")])
def test_a_change_in_place_of_the_same_size_counts(path: Path, settled: bool) -> None:
    if settled:
        settle(path)
    file = TokenFile(path)
    assert good(file, "one")
    path.write_text(path.read_text().replace(digest_of("one"), digest_of("six")).replace('"one"', '"six"'))
    if settled:
        settle(path, 1)
    assert [good(file, name) for name in ("one", "six")] == [False, True]


def test_a_file_that_has_not_changed_is_not_read_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(path)
    file = TokenFile(path)
    monkeypatch.setattr("foretell.api.access.token_file.read_tokens", lambda _: pytest.fail("read"))
    assert good(file, "one")


@pytest.mark.parametrize(
    ("mode", "text", "sentence"),
    [
        pytest.param(0o600, "[[token", "expected TOML in UTF-8", id="broken"),
        pytest.param(0o640, "", "not only its owner may use the file (mode 0640)", id="group"),
        pytest.param(0o600, None, "can't be read: no such file or directory", id="gone"),
    ],
)
def test_a_broken_edit_keeps_the_last_good_version_and_is_told_once(
    path: Path, caplog: pytest.LogCaptureFixture, mode: int, text: str | None, sentence: str
) -> None:
    before = path.read_text()
    file = TokenFile(path)
    if text is None:
        path.unlink()
    else:
        path.write_text(text)
        path.chmod(mode)
    with caplog.at_level(logging.WARNING):
        assert [good(file, name) for name in ("one", "two", "three")] == [True, True, False]
    [record] = caplog.records
    assert sentence in record.getMessage()
    assert record.getMessage().endswith("; the tokens read before stay in force")
    assert record.exc_info is None
    path.write_text(before.replace(digest_of("one"), digest_of("three")))
    path.chmod(0o600)
    assert [good(file, name) for name in ("one", "two", "three")] == [False, True, False]
    assert file.authenticate("three").name == "one"
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    "mode", [pytest.param(mode, id=f"{mode:o}") for mode in (0o604, 0o620, 0o640, 0o644, 0o601)]
)
def test_a_file_that_others_may_use_is_refused(path: Path, mode: int) -> None:
    path.chmod(mode)
    expected = rf"^{path}: not only its owner .* \(mode {mode:04o}\): expected mode 0600, as by chmod 600$"
    with pytest.raises(AccessFileError, match=expected):
        TokenFile(path)
    with pytest.raises(AccessFileError, match=expected):
        add_token(path, token("three"))


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(AccessFileError, match=r"can't be read: no such file or directory$"):
        TokenFile(tmp_path / "none.toml")


def test_a_broken_file_is_told_with_its_name_and_place(path: Path) -> None:
    path.write_text(path.read_text().replace('"viewer"', '"admin"', 1))
    with pytest.raises(AccessFileError) as caught:
        TokenFile(path)
    assert str(caught.value) == (
        f"{path}: token 1 (one), `grants`, grant 1: `role`: expected 'viewer', 'planner', 'operator'"
    )


def test_a_new_file_is_for_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        add_token(tmp_path / "t.toml", token("one"))
    finally:
        os.umask(before)
    assert (tmp_path / "t.toml").stat().st_mode & 0o777 == 0o600


def test_edits_leave_the_rest_as_it_was_written(path: Path) -> None:
    first = path.read_text()
    path.write_text("# Our tokens.\n\n# Of Alice.\n" + first + "# The end")
    add_token(path, token("three"))
    remove_token(path, "one")
    remove_token(path, "three")
    rest = first[first.index("[[token]]", 1) :]
    assert path.read_text() == f"# Our tokens.\n\n{rest}# The end\n\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            f'token = [{{ name = "one", sha256 = "{digest_of("one")}", '
            'grants = [{ role = "viewer", cluster = "*" }] }]\n',
            id="inline",
        ),
    ],
)
def test_what_is_written_otherwise_is_not_edited(path: Path, text: str) -> None:
    path.write_text(text)
    with pytest.raises(AccessFileError, match="can't be edited as it is written: expected entries"):
        add_token(path, token("two"))
    with pytest.raises(AccessFileError, match="can't be edited as it is written: expected entries"):
        remove_token(path, "one")
    assert path.read_text() == text


def test_names_are_taken_once(path: Path) -> None:
    with pytest.raises(TokenTakenError, match=r"^there is a token 'one' already"):
        add_token(path, token("one"))
    with pytest.raises(UnknownTokenError, match=r"^there is no token 'six'$"):
        remove_token(path, "six")
    assert names(path) == ["one", "two"]


def test_edits_at_the_same_time_are_not_lost(path: Path) -> None:
    threads = [Thread(target=add_token, args=(path, token(f"t{number}"))) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(names(path)) == sorted(["one", "two", *(f"t{number}" for number in range(12))])
    assert [file.name for file in path.parent.iterdir()] == ["tokens.toml"]


def test_a_symbolic_link_stays_one(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    add_token(link, token("three"))
    assert link.is_symlink()
    assert names(path) == ["one", "two", "three"]
