"""Validation of Jobs and of the templates that CronJobs have for them."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from foretell.logic.field_errors import invalid, not_supported, required
from foretell.logic.validation_job_policies import failure_policy_errors, success_policy_errors
from foretell.logic.validation_meta import (
    Errors,
    number_errors,
    selector_errors,
    selector_shown,
    selects,
)
from foretell.logic.validation_pods import template_errors
from foretell.model.errors import RejectedError
from foretell.model.meta import Json
from foretell.model.parts import mapping
from foretell.model.syntax import key_problems, label_problems

_NUMBERS = (
    "parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished",
    "backoffLimitPerIndex", "maxFailedIndexes",
)  # fmt: skip
_NARROW = (*_NUMBERS, "successfulJobsHistoryLimit", "failedJobsHistoryLimit")
_MODES = ("NonIndexed", "Indexed")
_REPLACEMENTS = ("Failed", "TerminatingOrFailed")
_RESTARTS = ("OnFailure", "Never")
_MOST_PARALLEL = _MOST_FAILED = 100_000
_MANY = 100_000
_MOST_WITH_MANY = 10_000
_LONGEST_MANAGER = 63


def check_widths(kind: str, spec: dict[str, Any]) -> None:
    """Refuse numbers that don't fit into 32 bits, as the decoder does; raises RejectedError."""
    for field in _NARROW:
        number = spec.get(field)
        wide = field == "activeDeadlineSeconds"
        if isinstance(number, int) and not wide and not -(2**31) <= number < 2**31:
            place = f"{kind}Spec.spec.{field}"
            problem = f"json: cannot unmarshal number {number} into Go struct field {place} of type int32"
            sentence = f'{kind} in version "v1" cannot be handled as a {kind}: {problem}'
            raise RejectedError(sentence, reason="BadRequest")


def job_errors(document: dict[str, Any], gates: Set[str]) -> Errors:
    """Errors of a Job. Source: Kubernetes batch/validation.go `ValidateJob`."""
    spec = mapping(document, "spec")
    check_widths("Job", spec)
    metadata = mapping(document, "metadata")
    yield from _hostname_errors(str(metadata.get("name", "")), spec)
    yield from _generated_errors(spec, str(metadata.get("uid", "")), str(metadata.get("name", "")))
    yield from whole_spec_errors(spec, gates)


def whole_spec_errors(spec: dict[str, Any], gates: Set[str]) -> Errors:
    """Errors of a Job's specification with its selector. Source: batch/validation.go `ValidateJobSpec`."""
    yield from job_spec_errors(spec, "spec", gates)
    selector = spec.get("selector")
    if isinstance(selector, dict):
        yield from selector_errors(selector, "spec.selector")
    else:
        yield required("spec.selector")
    labels = mapping(mapping(spec, "template"), "metadata").get("labels")
    if not selects(selector, labels):
        shown = dict(sorted(labels.items())) if isinstance(labels, dict) else None
        yield invalid("spec.template.metadata.labels", shown, "`selector` does not match template `labels`")


def _hostname_errors(name: str, spec: dict[str, Any]) -> Errors:
    completions = spec.get("completions")
    if spec.get("completionMode") == "Indexed" and isinstance(completions, int) and completions > 0:
        last = f"{name}-{completions - 1}"
        if list(label_problems(last)):
            yield invalid(
                "metadata.name", name, f"will not able to create pod with invalid DNS label: {last}"
            )


def _generated_errors(spec: dict[str, Any], uid: str, name: str) -> Errors:
    """A selector that is not the user's own selects just the Job's pods.

    Source: batch/validation.go `validateGeneratedSelector`.
    """
    selector = spec.get("selector")
    if spec.get("manualSelector") or not isinstance(selector, dict):
        return
    labels = {"controller-uid": uid, "job-name": name}
    labels |= {f"batch.kubernetes.io/{key}": value for key, value in labels.items()}
    if not selects(selector, labels):
        yield invalid("spec.selector", selector_shown(selector), "`selector` not auto-generated")


