"""Golden cases: facts, and all that the rules answer to them.

`python -m tests.logic.golden` writes `case.expected` anew; what it changes is to be checked against the law.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import clingo

from foretell.logic.solve import RULES

CASES = Path(__file__).parent / "rules"
"""A folder for each topic, with a folder for each case: `case.lp` and `case.expected`."""

# The rules that a topic's cases are held against; where these are no entry point a case says what it shows.
_SYNC = ("sync.lp",)
RULES_OF = {
    "affinity": ("inputs.lp", "selection.lp", "affinity.lp"),
    "bearing": ("bearing.lp",),
    "budget": ("budget.lp",),
    "claiming": _SYNC,
    "claims": _SYNC,
    "cronjob": _SYNC,
    "daemonset": _SYNC,
    "deployment": _SYNC,
    "diff": ("diff.lp",),
    "disruption": ("evict.lp",),
    "drain": ("drain.lp",),
    "eligibility": ("desired.lp",),
    "eviction": _SYNC,
    "garbage": _SYNC,
    "history": _SYNC,
    "job": _SYNC,
    "lots": ("lots.lp",),
    "neighbours": ("preempt.lp",),
    "nodes": _SYNC,
    "obstacles": ("verdict.lp",),
    "orders": ("orders.lp",),
    "policy": ("../policy/inputs.lp",),
    "progress": _SYNC,
    "queue": _SYNC,
    "reasons": ("reasons.lp",),
    "replicaset": _SYNC,
    "requeue": ("requeue.lp",),
    "rest": ("round.lp",),
    "scheduling": ("schedule.lp",),
    "scoring": ("place.lp",),
    "selection": ("inputs.lp", "selection.lp"),
    "spread": ("preempt.lp",),
    "statefulset": _SYNC,
    "terms": ("meant.lp",),
    "toleration": ("inputs.lp", "toleration.lp"),
    "victims": ("victims.lp",),
    "volumes": ("schedule.lp",),
}

OPEN = ("lots", "orders")
"""Topics whose rules leave a choice, so that a case may have several answers."""
OR = "or"
"""The line before each of several answers, after what they have in common."""

FAULTS: dict[str, str] = {}
"""Cases in which the rules don't follow the law yet."""


def case_names() -> list[str]:
    """The names of all cases, such as `daemonset/ds-12-missing`, in order."""
    return sorted(str(path.parent.relative_to(CASES)) for path in CASES.glob("*/*/case.lp"))


def answers(files: Sequence[Path], facts: str = "") -> tuple[list[str], list[list[str]]]:
    """What clingo has to say about rules and facts, and its answers: the texts of shown atoms, in order."""
    messages: list[str] = []
    control = clingo.Control(["--warn=all", "0"], logger=lambda _, text: messages.append(text))
    control.add("base", [], facts)
    for file in files:
        control.load(str(file))
    control.ground([("base", [])])
    found: list[list[str]] = []
    with control.solve(yield_=True) as handle:
        found += [sorted(map(str, model.symbols(shown=True))) for model in handle]
    return messages, found


def together(found: Sequence[Sequence[str]]) -> list[str]:
    """Answers as lines: what all have in common, then what each of several has beyond that."""
    if len(found) == 1:
        return list(found[0])
    sure = set(found[0]).intersection(*found)
    apart = sorted([atom for atom in answer if atom not in sure] for answer in found)
    return [*sorted(sure), *(line for answer in apart for line in (OR, *answer))]


def answer_of(name: str) -> list[str]:
    """The answer to a case; raises AssertionError where there are messages, or several where one is due."""
    topic = name.partition("/")[0]
    messages, found = answers([CASES / name / "case.lp", *(RULES / file for file in RULES_OF[topic])])
    assert messages == []
    assert len(found) == 1 or (found and topic in OPEN)
    return together(found)


def expected_of(name: str) -> list[str]:
    """The answer that a case is expected to have."""
    return (CASES / name / "case.expected").read_text(encoding="utf-8").splitlines()


def write_expected(name: str) -> None:
    """Take the present answer to a case for the expected one."""
    text = "".join(f"{atom}\n" for atom in answer_of(name))
    (CASES / name / "case.expected").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for each in case_names():
        if each not in FAULTS:
            write_expected(each)
