"""Claims, volumes and storage classes."""

from __future__ import annotations

import msgspec

from foretell.model.affinity import NodeSelector
from foretell.model.meta import Object
from foretell.model.pods import Part, Resources


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


class VolumeAffinity(Part, frozen=True, kw_only=True):
    """The nodes from which a volume can be reached."""

    required: NodeSelector | None = None


class VolumeSpec(Part, frozen=True, kw_only=True):
    """What a volume is; the node affinity pins its pods."""

    access_modes: tuple[str, ...] = ()
    storage_class_name: str = ""
    capacity: dict[str, str | int | float] = msgspec.field(default_factory=dict)
    claim_ref: dict[str, object] | None = None
    node_affinity: VolumeAffinity | None = None


class PersistentVolume(Object, frozen=True, kw_only=True):
    """A piece of storage."""

    spec: VolumeSpec = VolumeSpec()


class StorageClass(Object, frozen=True, kw_only=True):
    """How volumes are made for claims."""

    provisioner: str = ""
    volume_binding_mode: str = ""
