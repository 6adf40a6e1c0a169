"""A verdict as text: how the forecast ends, what stands in the way, and what would free each."""

from __future__ import annotations

import click

from foretell.api.cli.groups import MOST_ALIKE, some
from foretell.api.cli.invented import Names
from foretell.api.cli.kinds import short_name
from foretell.model.forecast import Forecast, Obstacle, Outcome

_COLOURS = {Outcome.SETTLED: "green", Outcome.STUCK: "red", Outcome.CUT: "yellow"}
_NOUNS = {"PersistentVolumeClaim": "claim", "PodDisruptionBudget": "budget"}


def verdict_lines(forecast: Forecast, names: Names, namespace: str, *, everything: bool) -> list[str]:
    """The verdict, an obstacle to a workload in two lines; many alike ones are told together."""
    verdict = forecast.verdict
    groups: dict[tuple[str, ...], list[Obstacle]] = {}
    for obstacle in verdict.obstacles:
        alike = (obstacle.namespace, obstacle.workload, obstacle.why)
        groups.setdefault(alike, []).append(obstacle)
    lines = [
        click.style(
            _head(verdict.outcome, len(verdict.obstacles), verdict.note),
            fg=_COLOURS[verdict.outcome],
            bold=True,
        )
    ]
    for group in groups.values():
        if everything or len(group) <= MOST_ALIKE:
            for obstacle in group:
                lines += _told([obstacle], names, namespace)
        else:
            lines += _told(group, names, namespace)
    return lines


def _head(outcome: Outcome, obstacles: int, note: str) -> str:
    if outcome is Outcome.SETTLED:
        return "Settled: everything is as it is wanted."
    count = f"{obstacles:,} thing{'s stand' if obstacles > 1 else ' stands'} in the way."
    if outcome is Outcome.STUCK:
        return f"Stuck: {count}" + (f" {note}" if note else "")
    return f"Cut: {note}." + (f" {count}" if obstacles else "")


def _told(group: list[Obstacle], names: Names, namespace: str) -> list[str]:
    first = group[0]
    place = f"{first.namespace}/" if first.namespace not in ("", namespace) else ""
    workload = place + short_name(*_split(first.workload))
    if len(group) > 1:
        kind = _NOUNS.get(_split(first.on)[0], _split(first.on)[0].lower())
        things = [_object(obstacle, names) for obstacle in group]
        what = f"{workload} waits for {len(group):,} {kind}s ({some(things)}), each of which {first.sentence}"
    elif first.on == first.workload:
        what = f"{workload} {first.sentence}"
    else:
        kind = _NOUNS.get(_split(first.on)[0], _split(first.on)[0].lower())
        what = f"{workload} waits for {kind} {_object(first, names)}, which {first.sentence}"
    return [f"  {what}", click.style(f"    until {first.remedy}", dim=True)]


def _object(obstacle: Obstacle, names: Names) -> str:
    kind, name = _split(obstacle.on)
    if kind != "Pod":
        return name
    shown, node = names.pod(obstacle.namespace, name)
    return f"{shown} on {node}" if node else shown


def _split(name: str) -> tuple[str, str]:
    kind, _, rest = name.partition("/")
    return kind, rest
