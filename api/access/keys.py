"""An issuer's public keys: found, kept, and fetched again when a token names one that isn't known."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import TypeAlias

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from jwt.exceptions import InvalidKeyError

from foretell.api.access.errors import UnauthenticatedError
from foretell.api.access.fetching import FetchError, fetch

_LOG = logging.getLogger("foretell.api.access")

PublicKey: TypeAlias = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey | Ed448PublicKey

AGAIN = 30.0
"""Seconds between fetches for unknown keys, so that nobody makes the server fetch on and on."""

RETRY = 5.0
"""Seconds after a failure while there are no keys at all."""

STALE = 600.0
"""Seconds after which keys are fetched anew, as some may have been withdrawn; they are good meanwhile."""

EXPIRED = 86_400.0
"""Seconds after which keys count no longer, if the issuer could not be reached in all that time."""

PATIENCE = 12.0
"""Seconds for which a request waits for keys: both documents in their time, and a little more."""

_QUIET = 60.0
_MOST = 100
_SMALLEST_RSA = 2048
_FORMS: dict[str, Callable[[dict[str, object]], object]] = {
    "RSA": RSAAlgorithm.from_jwk,
    "EC": ECAlgorithm.from_jwk,
    "OKP": OKPAlgorithm.from_jwk,
}
_CURVES = {"ES256": "secp256r1", "ES384": "secp384r1", "ES512": "secp521r1"}
ALGORITHMS = (
    *(f"{family}{bits}" for family in ("RS", "PS") for bits in (256, 384, 512)), *_CURVES, "EdDSA",
)  # fmt: skip
"""Those with a public key; in all others whoever can check a token could make one."""


@dataclass(frozen=True, slots=True)
class _Key:
    kid: str | None
    algorithm: str | None
    key: PublicKey

    def fits(self, algorithm: str, kid: str | None) -> bool:
        """Whether a token that says so may be signed with the key."""
        if (kid is not None and kid != self.kid) or self.algorithm not in (None, algorithm):
            return False
        if isinstance(self.key, RSAPublicKey):
            return algorithm[:2] in ("RS", "PS")
        if isinstance(self.key, EllipticCurvePublicKey):
            return _CURVES.get(algorithm) == self.key.curve.name
        return algorithm == "EdDSA"


class Keys:
    """The keys of one issuer; for one event loop at a time."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer
        self._keys: tuple[_Key, ...] = ()
        self._fetched = self._tried = self._told = float("-inf")
        self._task: asyncio.Task[None] | None = None

    async def fitting(self, algorithm: str, kid: str | None) -> tuple[PublicKey, ...]:
        """The keys that a token may be signed with, none if the issuer has no such key.

        Raises UnauthenticatedError if the issuer can't be asked.
        """
        age = monotonic() - self._fetched
        if age > EXPIRED:
            self._keys = ()
        found = self._known(algorithm, kid)
        if not found and self._due(AGAIN if self._keys else RETRY):
            await self._refreshed()
            found = self._known(algorithm, kid)
        elif age > STALE and self._due(AGAIN):
            self._begin()
        if not found and self._fetched < self._tried:
            raise UnauthenticatedError(
                "the token can't be checked now: its issuer doesn't answer as expected"
            )
        return found

    def _known(self, algorithm: str, kid: str | None) -> tuple[PublicKey, ...]:
        return tuple(key.key for key in self._keys if key.fits(algorithm, kid))

    def _due(self, pause: float) -> bool:
        running = self._task is not None and not self._task.done()
        return running or monotonic() - self._tried >= pause

    def _begin(self) -> asyncio.Task[None]:
        """The fetch that is under way, or a new one: there is one at a time."""
        if self._task is None or self._task.done():
            self._tried = monotonic()
            self._task = asyncio.create_task(self._fetch())
        return self._task

    async def _refreshed(self) -> None:
        """Wait for a fetch, but not for ever; whoever goes away doesn't end it for the others."""
        await asyncio.wait([self._begin()], timeout=PATIENCE)

    async def _fetch(self) -> None:
        try:
            self._keys = await asyncio.to_thread(_keys_of, self._issuer)
            self._fetched = monotonic()
        except FetchError as error:
            now = monotonic()
            if now - self._told >= _QUIET:
                self._told = now
                _LOG.warning("tokens of %s can't be checked now: %s", self._issuer, error)


def _keys_of(issuer: str) -> tuple[_Key, ...]:
    """The keys that an issuer publishes (OpenID Connect Discovery 1.0, section 4); raises FetchError."""
    where = issuer.rstrip("/") + "/.well-known/openid-configuration"
    document = fetch(where)
    if document.get("issuer") != issuer:
        raise FetchError(f"{where!r} is about another issuer")
    uri = document.get("jwks_uri")
    if not isinstance(uri, str):
        raise FetchError(f"{where!r} has no `jwks_uri`")
    listed = fetch(uri).get("keys")
    if not isinstance(listed, list):
        raise FetchError(f"{uri!r} has no `keys`")
    keys = [_key(item) for item in listed[:_MOST] if isinstance(item, dict)]
    return tuple(key for key in keys if key is not None)


def _key(jwk: Mapping[str, object]) -> _Key | None:
    """A key for signatures; None for others, which a set may hold (RFC 7517, section 5)."""
    kid, algorithm, operations = jwk.get("kid"), jwk.get("alg"), jwk.get("key_ops", ["verify"])
    if jwk.get("use", "sig") != "sig" or not isinstance(operations, list) or "verify" not in operations:
        return None
    if "d" in jwk or not isinstance(kid, str | None) or not isinstance(algorithm, str | None):
        return None
    form = _FORMS.get(str(jwk.get("kty")))
    try:
        key = form(dict(jwk)) if form is not None else None
    # What is wrong in a key's numbers is told by whichever error comes first.
    except (InvalidKeyError, ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return None
    if not isinstance(key, PublicKey) or (isinstance(key, RSAPublicKey) and key.key_size < _SMALLEST_RSA):
        return None
    return _Key(kid, algorithm, key)
