"""The world: what answers a wave, in lock-step, but where it is assumed otherwise."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from foretell.logic.stamps import ended, running
from foretell.model.clock import timestamp
from foretell.model.cluster import Cluster
from foretell.model.forecast import Assumptions, matches
from foretell.model.job_pods import TRACKING, of_job
from foretell.model.meta import Key, Object
from foretell.model.objects import Condition, Node, Pod

replace = msgspec.structs.replace


def names_of(pod: Pod) -> tuple[str, ...]:
    """What assumptions may call a pod: its name, and `owner@node`."""
    owner, node = pod.metadata.controller, pod.spec.node_name or pod.pinned_to
    return (pod.name, f"{owner.name if owner else ''}@{node}")


def active(pod: Pod) -> bool:
    """Whether the scheduler or the world may still have something to do with the pod."""
    if pod.terminating or pod.phase == "Pending":
        return True
    return pod.phase == "Running" and (not pod.ready or of_job(pod))


def outstanding(cluster: Cluster, pods: Iterable[Key], assume: Assumptions) -> list[Pod]:
    """The pods, among those that may have changed, that the world has something to answer to."""
    found = (pod for key in pods if isinstance(pod := cluster.get(key), Pod))
    return [pod for pod in found if is_outstanding(cluster, pod, assume)]


def is_outstanding(cluster: Cluster, pod: Pod, assume: Assumptions) -> bool:
    """Whether the world has something to answer to this pod."""
    return (
        _goes(pod, assume)
        or _stops(pod, assume)
        or (_starts(pod, assume) and _has_node(cluster, pod))
        or (_ends(pod, assume) and _has_node(cluster, pod))
    )


def _has_node(cluster: Cluster, pod: Pod) -> bool:
    """Whether the pod's node is there, whose kubelet starts and ends it; nobody does elsewhere."""
    return cluster.find(Node, pod.spec.node_name) is not None


def _goes(pod: Pod, assume: Assumptions) -> bool:
    """A terminating pod goes, unless a finalizer holds it."""
    return not pod.metadata.finalizers and _may_go(pod, assume)


def _stops(pod: Pod, assume: Assumptions) -> bool:
    """A terminating pod that a Job hasn't counted stops; it goes once the Job lets go of it."""
    done = pod.finished and pod.metadata.deletion_grace_period_seconds == 0
    return pod.metadata.finalizers == (TRACKING,) and not done and _may_go(pod, assume)


def _may_go(pod: Pod, assume: Assumptions) -> bool:
    dead = pod.spec.node_name in assume.dead_nodes
    return pod.terminating and not dead and not matches(assume.never_gone, *names_of(pod))


def _ends(pod: Pod, assume: Assumptions) -> bool:
    """A Job's pod that runs ends, unless it never does."""
    if pod.terminating or pod.phase != "Running" or not of_job(pod):
        return False
    return pod.spec.node_name not in assume.dead_nodes and not matches(assume.never_ends, *names_of(pod))


def _starts(pod: Pod, assume: Assumptions) -> bool:
    """A bound pod that is Pending starts; one that runs already gets ready."""
    if pod.terminating or not pod.spec.node_name or pod.spec.node_name in assume.dead_nodes:
        return False
    if pod.phase == "Pending":
        return not matches(assume.never_start, *names_of(pod))
    return pod.phase == "Running" and not pod.ready and not matches(assume.never_ready, *names_of(pod))


def is_singled_out(pod: Pod, assume: Assumptions) -> bool:
    """Whether the world is assumed to answer otherwise to this pod."""
    patterns = (
        *assume.never_start, *assume.never_ready, *assume.never_gone,
        *assume.fails, *assume.job_fails, *assume.never_ends,
    )  # fmt: skip
    node = pod.spec.node_name or pod.pinned_to
    return node in assume.dead_nodes or matches(patterns, *names_of(pod))


def answer(pods: Iterable[Pod], assume: Assumptions, now: float) -> tuple[list[Object], list[Key]]:
    """What becomes of them: terminating pods are gone or stop, the others run and are ready, end, or fail."""
    puts: list[Object] = []
    drops: list[Key] = []
    for pod in pods:
        if _goes(pod, assume):
            drops.append(pod.key)
        elif _stops(pod, assume):
            stopped = pod if pod.finished else ended(pod, now, exit_code=None)
            meta = replace(stopped.metadata, deletion_grace_period_seconds=0)
            puts.append(replace(stopped, metadata=meta))
        elif _starts(pod, assume) and pod.phase == "Pending" and matches(assume.fails, *names_of(pod)):
            puts.append(_failed(pod, now))
        elif not _starts(pod, assume):
            puts.append(ended(pod, now, exit_code=int(matches(assume.job_fails, *names_of(pod)))))
        else:
            puts.append(running(pod, now, ready=not matches(assume.never_ready, *names_of(pod))))
    return puts, drops


def _failed(pod: Pod, now: float) -> Pod:
    kept = [condition for condition in pod.status.conditions if condition.type != "Ready"]
    ready = Condition(type="Ready", status="False", last_transition_time=timestamp(now))
    return replace(pod, status=replace(pod.status, phase="Failed", conditions=(*kept, ready)))
