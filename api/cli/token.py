"""`foretell token`: who may use a server, kept in a file of tokens' digests."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import click

from foretell.api.access.errors import AccessFileError
from foretell.api.access.grants import ROLES, checked_pattern
from foretell.api.access.roles import Grant
from foretell.api.access.token_edits import add_token, remove_token
from foretell.api.access.token_file import read_tokens
from foretell.api.access.tokens import Token, checked_name, checked_note, digest_of, new_secret
from foretell.api.cli.output import examples, json_text, note, output_option, say
from foretell.api.cli.tables import table

F = TypeVar("F", bound=Callable[..., Any])
_SPAN = re.compile(r"([1-9][0-9]{0,4})([hdw])")
_HOURS = {"h": 1, "d": 24, "w": 7 * 24}

EXAMPLES = examples(
    "foretell token create ci --role operator --cluster 'team-a-*' --file tokens.toml --expires 90d",
    "foretell token list --file tokens.toml",
    "foretell token revoke ci --file tokens.toml",
)


def _file_option(command: F) -> F:
    return click.option(
        "--file",
        "path",
        metavar="FILE",
        required=True,
        envvar="FORETELL_TOKEN_FILE",
        show_envvar=True,
        help="The token file, for its owner alone (mode 0600).",
    )(command)


@click.group("token", epilog=EXAMPLES)
def command() -> None:
    """Say who may use a server.

    A running server notices each change of its token file.
    """


@command.command("create")
@click.argument("name")
@click.option("--role", type=click.Choice(list(ROLES)), required=True, help="What the token allows.")
@click.option(
    "--cluster",
    "patterns",
    metavar="PATTERN",
    multiple=True,
    required=True,
    help="On which clusters: a name, or a pattern such as 'team-a-*'; may be given several times.",
)
@_file_option
@click.option("--expires", "span", metavar="SPAN", help="How long the token is good, such as 12h, 90d or 4w.")
@click.option("--note", "remark", metavar="TEXT", default="", help="What the token is for, in a line.")
def create(name: str, role: str, patterns: tuple[str, ...], path: str, span: str | None, remark: str) -> int:
    """Make a token, and print it: the file keeps only its digest.

    The file is made if there is none.
    """
    secret = new_secret()
    grants = tuple(
        Grant(_checked(checked_pattern, pattern, "'--cluster'"), ROLES[role])
        for pattern in dict.fromkeys(patterns)
    )
    token = Token(
        _checked(checked_name, name, "'NAME'"),
        digest_of(secret),
        grants,
        expires=None if span is None else _expiry(span),
        note=_checked(checked_note, remark, "'--note'"),
    )
    add_token(path, token)
    note(f"token {name} added to {path}; it is shown this once:")
    say(f"{secret}\n")
    return 0


@command.command("list")
@_file_option
@output_option
def list_(path: str, output: str) -> int:
    """List the tokens of a file, by name."""
    entries = sorted(read_tokens(path).entries, key=lambda entry: entry.name)
    if output == "json":
        say(json_text([_document(entry) for entry in entries]) + "\n")
    elif not entries:
        note(f"{path} has no tokens.")
    else:
        say(table(("NAME", "GRANTS", "EXPIRES", "NOTE"), [_row(entry) for entry in entries]))
    return 0


@command.command("revoke")
@click.argument("name")
@_file_option
def revoke(name: str, path: str) -> int:
    """Take a token out of a file: from now on it opens nothing."""
    remove_token(path, name)
    say(f"token {name} revoked\n")
    return 0


def _checked(check: Callable[[str], str], value: str, hint: str) -> str:
    """A value that a file may hold; raises BadParameter."""
    try:
        return check(value)
    except AccessFileError as error:
        raise click.BadParameter(error.problem, param_hint=hint) from None


def _expiry(span: str) -> datetime:
    match = _SPAN.fullmatch(span)
    if match is None:
        raise click.BadParameter(
            f"{span!r} is no span: expected a number with h, d or w, such as 90d", param_hint="'--expires'"
        )
    hours = int(match[1]) * _HOURS[match[2]]
    return datetime.now(UTC).replace(microsecond=0) + timedelta(hours=hours)


def _row(entry: Token) -> tuple[str, ...]:
    grants = ", ".join(f"{grant.role.word} on {grant.pattern}" for grant in entry.grants)
    if entry.expires is None:
        expires = "never"
    else:
        expires = f"{entry.expires:%Y-%m-%dT%H:%M:%SZ}" + (
            " (over)" if entry.expired(datetime.now(UTC)) else ""
        )
    return entry.name, grants, expires, entry.note


def _document(entry: Token) -> dict[str, object]:
    return {
        "name": entry.name,
        "grants": [{"role": grant.role.word, "cluster": grant.pattern} for grant in entry.grants],
        "expires": entry.expires,
        "note": entry.note,
    }
