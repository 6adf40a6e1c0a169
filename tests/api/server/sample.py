"""A small schema, its context and its services, for tests of the engine and the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import strawberry

from foretell.api.access.roles import Principal, Role, check
from foretell.api.graphql.cost import Cost
from foretell.api.server.backend import Export, Replaced
from foretell.api.service.errors import InvalidInputError
from foretell.api.store.errors import ConflictError, UnknownClusterError
from foretell.model.errors import RejectedError


@dataclass
class World:
    """What resolvers of the sample see and do; tests look at it and steer it."""

    head: int = 1
    runs: int = 0
    open: int = 0
    produced: int = 0
    going: asyncio.Event = field(default_factory=asyncio.Event)
    started: asyncio.Event = field(default_factory=asyncio.Event)


class Context:
    """A context as the engine expects it."""

    def __init__(self, world: World, principal: str = "local") -> None:
        self.world, self.principal_key = world, principal
        self.reads: dict[str, int] = {}
        self.cacheable = True

    def uncacheable(self) -> None:
        self.cacheable = False

    def still_valid(self, reads: Mapping[str, int]) -> bool:
        return all(self.world.head == number for number in reads.values())

    def read(self) -> World:
        self.reads["prod"] = self.world.head
        self.world.runs += 1
        return self.world


Info: TypeAlias = strawberry.Info[Context, None]


@strawberry.type
class Pod:
    name: str
    phase: str
    node_name: str
    ready: bool
    restarts: int

    @strawberry.field
    def self(self) -> Pod:
        return self

    @strawberry.field
    def siblings(self, first: int = 10) -> list[Pod]:
        return PODS[:first]


PODS = [Pod(name=f"web-{i}", phase="Running", node_name=f"n{i}", ready=True, restarts=i) for i in range(100)]


@strawberry.type
class Pods:
    nodes: list[Pod]
    total: int


@strawberry.type
class Query:
    @strawberry.field
    def pods(self, info: Info, first: int | None = None, last: int | None = None) -> Pods:
        info.context.read()
        return Pods(nodes=PODS[: first or last or 20], total=len(PODS))

    @strawberry.field
    def pod(self) -> Pod:
        return PODS[0]

    @strawberry.field
    def head(self, info: Info) -> int:
        return info.context.read().head

    @strawberry.field
    def clock(self, info: Info) -> int:
        info.context.uncacheable()
        return info.context.read().runs

    @strawberry.field
    async def slow(self, info: Info) -> int:
        world = info.context.read()
        world.started.set()
        await world.going.wait()
        return world.head

    heavy: int = strawberry.field(resolver=lambda: 1, directives=[Cost(weight=700)])
    few: list[Pod] = strawberry.field(resolver=lambda: PODS[:3], directives=[Cost(rows=3)])

    @strawberry.field
    def broken(self) -> int | None:
        raise RuntimeError("the password is hunter2")

    @strawberry.field
    def rejected(self) -> int | None:
        raise RejectedError("the pod can't be that big")

    @strawberry.field
    def argued(self) -> int | None:
        raise InvalidInputError("first is 0: expected 1 to 100", "first")

    @strawberry.field
    def nothing(self) -> int:
        return None  # type: ignore[return-value]

    @strawberry.field
    def echo(self, text: str) -> str:
        return text


@strawberry.type
class Mutation:
    @strawberry.mutation
    def bump(self, info: Info) -> int:
        info.context.world.head += 1
        return info.context.world.head


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, info: Info, to: int, size: int = 1) -> AsyncIterator[str]:
        world = info.context.world
        world.open += 1
        try:
            for number in range(to):
                world.produced += 1
                yield str(number) * size
        finally:
            world.open -= 1

    @strawberry.subscription
    async def forever(self, info: Info) -> AsyncIterator[int]:
        world = info.context.world
        world.open += 1
        try:
            yield 1
            world.started.set()
            await asyncio.Event().wait()
        finally:
            world.open -= 1

    @strawberry.subscription
    async def failing(self) -> AsyncIterator[int]:
        yield 1
        raise RejectedError("no more")


SCHEMA = strawberry.Schema(query=Query, mutation=Mutation, subscription=Subscription)
TABLE = "{ pods(first: 100) { nodes { name phase nodeName ready restarts } } }"


class Backend:
    """The sample as a server serves it."""

    def __init__(self) -> None:
        self.world = World()
        self.documents: dict[str, bytes] = {"prod": b'{"kind": "List", "items": []}'}
        self.steps: list[str] = []
        self.spooled: Path | None = None
        self.problem: str | None = None

    async def start(self) -> None:
        self.steps.append("start")

    async def stop(self) -> None:
        self.steps.append("stop")

    def context(self, principal: Principal) -> Context:
        return Context(self.world, principal.name)

    async def unready(self) -> str | None:
        return self.problem

    def measures(self) -> Iterable[tuple[str, Mapping[str, str], float]]:
        yield "solver_workers", {"state": "idle"}, 2.0

    async def export(self, name: str, revision: int | None, principal: Principal) -> Export:
        check(principal, name, Role.VIEWER)
        if name not in self.documents:
            raise UnknownClusterError(name)

        async def pieces() -> AsyncIterator[bytes]:
            document = self.documents[name]
            for start in range(0, len(document), 10):
                yield document[start : start + 10]

        return Export(revision or self.world.head, pieces())

    async def replace(self, name: str, body: Path, principal: Principal, *, expected: int | None) -> Replaced:
        check(principal, name, Role.OPERATOR)
        created = name not in self.documents
        head = 0 if created else self.world.head
        if expected not in (None, head):
            raise ConflictError(name, head)
        self.documents[name] = body.read_bytes()
        self.spooled = body
        self.world.head = head + 1
        return Replaced(self.world.head, created)
