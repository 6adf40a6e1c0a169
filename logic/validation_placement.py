"""Validation of what decides where pods run: taints, tolerations, affinity, spread."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from foretell.logic.field_errors import duplicate, forbidden, invalid, not_supported, required
from foretell.logic.validation_meta import Errors, label_errors, name_errors, selector_errors, value_errors
from foretell.model.faults import EFFECTS
from foretell.model.parts import mapping, mappings
from foretell.model.syntax import key_problems, name_problems, value_problems

_SOFT = "preferredDuringSchedulingIgnoredDuringExecution"
_HARD = "requiredDuringSchedulingIgnoredDuringExecution"
_OPERATOR = "not a valid selector operator"
_NO_VALUES = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
_POSITIVE = "must be greater than zero"
_DECIMAL = "must be a valid decimal integer in canonical form"


def placement_errors(spec: dict[str, Any], path: str, gates: Set[str]) -> Errors:
    """Errors of a pod spec's placement. Source: Kubernetes core/validation.go `ValidatePodSpec`."""
    yield from label_errors(spec.get("nodeSelector"), f"{path}.nodeSelector")
    yield from _affinity_errors(mapping(spec, "affinity"), f"{path}.affinity")
    yield from _spread_errors(spec, f"{path}.topologySpreadConstraints")
    if spec.get("nodeName"):
        yield from name_errors(str(spec["nodeName"]), f"{path}.nodeName", name_problems)
    yield from toleration_errors(spec, f"{path}.tolerations", gates)


def taint_errors(spec: dict[str, Any], path: str) -> Errors:
    """Errors of a node's taints. Source: core/validation.go `validateNodeTaints`."""
    seen: set[tuple[str, str]] = set()
    for index, taint in enumerate(mappings(spec, "taints")):
        place = f"{path}[{index}]"
        key, value, effect = (str(taint.get(field, "")) for field in ("key", "value", "effect"))
        yield from name_errors(key, f"{place}.key", key_problems)
        problems = value_problems(value)
        if problems:
            yield invalid(f"{place}.value", value, ";".join(problems))
        if not effect:
            yield required(f"{place}.effect")
        elif effect not in EFFECTS:
            yield not_supported(f"{place}.effect", effect, EFFECTS)
        if (key, effect) in seen:
            shown = {"Key": key, "Value": value, "Effect": effect, "TimeAdded": taint.get("timeAdded")}
            yield duplicate(place, shown, "taints must be unique by key and effect pair")
        seen.add((key, effect))


def toleration_errors(spec: dict[str, Any], path: str, gates: Set[str]) -> Errors:
    """Errors of tolerations. Source: core/validation.go `ValidateTolerations`."""
    for index, toleration in enumerate(mappings(spec, "tolerations")):
        place = f"{path}[{index}]"
        key, operator, value, effect = (
            str(toleration.get(field, "")) for field in ("key", "operator", "value", "effect")
        )
        if key:
            yield from name_errors(key, f"{place}.key", key_problems)
        elif operator != "Exists":
            detail = (
                'operator must be Exists when `key` is empty, which means "match all values and all keys"'
            )
            yield invalid(f"{place}.operator", operator, detail)
        if toleration.get("tolerationSeconds") is not None and effect != "NoExecute":
            yield invalid(
                f"{place}.effect", effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"
            )
        yield from _operator_errors(operator, value, place, gates)
        if effect and effect not in EFFECTS:
            yield not_supported(f"{place}.effect", effect, EFFECTS)


def _operator_errors(operator: str, value: str, place: str, gates: Set[str]) -> Errors:
    if operator in ("", "Equal"):
        problems = value_problems(value)
        if problems:
            yield invalid(f"{place}.operator", value, ";".join(problems))
    elif operator == "Exists":
        if value:
            yield invalid(f"{place}.operator", value, "value must be empty when `operator` is 'Exists'")
    elif operator not in ("Lt", "Gt"):
        yield not_supported(f"{place}.operator", operator, ("Equal", "Exists"))
    elif "TaintTolerationComparisonOperators" not in gates:
        yield not_supported(f"{place}.operator", operator, ("Equal", "Exists", "Lt", "Gt"))
    elif not _is_decimal(value):
        yield invalid(f"{place}.value", value, _DECIMAL if value else "must be non-empty")


def _is_decimal(value: str) -> bool:
    digits = value.removeprefix("-")
    return value == "0" or (digits.isascii() and digits.isdigit() and digits[0] != "0" and len(digits) < 20)


