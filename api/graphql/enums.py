"""Closed sets in GraphQL: each value with a description, wherever the set itself is defined."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, TypeVar

import strawberry

E = TypeVar("E", bound=Enum)


def closed(
    description: str, values: Mapping[str, str], *, name: str | None = None
) -> Callable[[type[E]], type[E]]:
    """Make a set known to the schema; `values` are the descriptions by the values' names, each of them."""

    def decorate(form: type[E]) -> type[E]:
        known: Any = strawberry.enum(form, name=name, description=description)
        for value in known.__strawberry_definition__.values:
            value.description = values[value.name]
        return form

    return decorate
