"""What an object owns, as a tree: branches in order, and each object's Ready condition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from foretell.logic.order import natural
from foretell.model.cluster import Cluster
from foretell.model.documents import to_document
from foretell.model.meta import Object
from foretell.model.objects import CronJob, Deployment, Job, Pod, ReplicaSet


def children(cluster: Cluster, thing: Object) -> list[Object]:
    """What an object owns, in the order of kinds, names and namespaces."""
    owned = cluster.owned_by(thing.metadata.uid) if thing.metadata.uid else ()
    return sorted(owned, key=lambda child: (child.kind, natural(child.name), child.namespace))


def branches(
    cluster: Cluster, thing: Object, stem: str = "", twig: str = "", path: frozenset[str] = frozenset()
) -> Iterator[tuple[str, Object]]:
    """Every object below one with what is drawn before it; an object that owns itself isn't followed."""
    yield twig, thing
    if thing.metadata.uid in path:
        return
    below_it = children(cluster, thing)
    for child in below_it:
        last = child is below_it[-1]
        below = stem + ("  " if last else "│ ")
        yield from branches(
            cluster, child, below, stem + ("└─" if last else "├─"), path | {thing.metadata.uid}
        )


def ready_condition(thing: Object) -> tuple[str, str]:
    """The Ready condition's status and reason; a dash where there is none."""
    for condition in to_document(thing).get("status", {}).get("conditions", ()):
        if condition.get("type") == "Ready":
            return str(condition.get("status", "")), str(condition.get("reason", ""))
    return "-", ""


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
