"""Subscriptions: no revision is missed, waves come as they are derived, and both end cleanly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from itertools import pairwise
from typing import Any

import httpx
import msgspec
import pytest

from foretell.api.access.roles import LOCAL
from foretell.api.graphql.context import Context
from foretell.api.graphql.requests import Request
from tests import builders as b
from tests.api.graphql.asked import Api
from tests.api.served import TUTORIAL, serving

CHANGED = """subscription($c: String!, $since: Int) { clusterChanged(cluster: $c, since: $since) {
  revision { number action results } cluster { revision nodes { totalCount } } } }"""
WAVES = """subscription($c: String!, $changes: [ChangeInput!], $assume: Assumptions, $horizon: Int) {
  forecastWaves(cluster: $c, changes: $changes, assume: $assume, horizon: $horizon) {
    wave { number at actions(first: 100) { verb kind name node } }
    end { waveCount seconds verdict { outcome } outcome { moved replaced appeared } } } }"""
ROLL_OUT = [{"setImage": {"kind": "sts", "name": "web", "image": "web:2"}}]
Told = dict[str, Any]


def empty(api: Api) -> str:
    """A new empty cluster."""
    name = api.named()
    api.mutate("createCluster", name)
    return name


async def changed(api: Api, name: str, **variables: Any) -> AsyncGenerator[Told, None]:
    """What `clusterChanged` tells."""
    async with aclosing(api.parts(CHANGED, c=name, **variables)) as parts:
        async for part in parts:
            yield part["clusterChanged"]


async def taken(parts: AsyncGenerator[Told, None], count: int) -> list[Told]:
    """The first so many parts; the subscription is closed then."""
    found: list[Told] = []
    async with aclosing(parts):
        async for part in parts:
            found.append(part)
            if len(found) == count:
                break
    return found


def test_who_listens_while_many_change_a_cluster_misses_no_revision(api: Api) -> None:
    """Three listeners, fast and slow ones, and sixty mutations from all sides."""
    name = empty(api)

    async def slowly() -> list[Told]:
        found = []
        async with aclosing(changed(api, name, since=0)) as parts:
            async for part in parts:
                found.append(part)
                await asyncio.sleep(0.002 * (len(found) % 5))
                if len(found) == 61:
                    break
        return found

    async def together() -> list[list[Told]]:
        listening = [
            asyncio.create_task(taken(changed(api, name, since=0), 61)),
            asyncio.create_task(slowly()),
            asyncio.create_task(taken(changed(api, name, since=1), 60)),
        ]
        await asyncio.gather(
            *(api.payload("addNode", name, f'{{name: "n{number}"}}') for number in range(60))
        )
        return [await one for one in listening]

    all_of_them, slow, later = api.run(together())
    assert [part["revision"]["number"] for part in all_of_them] == list(range(1, 62))
    assert slow == all_of_them
    assert later == all_of_them[1:]
    for part in all_of_them:
        assert part["cluster"] == {
            "revision": part["revision"]["number"], "nodes": {"totalCount": part["revision"]["number"] - 1},
        }  # fmt: skip


def test_who_begins_to_listen_hears_of_what_comes_after(api: Api) -> None:
    """Without `since`, from the newest revision on; with it, from there."""
    name = empty(api)
    api.mutate("addNode", name, '{name: "before"}')

    async def together() -> list[Told]:
        parts = changed(api, name)
        first = asyncio.ensure_future(anext(parts))
        done, _ = await asyncio.wait({first}, timeout=0.1)
        assert not done
        await api.payload("addNode", name, '{name: "after"}')
        found = [await first]
        await parts.aclose()
        return [*found, *await taken(changed(api, name, since=1), 2)]

    heard = [part["revision"]["number"] for part in api.run(together())]
    assert heard == [3, 2, 3]


def test_listening_ends_when_the_cluster_is_deleted(api: Api) -> None:
    """Though another one of its name is made at once."""
    name = empty(api)

    numbers: list[int] = []

    async def listen() -> None:
        async for part in changed(api, name, since=0):
            numbers.append(part["revision"]["number"])  # noqa: PERF401 (looked at meanwhile)

    async def together() -> None:
        listening = asyncio.create_task(listen())
        await api.payload("addNode", name, '{name: "last"}')
        # A part that is still to be told couldn't be, once its cluster is gone.
        while numbers[-1:] != [2] or not api.services.feed._waiting.get(name):
            await asyncio.sleep(0)
        await api.payload("deleteCluster", name)
        await api.payload("createCluster", name)
        await listening

    api.run(together())
    assert numbers == [1, 2]
    assert name not in api.services.feed._waiting


@pytest.mark.parametrize(
    ("variables", "code", "sentence"),
    [
        pytest.param({"c": "nowhere"}, "NOT_FOUND", "there is no cluster 'nowhere'", id="cluster"),
        pytest.param({"c": "sample", "since": 9}, "INVALID", "since is 9: expected 0 to 1", id="too late"),
        pytest.param({"c": "sample", "since": -1}, "INVALID", "since is -1: expected 0 to 1", id="too early"),
    ],
)
def test_what_can_not_be_listened_to_is_refused_at_once(
    api: Api, sample: str, variables: Told, code: str, sentence: str
) -> None:
    """With one answer, and then the end."""
    del sample

    async def all_parts() -> list[Told]:
        stream = api.engine.subscribe(Request(CHANGED, variables), Context(api.services, LOCAL))
        return [msgspec.json.decode(answer.body) async for answer in stream]

    (told,) = api.run(all_parts())
    (error,) = told["errors"]
    assert (error["extensions"]["code"], error["message"]) == (code, sentence)


@pytest.fixture(scope="module")
def calm(api: Api) -> str:
    """A cluster at rest, with fifteen pods that are rolled out one by one."""
    return api.made(b.settled(b.nodes(3), b.statefulset("web", 15, parallel=True)))


async def waves(api: Api, name: str, **variables: Any) -> AsyncGenerator[Told, None]:
    """What `forecastWaves` tells."""
    async with aclosing(api.parts(WAVES, c=name, **variables)) as parts:
        async for part in parts:
            yield part["forecastWaves"]


def test_waves_are_those_of_the_forecast_and_the_end_is_its_end(api: Api, calm: str) -> None:
    """Derived one by one or all at once; and once more from what was remembered."""
    query = """query($c: String!, $changes: [ChangeInput!]!) { cluster(name: $c) { whatIf(changes: $changes) {
      waves(first: 90) { number at actions(first: 100) { verb kind name node } }
      waveCount seconds verdict { outcome } outcome { moved replaced appeared } } } }"""
    for _ in range(2):
        parts = api.run(taken(waves(api, calm, changes=ROLL_OUT), 1000))
        assert all(part["end"] is None for part in parts[:-1])
        assert parts[-1]["wave"] is None
        whole = api.ask(query, c=calm, changes=ROLL_OUT)["cluster"]["whatIf"]
        assert [part["wave"] for part in parts[:-1]] == whole.pop("waves")
        assert parts[-1]["end"] == whole


def test_assumptions_and_a_horizon_hold_for_waves_too(api: Api, calm: str) -> None:
    """The last part says that it is stuck, or cut."""
    stuck = api.run(taken(waves(api, calm, changes=ROLL_OUT, assume={"neverReady": ["web-14"]}), 1000))
    assert stuck[-1]["end"]["verdict"] == {"outcome": "STUCK"}
    cut = api.run(taken(waves(api, calm, changes=ROLL_OUT, horizon=2), 1000))
    assert cut[-1]["end"]["verdict"] == {"outcome": "CUT"}
    assert len(cut) < 6


def test_a_wave_is_derived_when_the_one_before_has_been_read(api: Api, calm: str) -> None:
    """The first comes while the forecast isn't finished; closing frees the worker for other tasks."""
    name = api.copied(calm)
    pool = api.services.pool

    async def together() -> tuple[Told, int, int, int]:
        misses = api.services.forecasts.misses
        parts = waves(api, name, changes=ROLL_OUT)
        first = await anext(parts)
        for _ in range(20):
            await asyncio.sleep(0.005)
        held = pool.stats().busy
        # It isn't finished, or the same question would be answered from memory.
        assert api.services.forecasts.misses == misses + 1
        known = len(api.services.forecasts._known)
        await parts.aclose()
        while pool.stats().busy:
            await asyncio.sleep(0.01)
        return first, held, pool.stats().busy, len(api.services.forecasts._known) - known

    first, held, afterwards, learnt = api.run(together())
    assert first["wave"]["number"] == 1
    assert (held, afterwards, learnt) == (1, 0, 0)
    query = f'{{ cluster(name: "{name}") {{ forecast {{ waveCount }} }} }}'
    assert api.ask(query)["cluster"]["forecast"] == {"waveCount": 0}


