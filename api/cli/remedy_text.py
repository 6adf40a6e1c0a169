"""Remedies as text: each with its cost, its changes as options, and what the forecast says of it."""

from __future__ import annotations

from collections import Counter

import click

from foretell.api.cli.ages import human
from foretell.api.cli.notation_back import note_of
from foretell.api.cli.place_text import names_of
from foretell.api.telling.counts import counted
from foretell.api.telling.goals import goal_text
from foretell.api.telling.kinds import called, short_name
from foretell.api.telling.placements import reason_text
from foretell.model.remedy import Against, Edit, Remedies, Remedy, Schedulable, Unstuck


def remedies_text(found: Remedies, namespace: str) -> str:
    """What was found, a remedy after the other, or what stands against the goal."""
    head = click.style(f"Goal: {goal_text(found.goal)}", bold=True)
    if found.holds:
        hint = " Pods are taken to get ready: --never-ready says which don't." if _waits(found) else ""
        return f"{head}\nIt holds as things go: nothing has to be changed.{hint}\n"
    lines = [head, ""]
    for number, remedy in enumerate(found.remedies, start=1):
        lines += _remedy(number, remedy, namespace)
    lines += [_sum(found)]
    if not found.remedies:
        lines += _against(found)
    return "\n".join(lines) + "\n"


def _waits(found: Remedies) -> bool:
    return isinstance(found.goal, Unstuck | Schedulable)


def _remedy(number: int, remedy: Remedy, namespace: str) -> list[str]:
    title = click.style(f"Remedy {number}, cost {remedy.cost}", bold=True)
    lines = [title]
    lines += [f"  {_edit(edit)}" for edit in remedy.edits]
    lines += [click.style(f"    {note_of(change, namespace)}", fg="green") for change in remedy.changes]
    if remedy.renewed:
        lines.append("  (pods that are made anew from the earlier template are taken to work)")
    return [*lines, f"  {_forecast(remedy)}", ""]


def _edit(edit: Edit) -> str:
    kinds = Counter(key.kind for key in edit.objects)
    names = names_of([key.name for key in edit.objects])
    first = edit.objects[0]
    if len(edit.objects) == 1:
        thing = called(str(first))
    else:
        thing = f"{first.kind.lower()}s {names}" if len(kinds) == 1 else names
    return f"{thing}: {edit.detail}"


def _forecast(remedy: Remedy) -> str:
    if remedy.waves is None or remedy.seconds is None:
        return "forecast: the goal holds"
    if not remedy.waves:
        return "forecast: the goal holds, no controller acts"
    after = f", the last after {human(remedy.seconds)}" if remedy.waves > 1 else ""
    return f"forecast: the goal holds after {counted(remedy.waves, 'wave')}{after}"


def _sum(found: Remedies) -> str:
    if found.remedies:
        count = len(found.remedies)
        which = "1 remedy" if count == 1 else f"{count:,} remedies"
        tail = (
            "none is cheaper"
            if found.complete
            else "none is cheaper; there may be more as cheap (--limit, --tries)"
        )
        return click.style(f"{which}: {tail}.", bold=True)
    if not found.complete:
        return click.style(
            f"None found among the {found.tried:,} cheapest sets of edits (--tries).", bold=True
        )
    if found.tried:
        return click.style(
            f"No remedy: of {counted(found.tried, 'set')} of edits none makes the goal true.", bold=True
        )
    return click.style("No remedy.", bold=True)


def _against(found: Remedies) -> list[str]:
    lines: list[str] = []
    for conflict in found.conflicts:
        lines.append("  stands against it:" if len(conflict) == 1 else "  stand against it together:")
        lines += [f"    {against_text(one)}" for one in conflict]
    if not found.conflicts and found.obstacles:
        lines.append("  as things go:")
        for one in found.obstacles[:12]:
            lines.append(f"    {called(one.on)} {one.sentence}")
    return lines


def against_text(one: Against) -> str:
    """One thing that stands against a goal."""
    if one.never:
        return f"--never {one.never}"
    if one.obstacle is not None:
        return f"{called(one.obstacle.on)} {one.obstacle.sentence}"
    assert one.workload is not None
    name = short_name(one.workload.kind, one.workload.name)
    if one.reason is None:
        return f"{name} has too few replicas"
    return f"{names_of(one.nodes)} refuses {name}: {reason_text(one.reason)}"
