"""The facts of Jobs and CronJobs."""

from __future__ import annotations

from foretell.logic import vocabulary as v
from foretell.logic.memory import Memory
from foretell.logic.vocabulary import Term
from foretell.model.cluster import Cluster
from foretell.model.objects import CronJob, Job


def job_facts(cluster: Cluster, memory: Memory, workload: Job, name: Term, now: float) -> list[str]:
    """What is wanted of a Job, and what has been counted."""
    return [v.JOB(name)]


def cronjob_facts(cluster: Cluster, memory: Memory, workload: CronJob, name: Term, now: float) -> list[str]:
    """What is wanted of a CronJob, and its Jobs."""
    return [v.CRONJOB(name)]
