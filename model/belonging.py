"""Whose objects are whose: what workloads have made, by themselves or through others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from foretell.model.cluster import Cluster
from foretell.model.meta import Object
from foretell.model.objects import CronJob, Deployment, Job, Pod, ReplicaSet


def controlled(cluster: Cluster, thing: Object) -> Iterator[Object]:
    """What an object controls, in the order of keys."""
    uid = thing.metadata.uid
    for child in cluster.owned_by(uid) if uid else ():
        owner = child.metadata.controller
        if owner is not None and owner.uid == uid:
            yield child


def replicasets_of(cluster: Cluster, deployment: Deployment) -> list[ReplicaSet]:
    """The ReplicaSets of a Deployment, in the order of keys."""
    return [child for child in controlled(cluster, deployment) if isinstance(child, ReplicaSet)]


def jobs_of(cluster: Cluster, cronjob: CronJob) -> list[Job]:
    """The Jobs of a CronJob, in the order of keys."""
    return [child for child in controlled(cluster, cronjob) if isinstance(child, Job)]


def pods_of(cluster: Cluster, workload: Object) -> Sequence[Pod]:
    """The pods of a workload or another owner, or of what it has made for them, in the order of keys."""
    owners: Sequence[Object] = (workload,)
    if isinstance(workload, Deployment):
        owners = replicasets_of(cluster, workload)
    elif isinstance(workload, CronJob):
        owners = jobs_of(cluster, workload)
    pods = [pair for owner in owners for pair in cluster.owned_pods(owner.metadata.uid)]
    return [pod for _, pod in (pods if len(owners) == 1 else sorted(pods, key=lambda pair: pair[0]))]
