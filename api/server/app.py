"""The application: routes, and the layers around them.

From the outside in: id, log, metrics and headers (serving); traces; the name of the server (hosts); pages
of others (origins); size and time of bodies (bodies); then the routes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute

from foretell.api.graphql.engine import Engine
from foretell.api.server.backend import Backend
from foretell.api.server.bodies import Bodies, Bound
from foretell.api.server.bulk import Bulk
from foretell.api.server.closing import Closing
from foretell.api.server.endpoint import Endpoint
from foretell.api.server.hosts import Hosts
from foretell.api.server.identity import Identity
from foretell.api.server.metrics import CONTENT_TYPE, Metrics
from foretell.api.server.operations import Operations
from foretell.api.server.origins import Origins
from foretell.api.server.pages import Pages
from foretell.api.server.replies import on_http_exception, refused
from foretell.api.server.serving import Serving
from foretell.api.server.settings import Settings
from foretell.api.server.sockets import Sockets
from foretell.api.server.telemetry import NoTracing, Tracing

_HEALTH = {"cache-control": "no-store"}


def create_app(
    settings: Settings, engine: Engine, backend: Backend, *, tracing: Tracing | None = None
) -> Starlette:
    """The application of a server; `app.state.closing` ends its streams (see foretell.api.server.running).

    The backend is started and stopped with the application.
    """
    tracing = tracing or NoTracing()
    metrics = Metrics(lambda: engine.stats, backend.measures)
    closing = Closing()
    identity = Identity(settings.authenticator)
    operations = Operations(engine, backend, identity, metrics, tracing, closing, settings)
    pages, bulk = Pages(settings.page), Bulk(backend, identity)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await backend.start()
        try:
            yield
        finally:
            await backend.stop()

    async def health(_: Request) -> Response:
        return PlainTextResponse("ok\n", 200, _HEALTH)

    async def readiness(_: Request) -> Response:
        problem = "the server is shutting down" if closing.begun else await backend.unready()
        return PlainTextResponse("ok\n", 200, _HEALTH) if problem is None else refused(503, problem)

    async def measures(_: Request) -> Response:
        return Response(metrics.text(), 200, {"content-type": CONTENT_TYPE, "cache-control": "no-store"})

    app = Starlette(
        routes=[
            Route("/graphql", Endpoint(operations)),
            WebSocketRoute("/graphql", Sockets(operations)),
            Route("/clusters/{name}.json", bulk.serve, methods=["GET", "PUT"]),
            Route("/", pages.root),
            Route("/graphiql", pages.index),
            Route("/graphiql/{path:path}", pages.file),
            Route("/healthz", health),
            Route("/readyz", readiness),
            Route("/metrics", measures),
        ],
        middleware=[
            Middleware(Serving, metrics),
            Middleware(tracing.around),
            Middleware(Hosts, frozenset({settings.host, *settings.hosts})),
            Middleware(Origins, settings.origins),
            Middleware(Bodies, partial(_bound, settings)),
        ],
        exception_handlers={HTTPException: on_http_exception},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.closing = closing
    return app


def _bound(settings: Settings, path: str) -> Bound:
    sizes, times = settings.sizes, settings.times
    if path.startswith("/clusters/"):
        return Bound(sizes.bulk, times.bulk)
    return Bound(sizes.body, times.body)
