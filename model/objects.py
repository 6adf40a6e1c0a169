"""The kinds of objects that Foretell understands, with the fields that some rule or command looks at."""

from __future__ import annotations

import msgspec

from foretell.model.jobs import (
    CronJob,
    CronJobSpec,
    CronJobStatus,
    ExitCodes,
    FailurePolicy,
    FailureRule,
    Job,
    JobCondition,
    JobReference,
    JobSpec,
    JobStatus,
    JobTemplate,
    PodCondition,
    SuccessPolicy,
    SuccessRule,
    Uncounted,
)
from foretell.model.kinds import group_of, is_foreign
from foretell.model.meta import Key, Object
from foretell.model.pods import (
    ClaimSource,
    Condition,
    Container,
    ContainerPort,
    ContainerState,
    ContainerStatus,
    IntOrPercent,
    Node,
    NodeCondition,
    NodeSpec,
    NodeStatus,
    Part,
    Pod,
    PodSpec,
    PodStatus,
    PodTemplate,
    Resources,
    TemplateMeta,
    Terminated,
    Volume,
)
from foretell.model.replicas import (
    Deployment,
    DeploymentBounds,
    DeploymentCondition,
    DeploymentSpec,
    DeploymentStatus,
    DeploymentStrategy,
    ReplicaSet,
    ReplicaSetSpec,
    ReplicaSetStatus,
)
from foretell.model.selectors import LabelSelector
from foretell.model.storage import (
    ClaimSpec,
    ClaimStatus,
    PersistentVolume,
    PersistentVolumeClaim,
    StorageClass,
    VolumeSpec,
)
from foretell.model.workloads import (
    ControllerRevision,
    DaemonSet,
    DaemonSetSpec,
    DaemonSetStatus,
    Ordinals,
    RetentionPolicy,
    RollingUpdate,
    StatefulSet,
    StatefulSetSpec,
    StatefulSetStatus,
    UpdateStrategy,
)

__all__ = [
    "CLUSTER_SCOPED",
    "KINDS",
    "BudgetSpec",
    "BudgetStatus",
    "ClaimSource",
    "ClaimSpec",
    "ClaimStatus",
    "Condition",
    "Container",
    "ContainerPort",
    "ContainerState",
    "ContainerStatus",
    "ControllerRevision",
    "CronJob",
    "CronJobSpec",
    "CronJobStatus",
    "DaemonSet",
    "DaemonSetSpec",
    "DaemonSetStatus",
    "Deployment",
    "DeploymentBounds",
    "DeploymentCondition",
    "DeploymentSpec",
    "DeploymentStatus",
    "DeploymentStrategy",
    "ExitCodes",
    "FailurePolicy",
    "FailureRule",
    "IntOrPercent",
    "Job",
    "JobCondition",
    "JobReference",
    "JobSpec",
    "JobStatus",
    "JobTemplate",
    "Node",
    "NodeCondition",
    "NodeSpec",
    "NodeStatus",
    "Ordinals",
    "Other",
    "Part",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Pod",
    "PodCondition",
    "PodDisruptionBudget",
    "PodOwner",
    "PodSpec",
    "PodStatus",
    "PodTemplate",
    "ReplicaSet",
    "ReplicaSetSpec",
    "ReplicaSetStatus",
    "Resources",
    "RetentionPolicy",
    "Revisioned",
    "RollingUpdate",
    "Service",
    "ServiceSpec",
    "StatefulSet",
    "StatefulSetSpec",
    "StatefulSetStatus",
    "StorageClass",
    "SuccessPolicy",
    "SuccessRule",
    "TemplateMeta",
    "Terminated",
    "Uncounted",
    "UpdateStrategy",
    "Volume",
    "VolumeSpec",
    "Workload",
]


class ServiceSpec(Part, frozen=True, kw_only=True):
    """What a service selects."""

    cluster_ip: str = msgspec.field(default="", name="clusterIP")
    selector: dict[str, str] = msgspec.field(default_factory=dict)


class Service(Object, frozen=True, kw_only=True):
    """A name for pods."""

    spec: ServiceSpec = ServiceSpec()


class BudgetSpec(Part, frozen=True, kw_only=True):
    """How many pods of a selection may be disrupted."""

    min_available: IntOrPercent | None = None
    max_unavailable: IntOrPercent | None = None
    selector: LabelSelector | None = None
    unhealthy_pod_eviction_policy: str = ""


class BudgetStatus(Part, frozen=True, kw_only=True):
    """The numbers that the disruption controller reports.

    `disrupted_pods` says when each pod was evicted that isn't known to be terminating yet.
    """

    disruptions_allowed: int = 0
    current_healthy: int = 0
    desired_healthy: int = 0
    expected_pods: int = 0
    observed_generation: int = 0
    disrupted_pods: dict[str, str] = msgspec.field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()


class PodDisruptionBudget(Object, frozen=True, kw_only=True):
    """A promise to keep pods available through evictions."""

    spec: BudgetSpec = BudgetSpec()
    status: BudgetStatus = BudgetStatus()


class Other(Object, frozen=True, kw_only=True):
    """An object of a kind that Foretell does not understand; it is kept as it is.

    A custom resource's key names its group too, as `nodes.longhorn.io` aren't nodes.
    """

    @property
    def key(self) -> Key:
        """The object's identity."""
        kind = f"{self.kind}.{group_of(self.api_version)}" if is_foreign(self.api_version) else self.kind
        return Key(kind, self.metadata.namespace, self.metadata.name)


KINDS: dict[str, type[Object]] = {
    kind.__name__: kind
    for kind in (
        Node, Pod, DaemonSet, StatefulSet, ControllerRevision, ReplicaSet, Deployment, Job, CronJob,
        PersistentVolumeClaim, PersistentVolume, StorageClass, Service, PodDisruptionBudget,
    )
}  # fmt: skip
CLUSTER_SCOPED = frozenset({
    "Node", "PersistentVolume", "StorageClass", "Namespace", "PriorityClass",
    "ClusterRole", "ClusterRoleBinding",
    "CustomResourceDefinition", "CSINode", "CSIDriver", "VolumeAttachment", "IngressClass", "RuntimeClass",
    "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "APIService",
})  # fmt: skip
Revisioned = DaemonSet | StatefulSet
"""The workloads that remember their templates as ControllerRevisions."""

PodOwner = DaemonSet | StatefulSet | ReplicaSet | Job
"""The workloads that make pods themselves."""

Workload = DaemonSet | StatefulSet | ReplicaSet | Job | Deployment | CronJob
"""Everything that, by itself or through others, makes pods."""
