"""The whole API without its sockets: store, workers and schema in one process, asked in one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Iterator
from contextlib import aclosing
from itertools import count
from typing import Any, TypeVar

import msgspec

from foretell.api.access.roles import LOCAL, Principal
from foretell.api.graphql.context import Context
from foretell.api.graphql.engine import Engine
from foretell.api.graphql.requests import Request
from foretell.api.graphql.schema import schema
from foretell.api.service.services import Services
from foretell.api.solver.limits import Limits
from foretell.model.cluster import Cluster
from foretell.model.writing import write_cluster

T = TypeVar("T")
Json = dict[str, Any]

PAYLOAD = """
  userErrors { path code message head } results revision { number by action why results changes }
  objects { kind namespace name result } evictions { namespace pod allowed budget } notes
"""
"""What every payload tells of a mutation."""


class Api:
    """Services with an engine over them, and the event loop in which they run."""

    def __init__(self, runner: asyncio.Runner, services: Services) -> None:
        self.runner, self.services, self.engine = runner, services, Engine(schema())
        self._numbers = count(1)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run to the end what has to happen within the loop; fails after half a minute."""
        return self.runner.run(asyncio.wait_for(work, 30))

    async def told(self, query: str, who: Principal = LOCAL, **variables: Any) -> Json:
        """A whole answer, within the loop."""
        answer = await self.engine.execute(Request(query, variables), Context(self.services, who))
        told: Json = msgspec.json.decode(answer.body)
        return told

    async def data(self, query: str, who: Principal = LOCAL, **variables: Any) -> Json:
        """The data of an answer without errors, within the loop."""
        told = await self.told(query, who, **variables)
        assert "errors" not in told, told["errors"]
        data: Json = told["data"]
        return data

    def ask(self, query: str, who: Principal = LOCAL, **variables: Any) -> Json:
        """The data of an answer without errors."""
        return self.run(self.data(query, who, **variables))

    def refused(self, query: str, who: Principal = LOCAL, **variables: Any) -> tuple[str, str]:
        """Code and message of the one error of an answer."""
        (error,) = self.run(self.told(query, who, **variables))["errors"]
        return error["extensions"]["code"], error["message"]

    async def parts(self, query: str, **variables: Any) -> AsyncGenerator[Json, None]:
        """The data of each part of a subscription, within the loop."""
        stream = self.engine.subscribe(Request(query, variables), Context(self.services, LOCAL))
        async with aclosing(stream):
            async for answer in stream:
                told = msgspec.json.decode(answer.body)
                assert "errors" not in told, told["errors"]
                yield told["data"]

    async def payload(
        self, field: str, cluster: str, given: str | None = None, options: str = "", more: str = "",
        **variables: str,
    ) -> Json:  # fmt: skip
        """The payload of a mutation, within the loop; variables are strings."""
        head = ", ".join(f"${name}: String!" for name in variables)
        told = "" if given is None else f", input: {given}"
        call = f'{field}(cluster: "{cluster}"{told}{options and ", "}{options})'
        query = f"mutation{f'({head})' if head else ''} {{ it: {call} {{ {PAYLOAD} {more} }} }}"
        payload: Json = (await self.data(query, LOCAL, **variables))["it"]
        return payload

    def mutate(self, field: str, cluster: str, given: str | None = None, options: str = "", more: str = "",
               **variables: str) -> Json:  # fmt: skip
        """The payload of a mutation that is accepted."""
        payload = self.run(self.payload(field, cluster, given, options, more, **variables))
        assert payload["userErrors"] == []
        return payload

    def failed(self, field: str, cluster: str, given: str | None = None, options: str = "",
               **variables: str) -> Json:  # fmt: skip
        """The one user error of a mutation that is refused, and has left nothing behind."""
        before = self.head(cluster)
        payload = self.run(self.payload(field, cluster, given, options, **variables))
        assert (payload["revision"], payload["results"], payload["objects"]) == (None, [], [])
        assert self.head(cluster) == before
        (error,) = payload["userErrors"]
        told: Json = error
        return told

    def head(self, cluster: str) -> int:
        """The newest revision of a cluster; 0 where there is none."""
        found = self.services.store.cluster(cluster)
        return 0 if found is None else found.head

    def named(self) -> str:
        """A name that no cluster has."""
        return f"c{next(self._numbers)}"

    def made(self, state: Cluster, name: str = "") -> str:
        """A new cluster of this state, and its name."""
        name = name or self.named()
        dump = write_cluster(state, "json").decode()
        self.mutate("importCluster", name, "{dump: $dump}", dump=dump)
        return name

    def copied(self, source: str) -> str:
        """A sandbox, and its name."""
        name = self.named()
        self.mutate("copyCluster", name, f'{{source: "{source}"}}')
        return name


def start(folder: str, *, workers: int = 2, limits: Limits | None = None) -> Iterator[Api]:
    """The API over a new store, until the iterator is closed."""
    with asyncio.Runner() as runner:
        services = Services.over(f"sqlite:///{folder}/store.db", workers=workers, limits=limits)
        runner.run(services.start())
        try:
            yield Api(runner, services)
        finally:
            runner.run(services.stop())
