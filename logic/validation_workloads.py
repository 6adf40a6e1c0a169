"""Validation of DaemonSets and StatefulSets."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from foretell.logic.field_errors import forbidden, invalid, not_supported, required
from foretell.logic.validation_amounts import amount_errors, share_errors, value_of
from foretell.logic.validation_meta import (
    IMMUTABLE,
    Errors,
    name_errors,
    number_errors,
    selector_errors,
    selector_shown,
    selects,
)
from foretell.logic.validation_pods import template_errors
from foretell.logic.validation_storage import claim_spec_errors
from foretell.model.meta import Json
from foretell.model.parts import mapping, mappings
from foretell.model.syntax import label_problems

_MUTABLE = (
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
)
_STRATEGIES = ("RollingUpdate", "OnDelete")


def daemonset_errors(document: dict[str, Any], gates: Set[str]) -> Errors:
    """Errors of a DaemonSet. Source: Kubernetes apps/validation.go `ValidateDaemonSetSpec`."""
    spec = mapping(document, "spec")
    yield from selector_errors(spec.get("selector"), "spec.selector")
    yield from match_errors(spec)
    yield from empty_selector_errors(spec, "daemonset")
    yield from template_errors(mapping(spec, "template"), "spec.template", gates)
    yield from always_errors(spec, "DaemonSet")
    yield from number_errors(spec, "minReadySeconds", "spec")
    strategy = mapping(spec, "updateStrategy")
    if strategy.get("type") not in _STRATEGIES:
        shown = {
            "Type": strategy.get("type", ""),
            "RollingUpdate": rolling_shown(strategy, "MaxUnavailable", "MaxSurge"),
        }
        yield not_supported("spec.updateStrategy", shown, _STRATEGIES)
    elif strategy["type"] == "RollingUpdate":
        yield from _rolling_errors(mapping(strategy, "rollingUpdate"), "spec.updateStrategy.rollingUpdate")
    yield from number_errors(spec, "revisionHistoryLimit", "spec")


def daemonset_update_errors(old: dict[str, Any], new: dict[str, Any], gates: Set[str]) -> Errors:
    """Errors of a change of a DaemonSet. Source: apps/validation.go `ValidateDaemonSetUpdate`."""
    yield from daemonset_errors(new, gates)
    selector = mapping(new, "spec").get("selector")
    if selector != mapping(old, "spec").get("selector"):
        yield invalid(
            "spec.selector", selector_shown(selector) if isinstance(selector, dict) else None, IMMUTABLE
        )


def statefulset_errors(document: dict[str, Any], gates: Set[str], *, template: bool = True) -> Errors:
    """Errors of a StatefulSet. Source: apps/validation.go `ValidateStatefulSetSpec`."""
    spec = mapping(document, "spec")
    policy = spec.get("podManagementPolicy")
    if policy not in ("OrderedReady", "Parallel"):
        yield invalid("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'")
    yield from _statefulset_strategy_errors(mapping(spec, "updateStrategy"), "spec.updateStrategy")
    for field in ("whenDeleted", "whenScaled"):
        retention = mapping(spec, "persistentVolumeClaimRetentionPolicy").get(field)
        if retention not in ("Retain", "Delete"):
            yield not_supported(
                f"spec.persistentVolumeClaimRetentionPolicy.{field}", retention, ("Retain", "Delete")
            )
    if template:
        for index, claim in enumerate(mappings(spec, "volumeClaimTemplates")):
            yield from claim_spec_errors(mapping(claim, "spec"), f"spec.volumeClaimTemplates[{index}].spec")
    yield from number_errors(spec, "replicas", "spec")
    yield from number_errors(spec, "minReadySeconds", "spec")
    yield from number_errors(mapping(spec, "ordinals"), "start", "spec.ordinals")
    if template and spec.get("serviceName"):
        yield from name_errors(str(spec["serviceName"]), "spec.serviceName", label_problems)
    if not isinstance(spec.get("selector"), dict):
        yield required("spec.selector")
    yield from selector_errors(spec.get("selector"), "spec.selector")
    yield from empty_selector_errors(spec, "statefulset")
    yield from match_errors(spec)
    if template:
        yield from template_errors(_with_claims(spec), "spec.template", gates)
    yield from always_errors(spec, "StatefulSet")


def statefulset_update_errors(old: dict[str, Any], new: dict[str, Any], gates: Set[str]) -> Errors:
    """Errors of a change of a StatefulSet; a template that was wrong before stays tolerated.

    Source: apps/validation.go `ValidateStatefulSetUpdate`.
    """
    tolerated = any(True for _ in statefulset_errors(old, gates))
    yield from statefulset_errors(new, gates, template=not tolerated)
    before, after = (
        {f: v for f, v in mapping(one, "spec").items() if f not in _MUTABLE} for one in (old, new)
    )
    if before != after:
        names = ", ".join(f"'{name}'" for name in _MUTABLE[:-1]) + f" and '{_MUTABLE[-1]}'"
        yield forbidden("spec", f"updates to statefulset spec for fields other than {names} are forbidden")


def _statefulset_strategy_errors(strategy: dict[str, Any], path: str) -> Errors:
    kind, rolling = strategy.get("type"), strategy.get("rollingUpdate")
    shown = rolling_shown(strategy, "Partition", "MaxUnavailable")
    if kind not in _STRATEGIES:
        yield invalid(path, {"Type": kind, "RollingUpdate": shown}, "must be 'RollingUpdate' or 'OnDelete'")
    elif kind == "OnDelete" and isinstance(rolling, dict):
        yield invalid(f"{path}.rollingUpdate", shown, "only allowed for updateStrategy 'RollingUpdate'")
    elif isinstance(rolling, dict):
        yield from number_errors(rolling, "partition", f"{path}.rollingUpdate")
        if "maxUnavailable" in rolling:
            amount, place = rolling["maxUnavailable"], f"{path}.rollingUpdate.maxUnavailable"
            yield from amount_errors(amount, place)
            if value_of(amount) == 0:
                yield invalid(place, amount, "cannot be 0")
            yield from share_errors(amount, place)


def _rolling_errors(rolling: dict[str, Any], path: str) -> Errors:
    """Source: apps/validation.go `ValidateRollingUpdateDaemonSet`."""
    unavailable, surge = rolling.get("maxUnavailable"), rolling.get("maxSurge")
    for check in (amount_errors, share_errors):
        yield from check(unavailable, f"{path}.maxUnavailable")
        yield from check(surge, f"{path}.maxSurge")
    if value_of(unavailable) and value_of(surge):
        yield invalid(f"{path}.maxSurge", surge, "may not be set when maxUnavailable is non-zero")
    elif not value_of(unavailable) and not value_of(surge):
        yield required(f"{path}.maxUnavailable", "cannot be 0 when maxSurge is 0")


def rolling_shown(strategy: dict[str, Any], *fields: str) -> Json:
    """The bounds as the server's own structure, which is what it prints."""
    rolling = strategy.get("rollingUpdate")
    if not isinstance(rolling, dict):
        return None
    return {field: rolling.get(field[0].lower() + field[1:]) for field in fields}


