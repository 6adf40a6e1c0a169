"""The text of placements: nodes grouped by what they say, ranks with their ties, the best of a batch."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from foretell.api.cli.tables import table
from foretell.api.telling.placements import reason_text
from foretell.model.forecast import Because
from foretell.model.placement import Best, NodeVerdict, Placing

_FEW, _MANY = 3, 12


def placing_text(told: Placing, nodes: Collection[str], *, everything: bool) -> str:
    """What every node says of a pod: first those that would take it, by points, then the others."""
    shown = [one for one in told.verdicts if not nodes or one.node in nodes]
    feasible = sorted(
        (one for one in shown if one.feasible),
        key=lambda one: (-(one.points or 0), one.node != told.node, one.node),
    )
    others = [one for one in shown if not one.feasible]
    parts = [_head(told)]
    if feasible:
        rows = [
            (str(rank), one.node, str(one.points), "chosen" if one.node == told.node else _tie(one, told))
            for rank, one in _ranked(feasible)
        ]
        shown_rows = rows if everything or len(rows) <= _MANY else rows[: _MANY - 1]
        parts.append(_indented(table(("RANK", "NODE", "POINTS", ""), shown_rows)))
        if len(shown_rows) < len(rows):
            parts.append(f"  … and {len(rows) - len(shown_rows):,} more that would take it (--all)\n")
    if others:
        grouped = [(one.node, one) for one in others] if everything else _grouped(others)
        rows2 = [(names, "; ".join(map(reason_text, one.reasons))) for names, one in grouped]
        parts.append(_indented(table(("NODE", "AGAINST IT"), rows2)))
    return "".join(parts)


def _head(told: Placing) -> str:
    pod = f"pod/{told.pod} in namespace {told.namespace}"
    if told.node:
        ties = f" (one of {len(told.ties)} with as many points)" if len(told.ties) > 1 else ""
        return f"{pod}: goes to {told.node}{ties}\n"
    if told.gates:
        return f"{pod}: waits until its scheduling gates are gone: {', '.join(told.gates)}\n"
    if told.preempts and not told.preempts.victims:
        return f"{pod}: waits for room on {told.preempts.node}, until pods that are leaving it are gone\n"
    if told.preempts:
        victims = ", ".join(f"pod/{name}" for name in told.preempts.victims)
        return f"{pod}: waits for room on {told.preempts.node}, from where it drives off {victims}\n"
    return f"{pod}: fits nowhere\n  {told.sentence}\n"


def _tie(one: NodeVerdict, told: Placing) -> str:
    return "tie" if one.node in told.ties else ""


def _ranked(feasible: Iterable[NodeVerdict]) -> Iterable[tuple[int, NodeVerdict]]:
    """Nodes with their ranks; those with as many points share one."""
    rank, points = 0, None
    for place, one in enumerate(feasible, start=1):
        if one.points != points:
            rank, points = place, one.points
        yield rank, one


def _grouped(others: Iterable[NodeVerdict]) -> list[tuple[str, NodeVerdict]]:
    """Nodes that say the same, in the order of the first of each group."""
    groups: dict[tuple[Because, ...], list[NodeVerdict]] = {}
    for one in others:
        groups.setdefault(one.reasons, []).append(one)
    return [(names_of([one.node for one in group]), group[0]) for group in groups.values()]


def names_of(nodes: Sequence[str]) -> str:
    """The first few of some names, and how many more there are."""
    more = f" and {len(nodes) - _FEW:,} more" if len(nodes) > _FEW else ""
    return ", ".join(nodes[:_FEW]) + more


def _indented(text: str) -> str:
    return "".join(f"  {line}".rstrip() + "\n" for line in text.splitlines())


def best_text(best: Best) -> str:
    """The best placement of a batch."""
    count = len(best.assignments)
    if not count:
        return "no pod waits for a node\n"
    placed = count - best.pending
    lines = [
        f"{placed:,} of {count:,} pods find a node; the scheduler would leave {best.greedy_pending:,} pending"
    ]
    if best.proven:
        lines.append("no placement is better")
    else:
        least = f"at least {best.pending_at_least:,} have to stay pending"
        lines.append(f"not proven best, {least}: more --seconds may find a better one")
    if best.coarse:
        lines.append("amounts were rounded, so that a little room may be left unused")
    rows = [(f"pod/{one.pod}", one.namespace, one.node or "(pending)") for one in best.assignments]
    listed = _indented(table(("POD", "NAMESPACE", "NODE"), rows)) if rows else ""
    return "\n".join(lines) + "\n" + listed
