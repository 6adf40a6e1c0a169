"""A derivation as a tree: each step with its rule, down to the fields that the user wrote."""

from __future__ import annotations

from collections.abc import Iterator

from foretell.model.explanation import Step


def tree_lines(step: Step, indent: str) -> Iterator[str]:
    """The lines of a derivation from the top."""
    yield f"{indent}{_told(step)}"
    yield from _beneath(step, indent)


def _beneath(step: Step, indent: str) -> Iterator[str]:
    for place, one in enumerate(step.because, start=1):
        last = place == len(step.because)
        yield f"{indent}{'└─' if last else '├─'} {_told(one)}"
        yield from _beneath(one, f"{indent}{'   ' if last else '│  '}")


def _told(step: Step) -> str:
    if step.rule is not None:
        return f"{step.holds}  [{step.rule.file}:{step.rule.line}]"
    if step.source is not None:
        return f"{step.holds}  = {step.source.object} {step.source.path}"
    return step.holds
