"""Validation of what Jobs make of failed pods and completed indexes."""

from __future__ import annotations

from typing import Any

from foretell.logic.field_errors import FieldError, duplicate, invalid, not_supported, required, too_many
from foretell.logic.validation_meta import Errors, name_errors, number_errors
from foretell.model.indexes import runs_of
from foretell.model.parts import mapping, mappings
from foretell.model.syntax import key_problems

_ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")
_OPERATORS = ("In", "NotIn")
_STATUSES = ("False", "True", "Unknown")
_MOST_RULES = 20
_MOST_CODES = 255
_MOST_CONDITIONS = 20


def _choices(values: tuple[str, ...]) -> str:
    """How Go prints a list of texts."""
    return "valid values: [" + " ".join(f'"{value}"' for value in values) + "]"


def failure_policy_errors(spec: dict[str, Any], path: str) -> Errors:
    """Errors of a pod failure policy. Source: batch/validation.go `validatePodFailurePolicy`."""
    policy, pod = mapping(spec, "podFailurePolicy"), mapping(mapping(spec, "template"), "spec")
    names = {container.get("name") for container in mappings(pod, "containers", "initContainers")}
    rules = list(mappings(policy, "rules"))
    if len(rules) > _MOST_RULES:
        yield too_many(f"{path}.rules", len(rules), _MOST_RULES)
    for index, rule in enumerate(rules):
        place = f"{path}.rules[{index}]"
        yield from _action_errors(spec, rule.get("action"), f"{place}.action")
        codes, conditions = rule.get("onExitCodes"), list(mappings(rule, "onPodConditions"))
        if isinstance(codes, dict):
            yield from _code_errors(codes, f"{place}.onExitCodes", names)
        yield from _condition_errors(conditions, f"{place}.onPodConditions")
        if isinstance(codes, dict) and conditions:
            detail = "specifying both OnExitCodes and OnPodConditions is not supported"
            yield FieldError(place, f"Invalid value: {detail}")
        elif not isinstance(codes, dict) and not conditions:
            detail = "specifying one of OnExitCodes and OnPodConditions is required"
            yield FieldError(place, f"Invalid value: {detail}")


def _action_errors(spec: dict[str, Any], action: Any, path: str) -> Errors:
    if not action:
        yield required(path, _choices(_ACTIONS))
    elif action not in _ACTIONS:
        yield not_supported(path, action, _ACTIONS)
    elif action == "FailIndex" and spec.get("backoffLimitPerIndex") is None:
        yield invalid(path, action, "requires the backoffLimitPerIndex to be set")


def _code_errors(codes: dict[str, Any], path: str, names: set[Any]) -> Errors:
    operator, name, values = codes.get("operator"), codes.get("containerName"), codes.get("values") or []
    if not operator:
        yield required(f"{path}.operator", _choices(_OPERATORS))
    elif operator not in _OPERATORS:
        yield not_supported(f"{path}.operator", operator, _OPERATORS)
    if name is not None and name not in names:
        detail = "must be one of the container or initContainer names in the pod template"
        yield invalid(f"{path}.containerName", name, detail)
    if not values:
        yield invalid(f"{path}.values", values, "at least one value is required")
    elif len(values) > _MOST_CODES:
        yield too_many(f"{path}.values", len(values), _MOST_CODES)
    for position, value in enumerate(values):
        if operator == "In" and value == 0:
            yield invalid(f"{path}.values[{position}]", value, "must not be 0 for the In operator")
        if value in values[:position]:
            yield duplicate(f"{path}.values[{position}]", value)
    if values != sorted(values):
        yield invalid(f"{path}.values", values, "must be ordered")


def _condition_errors(conditions: list[dict[str, Any]], path: str) -> Errors:
    if len(conditions) > _MOST_CONDITIONS:
        yield too_many(path, len(conditions), _MOST_CONDITIONS)
    for position, condition in enumerate(conditions):
        place = f"{path}[{position}]"
        yield from name_errors(str(condition.get("type", "")), f"{place}.type", key_problems)
        status = condition.get("status", "True")
        if not status:
            yield required(f"{place}.status", _choices(_STATUSES))
        elif status not in _STATUSES:
            yield not_supported(f"{place}.status", status, _STATUSES)


def success_policy_errors(spec: dict[str, Any], path: str) -> Errors:
    """Errors of a success policy. Source: batch/validation.go `validateSuccessPolicy`."""
    rules = list(mappings(mapping(spec, "successPolicy"), "rules"))
    if spec.get("completionMode") != "Indexed":
        yield invalid(path, {"rules": rules}, "requires indexed completion mode")
        return
    if not rules:
        yield required(
            f"{path}.rules", "at least one rules must be specified when the successPolicy is specified"
        )
    if len(rules) > _MOST_RULES:
        yield too_many(f"{path}.rules", len(rules), _MOST_RULES)
    for index, rule in enumerate(rules):
        yield from _success_rule_errors(rule, f"{path}.rules[{index}]", spec.get("completions"))


def _success_rule_errors(rule: dict[str, Any], path: str, completions: Any) -> Errors:
    count, indexes = rule.get("succeededCount"), rule.get("succeededIndexes")
    if count is None and indexes is None:
        yield required(path, "at least one of succeededCount or succeededIndexes must be specified")
    total = None
    if isinstance(indexes, str):
        problem = _index_problem(indexes, completions)
        if problem:
            detail = f"error parsing succeededIndexes: {problem}"
            yield invalid(f"{path}.succeededIndexes", indexes, detail)
        else:
            total = sum(last - first + 1 for first, last in runs_of(indexes))
    if isinstance(count, int):
        yield from number_errors(rule, "succeededCount", path)
        if isinstance(completions, int) and count > completions:
            detail = f"must be less than or equal to {completions} (the number of specified completions)"
            yield invalid(f"{path}.succeededCount", count, detail)
        if total is not None and count > total:
            what = "the number of indexes in the specified succeededIndexes field"
            yield invalid(f"{path}.succeededCount", count, f"must be less than or equal to {total} ({what})")


def _index_problem(text: str, completions: Any) -> str:
    """What is wrong with the spelling of indexes. Source: batch/validation.go `validateIndexesFormat`."""
    last = -1
    for part in text.split(",") if text else ():
        ends = part.split("-")
        if len(ends) > 2:
            rule = "an index interval can have at most two parts separated by '-'"
            return f'the fragment "{part}" violates the requirement that {rule}'
        for end in ends:
            if not (end.isascii() and end.isdigit()):
                return f'cannot convert string to integer for index: "{end}"'
            if isinstance(completions, int) and int(end) >= completions:
                return f'too large index: "{end}"'
            if int(end) <= last:
                return f"non-increasing order, previous: {last}, current: {int(end)}"
            last = int(end)
    return ""
