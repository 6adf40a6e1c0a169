"""Long lists that workers page: differences, desired pods, and nodes that are left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from foretell.api.solver import questions as q
from foretell.api.solver.states import States
from foretell.model.diff import Divergence
from foretell.model.forecast import Because, DesiredPod, LeftOut
from foretell.model.meta import Key


def diff_answer(states: States, asked: q.DiffQuestion) -> q.DiffAnswer:
    """A page of the differences of a state."""
    diff = states.diff(asked.base).diff
    rows: Sequence[Divergence] = diff if asked.workload is None else diff.of(Key(*asked.workload))
    if asked.differences or asked.node:
        rows = [entry for entry in rows if _shown(entry, asked)]
    start, limit = asked.page.start, asked.page.limit
    return q.DiffAnswer(
        rows=tuple(_diff_row(entry) for entry in rows[start : start + limit]),
        total=len(rows),
        counts={difference.value: count for difference, count in diff.counts.items()},
    )


def _shown(entry: Divergence, asked: q.DiffQuestion) -> bool:
    wanted = not asked.differences or entry.difference.value in asked.differences
    return wanted and asked.node in ("", entry.node)


def _diff_row(entry: Divergence) -> q.DiffRow:
    return q.DiffRow(
        difference=entry.difference.value,
        detail=entry.detail.value,
        kind=entry.workload.kind,
        namespace=entry.workload.namespace,
        owner=entry.workload.name,
        node=entry.node,
        ordinal=entry.ordinal,
        pod=entry.pod,
    )


def desired_answer(states: States, asked: q.DesiredQuestion) -> q.DesiredAnswer:
    """A page of the desired pods of a state, or of the nodes that DaemonSets leave out."""
    wanted = states.desired(asked.base)
    keys = wanted.workloads if asked.workload is None else (Key(*asked.workload),)
    start, end = asked.page.start, asked.page.start + asked.page.limit
    if asked.left_out:
        left = [one for key in keys for one in wanted.left_out(key) if asked.node in ("", one.node)]
        return q.DesiredAnswer(rows=tuple(map(_left_out_row, left[start:end])), total=len(left))
    pods: Iterator[DesiredPod] = (pod for key in keys for pod in wanted.of(key))
    total = sum(map(wanted.count, keys))
    if asked.node:
        found = [pod for pod in _on_node(keys, asked.node) if pod in wanted]
        pods, total = iter(found), len(found)
    rows = tuple(_desired_row(pod, wanted.reasons(pod)) for pod in islice(pods, start, end))
    return q.DesiredAnswer(rows=rows, total=total)


def _on_node(keys: Iterable[Key], node: str) -> Iterator[DesiredPod]:
    """The pods that DaemonSets may want on a node."""
    for kind, namespace, name in keys:
        if kind == "DaemonSet":
            yield DesiredPod(kind=kind, namespace=namespace, owner=name, node=node)


def _desired_row(pod: DesiredPod, reasons: tuple[Because, ...]) -> q.DesiredRow:
    return q.DesiredRow(
        kind=pod.kind,
        namespace=pod.namespace,
        owner=pod.owner,
        node=pod.node,
        ordinal=pod.ordinal,
        name=pod.name,
        reasons=reasons,
    )


def _left_out_row(left: LeftOut) -> q.DesiredRow:
    kind, namespace, owner = left.workload
    return q.DesiredRow(kind=kind, namespace=namespace, owner=owner, node=left.node, reasons=left.reasons)
