"""What is written of Jobs, their pods and the CronJobs that start them."""

from __future__ import annotations

from foretell.logic.round import Round


def write_jobs(work: Round) -> None:
    """Jobs that are started, counted, ended or forgotten."""
