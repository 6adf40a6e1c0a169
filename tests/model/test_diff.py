"""The diff as a value: one sequence over parts that are shared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretell.model.diff import Detail, Diff, Difference, Divergence, Part, place
from foretell.model.meta import Key

WORKLOADS = [
    Key("DaemonSet", "default", "agent"),
    Key("DaemonSet", "default", "log"),
    Key("StatefulSet", "a", "web"),
]
NODES = ["n1", "n10", "n2"]


@st.composite
def divergences(draw: st.DrawFn) -> Divergence:
    """Any difference, however unlikely."""
    workload = draw(st.sampled_from(WORKLOADS))
    daemon = workload.kind == "DaemonSet"
    return Divergence(
        difference=draw(st.sampled_from(Difference)),
        detail=draw(st.sampled_from(Detail)),
        workload=workload,
        node=draw(st.sampled_from(NODES)) if daemon else None,
        ordinal=None if daemon else draw(st.integers(0, 11)),
        pod=draw(st.sampled_from([None, "a", "b"])),
    )


def diff_of(entries: list[Divergence]) -> Diff:
    """The diff that these make up."""
    return Diff({key: Part.of(e for e in entries if e.workload == key) for key in reversed(WORKLOADS)})


@given(st.lists(divergences(), max_size=12), st.slices(12))
def test_a_diff_is_the_sequence_of_its_differences_in_order(entries: list[Divergence], page: slice) -> None:
    ordered = sorted(entries, key=place)
    found = diff_of(entries)
    assert list(found) == ordered
    assert len(found) == len(ordered)
    assert [found[index] for index in range(-len(ordered), len(ordered))] == ordered * 2
    assert list(found[page]) == ordered[page]


@pytest.mark.parametrize("index", [0, -1, 7])
def test_there_is_nothing_beyond_the_last_difference(index: int) -> None:
    with pytest.raises(IndexError, match=f"no difference {index} among 0"):
        Diff({})[index]


@given(st.lists(divergences(), max_size=12))
def test_differences_are_counted_in_all_and_by_workload(entries: list[Divergence]) -> None:
    found = diff_of(entries)
    assert all(found.counts[kind] == sum(e.difference is kind for e in entries) for kind in Difference)
    assert list(found.by_workload) == sorted({e.workload for e in entries})
    for key, counts in found.by_workload.items():
        assert counts == Part.of(found.of(key)).counts


@given(
    st.lists(divergences(), max_size=12), st.lists(divergences(), max_size=6), st.sets(st.sampled_from(NODES))
)
def test_a_part_with_other_nodes_is_one_made_of_all_its_differences(
    entries: list[Divergence], fresh: list[Divergence], nodes: set[str]
) -> None:
    before = [e for e in entries if e.workload == WORKLOADS[0]]
    found = [e for e in fresh if e.workload == WORKLOADS[0] and e.node in nodes]
    part = Part.of(before).with_nodes(nodes, found)
    assert part == Part.of([*(e for e in before if e.node not in nodes), *found])


def test_a_diff_says_how_much_there_is_of_each_sort() -> None:
    missing = Divergence(
        difference=Difference.MISSING, detail=Detail.NO_POD, workload=WORKLOADS[0], node="n1"
    )
    assert repr(diff_of([missing])) == "Diff(1 missing, 0 surplus, 0 outdated, 0 unhealthy, 0 misplaced)"
    assert diff_of([missing]) == diff_of([missing]) != diff_of([])