def test_more_readers_than_workers_all_get_their_waves(api: Api, calm: str) -> None:
    """Each waits for a worker, and none is left out."""
    name = api.copied(calm)

    async def together() -> list[list[Told]]:
        return await asyncio.gather(*(
            taken(waves(api, name, changes=ROLL_OUT, horizon=horizon), 1000) for horizon in range(1, 7)
        ))  # fmt: skip

    told = api.run(together())
    assert [parts[-1]["end"]["verdict"]["outcome"] for parts in told] == ["CUT"] * 6
    for shorter, longer in pairwise(told):
        assert longer[: len(shorter) - 1] == shorter[:-1]


def test_signs_of_every_sort_survive_a_real_socket_or_are_refused(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Emoji and NUL in texts, halves of surrogate pairs in requests; the server answers on."""
    store = f"sqlite:///{tmp_path_factory.mktemp('store')}/foretell.db"
    with serving(store, "--load", f"tutorial={TUTORIAL / 'cluster.yaml'}") as server:
        query = """mutation($why: String!) {
          cordon(cluster: "tutorial", input: {node: "worker-0"}, why: $why) {
            revision { why } userErrors { code } } }"""
        assert server.ask(query, {"why": "größer 🚀\u0000"})["cordon"] == {
            "revision": {"why": "größer 🚀\ufffd"}, "userErrors": [],
        }  # fmt: skip
        half = msgspec.json.encode({"query": query, "variables": {"why": "half"}}).replace(
            b"half", b"\\ud83d"
        )
        refused = httpx.post(
            f"{server.url}/graphql", content=half, headers={"content-type": "application/json"}
        )
        assert (refused.status_code, "errors" in refused.json()) == (400, True)
        literal = server.answer('{ cluster(name: "\\uD83D") { head } }')
        assert literal["errors"][0]["extensions"]["code"] == "SYNTAX"
        assert server.ask('{ cluster(name: "größe 🚀") { head } }') == {"cluster": None}
        assert server.ask('{ cluster(name: "tutorial") { head } }') == {"cluster": {"head": 2}}
