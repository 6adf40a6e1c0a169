"""Whatever is done in whatever order, the store has what a plain dictionary would have."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from foretell.api.store.errors import ConflictError, NameTakenError
from foretell.api.store.spacing import Spacing
from foretell.api.store.store import Store
from foretell.model.cluster import Cluster
from foretell.model.deltas import Delta, delta_between
from foretell.model.meta import Json, Key
from tests.api.store.conftest import Open
from tests.api.store.samples import ENTRY, documents, found, node

State = tuple[dict[Key, Json], float]

NAMES = st.sampled_from(["a", "b", "c"])
OBJECTS = st.sampled_from(["n0", "n1", "n2", "n3"])
TAINTS = st.sampled_from(["x", "y"])
STEPS = st.one_of(
    st.tuples(st.just("create"), NAMES, st.lists(OBJECTS, max_size=3)),
    st.tuples(st.just("put"), NAMES, st.lists(st.tuples(OBJECTS, TAINTS), max_size=3)),
    st.tuples(st.just("drop"), NAMES, st.lists(OBJECTS, max_size=3)),
    st.tuples(st.just("stale"), NAMES, st.integers(1, 9)),
    st.tuples(st.just("revert"), NAMES, st.integers(1, 9)),
    st.tuples(st.just("copy"), NAMES, st.tuples(NAMES, st.integers(1, 9))),
    st.tuples(st.just("delete"), NAMES, st.none()),
    st.tuples(st.just("load"), NAMES, st.integers(1, 9)),
    st.tuples(st.just("reopen"), NAMES, st.none()),
)


class Both:
    """A store, and what it should have: the states of each cluster, by name."""

    def __init__(self, open_store: Open) -> None:
        self._open, self._moment = open_store, 0.0
        self.store = self.reopened()
        self.states: dict[str, list[State]] = {}

    def reopened(self) -> Store:
        """Another process's view, with checkpoints close together and few snapshots kept."""
        return self._open(spacing=Spacing(deltas=3), cached_objects=200)

    def do(self, step: tuple[str, str, Any]) -> None:
        """Do one step with both, if it makes sense at all."""
        action, name, detail = step
        if action == "reopen":
            self.store.close()
            self.store = self.reopened()
        elif action == "create":
            self._create(name, detail)
        elif name in self.states:
            getattr(self, f"_{action}")(name, detail)

    def check(self, store: Store) -> None:
        """Compare everything."""
        assert [info.name for info in store.clusters()] == sorted(self.states)
        for name, states in self.states.items():
            info = found(store, name)
            assert (info.head, info.objects) == (len(states), len(states[-1][0]))
            for number, state in enumerate(states, start=1):
                self._same(store.load(info.id, number), state)
            assert [each.number for each in store.revisions(info.id, newest_first=False)] == list(
                range(1, len(states) + 1)
            )

    def clear(self) -> None:
        """Delete all clusters; nothing may be left."""
        for info in self.store.clusters():
            self.store.delete(info.id)
        stats = self.store.stats()
        assert (stats.clusters, stats.revisions, stats.checkpoints, stats.blobs) == (0, 0, 0, 0)
        self.store.close()

    def _create(self, name: str, detail: list[str]) -> None:
        cluster = Cluster(map(node, detail), moment=self._tick())
        try:
            self.store.create(name, cluster, ENTRY)
        except NameTakenError:
            assert name in self.states
        else:
            assert name not in self.states
            self.states[name] = [(documents(cluster), cluster.moment)]

    def _put(self, name: str, detail: list[tuple[str, str]]) -> None:
        puts = tuple(node(which, taint) for which, taint in detail)
        self._commit(name, Delta(puts, (), self._tick()))

    def _drop(self, name: str, detail: list[str]) -> None:
        self._commit(name, Delta((), tuple(Key("Node", "", each) for each in detail), self._tick()))

    def _stale(self, name: str, detail: int) -> None:
        head = len(self.states[name])
        if detail != head:
            with pytest.raises(ConflictError) as caught:
                self.store.commit(found(self.store, name).id, detail, Delta((node("stale"),)), ENTRY)
            assert caught.value.head == head

    def _revert(self, name: str, detail: int) -> None:
        info, number = found(self.store, name), min(detail, len(self.states[name]))
        now, then = self.store.load(info.id, info.head), self.store.load(info.id, number)
        self._commit(name, delta_between(now, then))
        assert self.states[name][-1] == self.states[name][number - 1]

    def _copy(self, name: str, detail: tuple[str, int]) -> None:
        target, number = detail[0], min(detail[1], len(self.states[name]))
        try:
            self.store.copy(found(self.store, name).id, number, target, ENTRY)
        except NameTakenError:
            assert target in self.states
        else:
            assert target not in self.states
            self.states[target] = [self.states[name][number - 1]]

    def _delete(self, name: str, _: None) -> None:
        self.store.delete(found(self.store, name).id, len(self.states[name]))
        del self.states[name]

    def _load(self, name: str, detail: int) -> None:
        number = min(detail, len(self.states[name]))
        self._same(self.store.load(found(self.store, name).id, number), self.states[name][number - 1])

    def _commit(self, name: str, delta: Delta) -> None:
        info = found(self.store, name)
        self.store.commit(info.id, info.head, delta, ENTRY)
        state = dict(self.states[name][-1][0])
        for key in delta.drops:
            state.pop(key, None)
        state |= documents(Cluster(delta.puts))
        self.states[name].append((state, delta.moment))

    def _same(self, cluster: Cluster, state: State) -> None:
        assert (documents(cluster), cluster.moment) == state

    def _tick(self) -> float:
        self._moment += 0.25
        return self._moment


def test_the_store_does_what_a_dictionary_would(open_store: Open) -> None:
    @hypothesis_settings(max_examples=25)
    @given(st.lists(STEPS, min_size=5, max_size=25))
    def holds(steps: list[tuple[str, str, Any]]) -> None:
        both = Both(open_store)
        for step in steps:
            both.do(step)
        both.check(both.store)
        fresh = both.reopened()
        both.check(fresh)
        fresh.close()
        both.clear()

    holds()
