"""The facts of ReplicaSets and Deployments."""

from __future__ import annotations

from foretell.logic import vocabulary as v
from foretell.logic.vocabulary import Term
from foretell.model.cluster import Cluster
from foretell.model.objects import Deployment, ReplicaSet


def replicaset_facts(cluster: Cluster, workload: ReplicaSet, name: Term) -> list[str]:
    """What is wanted of a ReplicaSet."""
    return [v.REPLICASET(name)]


def deployment_facts(cluster: Cluster, workload: Deployment, name: Term, now: float) -> list[str]:
    """What is wanted of a Deployment, and its ReplicaSets."""
    return [v.DEPLOYMENT(name)]
