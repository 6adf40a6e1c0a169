"""Validation of changes of Jobs."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from foretell.logic.field_errors import invalid
from foretell.logic.validation_jobs import check_widths, whole_spec_errors
from foretell.logic.validation_meta import IMMUTABLE, Errors, selector_shown
from foretell.model.parts import mapping, mappings

_FREE_WHILE_SUSPENDED = ("nodeSelector", "tolerations", "schedulingGates")


def job_update_errors(old: dict[str, Any], new: dict[str, Any], gates: Set[str]) -> Errors:
    """Errors of a change of a Job. Source: batch/validation.go `ValidateJobUpdate`."""
    before, after = mapping(old, "spec"), mapping(new, "spec")
    check_widths("Job", after)
    yield from whole_spec_errors(after, gates)
    yield from _completions_errors(before, after)
    if before.get("selector") != after.get("selector"):
        selector = after.get("selector")
        shown = selector_shown(selector) if isinstance(selector, dict) else None
        yield invalid("spec.selector", shown, IMMUTABLE)
    yield from _template_errors(old, before, after)
    for field in ("completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"):
        if before.get(field) != after.get(field):
            yield invalid(f"spec.{field}", after.get(field), IMMUTABLE)


def _completions_errors(before: dict[str, Any], after: dict[str, Any]) -> Errors:
    completions = after.get("completions")
    if before.get("completions") == completions:
        return
    if after.get("completionMode") != "Indexed":
        yield invalid("spec.completions", completions, IMMUTABLE)
    elif completions is not None and completions != after.get("parallelism"):
        yield invalid("spec.completions", completions, "can only be modified in tandem with spec.parallelism")


def _template_errors(job: dict[str, Any], before: dict[str, Any], after: dict[str, Any]) -> Errors:
    """A template is fixed, but for where pods may go while the Job is suspended and nothing of it runs."""
    if _may_move(job, before):
        one, other = _settled(before), _settled(after)
    else:
        one, other = mapping(before, "template"), mapping(after, "template")
    if one != other:
        yield invalid("spec.template", mapping(after, "template"), IMMUTABLE)


def _may_move(job: dict[str, Any], spec: dict[str, Any]) -> bool:
    """Whether the Job is suspended and hasn't begun, or has come to rest again.

    Source: registry/batch/job/strategy.go `validationOptionsForJob`.
    """
    status = mapping(job, "status")
    conditions = {c.get("type"): c.get("status") for c in mappings(status, "conditions")}
    rests = conditions.get("Suspended") == "True" and not status.get("active")
    return bool(spec.get("suspend")) and ("startTime" not in status or rests)


def _settled(spec: dict[str, Any]) -> dict[str, Any]:
    """The template without what says where its pods may go, and what they ask for."""
    template = mapping(spec, "template")
    pod = {k: v for k, v in mapping(template, "spec").items() if k not in _FREE_WHILE_SUSPENDED}
    affinity = {k: v for k, v in mapping(pod, "affinity").items() if k != "nodeAffinity"}
    pod = {k: v for k, v in pod.items() if k != "affinity"} | ({"affinity": affinity} if affinity else {})
    for group in ("containers", "initContainers"):
        pod[group] = [
            {k: v for k, v in container.items() if k != "resources"} for container in mappings(pod, group)
        ]
    return {"spec": pod}
