"""In which order a ReplicaSet's pods go when there are too many: what the rules have to know of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from foretell.logic import vocabulary as v
from foretell.logic.facts_replicas import number_in, replicas_of
from foretell.logic.seen import Rows
from foretell.logic.vocabulary import Term
from foretell.model.clock import seconds
from foretell.model.cluster import Cluster
from foretell.model.meta import Key
from foretell.model.objects import ContainerStatus, Pod, ReplicaSet

COST = "controller.kubernetes.io/pod-deletion-cost"
_NANOSECONDS = 1_000_000_000
_FIRST_DIGITS = tuple("123456789")
Rank = Callable[[Pod], Rows]
"""What the order in which a ReplicaSet's pods go looks at."""


def ranking(
    cluster: Cluster, workload: ReplicaSet, name: Term, pods: list[Pod], now: float
) -> tuple[list[str], Rank | None]:
    """What the order of going looks at, for facts of the ReplicaSet and of each pod.

    Where there are no more pods than are wanted, that is nothing: none will go.
    Source: Kubernetes controller_utils.go (`ActivePodsWithRanks`) and replica_set.go
    (`getPodsRankedByRelatedPodsOnSameNode`).
    """
    wanted = replicas_of(workload)
    if len(pods) <= wanted or sum(1 for pod in pods if not pod.terminating and not pod.finished) <= wanted:
        return [], None
    moments: dict[int, set[str]] = {}
    for pod in pods:
        if pod.ready:
            since = _ready_since(pod)
            moments.setdefault(power_of(since, now), set()).add(since or "")
    crowds = _crowds(cluster, workload)

    def rank(pod: Pod) -> Rows:
        created = pod.metadata.creation_timestamp
        rows: list[tuple[object, ...]] = [
            (v.AGE_POWER, power_of(created, now)),
            (v.RESTARTS, _most(pod.status.container_statuses), _most(_sidecars(pod))),
        ]
        cost = pod.metadata.annotations.get(COST, "")
        if cost == "0" or cost.removeprefix("-")[:1] in _FIRST_DIGITS:
            number = number_in(pod, COST)
            rows += [] if number is None else [(v.DELETION_COST, number)]
        if pod.ready:
            rows.append((v.READY_POWER, power_of(_ready_since(pod), now)))
        if crowds is not None:
            rows.append((v.CROWDED, crowds[pod.spec.node_name]))
        return tuple(rows)

    several = sorted(power for power, found in moments.items() if len(found) > 1)
    return [v.SEVERAL_MOMENTS(name, power) for power in several], rank


def _crowds(cluster: Cluster, workload: ReplicaSet) -> Mapping[str, int] | None:
    """How many active pods of the ReplicaSets of the same controller each node has; None without one."""
    reference = workload.metadata.controller
    if reference is None:
        return None
    sets = (thing for thing in cluster.owned_by(reference.uid) if isinstance(thing, ReplicaSet))
    related = {key: pod for thing in sets for key, pod in _related(cluster, thing)}
    return Counter(pod.spec.node_name for pod in related.values() if not pod.terminating and not pod.finished)


def _related(cluster: Cluster, workload: ReplicaSet) -> Iterator[tuple[Key, Pod]]:
    """The pods that a ReplicaSet controls, and those without an owner that bear its labels."""
    yield from cluster.owned_pods(workload.metadata.uid)
    selector = workload.spec.selector
    for thing in cluster.orphans(workload.namespace):
        if isinstance(thing, Pod) and selector and selector.match_labels.items() <= thing.labels.items():
            yield thing.key, thing


def _sidecars(pod: Pod) -> Iterator[ContainerStatus]:
    names = {container.name for container in pod.spec.init_containers if container.restart_policy == "Always"}
    return (status for status in pod.status.init_container_statuses if status.name in names)


def _most(statuses: Iterable[ContainerStatus]) -> int:
    return max((status.restart_count for status in statuses), default=0)


def _ready_since(pod: Pod) -> str | None:
    condition = pod.ready_condition
    return condition.last_transition_time if condition is not None else None


def power_of(since: str | None, now: float) -> int:
    """The power of two that the nanoseconds since a moment reach; -1 where none has passed or none is known.

    Source: Kubernetes controller_utils.go (`logarithmicRankDiff`).
    """
    passed = 0 if since is None else int((now - seconds(since)) * _NANOSECONDS)
    return passed.bit_length() - 1 if passed > 0 else -1
