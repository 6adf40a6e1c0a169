"""DaemonSets, StatefulSets and the revisions by which they remember their templates."""

from __future__ import annotations

from foretell.model.meta import Object
from foretell.model.pods import IntOrPercent, Part, PodTemplate
from foretell.model.selectors import LabelSelector
from foretell.model.storage import PersistentVolumeClaim


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
