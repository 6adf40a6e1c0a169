"""How a server is set up, and which set-ups are refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol

from foretell.api.access.roles import Principal

PAGE = Path(__file__).parents[1] / "static" / "graphiql"


class Authenticator(Protocol):
    """Says who sends a request."""

    async def authenticate(self, authorization: str | None) -> Principal:
        """Who a value of the header Authorization belongs to; raises UnauthenticatedError."""


class LogFormat(StrEnum):
    """How log lines look: one JSON object each, or text for people."""

    JSON = "json"
    TEXT = "text"


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """The most that is taken, in bytes: bodies, those of the bulk routes, headers, WebSocket messages."""

    body: int = 2**20
    bulk: int = 256 * 2**20
    headers: int = 64 * 2**10
    message: int = 2**20


@dataclass(frozen=True, kw_only=True)
class Times:
    """How long is waited, in seconds.

    `headers`, `body` and `bulk` are for the whole of what is sent; `idle` for the next request on a
    connection; `opening` for the first message of a WebSocket; after `quiet` a stream is shown to be alive;
    `grace` is what running requests are given at the end.
    """

    headers: float = 10.0
    body: float = 10.0
    bulk: float = 600.0
    idle: float = 75.0
    opening: float = 10.0
    quiet: float = 15.0
    grace: float = 10.0


@dataclass(frozen=True, kw_only=True)
class Settings:
    """A server's set-up.

    `hosts` are further names that the header Host may have, `*` for any; `origins` are the pages of other
    servers, such as `https://console.example`, that may ask this one. `connections` and `subscriptions` (of
    one WebSocket) are the most at a time.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    authenticator: Authenticator | None = None
    sizes: Sizes = field(default_factory=Sizes)
    times: Times = field(default_factory=Times)
    connections: int = 1_000
    subscriptions: int = 20
    page: Path = PAGE
    log_format: LogFormat = LogFormat.JSON


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def refusal(settings: Settings) -> str | None:
    """Why a server is not started with these settings, in a sentence; None if it may be."""
    if settings.authenticator is None and not is_loopback(settings.host):
        return (
            f"{settings.host} can be reached from other machines and nobody has to say who they are: "
            "expected tokens or an issuer, or a loopback address such as 127.0.0.1"
        )
    return None
