"""Validation of amounts: numbers that may be percentages."""

from __future__ import annotations

from foretell.logic.field_errors import invalid
from foretell.logic.validation_meta import NEGATIVE, Errors
from foretell.model.meta import Json
from foretell.model.syntax import percent_problems


def amount_errors(amount: Json, path: str) -> Errors:
    """Errors of a number or a percentage. Source: apps/validation.go `ValidatePositiveIntOrPercent`."""
    if isinstance(amount, str):
        for problem in percent_problems(amount):
            yield invalid(path, amount, problem)
    elif isinstance(amount, int) and amount < 0:
        yield invalid(path, amount, NEGATIVE)


def share_errors(amount: Json, path: str) -> Errors:
    """Errors of a percentage of more than all. Source: apps/validation.go `IsNotMoreThan100Percent`."""
    if isinstance(amount, str) and not percent_problems(amount) and int(amount[:-1]) > 100:
        yield invalid(path, amount, "must not be greater than 100%")


def value_of(amount: Json) -> int:
    """The number in an amount, of percents or pieces; 0 where there is none."""
    digits = str(amount).removesuffix("%")
    return int(digits) if digits.removeprefix("-").isdecimal() else 0
