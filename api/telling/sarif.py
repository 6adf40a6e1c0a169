"""A report on policies in SARIF 2.1.0, as code scanning services read it.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0, section 3.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from foretell.api.telling.checked import sentence, when
from foretell.logic.policy.sources import SUFFIX
from foretell.model.policy import Finding, Judged, Level, Report

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Level.DENY: "error", Level.WARN: "warning"}
_STDIN = "-"


def sarif_document(report: Report, *, state: str) -> dict[str, Any]:
    """The report as a log of one run: policies are its rules, findings its results in the state's file."""
    results = [
        _result(finding, policy, index, state)
        for index, policy in enumerate(report.policies)
        for finding in policy.findings
    ]
    notes = [{"level": "note", "message": {"text": note}} for note in report.notes]
    noted = {"toolExecutionNotifications": notes} if notes else {}
    run = {
        "tool": {"driver": {"name": "foretell", "rules": [_rule(policy) for policy in report.policies]}},
        "invocations": [{"executionSuccessful": True, **noted}],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(policy: Judged) -> dict[str, Any]:
    told = {"help": {"text": policy.help}} if policy.help else {}
    return {"id": policy.name, "shortDescription": {"text": policy.title or policy.name}, **told}


def _result(finding: Finding, policy: Judged, index: int, state: str) -> dict[str, Any]:
    location: dict[str, Any] = {}
    if state != _STDIN:
        location["physicalLocation"] = {"artifactLocation": {"uri": _uri(state)}}
    if finding.object is not None:
        key = finding.object
        location["logicalLocations"] = [
            {"name": key.name, "fullyQualifiedName": f"{key.kind}/{key.path}", "kind": "resource"}
        ]
    result: dict[str, Any] = {
        "ruleId": policy.name, "ruleIndex": index, "level": _LEVELS[finding.level],
        "message": {"text": f"{sentence(finding)} ({when(finding)})"},
        "locations": [location] if location else [],
        "partialFingerprints": {"finding/v1": _fingerprint(finding)},
        "properties": {
            "waves": [[span.first, span.last] for span in finding.waves],
            "outcome": finding.outcome, "before": finding.before,
        },
    }  # fmt: skip
    if policy.source.endswith(SUFFIX):
        result["relatedLocations"] = [{
            "id": 1,
            "message": {"text": "the rule that finds it"},
            "physicalLocation": {
                "artifactLocation": {"uri": _uri(policy.source)}, "region": {"startLine": finding.line},
            },
        }]  # fmt: skip
    return result


def _uri(path: str) -> str:
    """A file's address: as it was given where that is relative, so that it holds in a checkout."""
    return Path(path).as_uri() if Path(path).is_absolute() else quote(Path(path).as_posix())


def _fingerprint(finding: Finding) -> str:
    """What stays the same from run to run."""
    parts = (finding.level, finding.policy, finding.subject, finding.message)
    return sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()
