"""The kinds of objects that Foretell understands, with the fields that some rule or command looks at."""

from __future__ import annotations

import msgspec

from foretell.model.kinds import group_of, is_foreign
from foretell.model.meta import Key, Object
from foretell.model.selectors import Affinity, LabelSelector, Taint, Toleration

IntOrPercent = int | str


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The base of everything inside an object."""


class Condition(Part, frozen=True, kw_only=True):
    """One observed condition of a node or a pod."""

    type: str
    status: str
    reason: str = ""
    message: str = ""
    last_transition_time: str | None = None


# --- nodes --------------------------------------------------------------------------------------------


class NodeSpec(Part, frozen=True, kw_only=True):
    """What is wanted of a node."""

    taints: tuple[Taint, ...] = ()
    unschedulable: bool = False
    provider_id: str = msgspec.field(default="", name="providerID")


class NodeStatus(Part, frozen=True, kw_only=True):
    """What a node has and how it is."""

    capacity: dict[str, str | int | float] = {}
    allocatable: dict[str, str | int | float] = {}
    conditions: tuple[Condition, ...] = ()


class Node(Object, frozen=True, kw_only=True):
    """A machine that runs pods."""

    spec: NodeSpec = NodeSpec()
    status: NodeStatus = NodeStatus()

    def condition(self, kind: str) -> str:
        """The status of a condition: `True`, `False` or `Unknown`; empty where it isn't reported."""
        return next((c.status for c in self.status.conditions if c.type == kind), "")


# --- pods ---------------------------------------------------------------------------------------------


class Resources(Part, frozen=True, kw_only=True):
    """What a container asks for and is held to."""

    requests: dict[str, str | int | float] = {}
    limits: dict[str, str | int | float] = {}


class ContainerPort(Part, frozen=True, kw_only=True):
    """A port of a container; placement looks at host ports alone."""

    container_port: int = 0
    host_port: int = 0
    host_ip: str = msgspec.field(default="", name="hostIP")
    protocol: str = "TCP"


class Container(Part, frozen=True, kw_only=True):
    """One container of a pod."""

    name: str = ""
    image: str = ""
    resources: Resources = Resources()
    ports: tuple[ContainerPort, ...] = ()
    restart_policy: str = ""


class ClaimSource(Part, frozen=True, kw_only=True):
    """A volume's reference to a claim."""

    claim_name: str


class Volume(Part, frozen=True, kw_only=True):
    """A volume of a pod; placement looks at claims alone."""

    name: str = ""
    persistent_volume_claim: ClaimSource | None = None
    empty_dir: dict[str, object] | None = None


class PodSpec(Part, frozen=True, kw_only=True):
    """What a pod runs, and where it may."""

    node_name: str = ""
    node_selector: dict[str, str] = {}
    affinity: Affinity | None = None
    tolerations: tuple[Toleration, ...] = ()
    containers: tuple[Container, ...] = ()
    init_containers: tuple[Container, ...] = ()
    overhead: dict[str, str | int | float] = {}
    host_network: bool = False
    hostname: str = ""
    subdomain: str = ""
    restart_policy: str = ""
    scheduler_name: str = ""
    priority: int = 0
    termination_grace_period_seconds: int | None = None
    volumes: tuple[Volume, ...] = ()


class PodStatus(Part, frozen=True, kw_only=True):
    """How a pod is."""

    phase: str = ""
    reason: str = ""
    conditions: tuple[Condition, ...] = ()
    start_time: str | None = None
    pod_ip: str = msgspec.field(default="", name="podIP")


class Pod(Object, frozen=True, kw_only=True):
    """A pod; an empty phase reads as Pending, which is what the API server fills in."""

    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()

    @property
    def phase(self) -> str:
        """`status.phase`."""
        return self.status.phase or "Pending"

    @property
    def ready_condition(self) -> Condition | None:
        """The pod's Ready condition, if it has one."""
        return next((c for c in self.status.conditions if c.type == "Ready"), None)

    @property
    def ready(self) -> bool:
        """Whether the Ready condition is True (the phase isn't looked at)."""
        condition = self.ready_condition
        return condition is not None and condition.status == "True"

    @property
    def finished(self) -> bool:
        """Whether the pod has ended: Succeeded or Failed."""
        return self.status.phase in ("Succeeded", "Failed")

    @property
    def pinned_to(self) -> str:
        """The node that a required affinity names, as daemon pods have it; empty where there is none.

        Source: Kubernetes daemonset_util.go `GetTargetNodeName`.
        """
        affinity = self.spec.affinity and self.spec.affinity.node_affinity
        for term in affinity.required.node_selector_terms if affinity and affinity.required else ():
            for field in term.match_fields:
                if field.key == "metadata.name" and field.operator == "In" and len(field.values) == 1:
                    return field.values[0]
        return ""

    @property
    def claims(self) -> tuple[str, ...]:
        """The names of the claims that the pod's volumes refer to."""
        return tuple(
            v.persistent_volume_claim.claim_name for v in self.spec.volumes if v.persistent_volume_claim
        )


class TemplateMeta(Part, frozen=True, kw_only=True):
    """The metadata of a template."""

    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    finalizers: tuple[str, ...] = ()


class PodTemplate(Part, frozen=True, kw_only=True):
    """What a workload's pods are stamped from."""

    metadata: TemplateMeta = TemplateMeta()
    spec: PodSpec = PodSpec()


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

    capacity: dict[str, str | int | float] = {}
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
    selector: dict[str, str] = {}


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
