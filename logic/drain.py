"""Drains: a node is cordoned, and its pods are removed as far as filters and budgets let them go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from foretell.logic import vocabulary as v
from foretell.logic.deletion import DrainTask, Edit, deleted
from foretell.logic.evictions import evicted
from foretell.logic.finding import find_node
from foretell.logic.shapes import clamped
from foretell.logic.solve import solve
from foretell.logic.vocabulary import Term
from foretell.model.changes import Drain
from foretell.model.clock import seconds
from foretell.model.cluster import Cluster
from foretell.model.forecast import Why
from foretell.model.objects import Node, Pod

_MIRROR = "kubernetes.io/config.mirror"
_FLAGS = ("force", "ignore_daemonsets", "delete_emptydir_data")
_REFUSALS = {
    Why.DAEMON_POD: "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)",
    Why.DAEMONSET_GONE: 'daemonsets.apps "{owner}" not found (use --force to override)',
    Why.LOCAL_DATA: "cannot delete Pods with local storage (use --delete-emptydir-data to override)",
    Why.NO_CONTROLLER: "cannot delete Pods that declare no controller (use --force to override)",
}
"""By what refuses a drain: kubectl's words."""


def cordoned(node: Node, *, schedulable: bool = False) -> Node:
    """The node, cordoned or, if it is to be schedulable, not any more."""
    return msgspec.structs.replace(
        node, spec=msgspec.structs.replace(node.spec, unschedulable=not schedulable)
    )


def drained(cluster: Cluster, change: Drain, now: float) -> Edit:
    """Cordon the node and ask for its pods' removal once, in the order of names.

    A drain in kubectl's manner that some pod refuses removes none, but the node stays cordoned; else what it
    has set out to do comes with the edit.
    """
    node = find_node(cluster, change.node)
    pods, refusals = chosen(cluster, change, now)
    total = Edit()
    if refusals:
        total.drain = DrainTask(change, (), refusals)
    elif change.kubectl and change.disable_eviction:
        total = _deleted(pods, now)
        total.drain = DrainTask(change, pods)
    elif pods:
        total = evicted(cluster, pods, now)
        total.drain = DrainTask(change, pods) if change.kubectl else None
    total.puts.insert(0, cordoned(node))
    return total


def refused(task: DrainTask) -> str:
    """In kubectl's words why the drain is refused; empty where it isn't."""
    if not task.refusals:
        return ""
    groups: dict[str, list[str]] = {}
    for why, words in _REFUSALS.items():
        for pod in (pod for pod, each in task.refusals if each is why):
            owner = pod.metadata.controller
            told = words.format(owner=owner.name if owner else "")
            groups.setdefault(told, []).append(pod.key.path)
    sentences = [f"{words}: {', '.join(names)}" for words, names in groups.items()]
    all_of_them = f"[{', '.join(sentences)}]" if len(sentences) > 1 else sentences[0]
    return f'error: unable to drain node "{task.change.node}" due to error: {all_of_them}'


def chosen(
    cluster: Cluster, change: Drain, now: float
) -> tuple[tuple[Pod, ...], tuple[tuple[Pod, Why], ...]]:
    """The pods of the node that the drain removes, and those that refuse it, in the order of names."""
    pods = {pod.key.path: pod for pod in cluster.pods_on(change.node) if pod.spec.node_name}
    answer = solve(("drain.lp",), drain_facts(cluster, change, pods, now))
    removed = {str(path) for (path,) in answer.get("drains", ())}
    refusals = sorted(
        (str(path), Why(why.name.replace("_", "-")))
        for path, why in answer.get("refuses_drain", ())
        if isinstance(why, Term)
    )
    return tuple(pods[path] for path in pods if path in removed), tuple((pods[p], w) for p, w in refusals)


def drain_facts(cluster: Cluster, change: Drain, pods: Mapping[str, Pod], now: float) -> str:
    """The facts of a drain of these pods, which are given by their paths."""
    lines = [v.DRAIN_OPTION(Term(flag)) for flag in _FLAGS if getattr(change, flag)]
    lines += [v.DRAIN_OPTION(Term("as_kubectl"))] if change.kubectl else []
    lines.append(v.DRAIN_WAITS(clamped(change.skip_wait_for_delete_timeout)))
    lines += _controller_facts(cluster, pods.values())
    for path, pod in pods.items():
        lines += _facts(path, pod, now)
    return "\n".join(lines)


def _facts(path: str, pod: Pod, now: float) -> list[str]:
    lines = [v.POD(path), v.PHASE(path, pod.phase)]
    owner = pod.metadata.controller
    if owner is not None:
        lines.append(v.CONTROLLED(path, _controller(owner.kind, pod.namespace, owner.name)))
    if pod.metadata.deletion_timestamp:
        going = clamped(max(0.0, now - seconds(pod.metadata.deletion_timestamp)))
        lines.append(v.TERMINATING_FOR(path, going))
    if is_mirror(pod):
        lines.append(v.MIRROR(path))
    if any(volume.empty_dir is not None for volume in pod.spec.volumes):
        lines.append(v.LOCAL_DATA(path))
    return lines


def is_mirror(pod: Pod) -> bool:
    """Whether the pod stands for one that its node's kubelet runs by itself."""
    return _MIRROR in pod.metadata.annotations


def _controller_facts(cluster: Cluster, pods: Iterable[Pod]) -> list[str]:
    """The facts of the controllers that the pods name, whether they are there, and of kinds in the state."""
    named = {(o.kind, pod.namespace, o.name, o.uid) for pod in pods if (o := pod.metadata.controller)}
    lines: list[str] = []
    for kind, namespace, name, uid in sorted(named):
        controller = _controller(kind, namespace, name)
        lines.append(v.KIND_OF(controller, kind))
        if uid and cluster.by_uid(uid) is not None:
            lines.append(v.EXISTS(controller))
    lines += [v.TELLS_OF(kind) for kind in sorted({kind for kind, *_ in named} & set(cluster.kinds))]
    return lines


def _controller(kind: str, namespace: str, name: str) -> str:
    return f"{kind}/{namespace}/{name}"


def _deleted(pods: Iterable[Pod], now: float) -> Edit:
    total = Edit()
    for pod in pods:
        one = deleted(pod, now)
        total.puts += one.puts
        total.drops += one.drops
    return total
