"""What mutations do: a worker works out what becomes of the cluster, the store takes it as a new revision."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from weakref import WeakValueDictionary

import msgspec

from foretell.api.service.clusters import Clusters
from foretell.api.service.forecasts import Forecasts
from foretell.api.service.snapshots import Snapshot, base_of
from foretell.api.solver import questions as q
from foretell.api.solver.pool import Pool
from foretell.api.store.errors import ConflictError, NameTakenError
from foretell.api.store.values import ClusterInfo, Entry, Revision
from foretell.api.telling.counts import counted
from foretell.api.telling.planned import PlannedEviction
from foretell.model.cluster import Cluster
from foretell.model.deltas import Delta, decode_delta
from foretell.model.forecast import Assumptions
from foretell.model.meta import Json

SHOWN = 100
"""How many objects of each sort are told of what changes many."""
_TRIES = 20
"""How often a change is worked out anew because another process was faster."""


@dataclass(frozen=True)
class Order:
    """Who wants what done to which cluster; `expected` is the revision that it has to be at."""

    cluster: str
    action: str
    by: str
    why: str = ""
    expected: int | None = None
    dry_run: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of it: the cluster afterwards, its revision where one was made, and what there is to tell."""

    snapshot: Snapshot | None = None
    revision: Revision | None = None
    told: tuple[str, ...] = ()
    objects: tuple[q.ObjectResult, ...] = ()
    evictions: tuple[PlannedEviction, ...] = ()
    notes: tuple[str, ...] = ()
    forecast: q.ForecastAnswer | None = None


@dataclass(frozen=True)
class Work:
    """What was worked out of a revision; `base` is how workers are asked about it while it isn't stored."""

    delta: bytes
    base: q.Base
    outcome: Outcome
    changes: tuple[Json, ...] = ()
    reverts: int | None = None


Worker = Callable[[Snapshot], Awaitable[Work]]


