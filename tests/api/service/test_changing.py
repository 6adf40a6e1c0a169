"""Changes are carried out one after the other, whichever server they come from."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from foretell.api.service.clusters import Clusters
from foretell.api.service.errors import Code, problem_of
from foretell.api.service.loading import load
from foretell.api.solver.errors import (
    BusyError,
    MemoryLimitError,
    StoppingError,
    TimeLimitError,
    WorkerLostError,
)
from foretell.api.store import errors as store
from foretell.api.store.values import Entry
from foretell.model.deltas import Delta
from foretell.model.errors import (
    ForetellError,
    ManifestError,
    NotFoundError,
    QuantityError,
    RejectedError,
    RulesError,
)
from foretell.model.objects import Node
from tests import builders as b
from tests.api.service.conftest import Open, create, order


def test_two_servers_on_one_store_lose_no_change(services: Open) -> None:
    """Who was slower works it out anew on what the other has made."""

    async def story() -> None:
        async with services() as one, services() as other:
            await create(one, "c", b.cluster(b.nodes(30)))
            await asyncio.gather(*(
                made.changing.change(order("c"), ({"cordon": {"node": f"n{number}"}},))
                for number, made in enumerate([one, other] * 15, start=1)
            ))  # fmt: skip
            info = await asyncio.to_thread(one.store.clusters)
            assert [cluster.head for cluster in info] == [31]
            cluster = await asyncio.to_thread(one.store.load, info[0].id, 31)
            assert all(node.spec.unschedulable for node in cluster.nodes)

    asyncio.run(story())


def test_a_revision_that_another_server_has_just_made_can_be_expected_and_read(services: Open) -> None:
    """Though the news of it are still on their way."""

    async def story() -> None:
        async with services() as one, services() as other:
            await create(one, "c", b.cluster(b.nodes(1)))
            for number, made in enumerate([one, other] * 10, start=1):
                changes = ({"label": {"node": "n1", "labels": {"a": str(number)}}},)
                await made.changing.change(order("c", "label", expected=number), changes)
                beside = other if made is one else one
                assert (await beside.clusters.snapshot("c", number + 1)).number == number + 1
            with pytest.raises(store.ConflictError) as refused:
                await one.changing.change(order("c", expected=99), ({"cordon": {"node": "n1"}},))
            assert refused.value.head == 21
            await one.changing.delete(order("c", "deleteCluster", expected=21))

    asyncio.run(story())


def test_of_two_servers_that_expect_the_same_revision_one_is_told_of_the_other(services: Open) -> None:
    """A conflict, never a lost change."""

    async def story() -> None:
        async with services() as one, services() as other:
            await create(one, "c", b.cluster(b.nodes(2)))
            outcomes = await asyncio.gather(
                one.changing.change(order("c", expected=1), ({"cordon": {"node": "n1"}},)),
                other.changing.change(order("c", expected=1), ({"cordon": {"node": "n2"}},)),
                return_exceptions=True,
            )
            conflicts = [outcome for outcome in outcomes if isinstance(outcome, store.ConflictError)]
            assert len(conflicts) == 1
            assert conflicts[0].head == 2

    asyncio.run(story())


def test_a_change_that_another_is_ahead_of_is_worked_out_anew(services: Open) -> None:
    """It is made to what is there then; with an expected revision it is refused instead."""

    async def story() -> None:
        async with services() as made:
            await create(made, "c", b.cluster(b.nodes(2)))
            info = await made.clusters.info("c")
            entry = Entry(at=datetime.now(UTC), by="another", action="removeNode")
            delta = Delta(drops=(b.cluster(b.node("n2")).nodes[0].key,))
            load_of = Clusters.snapshot
            ahead = [True]

            async def outrun(self: Clusters, name: str, number: int | None = None) -> object:
                found = await load_of(self, name, number)
                if ahead and name == "c" and number is None:
                    ahead.pop()
                    made.store.commit(info.id, found.info.head, delta, entry)
                return found

            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(Clusters, "snapshot", outrun)
                done = await made.changing.change(order("c"), ({"cordon": {"node": "n1"}},))
                ahead.append(True)
                with pytest.raises(store.ConflictError):
                    await made.changing.change(order("c", expected=3), ({"cordon": {"node": "n1"}},))
            assert done.revision is not None
            assert done.revision.number == 3
            assert done.snapshot is not None
            assert done.snapshot.cluster.find(Node, "n2") is None

    asyncio.run(story())


def test_an_order_that_is_cancelled_leaves_the_next_one_its_turn(services: Open) -> None:
    """The lock of a cluster isn't held by who has gone."""

    async def story() -> None:
        async with services() as made:
            await create(made, "c", b.cluster(b.nodes(2)))
            tasks = [
                asyncio.create_task(made.changing.change(order("c"), ({"cordon": {"node": "n1"}},)))
                for _ in range(5)
            ]
            await asyncio.sleep(0)
            for task in tasks[:4]:
                task.cancel()
            await asyncio.wait(tasks)
            assert tasks[4].result().told == ("node/n1 cordoned",)

    asyncio.run(story())


