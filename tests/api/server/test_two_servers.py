"""Several servers share one PostgreSQL database: each sees at once what the others have done."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.api.served import Server, serving
from tests.postgres import Server as Postgres
from tests.postgres import postgres_server

__all__ = ["postgres_server"]

DONE = "{ userErrors { code head } revision { number } }"


@pytest.fixture(scope="module")
def pair(postgres_server: Postgres) -> Iterator[tuple[Server, Server]]:
    """Two servers on one database."""
    url = postgres_server.new_database()
    with serving(url, "--workers", "1") as one, serving(url, "--workers", "1") as other:
        yield one, other


def test_a_subscriber_of_one_server_is_told_what_another_one_did(pair: tuple[Server, Server]) -> None:
    """By the database's notifications; no revision is left out."""
    one, other = pair
    one.ask(f'mutation {{ createCluster(cluster: "told") {DONE} }}')

    async def story() -> list[int]:
        async with other.subscribed(
            'subscription { clusterChanged(cluster: "told") { revision { number } } }'
        ) as parts:
            for number in range(3):
                change = f'addNode(cluster: "told", input: {{name: "n{number}"}}) {DONE}'
                await asyncio.to_thread(one.ask, f"mutation {{ {change} }}")
            seen: list[int] = []
            async for part in parts:
                seen.append(part["clusterChanged"]["revision"]["number"])
                if len(seen) == 3:
                    break
            return seen

    assert asyncio.run(story()) == [2, 3, 4]


def test_a_server_answers_with_what_another_one_did(pair: tuple[Server, Server]) -> None:
    """Also where it has answered the same query before, from the revision before."""
    one, other = pair
    one.ask(f'mutation {{ createCluster(cluster: "seen") {DONE} }}')
    query = '{ cluster(name: "seen") { revision nodes { totalCount } } }'

    async def story() -> None:
        async with other.subscribed(
            'subscription { clusterChanged(cluster: "seen") { revision { number } } }'
        ) as parts:
            assert other.ask(query)["cluster"] == {"revision": 1, "nodes": {"totalCount": 0}}
            await asyncio.to_thread(
                one.ask, f'mutation {{ addNode(cluster: "seen", input: {{name: "n"}}) {DONE} }}'
            )
            # The notification has come: from now on the answer is the new one.
            assert (await anext(parts))["clusterChanged"]["revision"]["number"] == 2
            assert other.ask(query)["cluster"] == {"revision": 2, "nodes": {"totalCount": 1}}

    asyncio.run(story())


def test_changes_by_two_servers_at_once_all_land_or_are_told_as_conflicts(
    pair: tuple[Server, Server],
) -> None:
    """Without an expected revision all land; with the same one exactly one does."""
    one, other = pair
    one.ask(f'mutation {{ createCluster(cluster: "raced") {DONE} }}')

    async def both(arguments: str, names: str) -> list[dict[str, object]]:
        asked = [
            asyncio.to_thread(
                server.ask,
                f'mutation {{ it: addNode(cluster: "raced", input: {{name: "{name}"}}{arguments}) {DONE} }}',
            )
            for name, server in zip(names, [one, other] * len(names), strict=False)
        ]
        return [answer["it"] for answer in await asyncio.gather(*asked)]

    landed = asyncio.run(both("", "abcdefgh"))
    assert sorted(str(answer["revision"]) for answer in landed) == sorted(
        str({"number": number}) for number in range(2, 10)
    )
    raced = asyncio.run(both(", expectedRevision: 9", "uvwxyz"))
    assert sum(answer["revision"] is not None for answer in raced) == 1
    assert sum(answer["userErrors"] == [{"code": "CONFLICT", "head": 10}] for answer in raced) == 5
