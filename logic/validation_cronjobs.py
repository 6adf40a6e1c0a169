"""Validation of CronJobs."""

from __future__ import annotations

import re
from collections.abc import Set
from typing import Any

from foretell.logic.cron import ScheduleError, schedule_of, zone_of
from foretell.logic.field_errors import invalid, not_supported, required
from foretell.logic.validation_jobs import check_widths, job_spec_errors
from foretell.logic.validation_meta import Errors, number_errors, selector_shown
from foretell.model.meta import Json
from foretell.model.parts import mapping

_POLICIES = ("Allow", "Forbid", "Replace")
_LONGEST_NAME = 52
_NUMBERS = ("successfulJobsHistoryLimit", "failedJobsHistoryLimit")
_ZONE_PART = re.compile(r"[A-Za-z._0-9+-]{1,14}", re.ASCII)


def cronjob_errors(document: dict[str, Any], gates: Set[str]) -> Errors:
    """Errors of a new CronJob. Source: Kubernetes batch/validation.go `ValidateCronJobCreate`."""
    yield from _spec_errors(mapping(document, "spec"), None, gates)
    name = str(mapping(document, "metadata").get("name", ""))
    if len(name) > _LONGEST_NAME:
        yield invalid("metadata.name", name, f"must be no more than {_LONGEST_NAME} characters")


def cronjob_update_errors(old: dict[str, Any], new: dict[str, Any], gates: Set[str]) -> Errors:
    """Errors of a change of a CronJob. Source: batch/validation.go `ValidateCronJobUpdate`."""
    yield from _spec_errors(mapping(new, "spec"), mapping(old, "spec"), gates)


def _spec_errors(spec: dict[str, Any], old: dict[str, Any] | None, gates: Set[str]) -> Errors:
    check_widths("CronJob", spec)
    schedule, zone = str(spec.get("schedule") or ""), spec.get("timeZone")
    if schedule:
        told_before = old is not None and "TZ" in str(old.get("schedule"))
        yield from _schedule_errors(schedule, zone, told_before=told_before)
    else:
        yield required("spec.schedule")
    if spec.get("startingDeadlineSeconds") is not None:
        yield from number_errors(spec, "startingDeadlineSeconds", "spec")
    if zone is not None and (old is None or old.get("timeZone") != zone):
        yield from _zone_errors(str(zone))
    policy = spec.get("concurrencyPolicy")
    if not policy:
        yield required("spec.concurrencyPolicy")
    elif policy not in _POLICIES:
        yield not_supported("spec.concurrencyPolicy", policy, _POLICIES)
    yield from _template_errors(mapping(mapping(spec, "jobTemplate"), "spec"), gates)
    for field in _NUMBERS:
        if spec.get(field) is not None:
            yield from number_errors(spec, field, "spec")


def _schedule_errors(schedule: str, zone: Json, *, told_before: bool) -> Errors:
    try:
        schedule_of(schedule)
    except ScheduleError as error:
        yield invalid("spec.schedule", schedule, str(error))
    if "TZ" not in schedule:
        return
    if not told_before:
        detail = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
        yield invalid("spec.schedule", schedule, detail)
    elif zone is not None:
        detail = "cannot use both timeZone field and TZ or CRON_TZ in schedule"
        yield invalid("spec.schedule", schedule, detail)


def _zone_errors(zone: str) -> Errors:
    """Source: batch/validation.go `validateTimeZone`."""
    if not zone:
        yield invalid("spec.timeZone", zone, "timeZone must be nil or non-empty string")
        return
    for part in zone.split("/"):
        if part in (".", "..") or part.startswith("-") or not _ZONE_PART.fullmatch(part):
            yield invalid("spec.timeZone", zone, f"unknown time zone {zone}")
            return
    if zone.lower() == "local":
        explicit = "an explicit time zone as defined in https://www.iana.org/time-zones"
        yield invalid("spec.timeZone", zone, f"timeZone must be {explicit}")
    elif zone_of(zone) is None:
        yield invalid("spec.timeZone", zone, f"unknown time zone {zone}")


def _template_errors(spec: dict[str, Any], gates: Set[str]) -> Errors:
    """Source: batch/validation.go `ValidateJobTemplateSpec`."""
    path = "spec.jobTemplate.spec"
    check_widths("Job", spec)
    yield from job_spec_errors(spec, path, gates)
    selector = spec.get("selector")
    if isinstance(selector, dict):
        yield invalid(f"{path}.selector", selector_shown(selector), "`selector` will be auto-generated")
    if spec.get("manualSelector"):
        yield not_supported(f"{path}.manualSelector", True, ("nil", "false"))
