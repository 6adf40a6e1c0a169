"""Who is refused, and what is wrong with a file or setting that says who may do what."""

from __future__ import annotations

import re

from foretell.model.errors import ForetellError

_LONGEST = 80
_TOKEN = re.compile(r"foretell_[A-Za-z0-9_-]{16,}")


def without_tokens(text: str) -> str:
    """A text in which no token can be read: people paste them where names and keys belong."""
    return _TOKEN.sub("foretell_…", text)


class UnauthenticatedError(ForetellError):
    """Nobody knows who asks; the sentence says what was expected, and never repeats what was given."""


class ForbiddenError(ForetellError):
    """Someone lacks a role.

    `held` is the role that they have on the cluster, or on any if `cluster` is None; None for no role.
    Whether the cluster exists makes no difference to the sentence.
    """

    def __init__(self, name: str, cluster: str | None, *, needed: str, held: str | None) -> None:
        super().__init__(name, cluster)
        self.name, self.cluster, self.needed, self.held = name, cluster, needed, held

    def __str__(self) -> str:
        if self.cluster is None:
            has = f"is at most {self.held}" if self.held else "has no role on any"
            return f"{self.needed} is needed on some cluster, and {self.name} {has}"
        shown = self.cluster if len(self.cluster) <= _LONGEST else self.cluster[:_LONGEST] + "…"
        has = f"is {self.held} there" if self.held else "has no role there"
        return f"{self.needed} is needed on cluster {shown!r}, and {self.name} {has}"


class AccessFileError(ForetellError):
    """A file that says who may do what can't be used: which, where in it, and what was expected."""

    def __init__(self, problem: str, *, source: str = "", place: str = "") -> None:
        self.problem, self.source, self.place = without_tokens(problem), source, without_tokens(place)
        super().__init__(self.problem)

    def __str__(self) -> str:
        return ": ".join(part for part in (self.source, self.place, self.problem) if part)


class TokenTakenError(ForetellError):
    """There is a token of this name already."""

    def __init__(self, name: str) -> None:
        self.name = without_tokens(name)
        super().__init__(self.name)

    def __str__(self) -> str:
        return f"there is a token {self.name!r} already: revoke it first, or choose another name"


class UnknownTokenError(ForetellError):
    """There is no token of this name."""

    def __init__(self, name: str) -> None:
        self.name = without_tokens(name)
        super().__init__(self.name)

    def __str__(self) -> str:
        return f"there is no token {self.name!r}"


class AccessSettingError(ForetellError):
    """Settings of OpenID Connect don't fit together, or lead nowhere."""


class OidcMissingError(ForetellError):
    """The library that checks tokens of OpenID Connect is not installed."""

    def __str__(self) -> str:
        return "OpenID Connect needs a library that is not installed: pip install 'foretell[oidc]'"
