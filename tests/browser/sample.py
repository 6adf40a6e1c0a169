"""A small server with the shape of Foretell's, for the page alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, MutableMapping
from pathlib import Path
from typing import Any

import strawberry
from cross_web import HTTPException
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
WORKERS = ("worker-0", "worker-1", "worker-2")


@strawberry.type(description="A pod that should exist.")
class DesiredPod:
    owner: str
    node: str


@strawberry.type(description="What the controllers write until they wait for the world.")
class Wave:
    number: int
    actions: list[str]


@strawberry.type(description="A cluster at one of its revisions.")
class Cluster:
    name: str
    revision: int
    desired_pods: list[DesiredPod] = strawberry.field(description="The pods that should exist by the rules.")


def _cluster(name: str, revision: int = 1) -> Cluster:
    pods = [DesiredPod(owner="ds/test-ds", node=node) for node in WORKERS]
    return Cluster(name=name, revision=revision, desired_pods=pods)


def _clusters() -> list[Cluster]:
    return [_cluster("tutorial")]


def _taint(cluster: str, node: str, key: str) -> Cluster:
    return _cluster(cluster, revision=2 if node and key else 1)


async def _waves(cluster: str) -> AsyncIterator[Wave]:
    for number, node in enumerate(WORKERS, start=1):
        yield Wave(number=number, actions=[f"create pod test-ds-* on {node} of {cluster}"])


@strawberry.type
class Query:
    clusters: list[Cluster] = strawberry.field(resolver=_clusters, description="All clusters, by name.")
    cluster: Cluster = strawberry.field(resolver=_cluster, description="The cluster of a name.")


@strawberry.type
class Mutation:
    taint: Cluster = strawberry.mutation(resolver=_taint, description="Taints a node.")


@strawberry.type
class Subscription:
    forecast_waves: AsyncIterator[Wave] = strawberry.subscription(resolver=_waves)


class _Graphql(GraphQL[dict[str, Any], None]):
    """Answers only with the token, if there is one: in a header, or in the opening of a WebSocket."""

    def __init__(self, token: str | None) -> None:
        schema = strawberry.Schema(query=Query, mutation=Mutation, subscription=Subscription)
        super().__init__(schema, graphql_ide=None, subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL])
        self.token = token

    def _refuses(self, authorization: str | None) -> bool:
        return self.token is not None and authorization != f"Bearer {self.token}"

    async def get_context(self, request: Any, response: Any) -> dict[str, Any]:
        del response
        if isinstance(request, Request) and self._refuses(request.headers.get("authorization")):
            raise HTTPException(401, "A token is wanted.")
        return {}

    async def on_ws_connect(self, context: dict[str, Any]) -> Any:
        if self._refuses((context.get("connection_params") or {}).get("Authorization")):
            raise ConnectionRejectionError
        return await super().on_ws_connect(context)


class _Policy:
    """Sends the page's content security policy with every answer."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        async def send_with_policy(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"content-security-policy", POLICY.encode())]
            await send(message)

        await self.app(scope, receive, send_with_policy)


def application(page: Path, token: str | None = None) -> Starlette:
    """Serves a built page at /, its files below /graphiql, and the sample's schema at /graphql."""
    graphql = _Graphql(token)
    return Starlette(
        routes=[
            Route("/", lambda _: FileResponse(page / "index.html")),
            Route("/graphql", graphql, methods=["POST"]),
            WebSocketRoute("/graphql", graphql),
            Mount("/graphiql", StaticFiles(directory=page)),
        ],
        middleware=[Middleware(_Policy)],
    )
