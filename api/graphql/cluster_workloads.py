"""The workloads of a cluster in GraphQL: all together, and kind by kind."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any

import strawberry

from foretell.api.graphql import selecting
from foretell.api.graphql.daemonsets import DaemonSetObject
from foretell.api.graphql.enums import closed
from foretell.api.graphql.jobs import CronJobObject, JobObject
from foretell.api.graphql.lists import listed
from foretell.api.graphql.replicas import DeploymentObject, ReplicaSetObject
from foretell.api.graphql.statefulsets import StatefulSetObject
from foretell.api.graphql.workloads import Workload
from foretell.api.service.snapshots import Snapshot
from foretell.model.meta import Object


# In alphabetical order, as the list of all workloads is in that of keys.
@closed(
    "A kind of workloads.",
    {
        "CRON_JOB": "Jobs at the times of a schedule.",
        "DAEMON_SET": "One pod on every eligible node.",
        "DEPLOYMENT": "Pods that are all alike, replaced bit by bit when their template changes.",
        "JOB": "Pods that run to their end.",
        "REPLICA_SET": "A number of pods that are all alike.",
        "STATEFUL_SET": "Pods with stable names and claims.",
    },
)
class WorkloadKind(StrEnum):
    """A kind of workloads."""

    CRON_JOB = "CronJob"
    DAEMON_SET = "DaemonSet"
    DEPLOYMENT = "Deployment"
    JOB = "Job"
    REPLICA_SET = "ReplicaSet"
    STATEFUL_SET = "StatefulSet"


def _chosen(
    self: ClusterWorkloads,
    kinds: Sequence[str],
    namespace: str | None,
    labels: str | None,
    fields: str | None,
    owner: str | None,
) -> Sequence[Object]:
    """The workloads of some kinds that are asked for."""
    return selecting.chosen(
        [workload for kind in kinds for workload in self.snapshot.cluster.of_kind(kind)],
        selecting.in_namespace(namespace),
        selecting.controlled_by(owner),
        selecting.labelled(labels),
        selecting.with_fields(fields, *kinds),
    )


def _each(kind: WorkloadKind, rows: type[Workload], description: str) -> Any:
    """The list of one kind of workloads."""

    def resolve(
        self: ClusterWorkloads,
        namespace: selecting.Namespace = None,
        label_selector: selecting.Labels = None,
        field_selector: selecting.Fields = None,
        owner: selecting.Owner = None,
    ) -> Sequence[Object]:
        return _chosen(self, (kind,), namespace, label_selector, field_selector, owner)

    return listed(rows, description)(resolve)


@strawberry.type(description="The workloads of a cluster.")
class ClusterWorkloads:
    """The part of a cluster that lists its workloads."""

    snapshot: strawberry.Private[Snapshot]

    @listed(Workload, "All workloads, by kind, namespace and name.")
    def workloads(
        self,
        namespace: selecting.Namespace = None,
        label_selector: selecting.Labels = None,
        field_selector: selecting.Fields = None,
        kind: Annotated[
            WorkloadKind | None, strawberry.argument(description="Only workloads of this kind.")
        ] = None,
        owner: selecting.Owner = None,
    ) -> Sequence[Object]:
        """The workloads."""
        kinds = [kind] if kind is not None else list(WorkloadKind)
        return _chosen(self, kinds, namespace, label_selector, field_selector, owner)

    daemon_sets = _each(WorkloadKind.DAEMON_SET, DaemonSetObject, "The DaemonSets, by namespace and name.")
    stateful_sets = _each(
        WorkloadKind.STATEFUL_SET, StatefulSetObject, "The StatefulSets, by namespace and name."
    )
    deployments = _each(WorkloadKind.DEPLOYMENT, DeploymentObject, "The Deployments, by namespace and name.")
    replica_sets = _each(
        WorkloadKind.REPLICA_SET, ReplicaSetObject, "The ReplicaSets, by namespace and name."
    )
    jobs = _each(WorkloadKind.JOB, JobObject, "The Jobs, by namespace and name.")
    cron_jobs = _each(WorkloadKind.CRON_JOB, CronJobObject, "The CronJobs, by namespace and name.")
