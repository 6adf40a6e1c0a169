"""The kinds of objects that Foretell understands, with the fields that some rule or command looks at."""

from __future__ import annotations

import msgspec

from foretell.model.kinds import group_of, is_foreign
from foretell.model.meta import Key, Object
from foretell.model.pods import (
    ClaimSource,
    Condition,
    Container,
    ContainerPort,
    Node,
    NodeSpec,
    NodeStatus,
    Part,
    Pod,
    PodSpec,
    PodStatus,
    PodTemplate,
    Resources,
    TemplateMeta,
    Volume,
)
from foretell.model.selectors import LabelSelector

IntOrPercent = int | str


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
    "ControllerRevision",
    "DaemonSet",
    "DaemonSetSpec",
    "DaemonSetStatus",
    "IntOrPercent",
    "Node",
    "NodeSpec",
    "NodeStatus",
    "Ordinals",
    "Other",
    "Part",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Pod",
    "PodDisruptionBudget",
    "PodSpec",
    "PodStatus",
    "PodTemplate",
    "Resources",
    "RetentionPolicy",
    "RollingUpdate",
    "Service",
    "ServiceSpec",
    "StatefulSet",
    "StatefulSetSpec",
    "StatefulSetStatus",
    "StorageClass",
    "TemplateMeta",
    "UpdateStrategy",
    "Volume",
    "VolumeSpec",
    "Workload",
]


# --- workloads ----------------------------------------------------------------------------------------


class RollingUpdate(Part, frozen=True, kw_only=True):
    """The bounds of a rolling update."""

    max_unavailable: IntOrPercent | None = None
    max_surge: IntOrPercent | None = None
    partition: int | None = None


class UpdateStrategy(Part, frozen=True, kw_only=True):
    """How pods at an old revision are replaced."""

    type: str = ""
    rolling_update: RollingUpdate | None = None


class DaemonSetSpec(Part, frozen=True, kw_only=True):
    """What is wanted of a DaemonSet."""

    selector: LabelSelector | None = None
    template: PodTemplate = PodTemplate()
    update_strategy: UpdateStrategy = UpdateStrategy()
    min_ready_seconds: int = 0
    revision_history_limit: int | None = None


class DaemonSetStatus(Part, frozen=True, kw_only=True):
    """The numbers that the DaemonSet controller reports."""

    current_number_scheduled: int = 0
    number_misscheduled: int = 0
    desired_number_scheduled: int = 0
    number_ready: int = 0
    observed_generation: int = 0
    updated_number_scheduled: int = 0
    number_available: int = 0
    number_unavailable: int = 0
    collision_count: int = 0


class DaemonSet(Object, frozen=True, kw_only=True):
    """One pod on every eligible node."""

    spec: DaemonSetSpec = DaemonSetSpec()
    status: DaemonSetStatus = DaemonSetStatus()


class Ordinals(Part, frozen=True, kw_only=True):
    """Where a StatefulSet starts to count."""

    start: int = 0


class RetentionPolicy(Part, frozen=True, kw_only=True):
    """What becomes of claims: Retain or Delete."""

    when_deleted: str = ""
    when_scaled: str = ""


class ClaimSpec(Part, frozen=True, kw_only=True):
    """What is wanted of a claim."""

    access_modes: tuple[str, ...] = ()
    resources: Resources = Resources()
    storage_class_name: str | None = None
    volume_name: str = ""


class ClaimStatus(Part, frozen=True, kw_only=True):
    """How a claim is."""

    phase: str = ""


class PersistentVolumeClaim(Object, frozen=True, kw_only=True):
    """A claim to storage; an empty phase reads as Pending."""

    spec: ClaimSpec = ClaimSpec()
    status: ClaimStatus = ClaimStatus()

    @property
    def phase(self) -> str:
        """`status.phase`."""
        return self.status.phase or "Pending"


class StatefulSetSpec(Part, frozen=True, kw_only=True):
    """What is wanted of a StatefulSet."""

    replicas: int | None = None
    service_name: str = ""
    selector: LabelSelector | None = None
    template: PodTemplate = PodTemplate()
    volume_claim_templates: tuple[PersistentVolumeClaim, ...] = ()
    pod_management_policy: str = ""
    update_strategy: UpdateStrategy = UpdateStrategy()
    revision_history_limit: int | None = None
    min_ready_seconds: int = 0
    persistent_volume_claim_retention_policy: RetentionPolicy | None = None
    ordinals: Ordinals | None = None


class StatefulSetStatus(Part, frozen=True, kw_only=True):
    """The numbers that the StatefulSet controller reports."""

    observed_generation: int = 0
    replicas: int = 0
    ready_replicas: int = 0
    current_replicas: int = 0
    updated_replicas: int = 0
    available_replicas: int = 0
    current_revision: str = ""
    update_revision: str = ""
    collision_count: int = 0


class StatefulSet(Object, frozen=True, kw_only=True):
    """Pods with stable ordinals, names and claims."""

    spec: StatefulSetSpec = StatefulSetSpec()
    status: StatefulSetStatus = StatefulSetStatus()


class ControllerRevision(Object, frozen=True, kw_only=True):
    """One remembered template of a workload; the template itself is in `origin`."""

    revision: int = 0


# --- the others ---------------------------------------------------------------------------------------


class VolumeSpec(Part, frozen=True, kw_only=True):
    """What a volume is; the node affinity pins its pods."""

    capacity: dict[str, str | int | float] = msgspec.field(default_factory=dict)
    claim_ref: dict[str, object] | None = None
    node_affinity: dict[str, object] | None = None


class PersistentVolume(Object, frozen=True, kw_only=True):
    """A piece of storage."""

    spec: VolumeSpec = VolumeSpec()


class StorageClass(Object, frozen=True, kw_only=True):
    """How volumes are made for claims."""

    provisioner: str = ""
    volume_binding_mode: str = ""


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
    """The numbers that the disruption controller reports."""

    disruptions_allowed: int = 0
    current_healthy: int = 0
    desired_healthy: int = 0
    expected_pods: int = 0
    observed_generation: int = 0


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
        Node, Pod, DaemonSet, StatefulSet, ControllerRevision, PersistentVolumeClaim, PersistentVolume,
        StorageClass, Service, PodDisruptionBudget,
    )
}  # fmt: skip
CLUSTER_SCOPED = frozenset({
    "Node", "PersistentVolume", "StorageClass", "Namespace", "PriorityClass",
    "ClusterRole", "ClusterRoleBinding",
    "CustomResourceDefinition", "CSINode", "CSIDriver", "VolumeAttachment", "IngressClass", "RuntimeClass",
    "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "APIService",
})  # fmt: skip
Workload = DaemonSet | StatefulSet
