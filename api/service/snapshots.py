"""A snapshot as it is served: a cluster at a revision, or after a dry run, and its way to the workers."""

from __future__ import annotations

from dataclasses import dataclass

from foretell.api.solver.questions import Base
from foretell.api.store.values import ClusterInfo
from foretell.model.cluster import Cluster


@dataclass(frozen=True)
class Snapshot:
    """A cluster as it was at a revision; `number` is None where it was never stored."""

    info: ClusterInfo
    number: int | None
    cluster: Cluster
    base: Base

    @property
    def name(self) -> str:
        """The name of the cluster."""
        return self.info.name

    @property
    def stamp(self) -> str:
        """What cursors of this snapshot are marked with: its cluster and its revision."""
        return f"{self.info.id}@{'dry-run' if self.number is None else self.number}"


def edition_of(info: ClusterInfo) -> int:
    """A number that no other newest snapshot of this name has, not of a cluster made after a deletion either.

    Later ones have larger numbers, as ids of clusters are never given twice.
    """
    return (info.id << 32) + info.head


def base_of(info: ClusterInfo, number: int) -> Base:
    """How workers are asked about a revision."""
    return Base(cluster=info.id, revision=number, kubernetes=info.kubernetes, gates=dict(info.gates))
