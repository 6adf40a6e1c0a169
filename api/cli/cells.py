"""Cells that columns of several kinds share: ages, labels and selectors."""

from __future__ import annotations

from collections.abc import Mapping

from foretell.api.cli.ages import human
from foretell.model.clock import seconds
from foretell.model.meta import Object
from foretell.model.selectors import LabelSelector

NONE, UNKNOWN = "<none>", "<unknown>"


def age(thing: Object, now: float) -> str:
    """How old an object is at a moment, in seconds since the epoch."""
    created = thing.metadata.creation_timestamp
    return UNKNOWN if created is None else human(now - seconds(created))


def pairs(labels: Mapping[str, str]) -> str:
    """Labels in the order of keys."""
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items())) or NONE


def selector_text(selector: LabelSelector | None) -> str:
    """A selector in the notation of `-l`."""
    if selector is None or not selector.requirements:
        return NONE
    parts = [f"{key}={value}" for key, value in sorted(selector.match_labels.items())]
    for expression in selector.match_expressions:
        key, values = expression.key, ",".join(sorted(expression.values))
        forms = {"In": f"{key} in ({values})", "NotIn": f"{key} notin ({values})", "Exists": key}
        parts.append(forms.get(expression.operator, f"!{key}"))
    return ",".join(parts)
