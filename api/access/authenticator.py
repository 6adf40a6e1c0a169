"""Who asks: the header `Authorization` of a request, looked up in a token file or checked with an issuer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from foretell.api.access.claims import read_mapping
from foretell.api.access.errors import AccessSettingError, OidcMissingError, UnauthenticatedError
from foretell.api.access.fetching import allowed
from foretell.api.access.roles import Grant, Principal
from foretell.api.access.token_file import TokenFile
from foretell.api.access.tokens import PREFIX

_EXPECTED = "expected the header 'Authorization: Bearer <token>'"
# RFC 6750, section 2.1; the scheme in any case (RFC 9110, section 11.1).
_BEARER = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9._~+/-]+=*) *")
_LONGEST = 2**14


class Verifier(Protocol):
    """Checks signed tokens."""

    async def authenticate(self, token: str) -> Principal:
        """Whoever holds a token; raises UnauthenticatedError."""
        ...


@dataclass(frozen=True)
class AccessSettings:
    """Where users are known from; without a token file and an issuer there are none.

    `oidc_claim` and `oidc_name_claim` are dotted paths; `oidc_mapping` is a TOML file of grants by the
    claim's values, or such a mapping itself.
    """

    token_file: str | Path | None = None
    oidc_issuer: str | None = None
    oidc_audience: str | None = None
    oidc_claim: str = "groups"
    oidc_mapping: str | Path | Mapping[str, Sequence[Grant]] | None = None
    oidc_name_claim: str = "sub"


class Authenticator:
    """Says who asks."""

    def __init__(self, tokens: TokenFile | None, issuer: Verifier | None) -> None:
        self._tokens, self._issuer = tokens, issuer

    async def authenticate(self, authorization: str | None) -> Principal:
        """Whoever sent a header `Authorization`; raises UnauthenticatedError, which tells none of it."""
        if authorization is None or not authorization.strip():
            raise UnauthenticatedError(f"no token was given: {_EXPECTED}")
        match = _BEARER.fullmatch(authorization) if len(authorization) <= _LONGEST else None
        if match is None:
            raise UnauthenticatedError(f"no token can be found in what was given: {_EXPECTED}")
        token = match[1]
        if token.startswith(PREFIX):
            if self._tokens is None:
                raise UnauthenticatedError(
                    "tokens of Foretell's own are not accepted here: expected one of the issuer's"
                )
            return self._tokens.authenticate(token)
        if self._issuer is None:
            raise UnauthenticatedError(
                f"the token is not accepted here: expected one that begins with {PREFIX!r}"
            )
        return await self._issuer.authenticate(token)


def authenticator_of(settings: AccessSettings) -> Authenticator | None:
    """What checks users, None if there are none to be known.

    Raises AccessFileError, AccessSettingError or OidcMissingError; the issuer is not asked until a token
    comes.
    """
    if settings.token_file is None and settings.oidc_issuer is None:
        for name in ("oidc_audience", "oidc_mapping"):
            if getattr(settings, name) is not None:
                raise AccessSettingError(f"`{name}` is set, and no issuer: expected `oidc_issuer`")
        return None
    tokens = TokenFile(settings.token_file) if settings.token_file is not None else None
    issuer = _issuer(settings.oidc_issuer, settings) if settings.oidc_issuer is not None else None
    return Authenticator(tokens, issuer)


def _issuer(issuer: str, settings: AccessSettings) -> Verifier:
    if not allowed(issuer):
        # What stands here may be a password: it isn't repeated.
        raise AccessSettingError(
            "the issuer's URL: expected https, or http on a loopback address, and no user's name in it"
        )
    if not settings.oidc_audience:
        raise AccessSettingError(
            "OpenID Connect needs an audience, lest tokens meant for others are accepted"
        )
    if settings.oidc_mapping is None:
        raise AccessSettingError(
            "OpenID Connect needs a mapping, which says what each value of the claim grants"
        )
    mapping = (
        settings.oidc_mapping
        if isinstance(settings.oidc_mapping, Mapping)
        else read_mapping(settings.oidc_mapping)
    )
    try:
        from foretell.api.access.oidc import Issuer
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("jwt", "cryptography"):
            raise
        raise OidcMissingError from None
    return Issuer(
        issuer,
        settings.oidc_audience,
        claim=settings.oidc_claim,
        mapping=mapping,
        name_claim=settings.oidc_name_claim,
    )
