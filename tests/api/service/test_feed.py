"""The feed: revisions in order, whichever server made them."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from tests import builders as b
from tests.api.service.conftest import Open, create, order


def test_a_listener_hears_of_what_another_server_does(services: Open) -> None:
    """Every revision, and the end when the cluster is deleted there."""

    async def story() -> list[int]:
        async with services() as here, services() as there:
            await create(here, "c", b.cluster(b.nodes(1)))
            info = await here.clusters.info("c")

            async def listen() -> list[int]:
                async with aclosing(here.feed.revisions(info, 1)) as revisions:
                    return [revision.number async for revision in revisions]

            listening = asyncio.create_task(listen())
            for _ in range(3):
                await there.changing.change(order("c"), ({"cordon": {"node": "n1"}},))
            while "c" not in here.feed._waiting or here.clusters.head("c") < 4:
                await asyncio.sleep(0.01)
            await there.changing.delete(order("c", "deleteCluster"))
            return await asyncio.wait_for(listening, 20)

    heard = asyncio.run(story())
    assert heard == [2, 3, 4][: len(heard)]


def test_a_long_history_is_told_page_by_page(services: Open) -> None:
    """As much as anybody has missed, and nothing twice."""

    async def story() -> list[int]:
        async with services() as made:
            await create(made, "c", b.cluster(b.nodes(1)))
            for number in range(119):
                changes = ({"label": {"node": "n1", "labels": {"a": str(number)}}},)
                await made.changing.change(order("c", "label"), changes)
            info = await made.clusters.info("c")
            heard = []
            async with aclosing(made.feed.revisions(info, 0)) as revisions:
                async for revision in revisions:
                    heard.append(revision.number)
                    if len(heard) == 120:
                        break
            return heard

    assert asyncio.run(story()) == list(range(1, 121))


def test_who_stops_listening_is_forgotten(services: Open) -> None:
    """Nothing is kept of a subscriber that has gone."""

    async def story() -> None:
        async with services() as made:
            await create(made, "c", b.cluster(b.nodes(1)))
            info = await made.clusters.info("c")
            feeds = [made.feed.revisions(info, 0) for _ in range(3)]
            assert [(await anext(feed)).number for feed in feeds] == [1, 1, 1]
            assert len(made.feed._waiting["c"]) == 3
            for feed in feeds:
                await feed.aclose()
            assert made.feed._waiting == {}

    asyncio.run(story())
