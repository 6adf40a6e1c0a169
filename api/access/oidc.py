"""Tokens of OpenID Connect: signed by an issuer, for this server, for now; their claims say who asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jwt

from foretell.api.access.claims import claim_at, granted, name_in
from foretell.api.access.errors import UnauthenticatedError
from foretell.api.access.keys import ALGORITHMS, Keys, PublicKey
from foretell.api.access.roles import Grant, Principal

LEEWAY = 30
"""Seconds by which the clocks of issuer and server may differ."""

# The first that fits counts.
_SENTENCES: tuple[tuple[type[jwt.PyJWTError], str], ...] = (
    (jwt.ExpiredSignatureError, "the token has expired"),
    (jwt.ImmatureSignatureError, "the token is not valid yet"),
    (jwt.InvalidAudienceError, "the token is for another audience"),
    (jwt.InvalidIssuerError, "the token is from another issuer"),
    (jwt.MissingRequiredClaimError, "the token lacks a claim: expected `exp`, `iss` and `aud`"),
    (jwt.InvalidSignatureError, "the token is not signed by its issuer"),
)
_NO_KEY = "the token is not signed with a key of its issuer"
_NO_TOKEN = "the token can't be read: expected one of Foretell's, or a signed JSON Web Token"


class Issuer:
    """Checks the tokens of one issuer."""

    def __init__(
        self,
        issuer: str,
        audience: str,
        *,
        claim: str,
        mapping: Mapping[str, Sequence[Grant]],
        name_claim: str,
    ) -> None:
        self._issuer, self._audience = issuer, audience
        self._claim, self._mapping, self._name_claim = claim, dict(mapping), name_claim
        self._keys = Keys(issuer)

    async def authenticate(self, token: str) -> Principal:
        """Whoever holds a token; raises UnauthenticatedError, also while the issuer can't be asked."""
        algorithm, kid = _header(token)
        keys = await self._keys.fitting(algorithm, kid)
        claims = self._claims(token, algorithm, keys)
        name = name_in(claims, self._name_claim)
        return Principal(name, granted(claim_at(claims, self._claim), self._mapping))

    def _claims(self, token: str, algorithm: str, keys: Sequence[PublicKey]) -> Mapping[str, object]:
        """The claims, once one of the keys has signed them."""
        for number, key in enumerate(keys, 1):
            try:
                return jwt.decode(
                    token,
                    key,
                    algorithms=[algorithm],
                    audience=self._audience,
                    issuer=self._issuer,
                    leeway=LEEWAY,
                    options={"require": ["exp", "iss", "aud"]},
                )
            except jwt.InvalidSignatureError:
                if number == len(keys):
                    raise UnauthenticatedError(_sentence(jwt.InvalidSignatureError())) from None
            # Beside its own errors the library lets through some of those of what it stands on.
            except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
                raise UnauthenticatedError(_sentence(error)) from None
        raise UnauthenticatedError(_NO_KEY)


def _header(token: str) -> tuple[str, str | None]:
    """The algorithm and the key's id that a token names, neither of them trusted yet."""
    try:
        header: dict[str, Any] = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        raise UnauthenticatedError(_NO_TOKEN) from None
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS:
        raise UnauthenticatedError(
            f"the token is signed in a way that isn't accepted: expected {', '.join(ALGORITHMS)}"
        )
    return algorithm, kid if isinstance(kid, str) else None


def _sentence(error: Exception) -> str:
    return next((sentence for form, sentence in _SENTENCES if isinstance(error, form)), _NO_TOKEN)
