"""The facts of CronJobs: what is wanted of them, their Jobs, and the times of their schedules."""

from __future__ import annotations

from foretell.logic import vocabulary as v
from foretell.logic.memory import Memory
from foretell.logic.vocabulary import Term
from foretell.model.cluster import Cluster
from foretell.model.objects import CronJob


def cronjob_facts(cluster: Cluster, memory: Memory, workload: CronJob, name: Term, now: float) -> list[str]:
    """What is wanted of a CronJob, its Jobs, and when the next one is due."""
    return [v.CRONJOB(name)]
