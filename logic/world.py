"""The world: what answers a wave, in lock-step, but where it is assumed otherwise."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from foretell.logic.stamps import running
from foretell.model.clock import timestamp
from foretell.model.cluster import Cluster
from foretell.model.forecast import Assumptions, matches
from foretell.model.meta import Key, Object
from foretell.model.objects import Condition, Node, Pod

replace = msgspec.structs.replace
# Jobs aren't forecast: their controller is taken to let go of their pods.
_TAKEN_OFF = {"batch.kubernetes.io/job-tracking"}


def names_of(pod: Pod) -> tuple[str, ...]:
    """What assumptions may call a pod: its name, and `owner@node`."""
    owner, node = pod.metadata.controller, pod.spec.node_name or pod.pinned_to
    return (pod.name, f"{owner.name if owner else ''}@{node}")


def active(pod: Pod) -> bool:
    """Whether the scheduler or the world may still have something to do with the pod."""
    return pod.terminating or pod.phase == "Pending" or (pod.phase == "Running" and not pod.ready)


def outstanding(cluster: Cluster, pods: Iterable[Key], assume: Assumptions) -> list[Pod]:
    """The pods, among those that may have changed, that the world has something to answer to."""
    found = (pod for key in pods if isinstance(pod := cluster.get(key), Pod))
    return [p for p in found if _goes(p, assume) or (_starts(p, assume) and _has_node(cluster, p))]


def _has_node(cluster: Cluster, pod: Pod) -> bool:
    """Whether the pod's node is there, whose kubelet starts it; nobody starts it elsewhere."""
    return pod.phase != "Pending" or cluster.find(Node, pod.spec.node_name) is not None


def _goes(pod: Pod, assume: Assumptions) -> bool:
    """A terminating pod goes, unless a finalizer holds it."""
    if set(pod.metadata.finalizers) - _TAKEN_OFF:
        return False
    dead = pod.spec.node_name in assume.dead_nodes
    return pod.terminating and not dead and not matches(assume.never_gone, *names_of(pod))


def _starts(pod: Pod, assume: Assumptions) -> bool:
    """A bound pod that is Pending starts; one that runs already gets ready."""
    if pod.terminating or not pod.spec.node_name or pod.spec.node_name in assume.dead_nodes:
        return False
    if pod.phase == "Pending":
        return not matches(assume.never_start, *names_of(pod))
    return pod.phase == "Running" and not pod.ready and not matches(assume.never_ready, *names_of(pod))


def answer(pods: Iterable[Pod], assume: Assumptions, now: float) -> tuple[list[Object], list[Key]]:
    """What becomes of them: terminating pods are gone, the others run and are ready, or fail."""
    puts: list[Object] = []
    drops: list[Key] = []
    for pod in pods:
        if _goes(pod, assume):
            drops.append(pod.key)
        elif pod.phase == "Pending" and matches(assume.fails, *names_of(pod)):
            puts.append(_failed(pod, now))
        else:
            puts.append(running(pod, now, ready=not matches(assume.never_ready, *names_of(pod))))
    return puts, drops


def _failed(pod: Pod, now: float) -> Pod:
    kept = [condition for condition in pod.status.conditions if condition.type != "Ready"]
    ready = Condition(type="Ready", status="False", last_transition_time=timestamp(now))
    return replace(pod, status=replace(pod.status, phase="Failed", conditions=(*kept, ready)))
