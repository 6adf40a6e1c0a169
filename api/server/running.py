"""Running a server: its socket, and its end, in which running requests are finished and streams closed."""

from __future__ import annotations

import socket
from collections.abc import Callable
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from foretell.api.server.closing import Closing
from foretell.api.server.logs import configure
from foretell.api.server.protocol import protocol_of
from foretell.api.server.settings import Settings, refusal
from foretell.model.errors import ForetellError

_BACKLOG = 1_024


class RefusedSettingsError(ForetellError):
    """A server is not started with its settings."""


class Server(uvicorn.Server):
    """uvicorn's server; at its end streams are closed before uvicorn would cut them.

    The first SIGINT or SIGTERM ends it gracefully, with an exit code of 0; a second one at once.
    """

    def __init__(
        self, app: Starlette, settings: Settings, *, announce: Callable[[str], None] | None = None
    ) -> None:
        times = settings.times
        super().__init__(
            uvicorn.Config(
                app,
                http=protocol_of(settings),
                ws="websockets-sansio",
                ws_max_size=settings.sizes.message,
                ws_ping_interval=times.quiet,
                ws_ping_timeout=times.quiet,
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                limit_concurrency=settings.connections,
                timeout_keep_alive=int(times.idle),
                timeout_graceful_shutdown=max(1, int(times.grace)),
                backlog=_BACKLOG,
            )
        )
        self._closing: Closing = app.state.closing
        self._grace, self._announce = times.grace, announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the application and listen; then the address is announced."""
        await super().startup(sockets)
        if self._announce is not None and self.started:
            self._announce(address_of(self.servers[0].sockets[0]))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen no more, close streams, finish requests, then stop the application."""
        for server in self.servers:
            server.close()
        await self._closing.finish(self._grace)
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End, since a signal asks for it."""
        del sig, frame
        self.force_exit = self.should_exit
        self.should_exit = True


def serve(
    app: Starlette,
    settings: Settings,
    *,
    announce: Callable[[str], None] | None = None,
) -> None:
    """Serve an application until a signal ends it; `announce` is told the address when it listens.

    Raises RefusedSettingsError, or OSError where the address can't be listened on.
    """
    problem = refusal(settings)
    if problem is not None:
        raise RefusedSettingsError(problem)
    configure(settings.log_format)
    with listening(settings) as bound:
        Server(app, settings, announce=announce).run([bound])


def listening(settings: Settings) -> socket.socket:
    """A socket that is bound to the address of the settings, with any free port for 0; raises OSError."""
    host = settings.host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, settings.port), family=family, backlog=_BACKLOG)


def address_of(bound: socket.socket) -> str:
    """The URL of a listening socket."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
