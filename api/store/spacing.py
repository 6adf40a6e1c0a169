"""How far checkpoints are apart."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from foretell.api.store.engine import Database
from foretell.api.store.heads import Advanced
from foretell.api.store.writing import checkpoint
from foretell.model.cluster import Cluster
from foretell.model.errors import ForetellError

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spacing:
    """A checkpoint is due when the deltas since the last one are as large as its chunks, or too many.

    So a snapshot is never more than twice as much to read as its objects, and checkpoints at most double what
    the deltas take. `least` bytes of deltas pass in any case: small clusters are read at once anyway.
    """

    deltas: int = 2048
    least: int = 64 * 1024

    def is_due(self, *, deltas: int, pending: int, size: int) -> bool:
        """Whether so many deltas of so many bytes are enough after a checkpoint of this size."""
        return deltas >= self.deltas or pending >= max(self.least, size)


def checkpoint_if_due(database: Database, spacing: Spacing, advanced: Advanced, cluster: Cluster) -> None:
    """Store the snapshot that a commit has led to if a checkpoint is due; a failure is logged."""
    info = advanced.info
    deltas = info.head - advanced.checkpoint
    if not spacing.is_due(deltas=deltas, pending=advanced.pending, size=advanced.checkpoint_size):
        return
    try:
        checkpoint(database, advanced, cluster)
    except ForetellError as error:
        # The commit is made whatever becomes of its checkpoint; the next one tries again.
        _LOG.warning("no checkpoint at revision %d of %s: %s", info.head, info.name, error)
