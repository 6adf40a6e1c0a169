"""How rows of the suite are printed."""

from __future__ import annotations

from typing import Any

_COMPARED = (
    f"{'nodes':>6} {'ds':>4} {'sts':>5} {'pods':>10}  {'answer':<7}{'agrees':<7}"
    f"{'Foretell':>11} {'naive':>19} {'plain':>19} {'loop':>19} {'- loop':>11}"
)
HEADS = {
    "desired": f"The desired pod set: ms (median), times as long as Foretell (median/least)\n{_COMPARED}",
    "growth": f"The same workloads on more and more nodes\n{_COMPARED}",
    "memory": (
        "A read cluster\n"
        f"{'nodes':>6} {'pods':>8} {'file, MB':>9} {'resident, B a pod':>18} {'traced, B a pod':>16}"
    ),
    "forecasts": (
        "Whole forecasts\n"
        f"{'':<30} {'nodes':>6} {'pods':>8} {'runs':>5} {'p50, s':>9} {'p95, s':>9}"
        f" {'waves':>6} {'actions':>8}"
    ),
}


def line(section: str, row: dict[str, Any]) -> str:
    """One row of a section as a line."""
    if section == "memory":
        return (
            f"{row['nodes']:>6} {row['pods']:>8} {row['file_mb']:>9.1f}"
            f" {row['resident_bytes_a_pod']:>18} {row['traced_bytes_a_pod']:>16}"
        )
    return _forecast(row) if section == "forecasts" else _comparison(row)


def factor_line(row: dict[str, Any]) -> str:
    """How one size compares with the one before, as a line."""
    return (
        f"  {row['answer']:<7} {row['to_nodes']:>6,} nodes take {row['median']:.1f} times as long as"
        f" {row['from_nodes']:,} (least times: {row['least']:.1f})"
    )


def _comparison(row: dict[str, Any]) -> str:
    own = row["times"]["foretell"]["median_ms"]
    cells = [f"{own:>11.2f}"]
    for way in ("naive", "plain", "loop"):
        if way in row["times"]:
            ratio = row["ratios"][way]
            cells.append(
                f"{row['times'][way]['median_ms']:>9.2f} {ratio['median']:>4.3g}/{ratio['least']:<4.3g}"
            )
        else:
            cells.append(f"{'skipped':>19}")
    more = own - row["times"]["loop"]["median_ms"]
    told = "".join(f"  ({reason})" for reason in dict.fromkeys(row["skipped"].values()))
    return (
        f"{row['nodes']:>6} {row['daemonsets']:>4} {row['statefulsets']:>5} {row['pods']:>10}  "
        f"{row['answer']:<7}{'yes' if row['agrees'] else 'NO':<7}{' '.join(cells)} {more:>+11.2f}{told}"
    )


def _forecast(row: dict[str, Any]) -> str:
    times = [f"{row[name]:9.3f}" if row[name] is not None else f"{'-':>9}" for name in ("p50_s", "p95_s")]
    note = f"  {row['note']}" if row["note"] else ""
    return (
        f"{row['measure']:<30} {row['nodes']:>6} {row['pods']:>8} {row['runs']:>5} {' '.join(times)}"
        f" {row['waves']:>6} {row['actions']:>8}{note}"
    )
