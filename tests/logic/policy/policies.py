"""What tests of policies share: judging rules that are written down in a test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from foretell.logic.policy.judging import check
from foretell.model.cluster import Cluster
from foretell.model.policy import Finding, Limits, Policy, Report

PATIENT = Limits(seconds=60.0)


def policy(text: str, source: str = "p.lp") -> Policy:
    """A policy of one file."""
    return Policy(source=source, text=text)


def report(
    cluster: Cluster,
    text: str,
    *changes: Any,
    constants: Mapping[str, str | int] | None = None,
    **assume: Any,
) -> Report:
    """The report on one file."""
    return check(cluster, [policy(text)], changes, assume, constants=constants, limits=PATIENT)


def told(found: Report) -> list[str]:
    """The findings as lines such as `deny p Pod/web-0: not ready @ 1-2 end before`."""
    return [line(finding) for finding in found.findings]


def line(finding: Finding) -> str:
    """One finding as a line."""
    spans = [
        f"{span.first}-{span.last}" if span.first < span.last else f"{span.first}" for span in finding.waves
    ]
    when = [*spans, *(["end"] if finding.outcome else []), *(["before"] if finding.before else [])]
    message = f": {finding.message}" if finding.message else ""
    return f"{finding.level} {finding.policy} {finding.subject}{message} @ {' '.join(when)}"