def test_a_loaded_cluster_is_left_as_it_is_when_it_is_there(
    services: Open, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The source isn't read then."""
    folder = tmp_path_factory.mktemp("source")
    (folder / "node.yaml").write_text("apiVersion: v1\nkind: Node\nmetadata: {name: n1}\n")

    async def story() -> None:
        async with services() as made:
            assert load(made.store, "c", str(folder)) == f"cluster c: 1 object read from {folder.name}"
            told = load(made.store, "c", "/nowhere")
            assert told == "cluster c is in the store already, at revision 1: /nowhere is not read"
            with pytest.raises(store.InvalidNameError):
                load(made.store, "C", str(folder))

    asyncio.run(story())


def test_a_snapshot_is_at_hand_once_it_was_read(services: Open) -> None:
    """Nothing is read for it then; what isn't there is refused."""

    async def story() -> None:
        async with services() as made:
            await create(made, "c")
            snapshot = await made.clusters.snapshot("c")
            assert made.clusters.at_hand("c") == snapshot == made.clusters.at_hand("c", 1)
            assert made.clusters.at_hand("c", 2) is None
            assert made.clusters.at_hand("d") is None
            assert (made.clusters.head("c"), made.clusters.head("d"), made.clusters.edition("d")) == (1, 0, 0)
            assert await made.clusters.unreachable() is None
            for number in (0, -1, 2, 2**40):
                with pytest.raises(store.UnknownRevisionError):
                    await made.clusters.snapshot("c", number)
            with pytest.raises(store.UnknownClusterError):
                await made.clusters.snapshot("d")

    asyncio.run(story())


@pytest.mark.parametrize(
    ("error", "code", "path"),
    [
        pytest.param(store.ConflictError("c", 3), Code.CONFLICT, ("expectedRevision",), id="conflict"),
        pytest.param(store.NameTakenError("c"), Code.NAME_TAKEN, ("cluster",), id="name"),
        pytest.param(store.InvalidNameError("C"), Code.INVALID, ("cluster",), id="no name"),
        pytest.param(store.UnknownClusterError("c"), Code.NOT_FOUND, (), id="cluster"),
        pytest.param(store.UnknownRevisionError("c", 3), Code.NOT_FOUND, (), id="revision"),
        pytest.param(store.UnavailableError("sqlite", "locked"), Code.BUSY, (), id="database"),
        pytest.param(TimeLimitError(3), Code.TIME_LIMIT, (), id="time"),
        pytest.param(MemoryLimitError(3), Code.MEMORY_LIMIT, (), id="memory"),
        pytest.param(BusyError(3), Code.BUSY, (), id="busy"),
        pytest.param(StoppingError(), Code.BUSY, (), id="stopping"),
        pytest.param(WorkerLostError("signal 9"), Code.BUSY, (), id="lost"),
        pytest.param(NotFoundError("pod"), Code.NOT_FOUND, (), id="not found"),
        pytest.param(RejectedError("no"), Code.REJECTED, (), id="rejected"),
        pytest.param(ManifestError("no"), Code.MALFORMED, (), id="manifest"),
        pytest.param(QuantityError("no"), Code.MALFORMED, (), id="quantity"),
    ],
)
def test_every_expected_failure_has_its_code(error: ForetellError, code: Code, path: tuple[str, ...]) -> None:
    """And its sentence."""
    problem = problem_of(error)
    assert problem is not None
    assert (problem.code, problem.path, problem.message) == (code, path, str(error))


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(RulesError("no answer"), id="rules"),
        pytest.param(store.DamagedError("a blob"), id="damage"),
        pytest.param(store.ReadOnlyError(), id="read-only"),
        pytest.param(ForetellError("odd"), id="any other"),
    ],
)
def test_a_fault_of_foretells_own_has_none(error: ForetellError) -> None:
    """Users are told a reference, and the log the rest."""
    assert problem_of(error) is None
