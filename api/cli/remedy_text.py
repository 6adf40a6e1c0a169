"""Remedies as text: each with its cost, its changes as options, and what the forecast says of it."""

from __future__ import annotations

from collections import Counter
from shlex import quote

import click

from foretell.api.cli.ages import human
from foretell.api.cli.groups import MOST_ALIKE
from foretell.api.cli.notation_back import note_of
from foretell.api.cli.place_text import names_of
from foretell.api.telling.counts import counted
from foretell.api.telling.goals import goal_text, thing_text
from foretell.api.telling.kinds import called
from foretell.api.telling.placements import reason_text
from foretell.model.forecast import Obstacle
from foretell.model.remedy import Against, Edit, Remedies, Remedy, Schedulable, Unstuck

_ALONE, _TOGETHER = "This stands against it", "These stand against it together"


def remedies_text(found: Remedies, namespace: str, *, changed: bool) -> str:
    """What was found, a remedy after the other, or what stands against the goal; changes may come before."""
    when = ", after the changes and all that follows from them" if changed else ""
    head = click.style(f"Goal: {goal_text(found.goal)}{when}", bold=True)
    if found.holds:
        hint = ""
        if isinstance(found.goal, Unstuck | Schedulable):
            hint = " Pods are taken to get ready: --never-ready says which don't."
        return f"{head}\nIt holds as things go: nothing has to be changed.{hint}\n"
    lines = [head, ""]
    for number, remedy in enumerate(found.remedies, start=1):
        lines += _remedy(number, remedy, namespace)
    lines += [_sum(found)]
    if not found.remedies:
        lines += _against(found)
    return "\n".join(lines) + "\n"


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
        others = f" (or {names_of(edit.alike)}, alike)" if edit.alike else ""
        thing = f"{called(str(first))}{others}"
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
    count, sets = len(found.remedies), counted(found.tried, "set")
    if found.remedies:
        more = "" if found.complete else "; there may be more as cheap (--limit, --tries)"
        text = f"{count:,} remed{'y' if count == 1 else 'ies'}: none is cheaper{more}."
    elif not found.complete:
        text = f"None found among the cheapest {sets} of edits (--tries)."
    elif found.tried:
        text = f"No remedy: {sets} of edits might do, but by the forecast none does."
    else:
        text = "No remedy."
    return click.style(text, bold=True)


def _against(found: Remedies) -> list[str]:
    lines: list[str] = []
    for conflict in found.conflicts:
        lines.append(f"  {_ALONE if len(conflict) == 1 else _TOGETHER}:")
        lines += [f"    {text}" for text in _few([against_text(one) for one in conflict if not one.never])]
        lines += [f"    {against_text(one)}" for one in conflict if one.never]
    nearest = found.nearest
    if nearest is not None:
        lines += ["  After the cheapest of them:", *(f"    {_edit(edit)}" for edit in nearest.edits)]
    if found.refused:
        lines += ["  the API server refuses some:", f"    {found.refused}"]
    if not found.conflicts:
        lines += _waits(nearest.obstacles if nearest else found.obstacles)
    return lines


def _waits(obstacles: tuple[Obstacle, ...]) -> list[str]:
    """What stands in the way at the end of a forecast; of many the first few."""
    if not obstacles:
        return []
    told = _few([f"{called(one.on)} {one.sentence}" for one in obstacles])
    return ["  the forecast ends with:", *(f"    {text}" for text in told)]


def _few(texts: list[str]) -> list[str]:
    """The first few of many texts, and how many more there are."""
    more = len(texts) - MOST_ALIKE
    return [*texts[:MOST_ALIKE], f"… and {more:,} more"] if more > 0 else texts


def against_text(one: Against) -> str:
    """One thing that stands against a goal."""
    if one.never:
        return f"--never {quote(one.never)}"
    if one.obstacle is not None:
        return f"{called(one.obstacle.on)} {one.obstacle.sentence}"
    assert one.workload is not None
    name = thing_text(one.workload)
    if one.reason is None:
        return f"{name} has too few replicas"
    verb = "refuses" if len(one.nodes) == 1 else "refuse"
    return f"{names_of(one.nodes)} {verb} {name}: {reason_text(one.reason)}"
