"""How many pods a workload has and wants, and what it waits for."""

from __future__ import annotations

from foretell.logic.why.daemonsets import left_out
from foretell.logic.why.unable import unable
from foretell.logic.why.waiting import waits
from foretell.model.cluster import Cluster
from foretell.model.explanation import About, Explanation
from foretell.model.objects import DaemonSet, Deployment, Job, Pod, ReplicaSet, StatefulSet, Workload


def workload_answer(cluster: Cluster, workload: Workload, about: About, gates: frozenset[str]) -> Explanation:
    """How many pods a workload has and wants, and what it waits for."""
    if isinstance(workload, DaemonSet):
        return _of_daemonset(cluster, workload, about, gates)
    grounds = unable(cluster, workload)
    waiting = () if workload.terminating else waits(cluster, workload, gates).grounds
    pods = _pods_of(cluster, workload)
    ready = sum(pod.ready for pod in pods)
    wanted = _wanted(workload)
    have = f"{len(pods):,} pod{'' if len(pods) == 1 else 's'}"
    of = "" if wanted is None else f" of {wanted:,}"
    answer = f"{workload.key} has {have}{of}, {ready:,} ready"
    found = (*grounds, *(one for one in waiting if one.code not in {g.code for g in grounds}))
    holds = bool(found)
    answer += "" if holds else ", and waits for nothing"
    return Explanation(about=about, answer=answer, holds=holds, grounds=found)


def _of_daemonset(cluster: Cluster, daemonset: DaemonSet, about: About, gates: frozenset[str]) -> Explanation:
    """On how many nodes a DaemonSet wants pods, and why not on the others."""
    wanted, groups = left_out(cluster, daemonset, gates)
    count = len(cluster.nodes)
    pods = [pod for pod in _pods_of(cluster, daemonset) if pod.spec.node_name in wanted]
    ready = len({pod.spec.node_name for pod in pods if pod.ready})
    answer = (
        f"{daemonset.key} wants a pod on {len(wanted):,} of {count:,} nodes, and has one ready on {ready:,}"
    )
    waiting = waits(cluster, daemonset, gates).grounds if not unable(cluster, daemonset) else ()
    return Explanation(about=about, answer=answer, holds=True, grounds=waiting, groups=groups)


def _pods_of(cluster: Cluster, workload: Workload) -> list[Pod]:
    """The pods that a workload owns, by itself or through its ReplicaSets or Jobs."""
    found: list[Pod] = []
    for thing in cluster.owned_by(workload.metadata.uid):
        if isinstance(thing, Pod):
            found.append(thing)
        elif isinstance(thing, ReplicaSet | Job):
            found += _pods_of(cluster, thing)
    return found


def _wanted(workload: Workload) -> int | None:
    """How many pods a workload asks for, where it says that as a number."""
    if isinstance(workload, StatefulSet | ReplicaSet | Deployment):
        return 1 if workload.spec.replicas is None else workload.spec.replicas
    return None