def match_errors(spec: dict[str, Any]) -> Errors:
    """Errors of a selector that doesn't select the pods of the template."""
    labels = mapping(mapping(spec, "template"), "metadata").get("labels")
    if not selects(spec.get("selector"), labels):
        shown = dict(sorted(labels.items())) if isinstance(labels, dict) else None
        yield invalid("spec.template.metadata.labels", shown, "`selector` does not match template `labels`")


def empty_selector_errors(spec: dict[str, Any], kind: str) -> Errors:
    """Errors of a selector that selects everything."""
    selector = spec.get("selector")
    if (
        isinstance(selector, dict)
        and not selector.get("matchLabels")
        and not selector.get("matchExpressions")
    ):
        yield invalid("spec.selector", {}, f"empty selector is invalid for {kind}")


def always_errors(spec: dict[str, Any], kind: str) -> Errors:
    """Errors of a template whose pods aren't to run for ever."""
    pod = mapping(mapping(spec, "template"), "spec")
    if pod.get("restartPolicy") != "Always":
        yield not_supported("spec.template.spec.restartPolicy", pod.get("restartPolicy"), ("Always",))
    if pod.get("activeDeadlineSeconds") is not None:
        detail = f"activeDeadlineSeconds in {kind} is not Supported"
        yield forbidden("spec.template.spec.activeDeadlineSeconds", detail)


def _with_claims(spec: dict[str, Any]) -> dict[str, Any]:
    """The template with a volume for each claim template, without the names that the controller gives."""
    template, pod = mapping(spec, "template"), mapping(mapping(spec, "template"), "spec")
    claims = [
        str(mapping(claim, "metadata").get("name", "")) for claim in mappings(spec, "volumeClaimTemplates")
    ]
    own = [volume for volume in mappings(pod, "volumes") if volume.get("name") not in claims]
    volumes = [{"name": name, "persistentVolumeClaim": {"claimName": name}} for name in dict.fromkeys(claims)]
    changed = {k: v for k, v in pod.items() if k not in ("hostname", "subdomain")}
    return {**template, "spec": {**changed, "volumes": [*own, *volumes]}}
