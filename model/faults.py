"""Faults: a field's path and what is wrong there; the small checks that objects of several kinds share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from foretell.model.errors import QuantityError
from foretell.model.quantity import parse_percent, parse_quantity
from foretell.model.selectors import LabelSelector, Requirement, Taint, Toleration
from foretell.model.syntax import is_value, key_problems, value_problems

Fault = tuple[str, str]
EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
TOLERATION_OPERATORS = ("Equal", "Exists", "Lt", "Gt")
LABEL_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")
NODE_OPERATORS = (*LABEL_OPERATORS, "Gt", "Lt")
_VALUE_RULE = "at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends"
_KEY_RULE = f"{_VALUE_RULE}, after an optional prefix/"


def label_faults(labels: Mapping[str, str], path: str) -> Iterator[Fault]:
    """Faults of labels."""
    for key, value in labels.items():
        if key_problems(key):
            yield path, f"{key!r} is no label key: expected {_KEY_RULE}"
        if not is_value(value) and value_problems(value):
            yield f"{path}.{key}", f"{value!r} is no label value: expected {_VALUE_RULE}"


def quantity_faults(quantities: Mapping[str, str | int | float], path: str) -> Iterator[Fault]:
    """Faults of a list of resources."""
    for name, quantity in quantities.items():
        try:
            parse_quantity(quantity)
        except QuantityError as error:
            yield f"{path}.{name}", str(error)


def amount_faults(amount: int | str | None, path: str) -> Iterator[Fault]:
    """Faults of a number that may be a percentage."""
    if isinstance(amount, str):
        try:
            parse_percent(amount)
        except QuantityError as error:
            yield path, str(error)
    else:
        yield from number_faults(amount, path)


def number_faults(number: int | None, path: str) -> Iterator[Fault]:
    """Faults of a number that counts something."""
    if number is not None and number < 0:
        yield path, f"{number} is below zero: expected at least 0"


def selector_faults(selector: LabelSelector | None, path: str) -> Iterator[Fault]:
    """Faults of a selector by labels."""
    if selector is not None:
        yield from label_faults(selector.match_labels, f"{path}.matchLabels")
        yield from requirement_faults(selector.match_expressions, f"{path}.matchExpressions", LABEL_OPERATORS)


def requirement_faults(
    requirements: Sequence[Requirement], path: str, operators: tuple[str, ...]
) -> Iterator[Fault]:
    """Faults of a selector's expressions."""
    for index, requirement in enumerate(requirements):
        for field, problem in _requirement(requirement, operators):
            yield f"{path}[{index}].{field}", problem


@lru_cache(maxsize=4096)
def _requirement(requirement: Requirement, operators: tuple[str, ...]) -> tuple[Fault, ...]:
    key, operator, values = requirement.key, requirement.operator, requirement.values
    if operator not in operators:
        return (("operator", f"{operator!r} is no operator: expected {one_of(operators)}"),)
    faults: list[Fault] = []
    if key_problems(key):
        faults.append(("key", f"{key!r} is no label key: expected {_KEY_RULE}"))
    if operator in ("In", "NotIn") and not values:
        faults.append(("values", f"missing field: {operator} expects at least one value"))
    if operator in ("Exists", "DoesNotExist") and values:
        faults.append(("values", f"{operator} expects no values"))
    if operator in ("Gt", "Lt") and len(values) != 1:
        faults.append(("values", f"{operator} expects one value"))
    return tuple(faults)


def taint_faults(taints: Sequence[Taint], path: str) -> Iterator[Fault]:
    """Faults of a node's taints."""
    seen: set[tuple[str, str]] = set()
    for index, taint in enumerate(taints):
        for field, problem in _taint(taint.key, taint.value, taint.effect):
            yield f"{path}[{index}].{field}", problem
        if (taint.key, taint.effect) in seen:
            yield (
                f"{path}[{index}]",
                f"a second taint {taint.key}:{taint.effect}: expected one for each key and effect",
            )
        seen.add((taint.key, taint.effect))


@lru_cache(maxsize=4096)
def _taint(key: str, value: str, effect: str) -> tuple[Fault, ...]:
    faults: list[Fault] = []
    if key_problems(key):
        faults.append(("key", f"{key!r} is no taint key: expected {_KEY_RULE}"))
    if value_problems(value):
        faults.append(("value", f"{value!r} is no taint value: expected {_VALUE_RULE}"))
    if effect not in EFFECTS:
        faults.append(("effect", f"{effect!r} is no taint effect: expected {one_of(EFFECTS)}"))
    return tuple(faults)


def toleration_faults(tolerations: Sequence[Toleration], path: str) -> Iterator[Fault]:
    """Faults of tolerations."""
    for index, toleration in enumerate(tolerations):
        for field, problem in _toleration(toleration):
            yield f"{path}[{index}].{field}", problem


@lru_cache(maxsize=4096)
def _toleration(toleration: Toleration) -> tuple[Fault, ...]:
    key, operator, effect = toleration.key, toleration.operator or "Equal", toleration.effect
    if operator not in TOLERATION_OPERATORS:
        return (("operator", f"{operator!r} is no operator: expected {one_of(TOLERATION_OPERATORS)}"),)
    faults: list[Fault] = []
    if effect and effect not in EFFECTS:
        faults.append(("effect", f"{effect!r} is no taint effect: expected {one_of(EFFECTS)}"))
    if not key and operator != "Exists":
        faults.append(
            ("operator", f"{operator} needs a key: expected a key, or Exists, which tolerates every taint")
        )
    if key and key_problems(key):
        faults.append(("key", f"{key!r} is no taint key: expected {_KEY_RULE}"))
    if operator == "Exists" and toleration.value:
        faults.append(("value", "Exists expects no value"))
    if toleration.toleration_seconds is not None and effect != "NoExecute":
        faults.append(("tolerationSeconds", "seconds go with the effect NoExecute alone"))
    return tuple(faults)


def one_of(names: Sequence[str]) -> str:
    """The names as a sentence lists them."""
    return " or ".join((", ".join(names[:-1]), names[-1]))
