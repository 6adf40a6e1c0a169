"""What has been found at rest is left out of later questions, and that changes no answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretell.logic import facts_nodes
from foretell.logic.facts import Facts, facts_of
from foretell.logic.forecast import forecast
from foretell.model.changes import AddTaint, Change, RemoveTaint, change_from_json
from foretell.model.cluster import Cluster
from foretell.model.errors import RejectedError
from foretell.model.forecast import Forecast
from foretell.model.reading import read
from tests import builders as b
from tests.builders import Document
from tests.logic.strategies import FEW, TAINTS, daemonsets, node_lists

T = TypeVar("T")
Step = tuple[list[Document], bool]


def _alone(ask: Callable[[], T]) -> T:
    """What is answered in a thread that has carried nothing over."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(ask).result()


def _forecast(cluster: Cluster, step: Step) -> Forecast | None:
    """The forecast of some changes, as JSON, with a resync or without; None where they are refused."""
    changes, resync = step
    try:
        return forecast(cluster, map(change_from_json, changes), horizon=8, resync=resync)
    except RejectedError:
        return None


@st.composite
def _steps(draw: st.DrawFn, nodes: Sequence[str], names: Sequence[str]) -> list[Step]:
    node, name = st.sampled_from(nodes), st.sampled_from(names)
    status = st.sampled_from(["True", "False", "Unknown"])
    change = st.one_of(
        st.builds(lambda n, taint: {"taint": {"node": n, **taint}}, node, st.sampled_from(TAINTS)),
        st.builds(lambda n, t: {"untaint": {"node": n, "key": t["key"]}}, node, st.sampled_from(TAINTS)),
        st.builds(lambda n: {"cordon": {"node": n}}, node),
        st.builds(lambda n, to: {"nodeReady": {"node": n, "status": to}}, node, status),
        st.builds(lambda n: {"label": {"node": n, "labels": {"disk": "ssd"}}}, node),
        st.builds(lambda n: {"delete": {"kind": "Node", "name": n}}, node),
        st.builds(lambda w: {"image": {"kind": "DaemonSet", "name": w, "image": "app:9"}}, name),
        st.builds(lambda w: {"restart": {"kind": "DaemonSet", "name": w}}, name),
    )
    changes = st.lists(change, max_size=2)
    return draw(st.lists(st.tuples(changes, st.booleans()), min_size=2, max_size=3))


@FEW
@given(data=st.data(), documents=node_lists(), workloads=st.tuples(daemonsets("agent"), daemonsets("driver")))
def test_what_has_been_found_at_rest_changes_no_answer(
    data: st.DataObject, documents: list[Document], workloads: tuple[Document, Document]
) -> None:
    """One thing after another happens to a settled cluster; each is forecast with and without it."""
    nodes = [each["metadata"]["name"] for each in documents]
    cluster = b.after(read([*documents, *workloads]))
    for step in data.draw(_steps(nodes, ("agent", "driver"))):
        told = _forecast(cluster, step)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(facts_nodes.NodeFacts, "learn", lambda *_: None)
            plain = _alone(lambda now=cluster, asked=step: _forecast(now, asked))  # type: ignore[misc]
        if told is None or plain is None:
            assert told is plain is None
            continue
        assert told.waves == plain.waves
        assert told.verdict == plain.verdict
        assert told.after == plain.after
        cluster = told.after


class _Questions:
    """The facts of each round that is derived."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.facts: list[Facts] = []
        patch.setattr("foretell.logic.diff.facts_of", self._of)
        patch.setattr("foretell.logic.verdict.facts_of", self._of)

    def _of(self, *arguments: object) -> Facts:
        self.facts.append(facts_of(*arguments))  # type: ignore[arg-type]
        return self.facts[-1]

    def nodes(self) -> list[list[str]]:
        """The nodes that are told in each round."""
        return [sorted(facts.grouping.members) for facts in self.facts]

    def daemonsets(self) -> list[int]:
        """How many DaemonSets are told in each round."""
        return [facts.text.count("\ndaemonset(daemonset(") for facts in self.facts]


def _rounds(cluster: Cluster, *stories: list[Change]) -> _Questions:
    """The rounds of the last of several forecasts of a cluster in one thread."""

    def ask() -> _Questions:
        for changes in stories[:-1]:
            forecast(cluster, changes)
        with pytest.MonkeyPatch.context() as patch:
            questions = _Questions(patch)
            forecast(cluster, stories[-1])
            return questions

    return _alone(ask)


def _taint(node: str) -> list[Change]:
    return [AddTaint(node=node, key="maintenance", effect="NoExecute")]


def _fleet() -> Cluster:
    """Nodes of two kinds, with a DaemonSet that tolerates everything, and one that doesn't."""
    spec = {"tolerations": [b.tolerate()]}
    nodes = [b.node(f"n{index}", labels={"zone": "ab"[index % 2]}) for index in range(1, 9)]
    return b.settled(nodes, b.daemonset("agent"), b.daemonset("driver", pod=spec))


def test_after_the_first_forecast_only_what_has_changed_is_told() -> None:
    told = _rounds(_fleet(), [], _taint("n3")).nodes()
    assert told[0] == ["n3"]
    assert {node for nodes in told for node in nodes} == {"n3"}


def test_a_daemonset_is_told_only_where_it_may_have_something_to_do() -> None:
    """The one that tolerates everything has been seen beside this taint by an earlier forecast."""
    told = _rounds(_fleet(), _taint("n3"), _taint("n5"))
    assert max(told.daemonsets()) == 1
    assert told.daemonsets()[-1] == 0


def test_a_settled_cluster_that_is_asked_again_has_nothing_to_tell() -> None:
    assert _rounds(_fleet(), [], []).nodes() == [[], []]


@pytest.mark.parametrize("size", [2, 7])
def test_nodes_that_are_not_told_count(size: int) -> None:
    """What is reported of a DaemonSet is reported of all nodes, told or not."""
    cluster = b.settled(b.nodes(size), b.daemonset())
    forecast(cluster)
    [daemonset] = forecast(cluster, _taint("n1")).after.daemonsets
    status = daemonset.status
    assert status.desired_number_scheduled == status.number_available == size - 1
    [daemonset] = forecast(
        cluster, [*_taint("n1"), RemoveTaint(node="n1", key="maintenance")]
    ).after.daemonsets
    assert daemonset.status.desired_number_scheduled == size
