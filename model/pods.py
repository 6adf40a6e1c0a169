"""Nodes and pods, with the fields that some rule or command looks at."""

from __future__ import annotations

import msgspec

from foretell.model.affinity import Affinity, SchedulingGate, TopologySpreadConstraint
from foretell.model.meta import Object
from foretell.model.selectors import Taint, Toleration

IntOrPercent = int | str


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel", gc=False):
    """The base of everything inside an object."""


class Condition(Part, frozen=True, kw_only=True):
    """One observed condition of a pod or a workload."""

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


class NodeCondition(Condition, frozen=True, kw_only=True):
    """One observed condition of a node."""

    last_heartbeat_time: str | None = None


class NodeStatus(Part, frozen=True, kw_only=True):
    """What a node has and how it is."""

    capacity: dict[str, str | int | float] = {}
    allocatable: dict[str, str | int | float] = {}
    conditions: tuple[NodeCondition, ...] = ()


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


class Volume(Part, frozen=True, kw_only=True, eq=False):
    """A volume of a pod; only claims and empty directories are looked at, and make two volumes differ."""

    name: str = ""
    persistent_volume_claim: ClaimSource | None = None
    empty_dir: dict[str, object] | None = None

    @property
    def looked_at(self) -> bool:
        """Whether the volume is a claim or an empty directory."""
        return self.persistent_volume_claim is not None or self.empty_dir is not None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Volume) or self.looked_at != other.looked_at:
            return False
        return not self.looked_at or (self.name, self.persistent_volume_claim, self.empty_dir) == (
            other.name, other.persistent_volume_claim, other.empty_dir
        )  # fmt: skip

    def __hash__(self) -> int:
        return hash((self.name, self.persistent_volume_claim)) if self.looked_at else hash(Volume)


class PodSpec(Part, frozen=True, kw_only=True):
    """What a pod runs, and where it may."""

    node_name: str = ""
    node_selector: dict[str, str] = {}
    affinity: Affinity | None = None
    tolerations: tuple[Toleration, ...] = ()
    containers: tuple[Container, ...] = ()
    init_containers: tuple[Container, ...] = ()
    overhead: dict[str, str | int | float] = {}
    resources: Resources = Resources()
    host_network: bool = False
    hostname: str = ""
    subdomain: str = ""
    restart_policy: str = ""
    scheduler_name: str = ""
    priority: int = 0
    preemption_policy: str = ""
    topology_spread_constraints: tuple[TopologySpreadConstraint, ...] = ()
    scheduling_gates: tuple[SchedulingGate, ...] = ()
    termination_grace_period_seconds: int | None = None
    volumes: tuple[Volume, ...] = ()


class Terminated(Part, frozen=True, kw_only=True):
    """How a container has ended."""

    exit_code: int = 0
    finished_at: str | None = None


class ContainerState(Part, frozen=True, kw_only=True):
    """What a container is at; its end alone is looked at."""

    terminated: Terminated | None = None


class ContainerStatus(Part, frozen=True, kw_only=True):
    """How a container is."""

    name: str = ""
    restart_count: int = 0
    state: ContainerState = ContainerState()


class PodStatus(Part, frozen=True, kw_only=True):
    """How a pod is."""

    phase: str = ""
    reason: str = ""
    nominated_node_name: str = ""
    container_statuses: tuple[ContainerStatus, ...] = ()
    init_container_statuses: tuple[ContainerStatus, ...] = ()
    conditions: tuple[Condition, ...] = ()
    start_time: str | None = None


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
        for condition in self.status.conditions:
            if condition.type == "Ready":
                return condition
        return None

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
    def confined_to(self) -> str:
        """The node that the required affinity names and nothing else, as daemon pods have it; or empty."""
        affinity = self.spec.affinity and self.spec.affinity.node_affinity
        terms = affinity.required.node_selector_terms if affinity and affinity.required else ()
        if len(terms) != 1 or terms[0].match_expressions or len(terms[0].match_fields) != 1:
            return ""
        return self.pinned_to

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
