"""An explanation as text: the answer, each reason with its fields, and on request the rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import click

from foretell.api.cli.groups import some
from foretell.api.cli.lines import SYMBOLS
from foretell.api.cli.why_tree import tree_lines
from foretell.api.telling.counts import counted
from foretell.api.telling.kinds import called, noun
from foretell.api.telling.reasons import WORDS
from foretell.model.explanation import Act, Awaited, Explanation, Ground, Group, Source
from foretell.model.forecast import Action, Verb

_MOST_GROUPS = 12
_FEW_FIELDS = 3
_LONGEST_VALUE = 48


def why_text(told: Explanation, *, tree: bool, full: bool, everything: bool) -> str:
    """The answer and the reasons; `full` with rules, all fields and remedies, a tree with the derivations."""
    style = _Style(tree=tree, full=full or everything, everything=everything)
    lines = [click.style(f"{told.answer}.", bold=True)]
    if told.said:
        lines.append(f"  the scheduler says: {told.said}")
    for ground in told.grounds:
        lines += style.ground(ground, "  ")
    groups = told.groups if everything else told.groups[:_MOST_GROUPS]
    for group in groups:
        lines += style.group(group)
    if len(groups) < len(told.groups):
        left = sum(len(group.nodes) for group in told.groups[len(groups) :])
        lines.append(f"  … and {counted(left, 'more node')} that say something else (--all)")
    lines += style.acts(told.acts)
    if told.more:
        lines += ["", f"… and {counted(told.more, 'more action')} (--all, or --wave N for one wave)"]
    return "\n".join(lines) + "\n"


class _Style:
    """How much is told of each reason."""

    def __init__(self, *, tree: bool, full: bool, everything: bool) -> None:
        self.tree, self.full, self.everything = tree, full, everything

    def ground(self, ground: Ground, indent: str) -> Iterator[str]:
        """A reason in two lines: what it says, and the fields that it stands on."""
        code = click.style(f"{ground.code.value}:", fg="yellow")
        yield f"{indent}{code} {ground.sentence}"
        yield from self._details(ground, f"{indent}  ")

    def _details(self, ground: Ground, indent: str) -> Iterator[str]:
        if self.full:
            for source in ground.sources:
                yield f"{indent}{_field(source, longest=None)}"
        elif fields := _fields(ground.sources):
            yield click.style(f"{indent}{fields}", dim=True)
        if (self.full or self.tree) and ground.rule is not None:
            rule = ground.rule
            yield f"{indent}by {rule.file}:{rule.line}: {rule.law}"
        if self.full and ground.remedy:
            yield f"{indent}until {ground.remedy}"
        if self.tree:
            for step in ground.because:
                yield from tree_lines(step, indent)

    def group(self, group: Group) -> Iterator[str]:
        """Nodes that say the same, and what."""
        count = len(group.nodes)
        names = ", ".join(group.nodes) if self.everything else some(group.nodes)
        yield f"  {counted(count, 'node')}: {names}"
        for ground in group.grounds:
            yield from self.ground(ground, "    ")

    def acts(self, acts: Iterable[Act]) -> Iterator[str]:
        """Actions by waves, each with what it waited for and what waits for it."""
        wave = 0
        for act in acts:
            if act.wave != wave:
                wave = act.wave
                yield from ("", click.style(f"Wave {wave}, +{act.at:g}s", bold=True))
            action = act.action
            place = f" on {action.node}" if action.node else ""
            what = f"{_verb(action)} {noun(action.kind)} {action.name}{place}{_size(action)}"
            yield f"  {act.number:>2} {SYMBOLS[action.verb]} {what}  ({WORDS[action.reason]})"
            if act.waited_for:
                yield f"       after {'; '.join(map(_awaited, _telling(act.waited_for)))}"
            if act.next:
                yield f"       then {', '.join(map(str, act.next))}"
            if self.full or self.tree:
                yield from self._details(act.ground, "       ")


def _verb(action: Action) -> str:
    return "scale" if action.verb is Verb.UPDATE and action.replicas is not None else action.verb


def _size(action: Action) -> str:
    """How many replicas a ReplicaSet is to have."""
    if action.replicas is None:
        return ""
    return (
        f", with {counted(action.replicas, 'replica')}"
        if action.verb is Verb.CREATE
        else f" to {action.replicas:,}"
    )


def _fields(sources: tuple[Source, ...]) -> str:
    """The first few fields in one line."""
    few = [_field(source, longest=_LONGEST_VALUE) for source in sources[:_FEW_FIELDS]]
    return "; ".join((*few, *["…"] * (len(sources) > _FEW_FIELDS)))


def _field(source: Source, *, longest: int | None) -> str:
    """A field with its value, or without one that is too long."""
    name = f"{called(source.object)} {source.path}"
    if not source.value:
        return f"{name} (not set)"
    if longest is not None and len(source.value) > longest:
        return name
    return f"{name} = {source.value}"


def _telling(awaited: Sequence[Awaited]) -> list[Awaited]:
    """What says most: of a pod that is ready, or no longer, not its phase as well."""
    told = {one.object for one in awaited if one.path.startswith("status.conditions")}
    return [one for one in awaited if one.path != "status.phase" or one.object not in told]


def _awaited(one: Awaited) -> str:
    """What was waited for, in a few words."""
    name = called(one.object)
    if one.seconds:
        return f"{one.seconds:g} s have passed"
    if not one.path:
        return f"{name} is gone"
    if one.path == "metadata.name":
        return f"{name} is there"
    if one.path.startswith("status.conditions") and one.path.endswith(".status"):
        return f"{name} {'is' if one.after == 'True' else 'is no longer'} ready"
    field = one.path.removeprefix("status.").removeprefix("spec.")
    return f"{name} {field} is {one.after or 'gone'}" + (f" (was {one.before})" if one.before else "")
