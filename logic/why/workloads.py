"""How many pods a workload has and wants, and what it waits for."""

from __future__ import annotations

from foretell.logic.verdict import SENTENCES
from foretell.logic.why.daemonsets import left_out
from foretell.logic.why.grounds import of_field
from foretell.logic.why.unable import unable
from foretell.logic.why.waiting import Waits, waits
from foretell.model.cluster import Cluster
from foretell.model.explanation import About, Explanation, Group
from foretell.model.forecast import Why
from foretell.model.objects import CronJob, DaemonSet, Deployment, Job, Pod, ReplicaSet, StatefulSet, Workload


def workload_answer(cluster: Cluster, workload: Workload, about: About, gates: frozenset[str]) -> Explanation:
    """How many pods a workload has and wants, and what it waits for."""
    if isinstance(workload, DaemonSet):
        return _of_daemonset(cluster, workload, about, gates)
    grounds = unable(cluster, workload)
    waiting = waits(cluster, workload, gates)
    if isinstance(workload, CronJob):
        return _of_cronjob(cluster, workload, about, waiting)
    pods = _pods_of(cluster, workload)
    ready = sum(pod.ready for pod in pods)
    wanted = _wanted(workload)
    have = f"{len(pods):,} pod{'' if len(pods) == 1 else 's'}"
    of = "" if wanted is None else f" of {wanted:,}"
    answer = f"{workload.key} has {have}{of}, {ready:,} ready{_done(workload)}"
    found = (*grounds, *(one for one in waiting.grounds if one.code not in {g.code for g in grounds}))
    if waiting.acting and not grounds:
        answer += ", and its controller acts next"
    elif not found:
        answer += ", and it waits for nothing"
    return Explanation(about=about, answer=answer, holds=True, grounds=found)


def _of_daemonset(cluster: Cluster, daemonset: DaemonSet, about: About, gates: frozenset[str]) -> Explanation:
    """On how many nodes a DaemonSet wants pods, and why not on the others."""
    wanted, groups = left_out(cluster, daemonset, gates)
    count = len(cluster.nodes)
    pods = [pod for pod in _pods_of(cluster, daemonset) if pod.spec.node_name in wanted]
    ready = len({pod.spec.node_name for pod in pods if pod.ready})
    answer = (
        f"{daemonset.key} wants a pod on {len(wanted):,} of {count:,} nodes, and has one ready on {ready:,}"
    )
    if unable(cluster, daemonset):
        return Explanation(about=about, answer=answer, holds=True, groups=groups)
    waiting = waits(cluster, daemonset, gates)
    if waiting.placing:
        (ground, *_) = waiting.placing.values()
        groups = (Group(nodes=tuple(sorted(waiting.placing)), grounds=(ground,)), *groups)
    return Explanation(about=about, answer=answer, holds=True, grounds=waiting.grounds, groups=groups)


def _pods_of(cluster: Cluster, workload: Workload) -> list[Pod]:
    """The pods that a workload owns, by itself or through its ReplicaSets or Jobs."""
    found: list[Pod] = []
    for thing in cluster.owned_by(workload.metadata.uid):
        if isinstance(thing, Pod):
            found.append(thing)
        elif isinstance(thing, ReplicaSet | Job):
            found += _pods_of(cluster, thing)
    return found


def _of_cronjob(cluster: Cluster, workload: CronJob, about: About, waiting: Waits) -> Explanation:
    """When a CronJob runs next."""
    grounds = waiting.grounds
    jobs = sum(isinstance(one, Job) for one in cluster.owned_by(workload.metadata.uid))
    answer = f"{workload.key} has {jobs:,} job{'' if jobs == 1 else 's'}"
    if waiting.expected is not None:
        answer += f", and runs next in {waiting.expected:,} s"
    elif workload.spec.suspend:
        sentence, remedy = SENTENCES[Why.SUSPENDED]
        sentence = f"{workload.key} {sentence}"
        told = of_field(cluster, workload.key, "spec.suspend", Why.SUSPENDED, sentence, remedy=remedy)
        answer, grounds = f"{answer}, and runs no more", (*grounds, told)
    return Explanation(about=about, answer=answer, holds=True, grounds=grounds)


def _done(workload: Workload) -> str:
    """How far a Job has come."""
    if not isinstance(workload, Job):
        return ""
    ends = [one.type for one in workload.status.conditions if one.status == "True"]
    of = "" if workload.spec.completions is None else f" of {workload.spec.completions:,}"
    end = next((f", {kind.lower()}" for kind in ("Complete", "Failed") if kind in ends), "")
    return f", {workload.status.succeeded:,}{of} succeeded, {workload.status.failed:,} failed{end}"


def _wanted(workload: Workload) -> int | None:
    """How many pods a workload asks for, where it says that as a number."""
    if isinstance(workload, StatefulSet | ReplicaSet | Deployment):
        return 1 if workload.spec.replicas is None else workload.spec.replicas
    return None
