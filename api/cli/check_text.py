"""A report on policies as text for people: a line for each policy, and its findings beneath."""

from __future__ import annotations

import click

from foretell.api.cli.groups import MOST_ALIKE
from foretell.api.cli.tables import table
from foretell.api.telling.checked import result_of, sentence, when
from foretell.api.telling.counts import counted
from foretell.logic.policy.lexing import plain
from foretell.logic.policy.sources import library, read_policies
from foretell.logic.policy.wording import words_of
from foretell.model.forecast import Forecast
from foretell.model.policy import Judged, Level, Report

_COLOURS = {"ok": "green", "warned": "yellow", "denied": "red"}
_WIDEST = max(map(len, _COLOURS))


def check_text(report: Report, forecast: Forecast, *, everything: bool = False, quiet: bool = False) -> str:
    """The report; of many findings against a policy the first few, unless everything is to be told."""
    lines: list[str] = []
    width = max((len(policy.name) for policy in report.policies), default=0)
    for policy in report.policies:
        if policy.findings or not quiet:
            lines += _policy(policy, width, everything=everything)
    if not quiet or report.findings or not report.complete:
        lines += ["", _sum(report, forecast)]
    return "".join(f"{line}\n" for line in lines)


def _policy(policy: Judged, width: int, *, everything: bool) -> list[str]:
    result = result_of(policy)
    mark = click.style(f"{result:<{_WIDEST}}", fg=_COLOURS[result], bold=True)
    lines = [f"{mark}  {policy.name:<{width}}  {policy.title}".rstrip()]
    most = len(policy.findings) if everything else MOST_ALIKE
    several = len({finding.level for finding in policy.findings}) > 1
    for finding in policy.findings[:most]:
        level = f"{finding.level}: " if several and finding.level is Level.WARN else ""
        lines.append(f"  {level}{_legible(sentence(finding))}  ({when(finding)})")
    if len(policy.findings) > most:
        lines.append(f"  … and {len(policy.findings) - most:,} more (--all)")
    if policy.findings and policy.help:
        lines.append(click.style(f"  {policy.help}", dim=True))
    return lines


def _legible(text: str) -> str:
    """A text in which nothing steers a terminal: labels and fields may hold any character."""
    return "".join(each if each.isprintable() else "\ufffd" for each in text)


def _sum(report: Report, forecast: Forecast) -> str:
    results = [result_of(policy) for policy in report.policies]
    policies = "1 policy" if len(results) == 1 else f"{len(results):,} policies"
    over = " over ".join(filter(None, (policies, _scope(report, forecast))))
    denied, warned = results.count("denied"), results.count("warned")
    parts = [f"{denied:,} denied"] if denied else []
    parts += [f"{warned:,} warned of"] if warned else []
    return f"{over}: {', '.join(parts) or 'nothing found'}."


def _scope(report: Report, forecast: Forecast) -> str:
    """What was judged: the waves of a forecast, or orders."""
    if report.orders:
        orders = counted(report.orders, "order")
        return f"every order ({report.orders:,})" if report.complete else f"{orders}, which aren't all"
    return f"{counted(len(forecast.waves), 'wave')} and the outcome" if forecast.waves else ""


def titles_of_library() -> list[tuple[str, str]]:
    """The name of each policy of the library, and what it is for."""
    rows = []
    for policy in read_policies(library()):
        titles = words_of(plain(policy.text).notes)[0].titles
        rows.append((policy.source, titles.get(policy.source, "")))
    return rows


def library_text() -> str:
    """The library as a table."""
    return table(("NAME", "DENIES OR WARNS UNLESS"), titles_of_library())
