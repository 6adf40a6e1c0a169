"""ReplicaSets, and the Deployments that make them."""

from __future__ import annotations

from foretell.model.meta import Object
from foretell.model.pods import Condition, IntOrPercent, Part, PodTemplate
from foretell.model.selectors import LabelSelector


class ReplicaSetSpec(Part, frozen=True, kw_only=True):
    """What is wanted of a ReplicaSet."""

    replicas: int | None = None
    selector: LabelSelector | None = None
    template: PodTemplate = PodTemplate()
    min_ready_seconds: int = 0


class ReplicaSetStatus(Part, frozen=True, kw_only=True):
    """The numbers that the ReplicaSet controller reports."""

    replicas: int = 0
    fully_labeled_replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    terminating_replicas: int | None = None
    observed_generation: int = 0
    conditions: tuple[Condition, ...] = ()


class ReplicaSet(Object, frozen=True, kw_only=True):
    """A number of pods that are all alike."""

    spec: ReplicaSetSpec = ReplicaSetSpec()
    status: ReplicaSetStatus = ReplicaSetStatus()


class DeploymentBounds(Part, frozen=True, kw_only=True):
    """How many pods a roll-out may have too many, and too few."""

    max_unavailable: IntOrPercent | None = None
    max_surge: IntOrPercent | None = None


class DeploymentStrategy(Part, frozen=True, kw_only=True):
    """How pods of an old template are replaced."""

    type: str = ""
    rolling_update: DeploymentBounds | None = None


class DeploymentSpec(Part, frozen=True, kw_only=True):
    """What is wanted of a Deployment."""

    replicas: int | None = None
    selector: LabelSelector | None = None
    template: PodTemplate = PodTemplate()
    strategy: DeploymentStrategy = DeploymentStrategy()
    min_ready_seconds: int = 0
    revision_history_limit: int | None = None
    paused: bool = False
    progress_deadline_seconds: int | None = None


class DeploymentCondition(Condition, frozen=True, kw_only=True):
    """One observed condition of a Deployment."""

    last_update_time: str | None = None


class DeploymentStatus(Part, frozen=True, kw_only=True):
    """The numbers that the Deployment controller reports."""

    observed_generation: int = 0
    replicas: int = 0
    updated_replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    unavailable_replicas: int = 0
    terminating_replicas: int | None = None
    collision_count: int = 0
    conditions: tuple[DeploymentCondition, ...] = ()


class Deployment(Object, frozen=True, kw_only=True):
    """Pods that are all alike and are replaced bit by bit when their template changes."""

    spec: DeploymentSpec = DeploymentSpec()
    status: DeploymentStatus = DeploymentStatus()
