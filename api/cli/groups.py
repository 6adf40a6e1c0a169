"""Groups: alike lines of a wave are told as one, and alike rounds of waves once, lest they flood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

from foretell.api.cli.lines import Line
from foretell.api.telling.kinds import noun
from foretell.logic.order import natural
from foretell.model.forecast import Verb

MOST_ALIKE = 12
"""How many alike lines of a wave are told one by one."""
NAMED = 3
"""How many of more than that are named."""
_LONGEST_WAVE = 40
_LONGEST_ROUND = 4
_FEWEST_ROUNDS = 4


class Stretch(NamedTuple):
    """Waves that repeat: from `start`, `times` rounds of `length` waves."""

    start: int
    length: int
    times: int


def grouped(lines: Iterable[Line], most: int | None = MOST_ALIKE) -> list[list[Line]]:
    """The lines, alike ones together, as one group where there are more than `most`."""
    groups: dict[Hashable, list[Line]] = {}
    for line in lines:
        groups.setdefault(line.likeness, []).append(line)
    if most is None:
        return [[line] for group in groups.values() for line in group]
    shown = _shown(groups.values(), most)
    return shown if len(shown) <= _LONGEST_WAVE else _shown(groups.values(), NAMED)


def _shown(groups: Iterable[list[Line]], most: int) -> list[list[Line]]:
    shown: list[list[Line]] = []
    for group in groups:
        shown += [group] if len(group) > most else [[line] for line in group]
    return shown


def phrase(group: Sequence[Line], namespace: str) -> str:
    """What is said of a group, without symbol and reason."""
    first = group[0]
    if len(group) == 1:
        return first.phrase(namespace)
    place = f"{first.namespace}/" if first.namespace not in ("", namespace) else ""
    of = f" of {place}{first.owner}" if first.owner else ""
    what = f"{first.verb} {len(group):,} {noun(first.kind)}s{of}"
    unbound = ", not bound" if first.verb is Verb.CREATE and first.kind == "Pod" and not first.placed else ""
    nodes = len({line.node for line in group if line.node})
    where = (
        f" {'to' if first.verb is Verb.BIND else 'on'} {nodes:,} node{'s' if nodes > 1 else ''}"
        if nodes
        else ""
    )
    return f"{what}{where}{unbound}: {some(sorted((line.subject for line in group), key=natural))}"


def some(names: Sequence[str]) -> str:
    """The first few of many names."""
    distinct = list(dict.fromkeys(names))
    return ", ".join((*distinct[:NAMED], "…") if len(distinct) > NAMED else distinct)


def likeness(lines: Iterable[Line]) -> Hashable:
    """What alike waves have in common: how many alike lines of which kinds they have."""
    return frozenset(Counter(line.likeness for line in lines).items())


def stretches(waves: Sequence[Hashable]) -> list[Stretch]:
    """The waves, told apart by their likenesses, as stretches; what doesn't repeat often stands alone."""
    found: list[Stretch] = []
    start = 0
    while start < len(waves):
        stretch = _stretch(waves, start)
        found.append(stretch)
        start += stretch.length * stretch.times
    return found


def _stretch(waves: Sequence[Hashable], start: int) -> Stretch:
    for length in range(1, _LONGEST_ROUND + 1):
        end = start + length
        while end < len(waves) and waves[end] == waves[end - length]:
            end += 1
        times = (end - start) // length
        if times >= _FEWEST_ROUNDS:
            return Stretch(start, length, times)
    return Stretch(start, 1, 1)
