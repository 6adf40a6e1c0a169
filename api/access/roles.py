"""What someone may do with which clusters; the one place where roles are compared."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from fnmatch import fnmatchcase

from foretell.api.access.errors import ForbiddenError


class Role(IntEnum):
    """What someone may do with a cluster; each role includes those before it."""

    VIEWER = 1
    PLANNER = 2
    OPERATOR = 3

    @property
    def word(self) -> str:
        """The role as files and sentences write it."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Grant:
    """A role on all clusters whose whole name a pattern matches (`*`, `?`, `[a-c]`, `[!a-c]`)."""

    pattern: str
    role: Role


@dataclass(frozen=True, slots=True)
class Principal:
    """Someone who asks, and what they may do."""

    name: str
    grants: tuple[Grant, ...]

    def role_on(self, cluster: str) -> Role | None:
        """The highest role on a cluster, whether it exists or not; None for no role."""
        return max((grant.role for grant in self.grants if fnmatchcase(cluster, grant.pattern)), default=None)

    def anywhere(self, role: Role) -> bool:
        """Whether some pattern carries this role or a higher one."""
        return any(grant.role >= role for grant in self.grants)


LOCAL = Principal("local", (Grant("*", Role.OPERATOR),))
"""Whoever asks a server without authentication, which listens on loopback alone."""


def permits(principal: Principal, cluster: str | None, role: Role) -> bool:
    """Whether someone has a role on a cluster, or, for None, on some pattern."""
    if cluster is None:
        return principal.anywhere(role)
    held = principal.role_on(cluster)
    return held is not None and held >= role


def check(principal: Principal, cluster: str | None, role: Role) -> None:
    """Raise ForbiddenError unless someone has a role on a cluster, or, for None, on some pattern."""
    if permits(principal, cluster, role):
        return
    if cluster is None:
        held = max((grant.role for grant in principal.grants), default=None)
    else:
        held = principal.role_on(cluster)
    raise ForbiddenError(principal.name, cluster, needed=role.word, held=None if held is None else held.word)
