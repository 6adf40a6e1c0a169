"""Field errors: what the API server has against a field, in its own words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from foretell.model.errors import RejectedError
from foretell.model.meta import Json


class FieldError(NamedTuple):
    """One objection; `field` is a path such as `spec.containers[0].name`."""

    field: str
    body: str

    def __str__(self) -> str:
        return f"{self.field}: {self.body}"


def invalid(field: str, value: Json, detail: str) -> FieldError:
    """A value that breaks a rule. Source: apimachinery field/errors.go `Invalid`, likewise below."""
    return FieldError(field, f"Invalid value: {shown(value)}: {detail}")


def required(field: str, detail: str = "") -> FieldError:
    """A value that is missing."""
    return FieldError(field, "Required value" + (f": {detail}" if detail else ""))


def forbidden(field: str, detail: str) -> FieldError:
    """A value that may not stand there."""
    return FieldError(field, f"Forbidden: {detail}")


def not_supported(field: str, value: Json, supported: Sequence[str]) -> FieldError:
    """A value that is none of the known ones."""
    names = ", ".join(f'"{name}"' for name in supported)
    return FieldError(field, f"Unsupported value: {shown(value)}: supported values: {names}")


def duplicate(field: str, value: Json, detail: str = "") -> FieldError:
    """A value that was there before."""
    return FieldError(field, f"Duplicate value: {shown(value)}" + (f": {detail}" if detail else ""))


def too_many(field: str, number: int, most: int) -> FieldError:
    """A list with more items than it may have."""
    return FieldError(field, f"Too many: {number}: must have at most {most} items")


def not_found(field: str, value: Json) -> FieldError:
    """A reference to nothing."""
    return FieldError(field, f"Not found: {shown(value)}")


def shown(value: Json) -> str:
    """A value as JSON, its fields in the order given. Source: field/errors.go `ErrorBody` since 1.34."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def reject(kind: str, name: str, errors: Iterable[FieldError]) -> None:
    """Raise RejectedError with all errors in one sentence, as kubectl prints it, if there are any.

    Source: kubectl pkg/cmd/util/helpers.go `MultilineError`.
    """
    sentences = list(dict.fromkeys(map(str, errors)))
    if not sentences:
        return
    start = f'The {kind} "{name}" is invalid: '
    if len(sentences) > 1:
        sentences = ["", *(f"* {sentence}" for sentence in sentences)]
    raise RejectedError(start + "\n".join(sentences))
