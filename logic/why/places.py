"""Why a workload's pod, or a pod, is or isn't on a node."""

from __future__ import annotations

from foretell.logic.stamps import candidate_pod
from foretell.logic.why.daemonsets import eligibility
from foretell.logic.why.nodes import refusals
from foretell.model.cluster import Cluster
from foretell.model.errors import ManifestError
from foretell.model.explanation import About, Explanation, Ground
from foretell.model.objects import CronJob, DaemonSet, Pod, Workload


def daemon_on(cluster: Cluster, daemonset: DaemonSet, about: About, gates: frozenset[str]) -> Explanation:
    """Why a DaemonSet has a pod on a node, or none."""
    found = eligibility(cluster, daemonset, [about.node], gates)[about.node]
    mine = [pod for pod in cluster.pods_on(about.node) if _is_of(pod, daemonset)]
    bound = [pod for pod in mine if pod.spec.node_name]
    waiting = [pod for pod in mine if not pod.spec.node_name]
    name, place = str(daemonset.key), f"on {about.node}"
    there = f"{_state(bound[0])} is there" if bound else ""
    if found.wanted and bound:
        return _told(about, f"{name} wants a pod {place}, and {there}", not about.negated, found.grounds)
    if found.wanted and waiting:
        against = _refused(cluster, waiting[0], about.node, gates)
        answer = f"{name} wants a pod {place}, but the node refuses {_state(waiting[0])}"
        return _told(about, answer, about.negated, against or found.grounds)
    if found.wanted:
        # None is there, and one is wanted there: it is so whichever way it is asked.
        answer = f"{name} wants a pod {place}; none is there yet, its controller makes one next"
        return _told(about, answer, True, found.grounds)
    answer = f"{name} wants no pod {place}" + (f", though {there}" if bound else "")
    return _told(about, answer, about.negated, found.grounds)


def pod_on(cluster: Cluster, pod: Pod, about: About, gates: frozenset[str]) -> Explanation:
    """Why a pod is on a node, or not; where nothing speaks against the node, that is said."""
    name, node = str(pod.key), about.node
    if pod.spec.node_name == node:
        return _told(about, f"{name} is on {node}", not about.negated, ())
    against = _refused(cluster, pod, node, gates)
    where = f"is on {pod.spec.node_name}" if pod.spec.node_name else "is on no node yet"
    if not against:
        answer = f"{name} {where}, and nothing speaks against {node}"
        return _told(about, answer, False, ())
    return _told(about, f"{name} {where}: {node} refuses it", about.negated, against)


def workload_on(cluster: Cluster, workload: Workload, about: About, gates: frozenset[str]) -> Explanation:
    """Why a workload's next pod could go to a node, or couldn't."""
    if isinstance(workload, CronJob):
        raise ManifestError(f"{workload.key} makes no pods itself: expected one of its Jobs")
    against = _refused(cluster, candidate_pod(cluster, workload), about.node, gates)
    if not against:
        answer = f"nothing speaks against {about.node} for the next pod of {workload.key}"
        return _told(about, answer, not about.negated, ())
    return _told(about, f"{about.node} refuses the pods of {workload.key}", about.negated, against)


def _refused(cluster: Cluster, pod: Pod, node: str, gates: frozenset[str]) -> tuple[Ground, ...]:
    groups = refusals(cluster, pod, gates, [node]).groups
    return groups[0].grounds if groups else ()


def _told(about: About, answer: str, holds: bool, grounds: tuple[Ground, ...]) -> Explanation:
    return Explanation(about=about, answer=answer, holds=holds, grounds=grounds)


def _is_of(pod: Pod, daemonset: DaemonSet) -> bool:
    owner = pod.metadata.controller
    return owner is not None and owner.uid == daemonset.metadata.uid


def _state(pod: Pod) -> str:
    how = "terminating" if pod.terminating else "ready" if pod.ready else pod.phase
    return f"{pod.key} ({how})"
