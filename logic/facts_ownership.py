"""The facts of owners that go, of what depends on them, and of claims that are being deleted."""

from __future__ import annotations

from foretell.logic import vocabulary as v
from foretell.logic.memory import Memory
from foretell.model.cluster import Cluster
from foretell.model.meta import Object
from foretell.model.objects import PersistentVolumeClaim, Pod

FOREGROUND, ORPHAN = "foregroundDeletion", "orphan"
CLAIM_PROTECTION = "kubernetes.io/pvc-protection"


def object_id(thing: Object) -> str:
    """An object as the rules of the garbage collector call it."""
    return f"{thing.kind}/{thing.key.path}"


def ownership_facts(cluster: Cluster, memory: Memory) -> list[str]:
    """The facts of the owners that the collector minds, and of claims on their way out."""
    lines: list[str] = []
    dependents = {thing.key: thing for uid in memory.owners for thing in cluster.owned_by(uid)}
    uids = set(memory.owners)
    for key in sorted(dependents):
        thing = dependents[key]
        name = object_id(thing)
        if thing.terminating:
            lines.append(v.LEAVING(name))
        for owner in thing.metadata.owner_references:
            uids.add(owner.uid)
            lines.append(v.DEPENDENT(name, owner.uid))
            if owner.block_owner_deletion:
                lines.append(v.BLOCKS_OWNER(name, owner.uid))
    for uid in sorted(uids):
        owner_object = cluster.by_uid(uid)
        if owner_object is None:
            lines.append(v.ABSENT(uid))
        elif owner_object.terminating and FOREGROUND in owner_object.metadata.finalizers:
            lines.append(v.WAITS_FOR_DEPENDENTS(uid))
        elif owner_object.terminating and ORPHAN in owner_object.metadata.finalizers:
            lines.append(v.LEAVES_ORPHANS(uid))
    for claim in cluster.all(PersistentVolumeClaim):
        if claim.terminating:
            lines.append(v.CLAIM_TERMINATING(claim.key.path))
            if _in_use(cluster, claim):
                lines.append(v.CLAIM_IN_USE(claim.key.path))
    return lines


def _in_use(cluster: Cluster, claim: PersistentVolumeClaim) -> bool:
    """Whether a pod that is bound to a node, in any phase, mounts the claim."""
    return any(
        pod.spec.node_name and claim.name in pod.claims
        for pod in cluster.all(Pod)
        if pod.namespace == claim.namespace
    )
