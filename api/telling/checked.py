"""A report on policies as a JSON document, whose schema is versioned (docs/policy.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from foretell.api.telling.invented import Names
from foretell.api.telling.kinds import called
from foretell.model.forecast import Forecast
from foretell.model.meta import Key
from foretell.model.policy import Finding, Judged, Level, Report

FORMAT: Literal["foretell.check/1"] = "foretell.check/1"


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    pass


class CheckedObject(_Part, frozen=True, kw_only=True):
    """The object that a finding is about; a name that ends in `-*` can't be known before."""

    kind: str
    namespace: str
    name: str


class CheckedFinding(_Part, frozen=True, kw_only=True):
    """A finding, and when it holds: `waves` are first and last ones of stretches, counted from 1."""

    level: Level
    line: int
    subject: str
    object: CheckedObject | None
    message: str
    waves: tuple[tuple[int, int], ...]
    outcome: bool
    before: bool
    every: bool


class CheckedPolicy(_Part, frozen=True, kw_only=True):
    """A policy: `result` is the worst that was found."""

    name: str
    source: str
    line: int
    title: str
    help: str
    result: Literal["ok", "warned", "denied"]
    findings: tuple[CheckedFinding, ...]


class CheckDocument(_Part, frozen=True, kw_only=True):
    """A report on policies over so many waves of a forecast, and over so many orders (0: that one alone)."""

    format: Literal["foretell.check/1"]
    denied: bool
    waves: int
    orders: int
    complete: bool
    policies: tuple[CheckedPolicy, ...]
    notes: tuple[str, ...]


def check_document(report: Report, forecast: Forecast, names: Names) -> CheckDocument:
    """The document of a report on a forecast."""
    return CheckDocument(
        format=FORMAT,
        denied=report.denied,
        waves=len(forecast.waves),
        orders=report.orders,
        complete=report.complete,
        policies=tuple(_policy(policy, names) for policy in report.policies),
        notes=report.notes,
    )


def _policy(policy: Judged, names: Names) -> CheckedPolicy:
    return CheckedPolicy(
        name=policy.name, source=policy.source, line=policy.line, title=policy.title, help=policy.help,
        result=result_of(policy), findings=tuple(_finding(finding, names) for finding in policy.findings),
    )  # fmt: skip


def result_of(policy: Judged) -> Literal["ok", "warned", "denied"]:
    """The worst that was found."""
    return "denied" if policy.denied else "warned" if policy.findings else "ok"


def _finding(finding: Finding, names: Names) -> CheckedFinding:
    key = finding.object
    return CheckedFinding(
        level=finding.level, line=finding.line, subject=finding.subject,
        object=key and CheckedObject(kind=key.kind, namespace=key.namespace, name=names.object(key)),
        message=finding.message, waves=tuple((span.first, span.last) for span in finding.waves),
        outcome=finding.outcome, before=finding.before, every=finding.every,
    )  # fmt: skip


def caller(names: Names, namespace: str) -> Callable[[Key], str]:
    """How objects are called in sentences, as seen from a namespace."""

    def call(key: Key) -> str:
        name = names.object(key)
        path = name if key.namespace in ("", namespace) else f"{key.namespace}/{name}"
        return called(f"{key.kind}/{path}")

    return call


def sentence(finding: Finding) -> str:
    """Subject and message in one."""
    return f"{finding.subject}: {finding.message}" if finding.message else finding.subject


def when(finding: Finding) -> str:
    """When a finding holds, such as `waves 1-2 and 5, in the end; as before`."""
    spans = [
        f"{each.first}" if each.first == each.last else f"{each.first}-{each.last}" for each in finding.waves
    ]
    parts = []
    if spans:
        several = len(spans) > 1 or "-" in spans[0]
        listed = " and ".join(filter(None, (", ".join(spans[:-1]), spans[-1])))
        parts.append(f"wave{'s' if several else ''} {listed}")
    if finding.outcome:
        parts.append("in the end")
    besides = ["as before"] if finding.before else []
    besides += [] if finding.every else ["in some orders"]
    return "; ".join([", ".join(parts), *besides])
