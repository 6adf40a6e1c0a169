"""What the tests of the engine share: a request to the sample schema, and its answer decoded."""

from __future__ import annotations

from typing import Any

import msgspec

from foretell.api.graphql.engine import Engine
from foretell.api.graphql.requests import Answer, Request
from tests.api.server.sample import SCHEMA, Context, World


class Asked:
    """An engine with one world, for one user after the other."""

    def __init__(self, engine: Engine | None = None, world: World | None = None) -> None:
        self.engine, self.world = engine or Engine(SCHEMA), world or World()

    async def answer(self, query: str | None, *, principal: str = "local", **parameters: Any) -> Answer:
        """The answer as a transport gets it."""
        return await self.engine.execute(Request(query, **parameters), Context(self.world, principal))

    async def body(self, query: str | None, **parameters: Any) -> dict[str, Any]:
        """The decoded answer."""
        return decoded(await self.answer(query, **parameters))

    async def stream(self, query: str) -> list[Answer]:
        """All answers of an operation."""
        return [answer async for answer in self.engine.subscribe(Request(query), Context(self.world))]


def decoded(answer: Answer) -> dict[str, Any]:
    """The body of an answer."""
    body: dict[str, Any] = msgspec.json.decode(answer.body)
    return body