class Changing:
    """Carries out mutations, those of a cluster one after the other."""

    def __init__(self, clusters: Clusters, pool: Pool, forecasts: Forecasts) -> None:
        self._clusters, self._pool, self._forecasts = clusters, pool, forecasts
        self._store = clusters.store
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def change(self, order: Order, changes: tuple[Json, ...]) -> Outcome:
        """Make changes; raises what is refused."""

        async def work(before: Snapshot) -> Work:
            asked = q.ChangeQuestion(base=before.base, changes=changes)
            done = await self._pool.run("change", asked, result=q.ChangeAnswer, prefer=before.base.place)
            told = Outcome(told=done.told, objects=done.objects, evictions=done.evictions)
            return Work(done.delta, before.base.with_changes(changes), told, changes)

        return await self._carried_out(order, work)

    async def apply(self, order: Order, manifests: str, namespace: str) -> Outcome:
        """Apply manifests; raises ManifestError, and what is refused."""
        asked = q.ManifestsQuestion(text=manifests, namespace=namespace)
        read = await self._pool.run("manifests", asked, result=q.ManifestsAnswer)
        return await self.change(order, read.changes)

    async def advance(self, order: Order, waves: int | None, assume: Assumptions) -> Outcome:
        """Let the controllers act for so many waves, or until nothing is left to do."""

        async def work(before: Snapshot) -> Work:
            asked = q.ForecastQuestion(base=before.base, assume=assume, waves=waves, keep=True)
            story = await self._forecasts.ask(asked)
            told = f"{counted(len(story.waves), 'wave')} taken"
            taken = q.Advance(waves=waves, assume=assume)
            changes = ({"advance": msgspec.to_builtins(taken)},)
            return Work(
                story.delta, before.base.advanced(taken), Outcome(forecast=story, told=(told,)), changes
            )

        return await self._carried_out(order, work)

    async def revert(self, order: Order, to: int) -> Outcome:
        """Bring an earlier revision back as a new one; raises UnknownRevisionError."""

        async def work(before: Snapshot) -> Work:
            await self._clusters.revision(before.info, to)
            asked = q.RevertQuestion(base=before.base, to=to)
            done = await self._pool.run("revert", asked, result=q.DeltaAnswer, prefer=before.base.place)
            back = counted(done.puts, "object")
            told = f"reverted to revision {to}: {back} put back, {done.drops:,} taken away"
            base = base_of(before.info, to)
            return Work(done.delta, base, Outcome(told=(told,)), ({"revert": to},), reverts=to)

        return await self._carried_out(order, work)

    async def put(
        self,
        order: Order,
        question: q.ReadQuestion,
        *,
        kubernetes: str,
        gates: dict[str, bool],
        replace: bool,
    ) -> Outcome:
        """Import a dump: into a new cluster, or to `replace` the one of this name; raises ManifestError."""
        info = await asyncio.to_thread(self._store.cluster, order.cluster)
        if info is None:
            return await self._created(order, question, kubernetes=kubernetes, gates=gates)
        if not replace:
            raise NameTakenError(order.cluster)

        async def work(before: Snapshot) -> Work:
            asked = q.ReadQuestion(
                text=question.text, path=question.path, source=question.source, onto=before.base
            )
            read = await self._pool.run("read", asked, result=q.ReadAnswer, prefer=before.base.place)
            base = q.Base(document=question.text, kubernetes=before.info.kubernetes, gates=before.info.gates)
            told = f"{counted(read.objects, 'object')} read"
            return Work(read.delta, base, Outcome(told=(told,), notes=read.notes))

        return await self._carried_out(order, work)

    async def _created(
        self, order: Order, question: q.ReadQuestion, *, kubernetes: str, gates: dict[str, bool]
    ) -> Outcome:
        read = await self._pool.run("read", question, result=q.ReadAnswer)
        delta = await asyncio.to_thread(decode_delta, read.delta)
        cluster = delta.after(Cluster())
        told = f"{counted(read.objects, 'object')} read"
        outcome = Outcome(told=(told,), notes=read.notes)
        return await self.create(
            order, cluster, outcome, document=question.text, kubernetes=kubernetes, gates=gates
        )

    async def create(
        self,
        order: Order,
        cluster: Cluster,
        outcome: Outcome | None = None,
        *,
        document: bytes = b"",
        kubernetes: str,
        gates: dict[str, bool],
    ) -> Outcome:
        """Make a new cluster; raises NameTakenError or InvalidNameError."""
        told = outcome or Outcome(told=("created",))
        await self._check_new(order)
        if order.dry_run:
            info = ClusterInfo(
                id=0, name=order.cluster, head=0, created=datetime.now(UTC), kubernetes=kubernetes,
                gates=gates, objects=len(cluster),
            )  # fmt: skip
            base = q.Base(document=document or b"[]", kubernetes=kubernetes, gates=gates)
            return _with(told, Snapshot(info, None, cluster, base), None)
        entry = _entry(order, (), told.told)
        revision = await asyncio.to_thread(
            self._store.create, order.cluster, cluster, entry, kubernetes=kubernetes, gates=gates
        )
        return _with(told, await self._clusters.snapshot(order.cluster), revision)

    async def copy(self, order: Order, source: str, number: int | None) -> Outcome:
        """Make a copy of a cluster at a revision: a sandbox."""
        info = await self._clusters.info(source)
        original = await self._clusters.read(info, number)
        assert original.number is not None
        await self._check_new(order)
        told = Outcome(told=(f"copied from {source}, revision {original.number}",))
        if order.dry_run:
            shown = replace(info, id=0, name=order.cluster, head=0)
            return _with(told, Snapshot(shown, None, original.cluster, original.base), None)
        entry = _entry(order, (), told.told)
        revision = await asyncio.to_thread(self._store.copy, info.id, original.number, order.cluster, entry)
        return _with(told, await self._clusters.snapshot(order.cluster), revision)

    async def _check_new(self, order: Order) -> None:
        """Check that a cluster can be made; none is at an expected revision as long as it isn't there."""
        await asyncio.to_thread(self._store.check_new, order.cluster)
        if order.expected:
            raise ConflictError(order.cluster, 0)

    async def delete(self, order: Order) -> Outcome:
        """Delete a cluster with its history."""
        info = await self._clusters.info(order.cluster)
        if order.expected not in (None, info.head):
            info = await self._clusters.fresh(order.cluster)
        if order.expected not in (None, info.head):
            raise ConflictError(order.cluster, info.head)
        told = Outcome(told=(f"deleted, with {counted(info.head, 'revision')}",))
        if not order.dry_run:
            await asyncio.to_thread(self._store.delete, info.id, order.expected)
        return told

    async def _carried_out(self, order: Order, worker: Worker) -> Outcome:
        """Work out and commit; where another process was faster, once more unless a revision was expected."""
        lock = self._locks.get(order.cluster)
        if lock is None:
            lock = self._locks[order.cluster] = asyncio.Lock()
        async with lock:
            before = await self._clusters.snapshot(order.cluster)
            if order.expected is not None and order.expected > before.info.head:
                before = await self._clusters.read(await self._clusters.fresh(order.cluster))
            for attempt in range(_TRIES):
                if order.expected not in (None, before.number):
                    raise ConflictError(order.cluster, before.info.head)
                work = await worker(before)
                try:
                    return await self._committed(order, before, work)
                except ConflictError as error:
                    if order.expected is not None or attempt == _TRIES - 1:
                        raise
                    # The news of what another server made may still be on their way.
                    before = await self._clusters.read(replace(before.info, head=error.head))
        raise AssertionError("the last try either commits or raises")

    async def _committed(self, order: Order, before: Snapshot, work: Work) -> Outcome:
        delta = await asyncio.to_thread(decode_delta, work.delta) if work.delta else Delta()
        outcome = work.outcome
        if not outcome.objects:
            outcome = replace(outcome, objects=tuple(_objects(delta, before.cluster)))
        if order.dry_run:
            after = Snapshot(before.info, None, delta.after(before.cluster), work.base)
            return _with(outcome, after, None)
        assert before.number is not None
        entry = _entry(order, work.changes, work.outcome.told)
        revision = await asyncio.to_thread(
            self._store.commit, before.info.id, before.number, delta, entry, reverts=work.reverts
        )
        return _with(outcome, await self._clusters.snapshot(order.cluster, revision.number), revision)


def _entry(order: Order, changes: tuple[Json, ...], told: tuple[str, ...]) -> Entry:
    return Entry(
        at=datetime.now(UTC), by=order.by, action=order.action, changes=changes, why=order.why, told=told
    )


def _objects(delta: Delta, before: Cluster) -> Iterator[q.ObjectResult]:
    """The first objects that a delta makes, changes and takes away."""
    for thing in delta.puts[:SHOWN]:
        yield q.ObjectResult(
            kind=thing.kind, namespace=thing.namespace, name=thing.name,
            result="configured" if thing.key in before else "created",
        )  # fmt: skip
    for kind, namespace, name in delta.drops[:SHOWN]:
        yield q.ObjectResult(kind=kind, namespace=namespace, name=name, result="deleted")


def _with(outcome: Outcome, snapshot: Snapshot, revision: Revision | None) -> Outcome:
    return replace(outcome, snapshot=snapshot, revision=revision)