def job_spec_errors(spec: dict[str, Any], path: str, gates: Set[str]) -> Errors:
    """Errors of what Jobs and their templates share. Source: batch/validation.go `validateJobSpec`."""
    for field in _NUMBERS:
        if spec.get(field) is not None:
            yield from number_errors(spec, field, path)
    if spec.get("maxFailedIndexes") is not None and spec.get("backoffLimitPerIndex") is None:
        yield required(f"{path}.backoffLimitPerIndex", "when maxFailedIndexes is specified")
    yield from _manager_errors(spec.get("managedBy"), f"{path}.managedBy")
    mode = spec.get("completionMode")
    if mode is not None and mode not in _MODES:
        yield not_supported(f"{path}.completionMode", mode, _MODES)
    if mode == "Indexed":
        yield from _indexed_errors(spec, path)
    if mode in (None, "NonIndexed"):
        for field in ("backoffLimitPerIndex", "maxFailedIndexes"):
            if spec.get(field) is not None:
                yield invalid(f"{path}.{field}", spec[field], "requires indexed completion mode")
    if isinstance(spec.get("podFailurePolicy"), dict):
        yield from failure_policy_errors(spec, f"{path}.podFailurePolicy")
    if isinstance(spec.get("successPolicy"), dict):
        yield from success_policy_errors(spec, f"{path}.successPolicy")
    replacement = spec.get("podReplacementPolicy")
    known = _REPLACEMENTS[:1] if isinstance(spec.get("podFailurePolicy"), dict) else _REPLACEMENTS
    if replacement is not None and replacement not in known:
        yield not_supported(f"{path}.podReplacementPolicy", replacement, known)
    yield from template_errors(mapping(spec, "template"), f"{path}.template", gates)
    yield from _restart_errors(spec, f"{path}.template.spec.restartPolicy")


def _restart_errors(spec: dict[str, Any], path: str) -> Errors:
    policy = mapping(mapping(spec, "template"), "spec").get("restartPolicy")
    if policy in (None, "", "Always"):
        yield required(path, 'valid values: "OnFailure", "Never"')
    elif policy not in _RESTARTS:
        yield not_supported(path, policy, _RESTARTS)
    elif isinstance(spec.get("podFailurePolicy"), dict) and policy != "Never":
        yield invalid(path, policy, 'only "Never" is supported when podFailurePolicy is specified')


def _manager_errors(manager: Json, path: str) -> Errors:
    if not isinstance(manager, str):
        return
    domain, slash, _ = manager.partition("/")
    if not slash or not domain or list(key_problems(manager)):
        yield invalid(path, manager, 'must be a domain-prefixed path (such as "acme.io/foo")')
    if len(manager) > _LONGEST_MANAGER:
        yield invalid(path, manager, f"may not be longer than {_LONGEST_MANAGER}")


def _indexed_errors(spec: dict[str, Any], path: str) -> Errors:
    completions, parallelism, failed = (
        spec.get(field) for field in ("completions", "parallelism", "maxFailedIndexes")
    )
    if completions is None:
        yield required(f"{path}.completions", "when completion mode is Indexed")
    if isinstance(parallelism, int) and parallelism > _MOST_PARALLEL:
        detail = f"must be less than or equal to {_MOST_PARALLEL} when completion mode is Indexed"
        yield invalid(f"{path}.parallelism", parallelism, detail)
    if isinstance(completions, int) and isinstance(failed, int) and failed > completions:
        yield invalid(f"{path}.maxFailedIndexes", failed, "must be less than or equal to completions")
    if isinstance(failed, int) and failed > _MOST_FAILED:
        yield invalid(f"{path}.maxFailedIndexes", failed, f"must be less than or equal to {_MOST_FAILED}")
    if not isinstance(completions, int) or completions <= _MANY or spec.get("backoffLimitPerIndex") is None:
        return
    if failed is None:
        detail = f"must be specified when completions is above {_MANY}"
        yield required(f"{path}.maxFailedIndexes", detail)
    for field, number in (("parallelism", parallelism), ("maxFailedIndexes", failed)):
        if isinstance(number, int) and number > _MOST_WITH_MANY:
            detail = f"must be less than or equal to {_MOST_WITH_MANY} when completions are above {_MANY}"
            yield invalid(f"{path}.{field}", number, f"{detail} and used with backoff limit per index")
