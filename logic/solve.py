"""The solver: facts in, one answer out; the one module (but for policies) that imports clingo."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

import clingo

from foretell.logic.vocabulary import Argument, Term
from foretell.model.errors import RulesError

RULES = Path(__file__).resolve().parent / "rules"

# The files of entry points, in their order.
_PARTS = {
    "sync.lp": (
        "inputs", "selection", "toleration", "affinity", "eligibility", "queue", "claiming", "health",
        "history", "daemonset", "statefulset", "replicaset", "deployment", "job",
        "job_backoff", "job_end", "job_status", "job_indexes", "job_policy", "cronjob", "claims",
        "eviction", "nodes", "garbage", "show",
    ),
    "diff.lp": (
        "inputs", "selection", "toleration", "affinity", "eligibility", "queue", "claiming", "health",
        "history", "daemonset", "statefulset", "ailments", "differences",
    ),
}  # fmt: skip
# One that decides about certain facts alone is loaded only where such facts are: without them it derives
# nothing.
_SIGNS: dict[str, tuple[str, ...]] = {
    "affinity": ("daemonset(",),
    "eligibility": ("daemonset(",),
    "daemonset": ("daemonset(",),
    "statefulset": ("statefulset(",),
    "replicaset": ("replicaset(",),
    "deployment": ("deployment(",),
    "job": ("job(", "tracked("),
    "job_backoff": ("job(", "tracked("),
    "job_end": ("job(", "tracked("),
    "job_status": ("job(", "tracked("),
    "job_indexes": ("job(", "tracked("),
    "job_policy": ("job(", "tracked("),
    "cronjob": ("cronjob(",),
    "claims": ("statefulset(",),
    "eviction": ('"NoExecute"', "timer("),
    "nodes": ("condition(", "unschedulable("),
    "garbage": (
        "dependent(",
        "waits_for_dependents(",
        "leaves_orphans(",
        "lost_for(",
        "claim_terminating(",
    ),
}


def rule_files(facts: str, entry: str = "sync.lp") -> list[str]:
    """The files of sync.lp or diff.lp that have something to decide about these facts."""
    return [
        f"{name}.lp"
        for name in _PARTS[entry]
        if name not in _SIGNS or any(sign in facts for sign in _SIGNS[name])
    ]


Answer = Mapping[str, list[tuple[Argument, ...]]]
"""The shown atoms of the one answer: arguments by predicate, in no particular order."""


def _value(symbol: clingo.Symbol) -> Argument:
    kind = symbol.type
    if kind is clingo.SymbolType.String:
        return symbol.string
    if kind is clingo.SymbolType.Number:
        return symbol.number
    return Term(symbol.name, tuple(map(_value, symbol.arguments)))


def solve(files: Iterable[str], facts: str) -> Answer:
    """The one answer of rule files over facts; short questions that were asked before are not asked again.

    Raises RulesError when clingo has anything to say, or when there isn't exactly one answer: either is a
    fault in the rules or the facts.
    """
    if len(facts) <= _REMEMBERED_LENGTH:
        return _remembered(tuple(files), facts)
    return _solve(tuple(files), facts)


# Controllers are woken more often than they have anything new to see: a third of all questions repeat.
_REMEMBERED_LENGTH = 50_000


@lru_cache(maxsize=128)
def _remembered(files: tuple[str, ...], facts: str) -> Answer:
    return _solve(files, facts)


def _solve(files: tuple[str, ...], facts: str) -> Answer:
    messages: list[str] = []
    # A part of sync.lp may read what only another part derives; that all of it loads in silence is tested.
    options = ["--warn=all", "--warn=no-atom-undefined"]
    control = clingo.Control([*options, "2"], logger=lambda _, text: messages.append(text.strip()))
    try:
        control.add("base", [], facts)
        for name in files:
            control.load(str(RULES / name))
        control.ground([("base", [])])
    except RuntimeError as error:
        messages.append(str(error))
    if messages:
        raise RulesError("the rules don't load: " + " | ".join(messages))
    answers: list[dict[str, list[tuple[Argument, ...]]]] = []
    with control.solve(yield_=True) as handle:
        for model in handle:
            answer: dict[str, list[tuple[Argument, ...]]] = {}
            for symbol in model.symbols(shown=True):
                answer.setdefault(symbol.name, []).append(tuple(map(_value, symbol.arguments)))
            answers.append(answer)
    if len(answers) != 1:
        raise RulesError(f"the rules give {len(answers) or 'no'} answers where there must be one")
    return answers[0]