def _affinity_errors(affinity: dict[str, Any], path: str) -> Errors:
    nodes = mapping(affinity, "nodeAffinity")
    if isinstance(nodes.get(_HARD), dict):
        terms = list(mappings(nodes[_HARD], "nodeSelectorTerms"))
        place = f"{path}.nodeAffinity.{_HARD}.nodeSelectorTerms"
        if not terms:
            yield required(place, "must have at least one node selector term")
        for index, term in enumerate(terms):
            yield from _node_term_errors(term, f"{place}[{index}]", strict=True)
    for index, preference in enumerate(mappings(nodes, _SOFT)):
        place = f"{path}.nodeAffinity.{_SOFT}[{index}]"
        yield from _weight_errors(preference, place)
        yield from _node_term_errors(mapping(preference, "preference"), f"{place}.preference", strict=False)
    for field in ("podAffinity", "podAntiAffinity"):
        pods = mapping(affinity, field)
        for index, term in enumerate(mappings(pods, _HARD)):
            yield from _pod_term_errors(term, f"{path}.{field}.{_HARD}[{index}]")
        for index, preference in enumerate(mappings(pods, _SOFT)):
            place = f"{path}.{field}.{_SOFT}[{index}]"
            yield from _weight_errors(preference, place)
            yield from _pod_term_errors(mapping(preference, "podAffinityTerm"), f"{place}.podAffinityTerm")


def _weight_errors(preference: dict[str, Any], path: str) -> Errors:
    weight = preference.get("weight", 0)
    if not isinstance(weight, int) or not 0 < weight <= 100:
        yield invalid(f"{path}.weight", weight, "must be in the range 1-100")


def _pod_term_errors(term: dict[str, Any], path: str) -> Errors:
    """Source: core/validation.go `validatePodAffinityTerm`."""
    yield from selector_errors(term.get("labelSelector"), f"{path}.labelSelector")
    key = str(term.get("topologyKey", ""))
    if not key:
        yield required(f"{path}.topologyKey", "can not be empty")
    yield from name_errors(key, f"{path}.topologyKey", key_problems)


def _node_term_errors(term: dict[str, Any], path: str, *, strict: bool) -> Errors:
    """Source: core/validation.go `ValidateNodeSelectorTerm`; preferences may have odd values."""
    for index, requirement in enumerate(mappings(term, "matchExpressions")):
        place = f"{path}.matchExpressions[{index}]"
        operator, values = requirement.get("operator", ""), requirement.get("values", [])
        if operator in ("In", "NotIn"):
            if not values:
                yield required(f"{place}.values", "must be specified when `operator` is 'In' or 'NotIn'")
        elif operator in ("Exists", "DoesNotExist"):
            if values:
                yield forbidden(f"{place}.values", _NO_VALUES)
        elif operator in ("Gt", "Lt"):
            if len(values) != 1:
                yield required(
                    f"{place}.values", "must be specified single value when `operator` is 'Lt' or 'Gt'"
                )
        else:
            yield invalid(f"{place}.operator", operator, _OPERATOR)
        yield from name_errors(str(requirement.get("key", "")), f"{place}.key", key_problems)
        for position, value in enumerate(values if strict else ()):
            yield from value_errors(value, f"{place}.values[{position}]")
    for index, requirement in enumerate(mappings(term, "matchFields")):
        place = f"{path}.matchFields[{index}]"
        if requirement.get("operator") not in ("In", "NotIn"):
            yield invalid(f"{place}.operator", requirement.get("operator", ""), _OPERATOR)
        elif len(requirement.get("values", [])) != 1:
            detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
            yield required(f"{place}.values", detail)
        if requirement.get("key") != "metadata.name":
            yield invalid(f"{place}.key", requirement.get("key", ""), "not a valid field selector key")


def _spread_errors(spec: dict[str, Any], path: str) -> Errors:
    """Source: core/validation.go `validateTopologySpreadConstraints`."""
    seen: set[tuple[str, str]] = set()
    for index, constraint in enumerate(mappings(spec, "topologySpreadConstraints")):
        place = f"{path}[{index}]"
        skew, key, policy = (
            constraint.get("maxSkew", 0),
            constraint.get("topologyKey", ""),
            constraint.get("whenUnsatisfiable", ""),
        )
        if not isinstance(skew, int) or skew <= 0:
            yield invalid(f"{place}.maxSkew", skew, _POSITIVE)
        if not key:
            yield required(f"{place}.topologyKey", "can not be empty")
        else:
            yield from name_errors(str(key), f"{place}.topologyKey", key_problems)
        if policy not in ("DoNotSchedule", "ScheduleAnyway"):
            yield not_supported(f"{place}.whenUnsatisfiable", policy, ("DoNotSchedule", "ScheduleAnyway"))
        if (str(key), str(policy)) in seen:
            shown = f"{{{key}, {policy}}}"
            yield duplicate(f"{place}.{{topologyKey, whenUnsatisfiable}}", shown)
        seen.add((str(key), str(policy)))
        domains = constraint.get("minDomains")
        if isinstance(domains, int) and domains <= 0:
            yield invalid(f"{place}.minDomains", domains, _POSITIVE)
        if domains is not None and policy != "DoNotSchedule":
            detail = f"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {policy}"
            yield invalid(f"{place}.minDomains", domains, detail)
        for field in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
            if constraint.get(field, "Honor") not in ("Honor", "Ignore"):
                yield not_supported(f"{place}.{field}", constraint[field], ("Honor", "Ignore"))
        yield from selector_errors(constraint.get("labelSelector"), f"{place}.labelSelector")
