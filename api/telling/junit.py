"""A report on policies in JUnit's XML: a suite for each file, a case for each policy."""

from __future__ import annotations

import re
from itertools import groupby
from xml.etree import ElementTree as ET

from foretell.api.telling.checked import sentence, when
from foretell.model.policy import Finding, Judged, Level, Report

# What XML 1.0 can't hold, however it is written.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INSTEAD = "\ufffd"


def junit_text(report: Report) -> str:
    """The report: what is denied is a failure, what is only warned of stands in the case's output."""
    root = ET.Element("testsuites", name="foretell check")
    _count(root, report.policies)
    for source, policies in groupby(report.policies, key=lambda policy: policy.source):
        cases = tuple(policies)
        suite = ET.SubElement(root, "testsuite", name=_legal(source))
        _count(suite, cases)
        for policy in cases:
            _case(suite, policy)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _count(element: ET.Element, policies: tuple[Judged, ...]) -> None:
    element.set("tests", str(len(policies)))
    element.set("failures", str(sum(policy.denied for policy in policies)))
    element.set("errors", "0")


def _case(suite: ET.Element, policy: Judged) -> None:
    case = ET.SubElement(
        suite, "testcase", name=policy.name, classname=_legal(policy.source),
        file=_legal(policy.source), line=str(policy.line),
    )  # fmt: skip
    denials = [finding for finding in policy.findings if finding.level is Level.DENY]
    if denials:
        message = policy.title or f"{policy.name} is denied"
        failure = ET.SubElement(case, "failure", message=_legal(message), type=Level.DENY.value)
        failure.text = _lines(denials)
    warnings = [finding for finding in policy.findings if finding.level is Level.WARN]
    if warnings:
        ET.SubElement(case, "system-out").text = _lines(warnings)


def _lines(findings: list[Finding]) -> str:
    return _legal("\n".join(f"{sentence(finding)} ({when(finding)})" for finding in findings))


def _legal(text: str) -> str:
    return _ILLEGAL.sub(_INSTEAD, text)
