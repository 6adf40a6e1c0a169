"""What `foretell serve` can be told: the options, and the settings that are made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from foretell.api.access.authenticator import AccessSettings, Authenticator
    from foretell.api.server.settings import Settings
    from foretell.api.solver.limits import Limits

_MEBIBYTE = 2**20
DEFAULT_STORE = "sqlite:///foretell.db"


@dataclass(frozen=True)
class Options:
    """The options as they were given; what they mean is loaded when it is asked for."""

    store: str
    load: tuple[tuple[str, str], ...]
    host: str
    port: int
    workers: int
    solve_seconds: float
    solve_memory: int
    token_file: str | None
    oidc_issuer: str | None
    oidc_audience: str | None
    oidc_claim: str
    oidc_name_claim: str
    oidc_mapping: str | None
    allowed_hosts: tuple[str, ...]
    origins: tuple[str, ...]
    documents: str | None
    introspection: bool
    most_body: int
    most_bulk: int
    log_format: str
    telemetry: bool

    @property
    def limits(self) -> Limits:
        """What a solve may take."""
        from foretell.api.solver.limits import Limits

        memory = self.solve_memory * _MEBIBYTE
        return Limits(
            seconds=self.solve_seconds, memory=memory, growth=memory // 2, waiting=1000, patience=20.0
        )

    @property
    def access(self) -> AccessSettings:
        """Where users are known from."""
        from foretell.api.access.authenticator import AccessSettings

        return AccessSettings(
            token_file=self.token_file,
            oidc_issuer=self.oidc_issuer,
            oidc_audience=self.oidc_audience,
            oidc_claim=self.oidc_claim,
            oidc_mapping=self.oidc_mapping,
            oidc_name_claim=self.oidc_name_claim,
        )

    def settings(self, authenticator: Authenticator | None) -> Settings:
        """The settings of the server."""
        from foretell.api.server.settings import LogFormat, Settings, Sizes

        return Settings(
            host=self.host,
            port=self.port,
            hosts=self.allowed_hosts,
            origins=self.origins,
            authenticator=authenticator,
            sizes=Sizes(body=self.most_body * _MEBIBYTE, bulk=self.most_bulk * _MEBIBYTE),
            log_format=LogFormat(self.log_format),
        )


def _loads(_: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """The pairs of names and files."""
    pairs = []
    for value in values:
        name, equals, source = value.partition("=")
        if not name or not equals or not source:
            raise click.BadParameter(f"{value!r} can't be read: expected NAME=FILE", param=param)
        pairs.append((name, source))
    return tuple(pairs)


_OPTIONS = (
    click.option(
        "--store", metavar="URL", default=DEFAULT_STORE, show_default=True, envvar="FORETELL_STORE",
        show_envvar=True, help="Where clusters are kept: sqlite:///FILE or postgresql://USER@HOST/DATABASE.",
    ),
    click.option(
        "--load", metavar="NAME=FILE|DIR|-", multiple=True, callback=_loads,
        help="Read a cluster first, unless there is one of this name; repeatable.",
    ),
    click.option(
        "--host", metavar="ADDRESS", default="127.0.0.1", show_default=True, help="Where to listen."
    ),
    click.option(
        "--port", type=click.IntRange(0, 65535), default=8000, show_default=True,
        help="Where to listen; 0 finds one."
    ),
    click.option(
        "--workers", type=click.IntRange(1, 64), default=2, show_default=True,
        help="How many processes solve; with two or more, one is always left for quick questions.",
    ),
    click.option(
        "--solve-seconds", metavar="SECONDS", type=click.FloatRange(min=0, min_open=True), default=30.0,
        show_default=True, help="How long one solve may take.",
    ),
    click.option(
        "--solve-memory", metavar="MIB", type=click.IntRange(min=128), default=2048, show_default=True,
        help="How much memory a solving process may take.",
    ),
    click.option(
        "--token-file", metavar="FILE", envvar="FORETELL_TOKEN_FILE", show_envvar=True,
        help="Users and their tokens (foretell token).",
    ),
    click.option("--oidc-issuer", metavar="URL", help="An OpenID Connect issuer whose tokens are accepted."),
    click.option("--oidc-audience", metavar="NAME", help="Whom its tokens have to be meant for."),
    click.option(
        "--oidc-claim", metavar="PATH", default="groups", show_default=True, help="Which claim grants roles."
    ),
    click.option(
        "--oidc-name-claim", metavar="PATH", default="sub", show_default=True,
        help="Which claim names the user.",
    ),
    click.option("--oidc-mapping", metavar="FILE", help="What each value of the claim grants, in TOML."),
    click.option(
        "--allow-host", "allowed_hosts", metavar="NAME", multiple=True,
        help="A further name that requests may be sent to (header Host); repeatable.",
    ),
    click.option(
        "--cors-origin", "origins", metavar="ORIGIN", multiple=True,
        help="A web page's origin that may ask this server; repeatable.",
    ),
    click.option(
        "--documents", metavar="FILE",
        help="Answer these documents alone: JSON, document texts by their SHA-256.",
    ),
    click.option(
        "--introspection/--no-introspection", default=True, help="Whether the schema can be read."
    ),
    click.option(
        "--max-body", "most_body", metavar="MIB", type=click.IntRange(min=1), default=10, show_default=True,
        help="How large a GraphQL request may be.",
    ),
    click.option(
        "--max-dump", "most_bulk", metavar="MIB", type=click.IntRange(min=1), default=256, show_default=True,
        help="How large a dump of the bulk route may be.",
    ),
    click.option(
        "--log-format", type=click.Choice(["json", "text"]), default="json", show_default=True,
        help="How log lines on standard error look.",
    ),
    click.option("--telemetry", is_flag=True, help="Send traces, as OpenTelemetry's variables say."),
)  # fmt: skip


def serve_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options; the callback gets them as `options`."""

    @wraps(command)
    def gathering(**params: Any) -> Any:
        return command(options=Options(**params))

    decorated: Callable[..., Any] = gathering
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated
