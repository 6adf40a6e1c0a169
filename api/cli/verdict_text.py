"""A verdict as text: how the forecast ends, what stands in the way, and what would free each."""

from __future__ import annotations

import click

from foretell.api.cli.groups import MOST_ALIKE, some
from foretell.api.telling.invented import Names
from foretell.api.telling.kinds import called, noun
from foretell.model.forecast import Forecast, Obstacle, Outcome

_COLOURS = {Outcome.SETTLED: "green", Outcome.STUCK: "red", Outcome.CUT: "yellow"}


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
        return "Settled: everything is as wanted." + (f" {_sentence(note)}" if note else "")
    count = f"{obstacles:,} thing{'s stand' if obstacles > 1 else ' stands'} in the way"
    if outcome is Outcome.STUCK:
        return f"Stuck: {count}." + (f" {_sentence(note)}" if note else "")
    return f"Cut: {note}." + (f" There, {count}." if obstacles else "")


def _sentence(note: str) -> str:
    return f"{note[:1].upper()}{note[1:]}."


def _told(group: list[Obstacle], names: Names, namespace: str) -> list[str]:
    """What a workload waits for; several alike things at once."""
    first = group[0]
    place = f" in namespace {first.namespace}" if first.namespace not in ("", namespace) else ""
    workload = f"{called(names.reference(first.workload, first.namespace))}{place}"
    if len(group) > 1:
        things = some([_object(obstacle, names) for obstacle in group])
        kind = noun(first.on.partition("/")[0])
        what = f"{workload} waits for {len(group):,} {kind}s ({things}), each of which {first.sentence}"
    elif first.on == first.workload:
        what = f"{workload} {first.sentence}"
    else:
        what = f"{workload} waits for {_object(first, names)}, which {first.sentence}"
    message = names.message(first)
    said = [f"    the scheduler says: {message}"] if message else []
    return [f"  {what}", *said, click.style(f"    until {first.remedy}", dim=True)]


def _object(obstacle: Obstacle, names: Names) -> str:
    kind, _, name = obstacle.on.partition("/")
    if kind != "Pod":
        return called(names.reference(obstacle.on, obstacle.namespace))
    shown, pod = names.pod(obstacle.namespace, name)
    if pod is None or not (pod.spec.node_name or pod.pinned_to):
        return f"pod {shown}"
    return (
        f"pod {shown} on {pod.spec.node_name}" if pod.spec.node_name else f"pod {shown} for {pod.pinned_to}"
    )
