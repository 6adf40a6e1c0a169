"""Tokens: how they are made, and the entries of a token file, which know them by their digests alone."""

from __future__ import annotations

import hmac
import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from foretell.api.access.errors import AccessFileError
from foretell.api.access.grants import grants_of, toml_of
from foretell.api.access.roles import Grant, Principal

PREFIX = "foretell_"
"""What every token begins with, so that leaked ones are found by those who look for them."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,62}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_KEYS = frozenset({"name", "sha256", "grants", "expires", "note"})
_LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True)
class Token:
    """An entry of a token file; `digest` is the SHA-256 of the token in hexadecimal digits."""

    name: str
    digest: str
    grants: tuple[Grant, ...]
    expires: datetime | None = None
    note: str = ""

    @property
    def principal(self) -> Principal:
        """Whoever holds the token."""
        return Principal(self.name, self.grants)

    def expired(self, now: datetime) -> bool:
        """Whether the token is no longer good."""
        return self.expires is not None and now >= self.expires


def new_secret() -> str:
    """A token that nobody can guess: 256 random bits after the prefix."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """What a token file keeps of a token.

    Slow, salted hashes make guessing dear where people choose passwords. Nobody guesses 256 random bits, so
    that a fast hash is as safe, and doesn't cost every request a tenth of a second.
    """
    return sha256(secret.encode()).hexdigest()


class Tokens:
    """The entries of one reading of a token file, found by name or by digest."""

    def __init__(self, entries: Iterable[Token] = ()) -> None:
        self.entries = tuple(entries)
        self._by_digest = {entry.digest: entry for entry in self.entries}

    def find(self, secret: str) -> Token | None:
        """The entry of a token, expired or not."""
        digest = digest_of(secret)
        found = self._by_digest.get(digest)
        # Looking a digest up tells by its time no more than what the digest of a guess begins with; that the
        # whole of it is right is decided in constant time.
        return found if found is not None and hmac.compare_digest(found.digest, digest) else None

    def named(self, name: str) -> Token | None:
        """The entry of a name."""
        return next((entry for entry in self.entries if entry.name == name), None)


def tokens_of(data: bytes) -> Tokens:
    """The entries of a token file; raises AccessFileError with the place and what was expected there."""
    document = toml_of(data)
    for key in sorted(set(document) - {"token"}):
        raise AccessFileError(f"{key!r} is not known: expected entries that begin with [[token]]")
    written = document.get("token", [])
    if not isinstance(written, list):
        raise AccessFileError("expected entries that begin with [[token]]", place="token")
    entries = [_entry(value, f"token {number}") for number, value in enumerate(written, 1)]
    for what, values in (
        ("name", [entry.name for entry in entries]),
        ("sha256", [entry.digest for entry in entries]),
    ):
        for number, value in enumerate(values):
            if value in values[:number]:
                first = values.index(value) + 1
                raise AccessFileError(
                    f"expected another `{what}` than that of token {first}", place=f"token {number + 1}"
                )
    return Tokens(entries)


def _entry(value: object, place: str) -> Token:
    if not isinstance(value, dict):
        raise AccessFileError("expected an entry that begins with [[token]]", place=place)
    name = checked_name(value.get("name"), place)
    place = f"{place} ({name})"
    for key in sorted(set(value) - _KEYS):
        expected = ", ".join(f"`{known}`" for known in sorted(_KEYS))
        raise AccessFileError(f"{key!r} is not known: expected {expected}", place=place)
    digest = value.get("sha256")
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        # What stands here instead may be the token itself: it isn't repeated.
        raise AccessFileError(
            "`sha256`: expected the token's SHA-256 in 64 lowercase hexadecimal digits", place=place
        )
    grants = grants_of(value.get("grants"), f"{place}, `grants`")
    return Token(name, digest, grants, _expiry(value, place), checked_note(value.get("note", ""), place))


def _expiry(value: Mapping[str, object], place: str) -> datetime | None:
    moment = value.get("expires")
    if moment is None:
        return None
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise AccessFileError(
            "`expires`: expected a moment with its offset, such as 2027-01-31T12:00:00Z", place=place
        )
    return moment.astimezone(UTC)


def checked_name(name: object, place: str = "") -> str:
    """A name that a token can have; raises AccessFileError."""
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name.startswith(PREFIX):
        expected = "expected at most 63 letters, digits, '.', '_', '@' and '-'"
        begins = f"beginning with a letter or digit, and not with {PREFIX!r}"
        raise AccessFileError(f"`name`: {expected}, {begins}", place=place)
    return name


def checked_note(note: object, place: str = "") -> str:
    """A note that a token can have; raises AccessFileError."""
    if not isinstance(note, str) or not note.isprintable() or len(note) > _LONGEST_NOTE:
        raise AccessFileError(f"`note`: expected one line of at most {_LONGEST_NOTE} characters", place=place)
    return note


def entry_text(token: Token) -> str:
    """An entry as a token file writes it."""
    lines = ["[[token]]", f"name = {_text(token.name)}", f"sha256 = {_text(token.digest)}", "grants = ["]
    lines += [
        f"    {{ role = {_text(grant.role.word)}, cluster = {_text(grant.pattern)} }},"
        for grant in token.grants
    ]
    lines += ["]"]
    lines += [f"expires = {token.expires:%Y-%m-%dT%H:%M:%SZ}"] if token.expires is not None else []
    lines += [f"note = {_text(token.note)}"] if token.note else []
    return "\n".join(lines) + "\n"


def _text(value: str) -> str:
    # TOML reads strings as JSON writes them, as long as they are printable.
    return json.dumps(value, ensure_ascii=False)
