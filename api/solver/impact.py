"""The impact of a forecast: what becomes of pods, and how few of each workload are ready on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from foretell.api.solver.questions import Impact, PodFate, WorkloadImpact
from foretell.api.telling.invented import Names
from foretell.logic.order import natural
from foretell.model.belonging import pods_of
from foretell.model.cluster import Cluster
from foretell.model.forecast import Forecast
from foretell.model.meta import Key
from foretell.model.objects import Pod, ReplicaSet

_MOST_FATES = 1000
_SETS = "ReplicaSet"
Identity = tuple[str, str, str, str]
"""A pod's workload, namespace, name or node, and place among those alike."""


def impact_of(forecast: Forecast, names: Names, origin: Cluster) -> Impact:
    """What a forecast changes, held against the cluster before any change.

    A daemon pod is the same one if it is on the same node, any other if it has the same name. What a
    Deployment's ReplicaSets have made counts as the Deployment's, as users see it.
    """
    keys = [key for key in origin.differing(forecast.after) if key.kind == "Pod"]
    before = _pods(origin, keys)
    # What has lost its owner meanwhile is still the same pod.
    owners = {pod.metadata.uid: owner for (owner, *_), pod in before.items() if pod.metadata.uid}
    after = _pods(forecast.after, keys, owners)
    fates = [
        fate
        for identity in sorted({*before, *after}, key=_order)
        if (fate := _fate(identity[0], before.get(identity), after.get(identity), names)) is not None
    ]
    counts = Counter(fate.fate for fate in fates)
    touched = {(fate.workload, fate.namespace) for fate in fates if fate.workload}
    return Impact(
        gone=counts["gone"],
        appeared=counts["appeared"],
        moved=counts["moved"],
        replaced=counts["replaced"],
        fates=tuple(fates[:_MOST_FATES]),
        workloads=tuple(_rows(forecast, origin, touched)),
    )


def _order(identity: Identity) -> tuple[str, str, tuple[tuple[str, int], ...], str]:
    workload, namespace, name, place = identity
    return workload, namespace, natural(name), place


def _owner(cluster: Cluster, pod: Pod) -> str:
    """What a pod belongs to: of a ReplicaSet's pods its Deployment, if it has one."""
    owner = pod.metadata.controller
    if owner is None:
        return ""
    replicaset = cluster.find(ReplicaSet, owner.name, pod.namespace) if owner.kind == _SETS else None
    above = replicaset.metadata.controller if replicaset is not None else None
    # A dump may leave Deployments out.
    if above is not None and Key(above.kind, pod.namespace, above.name) in cluster:
        owner = above
    return f"{owner.kind}/{owner.name}"


def _place(pod: Pod) -> str:
    return pod.spec.node_name or pod.pinned_to


def _birth(pod: Pod) -> tuple[str, str | None]:
    """What tells a pod from one before it; uids that forecasts invent alone don't, from one to the next."""
    return pod.metadata.uid, pod.metadata.creation_timestamp


def _pods(
    cluster: Cluster, keys: Iterable[Key], owners: Mapping[str, str] | None = None
) -> dict[Identity, Pod]:
    """The pods of these keys, by identity; `owners` are what those of some uids are known to belong to."""
    known = owners or {}
    found: dict[Identity, Pod] = {}
    for key in sorted(keys):
        pod = cluster.get(key)
        if not isinstance(pod, Pod):
            continue
        owner = known[pod.metadata.uid] if pod.metadata.uid in known else _owner(cluster, pod)
        name = _place(pod) if owner.startswith("DaemonSet/") else pod.name
        identity = (owner, pod.namespace, name, "")
        # Two pods of a DaemonSet on one node are told apart by their names.
        found[identity if identity not in found else (*identity[:3], pod.name)] = pod
    return found


def _fate(workload: str, before: Pod | None, after: Pod | None, names: Names) -> PodFate | None:
    fate: Literal["gone", "appeared", "moved", "replaced"]
    pod = after or before
    assert pod is not None
    if before is None or after is None:
        fate = "gone" if after is None else "appeared"
    elif before.spec.node_name and before.spec.node_name != after.spec.node_name:
        fate = "moved"
    elif _birth(before) != _birth(after):
        fate = "replaced"
    else:
        return None
    return PodFate(
        fate=fate,
        workload=workload,
        namespace=pod.namespace,
        name=names.pod(pod.namespace, pod.name)[0],
        before=_place(before) if before else "",
        after=_place(after) if after else "",
    )


def _rows(
    forecast: Forecast, origin: Cluster, touched: Iterable[tuple[str, str]]
) -> Iterable[WorkloadImpact]:
    for workload, namespace in sorted(touched):
        kind, _, name = workload.partition("/")
        states = (origin, *forecast.states, forecast.after)
        pods = [_of(state, kind, namespace, name) for state in states]
        ready = [sum(pod.ready and not pod.terminating for pod in some) for some in pods]
        yield WorkloadImpact(
            workload=workload,
            namespace=namespace,
            pods_before=len(pods[0]),
            pods_after=len(pods[-1]),
            ready_before=ready[0],
            ready_after=ready[-1],
            lowest_ready=min(ready),
        )


def _of(cluster: Cluster, kind: str, namespace: str, name: str) -> Sequence[Pod]:
    """A workload's pods; one that is gone has none, for its pods have lost their owner's uid."""
    workload = cluster.get(Key(kind, namespace, name))
    return () if workload is None else pods_of(cluster, workload)
